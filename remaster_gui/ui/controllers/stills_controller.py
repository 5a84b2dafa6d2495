"""Stills: what is seen is grabbed, and later frames are compared with it."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path
from threading import Event

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QImage

from remaster_gui.base.errors import RemasterError
from remaster_gui.base.language import tr
from remaster_gui.document.still_gallery import GrabbedStill, StillGallery
from remaster_gui.document.user_settings import UserSettings
from remaster_gui.document.view_state import CompareMode
from remaster_gui.media import write_picture
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.dialogs import file_dialogs as files
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.panels.still_list import THUMBNAIL
from remaster_gui.ui.qimage import to_array, to_qimage
from remaster_gui.ui.widgets.message_bar import Button, Message
from remaster_gui.workers.background_tasks import BackgroundTasks

log = logging.getLogger(__name__)

_PANEL = "stills"
_COMPARING = (CompareMode.WIPE, CompareMode.SIDE, CompareMode.DIFFERENCE)


class StillsController(Controller):
    """Keeps stills beside the project, and lays one against what is seen."""

    def __init__(
        self,
        session: QObject,
        film: OpenFilm,
        widgets: EditorWidgets,
        tasks: BackgroundTasks,
        lasting: BackgroundTasks,
        settings: UserSettings,
    ) -> None:
        """Read by `tasks` of the film, and write by `lasting` ones, to the end even when the film is closed."""
        super().__init__(session, film, widgets)
        self._tasks, self._lasting, self._settings = tasks, lasting, settings
        self._stills: tuple[GrabbedStill, ...] = ()
        self._pictures: dict[GrabbedStill, QImage] = {}
        self.current: GrabbedStill | None = None
        """The one that is chosen in the list."""
        self.compared: GrabbedStill | None = None
        """The one that takes the source's place."""
        widgets.stills.chosen.connect(self._on_chosen)
        widgets.stills.activated.connect(self._compare_with)
        film.document.path_changed.connect(self._on_path_changed)
        self._folder = StillGallery(film.document.path)
        self._list()

    @property
    def can_grab(self) -> bool:
        """Whether a picture is shown."""
        return not self.widgets.compare.shown.isNull()

    def grab(self, *, shows: bool = True) -> None:
        """Keep what is seen, as it is without a viewing LUT; `shows`: and bring the panel of stills to the front."""
        picture, frame = QImage(self.widgets.compare.shown), self.film.view.playhead
        folder = self._folder

        def keep(_cancelled: Event) -> tuple[GrabbedStill, QImage]:
            return folder.add(frame, to_array(picture)), _small(picture)

        task = self._lasting.start(keep, doing=tr("keeping the still"))
        task.finished.connect(self._on_grabbed)
        if shows:
            self.when_done(task, lambda _: self.widgets.panel_requested.emit(_PANEL))
        task.failed.connect(self._say_fault)

    def toggle(self) -> None:
        """Compare what is seen with the chosen still, or with the source again."""
        if self.compared is not None:
            self._show(None, None)
        elif self.current is not None:
            self._compare_with(self.current)

    def go(self) -> None:
        """Go to the frame of the chosen still."""
        if self.current is not None:
            self.film.view.go(self.current.frame)

    def export(self) -> None:
        """Ask where the chosen still is to be written, and write it."""
        still, film = self.current, self.film.info.path
        if still is None:
            return
        proposal = self._settings.folder("frame", film) / f"{film.stem} {still.name}"
        path = self.ask(lambda: files.ask_frame_name(self.widgets.window, proposal))
        if path is None:
            return
        self._settings.set_folder("frame", path.parent)
        task = self._lasting.start(partial(_copy, self._folder, still, path), doing=tr("writing the still"))
        self.when_done(task, lambda _: self._say(tr("The still is in {path}.", path=path)))
        task.failed.connect(self._say_fault)

    def delete(self) -> None:
        """Take the chosen still away; it can be brought back for a while."""
        still, folder = self.current, self._folder
        if still is None:
            return
        if still == self.compared:
            self._show(None, None)
        task = self._lasting.start(lambda _: folder.remove(still), doing=tr("deleting the still"))
        self.when_done(task, partial(self._on_deleted, still))
        task.failed.connect(self._say_fault)

    def _list(self) -> None:
        """Find the stills that are there, with their small pictures."""
        folder = self._folder
        task = self._tasks.start(
            partial(_read_all, folder), doing=tr("looking for stills"), instead_of=_PANEL
        )
        task.finished.connect(self._on_listed)

    def _compare_with(self, still: GrabbedStill) -> None:
        task = self._tasks.start(
            lambda _: to_qimage(self._folder.read(still)), doing=tr("reading the still"), instead_of="still"
        )
        task.finished.connect(partial(self._show, still))
        task.failed.connect(self._say_fault)

    def _show(self, still: GrabbedStill | None, picture: QImage | None) -> None:
        self.compared = still
        self.widgets.compare.set_still(picture, "" if still is None else still.title)
        if still is not None and self.film.view.compare not in _COMPARING:
            self.film.view.compare = CompareMode.WIPE
        self.changed.emit()

    def _show_list(self) -> None:
        self.widgets.stills.set_stills(self._stills, self._pictures, self.current)
        self.changed.emit()

    def _on_chosen(self, still: GrabbedStill | None) -> None:
        self.current = still
        if still is not None and self.compared is not None:
            self._compare_with(still)
        self.changed.emit()

    def _on_listed(self, found: dict[GrabbedStill, QImage]) -> None:
        self._stills, self._pictures = tuple(found), found
        if self.current not in found:
            self.current = None
        self._show_list()

    def _on_grabbed(self, grabbed: tuple[GrabbedStill, QImage]) -> None:
        still, picture = grabbed
        self._stills, self._pictures = (*self._stills, still), {**self._pictures, still: picture}
        self.current = still
        self._show_list()

    def _on_deleted(self, still: GrabbedStill, content: bytes) -> None:
        if self.current == still:
            self.current = None
        self._list()
        button = Button(tr("Bring back"), partial(self._bring_back, still, content))
        self.widgets.messages.show_message(
            Message(tr("{title} is deleted.", title=still.title.capitalize()), button=button)
        )

    def _bring_back(self, still: GrabbedStill, content: bytes) -> None:
        folder = self._folder
        task = self._lasting.start(
            lambda _: folder.bring_back(still, content), doing=tr("bringing the still back")
        )
        self.when_done(task, lambda _: self._list())
        task.failed.connect(self._say_fault)

    def _on_path_changed(self, path: Path) -> None:
        """Go on beside the copy of the project; its stills have been taken along."""
        self._folder = StillGallery(path)
        self._show(None, None)
        self._list()

    def _say(self, text: str) -> None:
        self.widgets.messages.show_message(Message(text))

    def _say_fault(self, sentence: str) -> None:
        self.widgets.messages.show_message(Message(sentence, "fault"))


def _small(picture: QImage) -> QImage:
    return picture.scaled(
        THUMBNAIL * 2, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    )


def _read_all(folder: StillGallery, cancelled: Event) -> dict[GrabbedStill, QImage]:
    """Return all stills with their small pictures; null for one that cannot be read."""
    found = {}
    for still in folder.list():
        if cancelled.is_set():
            break
        try:
            found[still] = _small(to_qimage(folder.read(still)))
        except RemasterError:
            log.warning("the still %s cannot be read", still.name, exc_info=True)
            found[still] = QImage()
    return found


def _copy(folder: StillGallery, still: GrabbedStill, path: Path, _cancelled: Event) -> None:
    write_picture(folder.read(still), path)
