"""The editor's window: menus, tool bar, docks, centre, what lives as long as it, and the session of the open film."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QSize, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QMainWindow

from remaster_gui.base.language import tr
from remaster_gui.document.user_settings import UserSettings
from remaster_gui.media import PICTURE_SUFFIXES
from remaster_gui.ui.actions import Actions
from remaster_gui.ui.controllers.controller import OpenFilm
from remaster_gui.ui.controllers.entry_controller import EntryController
from remaster_gui.ui.controllers.export_controller import ExportController
from remaster_gui.ui.controllers.help_controller import HelpController
from remaster_gui.ui.controllers.hints_controller import HintsController
from remaster_gui.ui.controllers.layout_controller import LayoutController, Panel
from remaster_gui.ui.controllers.leaving_controller import LeavingController
from remaster_gui.ui.controllers.opening_controller import OpeningController
from remaster_gui.ui.controllers.painting_controller import warm_up
from remaster_gui.ui.controllers.recovery_controller import RecoveryController
from remaster_gui.ui.controllers.settings_controller import SettingsController
from remaster_gui.ui.controllers.status_controllers import NetworkController
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.film_session import Editor, FilmSession
from remaster_gui.ui.keys import KeyFilter
from remaster_gui.ui.timeline.view import HEADER_WIDTH
from remaster_gui.ui.widgets.message_bar import Message
from remaster_gui.workers.background_tasks import BackgroundTasks
from remaster_gui.workers.colorist_slot import ColoristSlot
from remaster_gui.workers.network_slot import NetworkSlot

_SIZE = (1600, 960)
_FRAME = 60
"""Pixels that frame and title of a window take, more or less."""


def takes_all(screen: QSize) -> bool:
    """Whether the window takes all of a screen at the first start: what lies beyond its edge would not be seen."""
    return screen.width() < _SIZE[0] + _FRAME or screen.height() < _SIZE[1] + _FRAME


class MainWindow(QMainWindow):
    """One window, one project."""

    def __init__(self, settings: UserSettings | None = None) -> None:
        """Use the user's own settings, or others."""
        super().__init__()
        self.setWindowTitle("Remaster")
        self.setAcceptDrops(True)
        self.settings = settings or UserSettings()
        self.actions_ = Actions(self, self.settings.changed_keys)
        self.widgets = EditorWidgets(self, self.actions_)
        self.setCentralWidget(self.widgets.centre)
        self.setStatusBar(self.widgets.status)
        menus = self.actions_.fill(self.menuBar())
        self.layout_ = LayoutController(self, self.actions_, self._panels())
        self.layout_.add_to_menu(menus["View"])
        self.actions_.give_letters()
        self.keys = KeyFilter(self, self.widgets.canvas)
        self.tasks = BackgroundTasks(self)
        self.network, self.colorist = NetworkSlot(parent=self), ColoristSlot(parent=self)
        self.session: FilmSession | None = None
        """All that works on the film that is open."""
        self.opening = OpeningController(self.widgets, self.tasks, self.settings)
        self.opening.opened.connect(self._on_opened)
        self.entry = EntryController(self.widgets, self.opening, self.settings)
        self.missing = RecoveryController(self.widgets, self.opening, self.tasks, self.settings)
        self.exports = ExportController(self.widgets, self.network)
        self.leaving = LeavingController(self.widgets, self.opening, self.exports, self._save_as)
        NetworkController(self.widgets, self.network, self.settings)
        self.help = HelpController(self.widgets, self.actions_, self.keys, self.network, self.settings)
        self.hints = HintsController(self, self.widgets.status, self.actions_, self.settings)
        self.preferences = SettingsController(
            self.widgets, self.actions_, self.help, self.settings, self.tasks
        )
        self._connect()
        self._restore()
        self.actions_.serve("window", self)
        self.actions_.serve("film", None)
        self.tasks.start(warm_up, doing=tr("getting ready to paint"))

    def _connect(self) -> None:
        self.opening.began.connect(self.layout_.enter)
        self.opening.closed.connect(self.layout_.leave)
        self.opening.began.connect(self.actions_.refresh)
        self.opening.closed.connect(self.actions_.refresh)
        self.opening.closing.connect(self._on_closing)
        self.opening.failed.connect(self._say)
        self.tasks.failed.connect(self._say)
        self.colorist.missed.connect(self._warn)
        widgets, actions = self.widgets, self.actions_
        widgets.panel_requested.connect(self.layout_.show)
        widgets.jobs.export_requested.connect(actions["export"].trigger)
        widgets.status.jobs_requested.connect(lambda: self.layout_.show("jobs"))
        widgets.status.preferences_requested.connect(actions["preferences"].trigger)
        widgets.status.preview_stop_requested.connect(actions["preview_stop"].trigger)
        widgets.canvas.pointer.panned_while_armed.connect(self.keys.note_drag)
        widgets.second.shown_changed.connect(actions.refresh)
        self.layout_.alone_changed.connect(lambda alone: widgets.compare.set_labelled(not alone))
        self.layout_.docks["scopes"].visibilityChanged.connect(actions.refresh)
        self.keys.tap_held.connect(widgets.canvas.pointer.arm_panning)
        self.keys.tapped.connect(actions["play"].trigger)

    def _restore(self) -> None:
        """Take the place, size and layout of the last time."""
        room = QGuiApplication.primaryScreen().availableGeometry()
        self.resize(QSize(*_SIZE).boundedTo(room.size()))
        if takes_all(room.size()):
            self.setWindowState(Qt.WindowState.WindowMaximized)
        if not self.settings.geometry.isEmpty():
            self.restoreGeometry(self.settings.geometry)
        self.layout_.state = self.settings.layout
        brush = self.widgets.tool_settings
        brush.change_brush(size=self.settings.number("brush_size", brush.brush.size, 1, 2000))

    def _panels(self) -> tuple[Panel, ...]:
        left, right = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
        return (
            Panel(
                "time", tr("Timeline"), self.widgets.time, Qt.DockWidgetArea.BottomDockWidgetArea, fixed=True
            ),
            Panel("references", tr("References"), self.widgets.bin, left),
            Panel("paint", tr("Paint"), self.widgets.paint, right),
            Panel("inspector", tr("Inspector"), self.widgets.inspector, right, tabbed=True),
            Panel("history", tr("History"), self.widgets.history, left),
            Panel("jobs", tr("Exports"), self.widgets.jobs, left, tabbed=True, height=200),
            Panel("markers", tr("Markers"), self.widgets.markers, left, tabbed=True, shown=False, height=300),
            Panel("names", tr("Names"), self.widgets.names, left, tabbed=True, shown=False, height=420),
            Panel(
                "versions", tr("Versions"), self.widgets.versions, left, tabbed=True, shown=False, height=240
            ),
            Panel("stills", tr("Stills"), self.widgets.stills, left, tabbed=True, shown=False, height=260),
            Panel("scopes", tr("Scopes"), self.widgets.scopes, left, tabbed=True, shown=False, height=400),
        )

    def open_path(self, path: Path) -> None:
        """Open a film or a project."""
        self.opening.open_path(path)

    def report_defect(self, name: str) -> None:
        """Tell of a defect of ours, by the name of what was raised; work goes on."""
        text = tr(
            "Something went wrong inside Remaster ({name}); the log file says more, your work is kept.",
            name=name,
        )
        self.widgets.messages.show_message(Message(text, "fault", lasts=True))

    def _on_opened(self, film: OpenFilm) -> None:
        self.widgets.messages.clear(also_lasting=False)
        editor = Editor(
            self.widgets,
            self.keys,
            self.settings,
            self.tasks,
            self.network,
            self.colorist,
            self.opening,
            self.exports,
        )
        self.session = FilmSession(film, editor, self)
        self.session.changed.connect(self.actions_.refresh)
        self.actions_.serve("film", self.session)
        self.hints.look_at(self.session)
        self.widgets.canvas.setFocus()
        film.document.path_changed.connect(self._show_title)
        self._show_title(film.document.path)

    def _show_title(self, project: Path) -> None:
        self.setWindowTitle(tr("{path} – Remaster", path=project.stem))

    def _on_closing(self, _film: OpenFilm) -> None:
        session, self.session = self.session, None
        self.hints.look_at(None)
        self.actions_.serve("film", None)
        if session is not None:
            session.close()
        self.widgets.forget_film()
        self.setWindowTitle("Remaster")

    def _save_as(self) -> None:
        if self.session is not None:
            self.session.history.ask_for_copy()

    def _warn(self, sentence: str) -> None:
        self.widgets.messages.show_message(Message(sentence, "warning", lasts=True))

    def _say(self, sentence: str) -> None:
        self.widgets.messages.show_message(Message(sentence, "fault"))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome files."""
        if _local_files(event.mimeData()):
            _accept(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the file that was dropped; pictures are offered as references of the film that is open."""
        paths = _local_files(event.mimeData())
        if not paths:
            return
        _accept(event)
        pictures = [path for path in paths if path.suffix.lower() in PICTURE_SUFFIXES and path.is_file()]
        if pictures and self.session is not None and self.session.may_change:
            taken, text = pictures, tr("Only pictures were taken of what was dropped; drop films one by one.")
            self.session.imports.import_pictures(pictures, self._frame_at(event.position().toPoint()))
        else:
            taken = paths[:1]
            text = tr(
                "Only {name} was taken of what was dropped; drop one file after the other.",
                name=taken[0].name,
            )
            self.open_path(taken[0])
        if len(taken) < len(paths):
            self.widgets.messages.show_message(Message(text, lasts=True))

    def _frame_at(self, place: QPoint) -> int | None:
        """Return the frame of the timeline at a place of the window; None elsewhere."""
        timeline = self.widgets.timeline
        within = timeline.mapFrom(self, place)
        return (
            timeline.frame_for(within.x() - HEADER_WIDTH, snap=False)
            if timeline.rect().contains(within)
            else None
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Give up with Esc what is being worked out; else leave full screen."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.session is not None and self.session.painting.cancel():
            return
        elif self.layout_.is_alone:
            self.actions_["picture_alone"].trigger()
        elif self.layout_.is_full_screen:
            self.actions_["full_screen"].trigger()

    def closeEvent(self, event: QCloseEvent) -> None:
        """End all work first, unless something has to be asked."""
        if not self.leaving.may_leave():
            event.ignore()
            return
        self.missing.close()
        self.exports.close()
        self.tasks.close()
        self.settings.geometry = self.saveGeometry()
        self.settings.layout = self.layout_.state
        self.settings.set_number("brush_size", self.widgets.tool_settings.brush.size)
        self.settings.sync()
        event.accept()


def _accept(event: QDropEvent) -> None:
    """Take what is dragged as a copy: a file manager that hears of a move may delete the file."""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()


def _local_files(data: QMimeData) -> list[Path]:
    """Return the files on this machine that are dragged."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
