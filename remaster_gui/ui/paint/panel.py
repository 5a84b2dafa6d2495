"""The paint panel: tools, brush, colours and palettes at the side of the viewer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from remaster_gui.base.language import tr
from remaster_gui.document.view_state import Tool
from remaster_gui.painting.brush import SMALLEST
from remaster_gui.project.schema import Palette
from remaster_gui.ui.actions import Actions
from remaster_gui.ui.paint.color_box import ColorBox
from remaster_gui.ui.paint.likely_strip import LikelyStrip
from remaster_gui.ui.paint.palettes import PaletteBox
from remaster_gui.ui.paint.tool_settings import ToolSettings
from remaster_gui.ui.paint.value_bar import ValueBar
from remaster_gui.ui.style import theme
from remaster_gui.ui.style.icons import icon
from remaster_gui.ui.widgets.scrolling import scrolling

TOOLS = ("tool_brush", "tool_eraser", "tool_fill", "tool_eyedropper", "tool_navigate")
"""Ids of the actions that choose a tool."""
_LARGEST_SHOWN = 600.0
_WIDTH = 232


class PaintPanel(QWidget):
    """Shows the settings, recent colours and palettes; says what the user wishes. Scrolls where it does not fit."""

    palettes_edited = Signal(object, str)
    """tuple[Palette, ...] as they should be, and the change's name for the menu."""
    stop_requested = Signal()
    """Spreading is to be given up."""

    def __init__(self, actions: Actions, settings: ToolSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions, self._settings = actions, settings
        self._tool: Tool = "navigate"
        self.colors = ColorBox(settings, actions["swap_colors"])
        self.palettes = PaletteBox(settings)
        self.palettes.palettes_edited.connect(self.palettes_edited)
        self.likely = LikelyStrip()
        """Colours that the place under the brush may have."""
        self._notice = QLabel()
        self._notice.setWordWrap(True)
        self._notice.setProperty("role", "muted")
        self._notice.setTextFormat(Qt.TextFormat.PlainText)
        self._make_bars()
        self._inside = inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(theme.SPACE, theme.SPACE // 2, theme.SPACE, theme.SPACE)
        column.setSpacing(theme.SPACE // 2)
        column.addLayout(self._tool_row())
        # Each keeps its height whatever it shows, so that the wheel below stays where the hand knows it to be.
        self._above = _pages(self._notice, self.likely, QWidget())
        self._bars = _pages(self._brush_box(), _at_top(self.tolerance_bar))
        column.addWidget(self._above)
        column.addWidget(self._bars)
        column.addSpacing(theme.SPACE // 2)
        column.addWidget(self.colors)
        column.addSpacing(theme.SPACE // 2)
        column.addWidget(self.palettes)
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolling(inside))
        self.setMinimumWidth(_WIDTH)
        settings.brush_changed.connect(self._on_brush_changed)
        self._on_brush_changed()
        self._choose_pages()

    def sizeHint(self) -> QSize:
        """Ask for what is seen without scrolling."""
        return QSize(_WIDTH + 16, 620)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let all of the wheel be seen without scrolling, on a small screen too."""
        super().resizeEvent(event)
        wheel = self.colors.wheel
        wheel.limit(event.size().height() - wheel.mapTo(self._inside, QPoint()).y() - theme.SPACE)

    def set_recent(self, colors: Sequence[str]) -> None:
        """Show the colours used last (#rrggbb), the newest first."""
        self.colors.set_recent(colors)

    def set_palettes(self, palettes: Sequence[Palette]) -> None:
        """Show the project's palettes."""
        self.palettes.set_palettes(palettes)

    def set_editable(self, editable: bool) -> None:
        """Let palettes be changed, or not (a project that is read-only)."""
        self.palettes.set_editable(editable)

    def set_blocked_reason(self, reason: str) -> None:
        """Say why nothing can be painted now; '' if it can."""
        self._notice.setText(reason)
        self._choose_pages()

    def show_tool(self, tool: Tool) -> None:
        """Show what the tool in hand can be told."""
        self._tool = tool
        self._choose_pages()

    def set_working(self, working: bool) -> None:
        """Show that a change is being made, which can be stopped with the same button."""
        self._spread.setVisible(not working)
        self._stop.setVisible(working)

    def _choose_pages(self) -> None:
        offers = self._tool in ("brush", "fill")
        self._above.setCurrentIndex(0 if self._notice.text() else 1 if offers else 2)
        self._bars.setCurrentIndex(1 if self._tool == "fill" else 0)

    def _make_bars(self) -> None:
        change = self._settings.change_brush
        self.size_bar = ValueBar(
            tr("Size"),
            SMALLEST,
            _LARGEST_SHOWN,
            unit=tr(" px"),
            curve="log",
            tip=tr("Keys [ and ], or Shift+drag on the picture"),
        )
        self.size_bar.value_changed.connect(lambda value: change(size=value))
        self.hardness_bar = ValueBar(
            tr("Hardness"),
            0.0,
            1.0,
            unit=" %",
            scale=100,
            tip=tr("How much of the radius is full; Shift+drag up or down"),
        )
        self.hardness_bar.value_changed.connect(lambda value: change(hardness=value))
        self.opacity_bar = ValueBar(
            tr("Opacity"),
            0.01,
            1.0,
            unit=" %",
            scale=100,
            tip=tr("What one stroke can reach, however often it crosses itself"),
        )
        self.opacity_bar.value_changed.connect(lambda value: change(opacity=value))
        self.flow_bar = ValueBar(
            tr("Flow"), 0.01, 1.0, unit=" %", scale=100, tip=tr("What each dab adds towards the opacity")
        )
        self.flow_bar.value_changed.connect(lambda value: change(flow=value))
        self.tolerance_bar = ValueBar(
            tr("Tolerance"), 1.0, 60.0, tip=tr("How far luminance may differ from where you click, in L*")
        )
        self.tolerance_bar.value_changed.connect(self._settings.set_tolerance)

    def _brush_box(self) -> QWidget:
        self._pen_size = self._pen_button("pen-size", tr("size"), "size_by_pressure")
        self._pen_opacity = self._pen_button("pen-opacity", tr("opacity"), "opacity_by_pressure")
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(theme.SPACE // 2)
        for row, (bar, pen) in enumerate(
            ((self.size_bar, self._pen_size), (self.opacity_bar, self._pen_opacity))
        ):
            grid.addWidget(bar, row, 0)
            grid.addWidget(pen, row, 1)
        beside = QHBoxLayout()
        beside.addWidget(self.hardness_bar, 1)
        beside.addWidget(self.flow_bar, 1)
        grid.addLayout(beside, 2, 0, 1, 2)
        return box

    def _tool_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2)
        for id_ in TOOLS:
            row.addWidget(_action_button(self._actions, id_))
        row.addWidget(_line())
        self._spread = _action_button(self._actions, "spread")
        self._stop = QToolButton()
        self._stop.setIcon(icon("stop"))
        self._stop.setToolTip(tr("<b>Stop</b> (Esc)<br>Colour is being worked out; nothing has changed yet"))
        self._stop.setAccessibleName(tr("Stop"))
        self._stop.clicked.connect(self.stop_requested)
        row.addWidget(self._spread)
        row.addWidget(self._stop)
        row.addWidget(_action_button(self._actions, "spread_along"))
        row.addStretch(1)
        self._stop.setIconSize(QSize(18, 18))
        self._stop.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._stop.setVisible(False)
        return row

    def _pen_button(self, name: str, what: str, field: str) -> QToolButton:
        """Return the switch that lets pressure change something of the brush."""
        button = QToolButton()
        button.setIcon(icon(name))
        button.setIconSize(QSize(16, 16))
        button.setCheckable(True)
        button.setToolTip(tr("<b>Pen pressure changes {what}</b><br>A mouse always presses fully", what=what))
        button.setAccessibleName(tr("Pen pressure changes {what}", what=what))
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(lambda on: self._settings.change_brush(**{field: on}))
        return button

    def _on_brush_changed(self) -> None:
        brush = self._settings.brush
        self.size_bar.set_value(brush.size)
        self.hardness_bar.set_value(brush.hardness)
        self.opacity_bar.set_value(brush.opacity)
        self.flow_bar.set_value(brush.flow)
        self.tolerance_bar.set_value(self._settings.tolerance)
        self._pen_size.setChecked(brush.size_by_pressure)
        self._pen_opacity.setChecked(brush.opacity_by_pressure)


def _action_button(actions: Actions, id_: str) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(actions[id_])
    button.setIconSize(QSize(18, 18))
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button


def _pages(*widgets: QWidget) -> QStackedWidget:
    """Return a place for one of several widgets, as high as the highest."""
    pages = QStackedWidget()
    pages.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
    for widget in widgets:
        pages.addWidget(widget)
    return pages


def _at_top(widget: QWidget) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(widget)
    column.addStretch(1)
    return page


def _line() -> QFrame:
    line = QFrame()
    line.setFrameShape(QFrame.Shape.VLine)
    line.setStyleSheet("color: palette(dark);")
    line.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
    return line
