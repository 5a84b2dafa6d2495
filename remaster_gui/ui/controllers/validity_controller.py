"""Where the chosen reference counts, and how much: everywhere, in shots, at frames; with a strength."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject

from remaster_gui.base.timebase import FrameRange
from remaster_gui.base.validity import Validity, joined_ranges
from remaster_gui.project import edits
from remaster_gui.project.schema import ReferenceRecord
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.controllers.references_controller import ReferencesController
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.panels.range_text import write_ranges

_LONGEST_TOLD = 60


class ValidityController(Controller):
    """Carries out what is wished of the chosen reference's range and strength."""

    def __init__(
        self, session: QObject, film: OpenFilm, widgets: EditorWidgets, references: ReferencesController
    ) -> None:
        super().__init__(session, film, widgets)
        self._references = references
        box = widgets.inspector.reference.where
        box.set_film(film.info.frame_count, film.info.rate, film.info.timecode)
        box.strength_changed.connect(self.set_strength)
        box.ranges_typed.connect(self.set_ranges)

    @property
    def shot(self) -> FrameRange:
        """The shot at the playhead; the whole film while cuts are not known."""
        return self.film.document.project.shot_at(self.film.view.playhead)

    @property
    def counts_here(self) -> bool:
        """Whether the chosen reference counts at the playhead."""
        chosen = self._references.chosen
        return chosen is not None and chosen.validity.holds_at(self.film.view.playhead)

    @property
    def knows_shots(self) -> bool:
        """Whether a reference is chosen and there are shots to count in."""
        return self._references.chosen is not None and self.film.document.project.cuts is not None

    def count_everywhere(self) -> None:
        """Let the chosen reference guide all frames."""
        self.set_ranges(())

    def count_in_segment(self) -> None:
        """Let it guide the frames between the in and the out point."""
        self.set_ranges((self.film.document.project.segment,))

    def count_only_here(self) -> None:
        """Let it guide the shot at the playhead and no other frame."""
        self.set_ranges((self.shot,))

    def toggle_here(self) -> None:
        """Let it guide the shot at the playhead as well, or no longer."""
        chosen, shot = self._references.chosen, self.shot
        if chosen is None:
            return
        everything = FrameRange(0, self.film.info.frame_count)
        ranges = chosen.validity.ranges or (everything,)
        if not self.counts_here:
            self.set_ranges(joined_ranges((*ranges, shot)))
            return
        rest = [
            part
            for each in ranges
            for part in (
                FrameRange(each.start, max(each.start, min(each.stop, shot.start))),
                FrameRange(min(max(each.start, shot.stop), each.stop), each.stop),
            )
        ]
        if any(rest):
            self.set_ranges(joined_ranges(rest))
        else:
            # A reference that counts nowhere is one that is not used.
            self._references.enable(chosen.id, False)

    def set_ranges(self, ranges: tuple[FrameRange, ...]) -> None:
        """Let the chosen reference guide these frames; () for all."""
        chosen = self._references.chosen
        if chosen is not None:
            where = "everywhere" if not ranges else f"at {write_ranges(ranges)[:_LONGEST_TOLD]}"
            self._edit(chosen, replace(chosen.validity, ranges=ranges), f"{chosen.name} counts {where}")

    def set_strength(self, strength: float) -> None:
        """Let the colours of the chosen reference count so much, from 0 to 1."""
        chosen = self._references.chosen
        if chosen is not None:
            text = f"Strength {round(100 * strength)} % of {chosen.name}"
            self._edit(chosen, replace(chosen.validity, strength=strength), text, f"strength of {chosen.id}")

    def _edit(self, record: ReferenceRecord, validity: Validity, text: str, value: str = "") -> None:
        project = self.film.document.project
        self.film.document.edit(edits.with_validity(project, record.id, validity), text, value)
