"""Importing coloured pictures as references, and laying those that were imported over another frame."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from threading import Event

from PySide6.QtCore import QObject

from remaster_gui.base.arrays import Pixels
from remaster_gui.base.counting import counted
from remaster_gui.base.language import tr
from remaster_gui.document.document import Document
from remaster_gui.document.user_settings import UserSettings
from remaster_gui.engine.frame_names import frame_named
from remaster_gui.engine.picture_import import SourcePicture, decode
from remaster_gui.media import FilmFile, read_picture
from remaster_gui.painting.copies import Parts, carried
from remaster_gui.painting.raster import Raster
from remaster_gui.project.schema import ReferenceRecord
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.controllers.references_controller import ReferencesController
from remaster_gui.ui.dialogs import file_dialogs as files
from remaster_gui.ui.dialogs.import_dialog import ImportChoice, ImportDialog
from remaster_gui.ui.dialogs.import_review import Filming
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.widgets.message_bar import Message
from remaster_gui.workers.background_tasks import BackgroundTasks
from remaster_gui.workers.import_service import ImportService

_LONGEST_NAME = 120

Add = Callable[[ImportChoice, Raster, bytes], None]


class ImportsController(Controller):
    """Has one review of pictures at a time; what was accepted is made into references behind the window."""

    def __init__(
        self,
        session: QObject,
        film: OpenFilm,
        widgets: EditorWidgets,
        references: ReferencesController,
        tasks: BackgroundTasks,
        settings: UserSettings,
    ) -> None:
        super().__init__(session, film, widgets)
        self._references, self._tasks, self._settings = references, tasks, settings

    @property
    def can_lay_anew(self) -> bool:
        """Whether the chosen reference is a picture that could lie elsewhere."""
        chosen = self._references.chosen
        return chosen is not None and chosen.kind == "imported"

    def ask_pictures(self) -> None:
        """Ask for coloured pictures, and import them."""
        paths: list[Path] = []
        folder = self._settings.folder("picture", self.film.info.path)

        def question() -> Path | None:
            paths.extend(files.ask_pictures(self.widgets.window, folder))
            return paths[0] if paths else None

        first = self.ask(question)
        if first is not None:
            self._settings.set_folder("picture", first.parent)
            self.import_pictures(paths)

    def import_pictures(self, paths: Sequence[Path], dropped_on: int | None = None) -> None:
        """Find out where in the film pictures belong, and let that be reviewed; `dropped_on`: a frame."""
        info = self.film.info
        sources = []
        for path in paths:
            named = frame_named(path, info.frame_count, info.numbers)
            likely = [dropped_on, named, self.film.view.playhead]
            hints = tuple(dict.fromkeys(frame for frame in likely if frame is not None))
            name = path.stem[:_LONGEST_NAME] or tr("Picture")
            sources.append(SourcePicture(name, partial(read_picture, path), hints))
        text = (
            tr("Import {pictures}", pictures=counted(len(sources), "picture"))
            if len(sources) > 1
            else tr("Import picture")
        )
        batch = f"import {uuid.uuid4().hex}"
        dialog = self._review(sources)
        add = partial(self._add, text, batch)
        dialog.import_requested.connect(partial(self._make, dialog.service, add))
        dialog.open()

    def lay_anew(self) -> None:
        """Review where the chosen reference lies, and lay its picture over another frame, or let it stand free."""
        chosen = self._references.chosen
        if chosen is None or not self.can_lay_anew:
            return
        document = self.film.document
        hints = () if chosen.frame is None else (chosen.frame,)
        source = SourcePicture(chosen.name, partial(_picture_of, document, chosen), hints)
        dialog = self._review([source], anew=chosen)
        dialog.import_requested.connect(partial(self._make, dialog.service, partial(self._carry, chosen)))
        dialog.open()

    def _review(self, sources: Sequence[SourcePicture], anew: ReferenceRecord | None = None) -> ImportDialog:
        """Make the dialog; `anew`: the reference that is to be laid elsewhere."""
        info, project = self.film.info, self.film.document.project
        service = ImportService(FilmFile.of(info), project.shots, self)
        service.failed.connect(self._say)
        dialog = ImportDialog(
            sources,
            service,
            Filming(info.rate, info.timecode, info.frame_count, info.numbers),
            self.film.view.playhead,
            {r.frame: r.name for r in project.references if r.frame is not None and r != anew},
            anew=anew is not None,
            laid=None if anew is None else anew.frame,
            parent=self.widgets.window,
        )
        dialog.rejected.connect(partial(self._end, service))
        dialog.finished.connect(dialog.deleteLater)
        self.destroyed.connect(dialog.reject)
        return dialog

    def _make(self, service: ImportService, add: Add, choices: Sequence[ImportChoice]) -> None:
        """Make references of what was accepted, one after another."""
        left = list(choices)

        def made(choice: ImportChoice, raster: Raster, picture: bytes) -> None:
            add(choice, raster, picture)
            over()

        def over(_sentence: str = "") -> None:
            left.pop()
            self.widgets.status.set_note(
                tr("Importing {pictures} …", pictures=counted(len(left), "picture")) if left else ""
            )
            if not left:
                self._end(service)

        service.made.connect(made)
        service.failed.connect(over)
        self.widgets.status.set_note(tr("Importing {pictures} …", pictures=counted(len(left), "picture")))
        for choice in choices:
            service.make(choice, choice.source, choice.frame, choice.registration)

    def _add(self, text: str, batch: str, choice: ImportChoice, raster: Raster, picture: bytes) -> None:
        id_ = self.film.document.add_reference(
            "imported", choice.frame, raster, choice.name, text, picture=picture, batch=batch
        )
        self.film.view.selected_reference = id_ or None

    def _carry(self, record: ReferenceRecord, choice: ImportChoice, raster: Raster, picture: bytes) -> None:
        """Find out where what is marked on a reference lies on its new pixels, and lay it anew."""
        document, region = self.film.document, record.validity.region
        named = {each.name: each.region for each in document.project.named if each.reference == record.id}
        lay = partial(self._lay, record, choice, raster, picture)
        if not region and not named:
            lay(Parts())
            return

        def work(_cancelled: Event) -> Parts | None:
            return carried(document.raster_at(record.id, record.revision), region, named, raster)

        task = self._tasks.start(work, doing=tr("copying a reference"))
        task.finished.connect(lay)
        task.failed.connect(self._say)

    def _lay(
        self, old: ReferenceRecord, choice: ImportChoice, raster: Raster, picture: bytes, parts: Parts | None
    ) -> None:
        new = self.film.document.lay_anew(
            old.id, choice.frame, raster, picture, choice.name, parts or Parts()
        )
        self.film.view.selected_reference = new or None
        if parts is None:
            self._say(
                tr(
                    "Nothing of what was marked on {name} shows where it lies now: all of it counts, without names.",
                    name=choice.name,
                )
            )

    def _end(self, service: ImportService) -> None:
        service.close()
        service.deleteLater()

    def _say(self, sentence: str) -> None:
        self.widgets.messages.show_message(Message(sentence, "fault"))


def _picture_of(document: Document, record: ReferenceRecord) -> Pixels:
    """Return the picture that a reference was imported from, or what is left of it where that was not kept."""
    content = document.picture(record.id)
    return decode(content) if content else document.pixels(record.id, record.revision)
