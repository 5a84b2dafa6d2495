"""The editor's window: menus, tool bar, docks and centre, and the controllers that work on them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QSize, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QMainWindow

from remaster_gui.document.user_settings import UserSettings
from remaster_gui.media import PICTURE_SUFFIXES
from remaster_gui.ui.actions import Actions
from remaster_gui.ui.common.message_bar import Message
from remaster_gui.ui.controllers.attending import AttendingController
from remaster_gui.ui.controllers.entry import EntryController
from remaster_gui.ui.controllers.exporting import ExportingController
from remaster_gui.ui.controllers.film import Controller, OpenFilm
from remaster_gui.ui.controllers.help import HelpController
from remaster_gui.ui.controllers.history import HistoryController
from remaster_gui.ui.controllers.inspecting import InspectingController
from remaster_gui.ui.controllers.layout import LayoutController, Panel
from remaster_gui.ui.controllers.measuring import MeasuringController
from remaster_gui.ui.controllers.opening import OpeningController
from remaster_gui.ui.controllers.painted import PaintedReference
from remaster_gui.ui.controllers.painting import PaintingController
from remaster_gui.ui.controllers.picking import PickingController
from remaster_gui.ui.controllers.pictures import PicturesController
from remaster_gui.ui.controllers.playback import PlaybackController
from remaster_gui.ui.controllers.previewing import PreviewingController
from remaster_gui.ui.controllers.references import ReferencesController
from remaster_gui.ui.controllers.relinking import RelinkingController
from remaster_gui.ui.controllers.settings import SettingsController
from remaster_gui.ui.controllers.status import StatusController
from remaster_gui.ui.controllers.suggesting import SuggestingController
from remaster_gui.ui.controllers.timeline import TimelineController
from remaster_gui.ui.controllers.trusting import TrustingController
from remaster_gui.ui.controllers.viewing import ViewingController
from remaster_gui.ui.desk import Desk
from remaster_gui.ui.keys import KeyFilter
from remaster_gui.workers.background import BackgroundTasks
from remaster_gui.workers.network import NetworkSlot

_SIZE = (1600, 960)
_SMALL = 1440
"""Width of a screen of which the window takes all at the first start."""


class MainWindow(QMainWindow):
    """One window, one project."""

    def __init__(self, settings: UserSettings | None = None) -> None:
        """Use the user's own settings, or others."""
        super().__init__()
        self.setWindowTitle("Remaster")
        self.setAcceptDrops(True)
        self.settings = settings or UserSettings()
        self.actions_ = Actions(self, self.settings.changed_keys)
        self.desk = Desk(self, self.actions_)
        self.setCentralWidget(self.desk.centre)
        self.setStatusBar(self.desk.status)
        menus = self.actions_.fill(self.menuBar())
        self.layout_ = LayoutController(self, self.actions_, self._panels())
        self.layout_.add_to_menu(menus["View"])
        self.keys = KeyFilter(self, self.desk.canvas)
        self.tasks = BackgroundTasks(self)
        self.network = NetworkSlot(parent=self)
        self.opening = OpeningController(self.desk, self.tasks, self.settings)
        self.entry = EntryController(self.desk, self.opening, self.settings)
        self.preview = PreviewingController(self.desk, self.network, self.settings)
        self.trusting = TrustingController(self.desk, self.network, self.tasks, self.settings)
        self.viewing = ViewingController(self.desk, self.preview)
        self.timeline = TimelineController(self.desk)
        self.playback = PlaybackController(self.desk, self.keys, self.settings)
        self.references = ReferencesController(self.desk, self.preview, self.tasks)
        self.painted = PaintedReference(self.desk, self.viewing, self.references, self.tasks)
        self.painting = PaintingController(
            self.desk, self.painted, self.references, self.tasks, self.settings
        )
        self.picking = PickingController(self.desk, self.painting)
        self.attention = AttendingController(self.desk, self.preview, self.network, self.tasks)
        self.inspecting = InspectingController(
            self.desk, self.viewing, self.preview, self.references, self.attention
        )
        self.suggesting = SuggestingController(self.desk)
        self.measuring = MeasuringController(self.desk, self.viewing, self.tasks)
        self.pictures = PicturesController(self.desk, self.references, self.tasks, self.settings)
        self.relinking = RelinkingController(self.desk, self.opening, self.tasks, self.settings)
        self.status = StatusController(self.desk, self.preview, self.network, self.settings)
        self.exporting = ExportingController(self.desk, self.network, self.tasks, self.settings)
        self.history = HistoryController(self.desk, self.settings)
        self._controllers: tuple[Controller, ...] = (
            self.trusting, self.preview, self.viewing, self.timeline, self.playback, self.references, self.painted,
            self.painting, self.picking, self.inspecting, self.attention, self.suggesting, self.measuring,
            self.pictures, self.exporting, self.status, self.relinking, self.history,
        )  # fmt: skip
        self.help = HelpController(self.desk, self.keys, self.network, self.settings)
        self.preferences = SettingsController(self.desk, self.help, self.settings)
        self._connect()
        self._restore()

    def _connect(self) -> None:
        self.opening.began.connect(self.layout_.enter)
        self.opening.closed.connect(self.layout_.leave)
        self.opening.opened.connect(self._on_opened)
        self.opening.closing.connect(self._on_closing)
        self.opening.failed.connect(self._say)
        self.opening.kept_open.connect(self.history.say_unsaved)
        self.tasks.failed.connect(self._say)
        self.desk.panel_requested.connect(self.layout_.show)
        scopes, action = self.layout_.docks["scopes"], self.actions_["scopes"]
        self.actions_.connect_to("scopes", lambda on: self.layout_.show("scopes") if on else scopes.hide())
        scopes.visibilityChanged.connect(lambda _seen: action.setChecked(not scopes.isHidden()))
        scopes.visibilityChanged.connect(lambda _seen: self.measuring.refresh())
        self.keys.tap_held.connect(self.desk.canvas.arm_panning)
        self.desk.canvas.panned_while_armed.connect(self.keys.note_drag)
        self.actions_.connect_to("quit", self.close)

    def _restore(self) -> None:
        """Take the place, size and layout of the last time."""
        room = self.screen().availableGeometry()
        self.resize(QSize(*_SIZE).boundedTo(room.size()))
        if room.width() <= _SMALL:
            self.setWindowState(Qt.WindowState.WindowMaximized)
        if not self.settings.geometry.isEmpty():
            self.restoreGeometry(self.settings.geometry)
        self.layout_.state = self.settings.layout

    def _panels(self) -> tuple[Panel, ...]:
        left, right = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
        return (
            Panel("time", "Timeline", self.desk.time, Qt.DockWidgetArea.BottomDockWidgetArea, fixed=True),
            Panel("references", "References", self.desk.bin, left),
            Panel("paint", "Paint", self.desk.paint, right),
            Panel("inspector", "Inspector", self.desk.inspector, right, tabbed=True),
            Panel("history", "History", self.desk.history, left),
            Panel("jobs", "Exports", self.desk.jobs, left, tabbed=True),
            Panel("scopes", "Scopes", self.desk.scopes, left, tabbed=True, shown=False, height=400),
        )

    def open_path(self, path: Path) -> None:
        """Open a film or a project."""
        self.opening.open_path(path)

    def report_defect(self, name: str) -> None:
        """Tell of a defect of ours, by the name of what was raised; work goes on."""
        text = f"Something went wrong inside Remaster ({name}); the log file says more, your work is kept."
        self.desk.messages.show_message(Message(text, "fault", lasts=True))

    def _on_opened(self, film: OpenFilm) -> None:
        self.desk.messages.clear(also_lasting=False)
        for controller in self._controllers:
            controller.begin(film)
        self.actions_["close_project"].setEnabled(True)
        self.desk.canvas.setFocus()
        self.setWindowTitle(f"{film.document.path.stem} – Remaster")

    def _on_closing(self) -> None:
        for controller in self._controllers:
            controller.end()
        self.desk.messages.clear(also_lasting=False)
        self.actions_["close_project"].setEnabled(False)
        self.setWindowTitle("Remaster")

    def _say(self, sentence: str) -> None:
        self.desk.messages.show_message(Message(sentence, "fault"))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome files."""
        if _local_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the file that was dropped; a picture is offered as a reference of the film that is open."""
        paths = _local_files(event.mimeData())
        if not paths:
            return
        event.acceptProposedAction()
        path, *others = paths
        is_picture = path.suffix.lower() in PICTURE_SUFFIXES and path.is_file()
        if is_picture and self.actions_["import_reference"].isEnabled():
            self.pictures.import_picture(path)
        else:
            self.open_path(path)
        if others:
            text = f"Only {path.name} was taken of what was dropped; drop one file after the other."
            self.desk.messages.show_message(Message(text, lasts=True))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Give up with Esc what is being worked out; else leave full screen."""
        full_screen = self.actions_["full_screen"]
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif not self.painting.cancel() and full_screen.isChecked():
            full_screen.trigger()

    def closeEvent(self, event: QCloseEvent) -> None:
        """End all work first."""
        if not self.opening.close():
            event.ignore()
            return
        self.relinking.close()
        self.exporting.close()
        self.tasks.close()
        self.settings.geometry = self.saveGeometry()
        self.settings.layout = self.layout_.state
        self.settings.sync()
        event.accept()


def _local_files(data: QMimeData) -> list[Path]:
    """Return the files on this machine that are dragged."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
