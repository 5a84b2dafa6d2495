"""Cut lists of other programs: read into the project after a look, and written from its shots."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from threading import Event

from PySide6.QtCore import QObject

from remaster_gui.base.files import printable
from remaster_gui.base.language import tr
from remaster_gui.cutlists import CutList, FilmClock, PlacedCuts, ShotList, read_cut_list, write_cut_list
from remaster_gui.document.user_settings import UserSettings
from remaster_gui.engine.cut_lists import clock_of, doubtful_shots, listed_film
from remaster_gui.project.cut_imports import markers_of, with_placed
from remaster_gui.ui.controllers.attention_controller import AttentionController
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.controllers.names_controller import NamesController
from remaster_gui.ui.dialogs import file_dialogs as files
from remaster_gui.ui.dialogs.cut_list_dialog import CutListDialog
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.widgets.message_bar import Message
from remaster_gui.workers.background_tasks import BackgroundTasks

_FOLDER = "cut list"


class CutListsController(Controller):
    """Reads and writes beside the window."""

    def __init__(
        self,
        session: QObject,
        film: OpenFilm,
        widgets: EditorWidgets,
        attention: AttentionController,
        names: NamesController,
        tasks: BackgroundTasks,
        lasting: BackgroundTasks,
        settings: UserSettings,
    ) -> None:
        """Read by `tasks` of the film, and write by `lasting` ones, to the end even when the film is closed."""
        super().__init__(session, film, widgets)
        self._attention, self._names, self._settings = attention, names, settings
        self._tasks, self._lasting = tasks, lasting

    @property
    def knows_cuts(self) -> bool:
        """Whether the film's own cuts are known, which lists are compared with."""
        return self.film.document.project.cuts is not None

    def ask_list(self) -> None:
        """Ask for a list, read it, and show what it would change."""
        folder = self._settings.folder(_FOLDER, self.film.info.path)
        path = self.ask(lambda: files.ask_cut_list(self.widgets.window, folder))
        if path is None:
            return
        self._settings.set_folder(_FOLDER, path.parent)
        clock = clock_of(self.film.info)
        task = self._tasks.start(
            partial(_read, path, clock), doing=tr("reading the cut list"), instead_of=_FOLDER
        )
        task.finished.connect(partial(self._review, path))
        task.failed.connect(self._say_fault)

    def _review(self, path: Path, cut_list: CutList) -> None:
        cuts = tuple(shot.start for shot in self.film.document.project.shots)
        dialog = CutListDialog(
            printable(path.name), cut_list, clock_of(self.film.info), cuts, parent=self.widgets.window
        )
        dialog.import_requested.connect(self._take_over)
        dialog.frame_chosen.connect(self.film.view.go)
        dialog.finished.connect(dialog.deleteLater)
        self.destroyed.connect(dialog.reject)
        dialog.open()

    def _take_over(self, placed: PlacedCuts) -> None:
        document = self.film.document
        document.edit(with_placed(document.project, placed), tr("Import cut list"))

    def ask_where(self) -> None:
        """Ask where the shots are to be written, and as what, and write them."""
        film = self.film.info.path
        proposal = self._settings.folder(_FOLDER, film) / f"{film.stem}.edl"
        path = self.ask(lambda: files.ask_cut_list_name(self.widgets.window, proposal))
        if path is None:
            return
        self._settings.set_folder(_FOLDER, path.parent)
        task = self._lasting.start(partial(_write, path, self._shots()), doing=tr("writing the cut list"))
        told = Message(tr("The shots are in {path}.", path=path))
        self.when_done(task, lambda _: self.widgets.messages.show_message(told))
        task.failed.connect(self._say_fault)

    def _shots(self) -> ShotList:
        project = self.film.document.project
        cuts = tuple(shot.start for shot in project.shots)
        notes = {record.first: record.notes for record in project.shot_records if record.notes}
        doubtful = doubtful_shots(project.shots, self.widgets.certainty.guessed, self._attention.certainty())
        markers = (*markers_of(project), *doubtful, *self._names.markers())
        return listed_film(self.film.info, cuts, notes=notes, markers=markers)

    def _say_fault(self, sentence: str) -> None:
        self.widgets.messages.show_message(Message(sentence, "fault"))


def _read(path: Path, clock: FilmClock, _cancelled: Event) -> CutList:
    return read_cut_list(path, clock.rate, clock.timecode)


def _write(path: Path, shots: ShotList, _cancelled: Event) -> None:
    write_cut_list(path, shots)
