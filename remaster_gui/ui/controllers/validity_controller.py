"""Where the chosen references count, and how much: everywhere, in shots, at frames; with a strength."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject

from remaster_gui.base.language import tr
from remaster_gui.base.timebase import FrameRange
from remaster_gui.base.validity import joined_ranges
from remaster_gui.project import edits
from remaster_gui.project.schema import Project, ReferenceRecord
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.controllers.references_controller import ReferenceChange, ReferencesController
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.panels.range_text import write_ranges

_LONGEST_TOLD = 60


class ValidityController(Controller):
    """Carries out what is wished of the range and strength of what is chosen."""

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
        shot, counts = self.shot, self.counts_here
        text = tr(
            "Range of {{}}: {what} {value}",
            what=tr("without") if counts else tr("also"),
            value=write_ranges((shot,)),
        )
        self._references.change(self._without(shot) if counts else self._with(shot), text)

    def set_ranges(self, ranges: tuple[FrameRange, ...]) -> None:
        """Let the chosen references guide these frames; () for all."""
        where = tr("everywhere") if not ranges else write_ranges(ranges)[:_LONGEST_TOLD]
        self._references.change(
            lambda project, record: _at(project, record, ranges), tr("Range of {{}}: {where}", where=where)
        )

    def set_strength(self, strength: float) -> None:
        """Let the colours of the chosen references count so much, from 0 to 1."""

        def change(project: Project, record: ReferenceRecord) -> Project:
            return edits.with_validity(project, record.id, replace(record.validity, strength=strength))

        self._references.change(
            change, tr("Strength {strength:.0%} of {{}}", strength=strength), "strength of"
        )

    def _with(self, shot: FrameRange) -> ReferenceChange:
        def change(project: Project, record: ReferenceRecord) -> Project:
            ranges = record.validity.ranges
            return _at(project, record, joined_ranges((*ranges, shot)) if ranges else ())

        return change

    def _without(self, shot: FrameRange) -> ReferenceChange:
        everything = FrameRange(0, self.film.info.frame_count)

        def change(project: Project, record: ReferenceRecord) -> Project:
            rest = joined_ranges(
                part
                for each in record.validity.ranges or (everything,)
                for part in (
                    FrameRange(each.start, max(each.start, min(each.stop, shot.start))),
                    FrameRange(min(max(each.start, shot.stop), each.stop), each.stop),
                )
            )
            if rest:
                return _at(project, record, rest)
            # A reference that counts nowhere is one that is not used.
            return edits.enabled(project, record.id, False)

        return change


def _at(project: Project, record: ReferenceRecord, ranges: tuple[FrameRange, ...]) -> Project:
    return edits.with_validity(project, record.id, replace(record.validity, ranges=ranges))
