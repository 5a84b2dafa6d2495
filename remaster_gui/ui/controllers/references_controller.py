"""References: marking, promoting, naming and choosing them, the bin, and frames that are worth colouring."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Event

from PySide6.QtCore import QObject

from remaster_gui.base.counting import counted
from remaster_gui.base.language import tr
from remaster_gui.base.timebase import format_timecode
from remaster_gui.document.user_settings import UserSettings
from remaster_gui.engine.preview_plan import shot_at
from remaster_gui.painting.raster import Raster
from remaster_gui.project import edits
from remaster_gui.project.schema import Project, ReferenceKind, ReferenceRecord
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.controllers.preview_controller import PreviewController
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.panels.reference_cards import BinCard
from remaster_gui.ui.qimage import to_qimage
from remaster_gui.ui.widgets.message_bar import Message
from remaster_gui.workers.background_tasks import BackgroundTasks

_LARGE = "large_cards"
"""Name of the user's choice."""

ReferenceChange = Callable[[Project, ReferenceRecord], Project]
"""Changes one reference of a project."""


class ReferencesController(Controller):
    """Adds references and keeps the bin as the project is."""

    def __init__(
        self,
        session: QObject,
        film: OpenFilm,
        widgets: EditorWidgets,
        preview: PreviewController,
        tasks: BackgroundTasks,
        settings: UserSettings,
    ) -> None:
        super().__init__(session, film, widgets)
        self._preview, self._tasks, self._settings = preview, tasks, settings
        self._to_mark: int | None = None
        widgets.bin.selected.connect(self._on_selected)
        widgets.bin.selection_changed.connect(self._on_selection_changed)
        widgets.bin.set_large(self.has_large_cards)
        widgets.bin.opened.connect(self._go_to)
        widgets.bin.renamed.connect(self.rename)
        widgets.timeline.references.flag_chosen.connect(self._go_to)
        film.document.project_changed.connect(self._on_project_changed)
        film.document.thumbnail_changed.connect(self._show)
        film.view.events.selected_reference.connect(self._show)
        film.view.events.selected_references.connect(self._show)
        film.decoder.frame_ready.connect(self._on_frame_ready)
        self._show()

    @property
    def chosen(self) -> ReferenceRecord | None:
        """The chosen reference."""
        id_ = self.film.view.selected_reference
        return None if id_ is None else self.film.document.project.reference(id_)

    @property
    def all_chosen(self) -> tuple[ReferenceRecord, ...]:
        """All references that are chosen together, in the project's order."""
        view, chosen = self.film.view, self.chosen
        if chosen is None or chosen.id not in view.selected_references:
            return () if chosen is None else (chosen,)
        return tuple(r for r in self.film.document.project.references if r.id in view.selected_references)

    @property
    def has_large_cards(self) -> bool:
        """Whether the bin shows large pictures."""
        return self._settings.flag(_LARGE, False)

    def toggle_large_cards(self) -> None:
        """Show large pictures in the bin, or small ones; that is kept for the next time."""
        self._settings.set_flag(_LARGE, not self.has_large_cards)
        self.widgets.bin.set_large(self.has_large_cards)

    @property
    def can_promote(self) -> bool:
        """Whether the frame at the playhead is shown and has been remastered in colour."""
        frame = self.film.view.playhead
        found = self._preview.result(frame)
        return self.film.decoder.holds(frame) and found is not None and found[0].chrominance is not None

    def choose(self, id_: str) -> None:
        """Choose a reference and no other."""
        self.film.view.selected_references = frozenset({id_})
        self.film.view.selected_reference = id_

    def mark(self) -> None:
        """Make the frame at the playhead a reference, or choose the one that it is already."""
        frame = self.film.view.playhead
        there = self.on_frame(frame)
        pixels = self.film.decoder.pixels(frame)
        # A frame that was only just gone to is marked once it is decoded.
        self._to_mark = frame if there is None and pixels is None else None
        if there is not None:
            self.choose(there.id)
        elif pixels is not None:
            self.make("painted", frame, partial(Raster.of_frame, pixels), tr("marking the frame"))

    def on_frame(self, frame: int) -> ReferenceRecord | None:
        """Return the reference of a frame that is chosen, or its first one."""
        chosen = self.chosen
        if chosen is not None and chosen.frame == frame:
            return chosen
        return next((r for r in self.film.document.project.references if r.frame == frame), None)

    def promote(self) -> None:
        """Take the remastered frame at the playhead as a reference.

        Where guesses guide the film, those of other shots come along, so that the rest of it stays as it is.
        """
        frame = self.film.view.playhead
        pixels, found = self.film.decoder.pixels(frame), self._preview.result(frame)
        if pixels is None or found is None or found[0].chrominance is None:
            return
        make = partial(Raster.of_result, pixels, self._preview.seen_chrominance(found[0]))
        shot = shot_at(self.film.document.project.shots, frame)
        others = [each for each in self._preview.guesses if each.frame is not None and each.frame not in shot]
        batch = f"promote {frame}" if others else ""
        for each in others:
            guess = partial(self._preview.raster_of, each)
            self.make("promoted", each.frame, guess, tr("taking up a guess"), batch=batch, choose=False)
        self.make("promoted", frame, make, tr("promoting the frame"), batch=batch)

    def make(
        self,
        kind: ReferenceKind,
        frame: int | None,
        make: Callable[[], Raster],
        doing: str,
        name: str | None = None,
        *,
        batch: str = "",
        choose: bool = True,
    ) -> None:
        """Add a reference whose pixels are made on another thread, and choose it; a batch is one step of undo."""

        def work(_cancelled: Event) -> Raster:
            return make()

        def add(raster: Raster) -> None:
            id_ = self.film.document.add_reference(kind, frame, raster, name, batch=batch)
            if id_ and choose:
                self.film.view.selected_reference = id_

        task = self._tasks.start(work, doing=doing, instead_of=f"{kind} {frame}")
        task.finished.connect(add)
        task.failed.connect(self._say)

    def change(self, change: ReferenceChange, text: str, value: str = "") -> None:
        """Change all chosen references, as one step of undo.

        `text` names it, with {} for what is changed; for `value` see `Document.edit`.
        """
        chosen, after = self.all_chosen, self.film.document.project
        if not chosen:
            return
        for record in chosen:
            after = change(after, record)
        what = chosen[0].name if len(chosen) == 1 else counted(len(chosen), "reference")
        ids = " ".join(record.id for record in chosen)
        self.film.document.edit(after, text.replace("{}", what), value and f"{value} {ids}")

    def toggle(self) -> None:
        """Let the network draw from the chosen references, or no longer."""
        if self.chosen is not None:
            self.enable(not self.chosen.enabled)

    def enable(self, on: bool) -> None:
        """Let the network draw from the chosen references, or not."""
        text = tr("Use {}") if on else tr("Do not use {}")
        self.change(lambda project, record: edits.enabled(project, record.id, on), text)

    def delete(self) -> None:
        """Take the chosen references out of the project."""
        self.change(lambda project, record: edits.without_reference(project, record.id), tr("Delete {}"))

    def rename(self, id_: str, name: str) -> None:
        """Give a reference another name."""
        before = self.film.document.project
        after, record = edits.renamed(before, id_, name), before.reference(id_)
        self.film.document.edit(after, tr("Rename {record}", record="" if record is None else record.name))

    def _go_to(self, id_: str) -> None:
        """Choose a reference and go to its frame; one that stands free is seen while something can be done to it."""
        self.choose(id_)
        chosen, view = self.chosen, self.film.view
        if chosen is not None and chosen.frame is not None:
            view.go(chosen.frame)
        elif chosen is not None and view.tool == "navigate":
            view.tool = "brush"

    def _on_selected(self, id_: str) -> None:
        self.film.view.selected_reference = id_

    def _on_selection_changed(self, ids: frozenset[str]) -> None:
        self.film.view.selected_references = ids
        if not ids:
            self.film.view.selected_reference = None

    def _on_frame_ready(self, frame: int) -> None:
        if frame == self._to_mark and frame == self.film.view.playhead:
            self.mark()

    def _on_project_changed(self, before: Project, after: Project) -> None:
        if before.references != after.references:
            if self.chosen is None:
                self.film.view.selected_reference = None
            self._show()

    def _show(self) -> None:
        document, rate = self.film.document, self.film.info.rate
        cards = []
        for record in document.project.references:
            pixels = document.thumbnail(record.id)
            timecode = (
                None if record.frame is None else format_timecode(record.frame, rate, self.film.info.timecode)
            )
            cards.append(
                BinCard(
                    record,
                    tr("free-standing") if timecode is None else timecode,
                    None if pixels is None else to_qimage(pixels),
                )
            )
        view = self.film.view
        self.widgets.bin.set_cards(cards, view.selected_reference, view.selected_references)

    def _say(self, sentence: str) -> None:
        self.widgets.messages.show_message(Message(sentence, "fault"))
