"""The widgets of the editor, made once, without any knowledge of what they will show."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAccessible, QColor, QImage
from PySide6.QtWidgets import QFrame, QGridLayout, QStackedWidget, QVBoxLayout, QWidget

from remaster_gui.document.view_state import ViewState
from remaster_gui.ui.accessible_roles import give_role
from remaster_gui.ui.actions import Actions
from remaster_gui.ui.paint.panel import PaintPanel
from remaster_gui.ui.paint.tool_settings import ToolSettings
from remaster_gui.ui.panels.history import HistoryPanel
from remaster_gui.ui.panels.inspector import Inspector
from remaster_gui.ui.panels.jobs import JobsPanel
from remaster_gui.ui.panels.markers import MarkersPanel
from remaster_gui.ui.panels.names import NamesPanel
from remaster_gui.ui.panels.reference_bin import REGION_ACTIONS, VALIDITY_ACTIONS, ReferenceBin
from remaster_gui.ui.panels.still_list import StillsPanel
from remaster_gui.ui.panels.version_list import VersionsPanel
from remaster_gui.ui.start_page import StartPage
from remaster_gui.ui.status_bar import StatusBar
from remaster_gui.ui.timeline.certainty_lane import CertaintyLane
from remaster_gui.ui.timeline.view import Timeline
from remaster_gui.ui.transport import TransportBar
from remaster_gui.ui.viewer.attention_overlay import AttentionOverlay
from remaster_gui.ui.viewer.attention_probe import AttentionProbe
from remaster_gui.ui.viewer.canvas import Canvas
from remaster_gui.ui.viewer.compare import Compare
from remaster_gui.ui.viewer.dirt_overlay import DirtOverlay
from remaster_gui.ui.viewer.hover_point import HoverPoint
from remaster_gui.ui.viewer.matte_overlay import MatteOverlay
from remaster_gui.ui.viewer.origin_overlay import OriginOverlay
from remaster_gui.ui.viewer.region_overlay import RegionOverlay
from remaster_gui.ui.viewer.scopes import ScopesPanel
from remaster_gui.ui.viewer.screen_look import ScreenLook
from remaster_gui.ui.viewer.second_viewer import SecondViewer
from remaster_gui.ui.widgets.message_bar import MessageBar, ReadOnlyBar


class EditorWidgets(QObject):
    """Every widget that a controller talks to.

    `centre` is what the window shows in its middle, `time` what it shows below: transport and timeline.
    """

    panel_requested = Signal(str)
    """A panel that has something to show is to come to the front."""

    def __init__(self, window: QWidget, actions: Actions) -> None:
        super().__init__(window)
        self.window = window
        self.start_page = StartPage(actions)
        self.canvas = Canvas()
        self.compare = Compare(self.canvas)
        self.second = SecondViewer(window)
        self.look = ScreenLook(self)
        for canvas in (self.canvas, self.second.canvas):
            canvas.set_look(self.look)
            give_role(canvas, QAccessible.Role.Canvas)
        self.origin, self.dirt = OriginOverlay(self.canvas), DirtOverlay(self.canvas)
        self.hover = HoverPoint(self.canvas)
        self.overlay, self.probe = AttentionOverlay(self.canvas), AttentionProbe(self.canvas)
        # The last lie lowest, so that they dim the picture and no legend.
        self.matte, self.region = MatteOverlay(self.canvas), RegionOverlay(self.canvas)
        self.transport = TransportBar(actions)
        self.timeline, self.certainty = Timeline(), CertaintyLane()
        self.timeline.add_lane(self.certainty)
        self.bin = ReferenceBin(actions)
        self.history, self.jobs = HistoryPanel(), JobsPanel()
        self.markers, self.stills = MarkersPanel(), StillsPanel(actions)
        self.versions, self.names = VersionsPanel(), NamesPanel()
        self.names.set_tools([actions[id_] for id_ in REGION_ACTIONS if id_.startswith("tool_")])
        self.pages = QStackedWidget()
        self.pages.addWidget(self.start_page)
        self.pages.addWidget(self.canvas)
        self.time = _column(_line(), self.transport, _line(), self.timeline)
        self.scopes, self.inspector = ScopesPanel(), Inspector()
        self.inspector.reference.where.set_actions([actions[id_] for id_ in VALIDITY_ACTIONS])
        self.inspector.reference.where.set_tools([actions[id_] for id_ in REGION_ACTIONS])
        self.tool_settings = ToolSettings(self)
        self.inspector.reference.where.tolerance_changed.connect(self.tool_settings.set_alike)
        self.paint = PaintPanel(actions, self.tool_settings)
        self.messages, self.read_only = MessageBar(), ReadOnlyBar()
        self.status = StatusBar()
        self.centre = _column(self.read_only, _with_above(self.pages, self.messages))

    def show_film(self, open_: bool) -> None:
        """Show the viewer with the timeline, or the start page."""
        self.pages.setCurrentIndex(int(open_))

    def look_at(self, view: ViewState) -> None:
        """Show things as `view` says from now on."""
        for each in (self.canvas, self.compare, self.overlay, self.origin, self.dirt, self.probe):
            each.look_at(view)

    def forget_film(self) -> None:
        """Show nothing of a film any more."""
        self.messages.clear(also_lasting=False)
        self.read_only.set_reason("")
        self.look_at(ViewState())
        self.canvas.pointer.tool = None
        self.compare.set_pictures(QImage(), None)
        self.second.close()
        self.look.set_table(None)
        self.scopes.set_note("")
        self.overlay.clear()
        self.origin.clear()
        self.dirt.clear()
        self.region.set_mask(None)
        self.matte.set_matte(None)
        self.names.set_rows((), None, naming=False, matte=True)
        self.transport.set_playing(0, None)
        self.timeline.references.set_suggestions(())
        self.timeline.references.set_light(None, QColor())
        self.bin.set_cell(None)
        self.bin.set_cards((), None)
        self.bin.set_heat({})
        self.bin.set_reaches({})
        self.bin.set_picking(False, with_ctrl=False)
        self.history.set_stack(None)
        self.markers.set_markers((), 0)
        self.stills.set_stills((), {}, None)
        self.compare.set_still(None, "")
        self.versions.set_versions(())
        self.inspector.set_film(None)
        self.inspector.set_reference(None)
        self.inspector.set_shot(None, False)
        self.jobs.set_export_enabled(False)
        self.paint.set_blocked_reason("")
        self.paint.set_working(False)
        self.paint.likely.set_chips(())
        self.scopes.set_pictures(None)
        self.status.forget_film()


def _column(*widgets: QWidget) -> QWidget:
    """Put widgets below each other."""
    whole = QWidget()
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for widget in widgets:
        column.addWidget(widget)
    return whole


def _with_above(widget: QWidget, above: QWidget) -> QWidget:
    """Let `above` lie over the top of `widget`, whose size never changes as it comes and goes."""
    whole = QWidget()
    grid = QGridLayout(whole)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.addWidget(widget, 0, 0)
    grid.addWidget(above, 0, 0, Qt.AlignmentFlag.AlignTop)
    above.raise_()
    return whole


def _line() -> QFrame:
    line = QFrame()
    line.setFixedHeight(1)
    line.setFrameShape(QFrame.Shape.HLine)
    line.setStyleSheet("color: palette(dark);")
    return line
