"""References: marking, promoting, naming and choosing them, the bin, and frames that are worth colouring."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Event

from PySide6.QtGui import QColor

from remaster_gui.base.timebase import format_timecode
from remaster_gui.media.film import Pixels
from remaster_gui.painting.raster import Raster
from remaster_gui.project import edits
from remaster_gui.project.schema import Kind, Project, ReferenceRecord
from remaster_gui.ui.common.message_bar import Message
from remaster_gui.ui.common.qimage import to_qimage
from remaster_gui.ui.controllers.film import Controller, OpenFilm
from remaster_gui.ui.controllers.previewing import PreviewingController
from remaster_gui.ui.desk import Desk
from remaster_gui.ui.panels.reference_cards import BinCard
from remaster_gui.workers.background import BackgroundTasks

_FOR_ONE = ("rename_reference", "toggle_reference", "delete_reference")
ACTIONS = ("mark_reference", "promote_frame", *_FOR_ONE)


class ReferencesController(Controller):
    """Adds references and keeps the bin as the project is."""

    def __init__(self, desk: Desk, preview: PreviewingController, tasks: BackgroundTasks) -> None:
        super().__init__(desk)
        self._preview, self._tasks = preview, tasks
        self._to_mark: int | None = None
        actions = desk.actions
        slots: dict[str, Callable[..., object]] = {
            "mark_reference": self.mark,
            "promote_frame": self._promote,
            "rename_reference": desk.bin.rename_current,
            "toggle_reference": self._toggle,
            "delete_reference": self._delete,
        }
        for id_, slot in slots.items():
            actions.connect_to(id_, slot)
        actions.set_enabled(ACTIONS, False)
        preview.results_changed.connect(lambda _frames: self._enable())
        desk.bin.selected.connect(self.choose)
        desk.bin.opened.connect(self._go_to)
        desk.bin.renamed.connect(self.rename)
        desk.timeline.references.flag_chosen.connect(self._go_to)

    def begin(self, film: OpenFilm) -> None:
        """Show the project's references."""
        super().begin(film)
        film.document.project_changed.connect(self._on_project_changed)
        film.document.thumbnail_changed.connect(lambda _id: self._show())
        film.view.selection_changed.connect(lambda _id: self._show())
        film.view.playhead_changed.connect(lambda _frame: self._enable())
        film.document.path_changed.connect(lambda _path: self._enable())
        film.decoder.frame_ready.connect(self._on_frame_ready)
        self._show()

    def end(self) -> None:
        """Show none."""
        super().end()
        self.desk.bin.set_cards((), None)
        self.desk.actions.set_enabled(ACTIONS, False)

    @property
    def chosen(self) -> ReferenceRecord | None:
        """The chosen reference."""
        if self.film is None or self.film.view.selected_reference is None:
            return None
        return self.film.document.project.reference(self.film.view.selected_reference)

    def choose(self, id_: str) -> None:
        """Choose a reference."""
        if self.film is not None:
            self.film.view.select(id_)

    def mark(self) -> None:
        """Make the frame at the playhead a reference, or choose the one that it is already."""
        if self.film is None:
            return
        frame = self.film.view.playhead
        there = self.on_frame(frame)
        pixels = self.film.decoder.pixels(frame)
        # A frame that was only just gone to is marked once it is decoded.
        self._to_mark = frame if there is None and pixels is None else None
        if there is not None:
            self.choose(there.id)
        elif pixels is not None:
            self.make("painted", frame, partial(Raster.of_frame, pixels), "marking the frame")

    def on_frame(self, frame: int) -> ReferenceRecord | None:
        """Return the reference of a frame that is chosen, or its first one."""
        if self.film is None:
            return None
        chosen = self.chosen
        if chosen is not None and chosen.frame == frame:
            return chosen
        return next((r for r in self.film.document.project.references if r.frame == frame), None)

    def _promote(self) -> None:
        """Take the remastered frame at the playhead as a reference."""
        pixels = self._pixels()
        found = None if self.film is None else self._preview.result(self.film.view.playhead)
        if self.film is None or pixels is None or found is None or found[0].chrominance is None:
            return
        chrominance = found[0].chrominance
        make = partial(Raster.of_result, pixels, chrominance)
        self.make("promoted", self.film.view.playhead, make, "promoting the frame")

    def make(
        self, kind: Kind, frame: int | None, make: Callable[[], Raster], doing: str, name: str | None = None
    ) -> None:
        """Add a reference whose pixels are made on another thread, and choose it."""
        film = self.film
        if film is None:
            return

        def work(_cancelled: Event) -> Raster:
            return make()

        def add(raster: Raster) -> None:
            if film is self.film:
                id_ = film.document.add_reference(kind, frame, raster, name)
                if id_:
                    film.view.select(id_)

        task = self._tasks.start(work, doing=doing, instead_of=f"{kind} {frame}")
        task.finished.connect(add)
        task.failed.connect(self._say)

    def _toggle(self, on: bool) -> None:
        if self.chosen is not None:
            self.enable(self.chosen.id, on)

    def enable(self, id_: str, on: bool) -> None:
        """Let the network draw from a reference, or not."""
        if self.film is None:
            return
        project = self.film.document.project
        record = project.reference(id_)
        if record is not None:
            text = f"Use {record.name}" if on else f"Do not use {record.name}"
            self.film.document.edit(edits.enabled(project, id_, on), text)

    def _delete(self) -> None:
        chosen = self.chosen
        if self.film is not None and chosen is not None:
            self.film.document.remove_reference(chosen.id, f"Delete {chosen.name}")

    def rename(self, id_: str, name: str) -> None:
        """Give a reference another name."""
        if self.film is not None:
            self.film.document.edit(edits.renamed(self.film.document.project, id_, name), "Rename reference")

    def _go_to(self, id_: str) -> None:
        """Choose a reference and go to its frame."""
        self.choose(id_)
        chosen = self.chosen
        if self.film is not None and chosen is not None and chosen.frame is not None:
            self.film.view.go(chosen.frame)

    def _pixels(self) -> Pixels | None:
        """Return the frame at the playhead where it is in memory, that is once it is shown."""
        return None if self.film is None else self.film.decoder.pixels(self.film.view.playhead)

    def _on_frame_ready(self, frame: int) -> None:
        if frame == self._to_mark and self.film is not None and frame == self.film.view.playhead:
            self.mark()
        self._enable()

    def _on_project_changed(self, before: Project, after: Project) -> None:
        if before.references != after.references:
            if self.film is not None and self.chosen is None:
                self.film.view.select(None)
            self._show()

    def _show(self) -> None:
        if self.film is None:
            return
        document, rate = self.film.document, self.film.info.rate
        cards = []
        for record in document.project.references:
            pixels = document.thumbnail(record.id)
            timecode = (
                None if record.frame is None else format_timecode(record.frame, rate, self.film.info.timecode)
            )
            cards.append(
                BinCard(
                    record.id,
                    record.name,
                    "free-standing" if timecode is None else timecode,
                    QColor(record.color),
                    record.colored,
                    record.enabled,
                    None if pixels is None else to_qimage(pixels),
                )
            )
        self.desk.bin.set_cards(cards, self.film.view.selected_reference)
        self._enable()

    def _enable(self) -> None:
        if self.film is None:
            return
        actions, frame = self.desk.actions, self.film.view.playhead
        may_change = not self.film.document.read_only_reason
        shown = self.film.decoder.holds(frame)
        found = self._preview.result(frame)
        actions["mark_reference"].setEnabled(may_change)
        colored = found is not None and found[0].chrominance is not None
        actions["promote_frame"].setEnabled(may_change and shown and colored)
        chosen = self.chosen
        actions.set_enabled(_FOR_ONE, may_change and chosen is not None)
        actions["toggle_reference"].setChecked(chosen is not None and chosen.enabled)

    def _say(self, sentence: str) -> None:
        self.desk.messages.show_message(Message(sentence, "fault"))
