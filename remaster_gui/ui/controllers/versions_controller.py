"""Versions of the project: kept beside it, with a still of what is seen, and gone back to as one step of undo."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from remaster_gui.base.errors import RemasterError
from remaster_gui.base.language import tr
from remaster_gui.document.version_folder import KeptVersion, PastState, VersionFolder
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.controllers.stills_controller import StillsController
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.widgets.message_bar import Message
from remaster_gui.workers.background_tasks import BackgroundTasks

_PANEL = "versions"


class VersionsController(Controller):
    """Carries out what is wished of versions."""

    def __init__(
        self,
        session: QObject,
        film: OpenFilm,
        widgets: EditorWidgets,
        stills: StillsController,
        tasks: BackgroundTasks,
    ) -> None:
        """Show the versions that there are."""
        super().__init__(session, film, widgets)
        self._stills, self._tasks = stills, tasks
        panel = widgets.versions
        panel.set_read_only(bool(film.document.read_only_reason))
        panel.keep_requested.connect(self._keep)
        panel.return_requested.connect(self._go_back)
        panel.removal_requested.connect(self._remove)
        film.document.read_only_changed.connect(self._on_read_only_changed)
        film.document.path_changed.connect(self._on_path_changed)
        self._folder = VersionFolder(film.document.path)
        self._list()

    def ask_note(self) -> None:
        """Let a note be written, with which a version is kept."""
        self.widgets.panel_requested.emit(_PANEL)
        self.widgets.versions.begin_noting()

    def _list(self) -> None:
        folder = self._folder
        task = self._tasks.start(lambda _: folder.list(), doing=tr("looking for versions"), instead_of=_PANEL)
        task.finished.connect(self.widgets.versions.set_versions)

    def _keep(self, note: str) -> None:
        folder = self._folder
        task = self._tasks.start(lambda _: folder.new_file(), doing=tr("keeping a version"))
        task.finished.connect(partial(self._copy, folder, note))
        task.failed.connect(self._say_fault)

    def _copy(self, folder: VersionFolder, note: str, place: tuple[int, Path]) -> None:
        number, path = place
        self.film.document.keep_version(path, partial(self._on_copied, folder, number, note), self._say_fault)

    def _on_copied(self, folder: VersionFolder, number: int, note: str, _: object) -> None:
        task = self._tasks.start(lambda _: folder.note_down(number, note), doing=tr("keeping a version"))
        task.finished.connect(self._on_kept)
        task.failed.connect(self._say_fault)

    def _on_kept(self, version: KeptVersion) -> None:
        self.widgets.messages.show_message(Message(tr("{title}: kept.", title=version.title)))
        self._list()
        if self._stills.can_grab:
            # What is seen now, to compare with once the project has become another one.
            self._stills.grab(shows=False)

    def _go_back(self, version: KeptVersion) -> None:
        present = {(each.id, each.revision) for each in self.film.document.project.references}
        folder = self._folder
        task = self._tasks.start(
            lambda _: folder.read(version, present), doing=tr("reading the version"), instead_of="version"
        )
        task.finished.connect(partial(self._on_read, version))
        task.failed.connect(self._say_fault)

    def _on_read(self, version: KeptVersion, past: PastState) -> None:
        try:
            text = tr("Go back to version {number}", number=version.number)
            if not self.film.document.go_back_to(past.project, past.rasters, text):
                # Something was painted meanwhile.
                self._go_back(version)
        except RemasterError as error:
            self._say_fault(str(error))

    def _remove(self, version: KeptVersion) -> None:
        folder = self._folder
        task = self._tasks.start(lambda _: folder.remove(version), doing=tr("deleting the version"))
        task.finished.connect(lambda _: self._list())
        task.failed.connect(self._say_fault)

    def _on_read_only_changed(self, reason: str) -> None:
        self.widgets.versions.set_read_only(bool(reason))

    def _on_path_changed(self, path: Path) -> None:
        """Go on beside the copy of the project; its versions have been taken along."""
        self._folder = VersionFolder(path)
        self._list()

    def _say_fault(self, sentence: str) -> None:
        self.widgets.messages.show_message(Message(sentence, "fault"))
