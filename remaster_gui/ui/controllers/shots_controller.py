"""Shots: adding, moving and removing cuts, and what a shot has otherwise than the film."""

from __future__ import annotations

from PySide6.QtCore import QObject

from remaster_gui.base.choices import ShotSettings
from remaster_gui.base.language import tr
from remaster_gui.base.timebase import FrameRange
from remaster_gui.project import edits
from remaster_gui.project.schema import Project
from remaster_gui.ui import edit_names
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.timeline.shot_lane import LaneShot


class ShotsController(Controller):
    """Shows the shots on the timeline and carries out what is wished of the one at the playhead."""

    def __init__(self, session: QObject, film: OpenFilm, widgets: EditorWidgets) -> None:
        super().__init__(session, film, widgets)
        timeline, panel = widgets.timeline, widgets.inspector
        timeline.cut_move_requested.connect(self._on_cut_move_requested)
        timeline.shots.shot_chosen.connect(self._on_shot_chosen)
        panel.target.chosen.connect(self._on_target_chosen)
        panel.shot_settings_requested.connect(self._on_settings_requested)
        panel.shot.notes_edited.connect(self._on_notes_edited)
        panel.shot.reset_requested.connect(self._on_reset_requested)
        panel.shot.reference_chosen.connect(self._on_reference_chosen)
        film.view.events.playhead.connect(self._mark)
        film.view.events.by_shot.connect(self._mark)
        film.document.project_changed.connect(self._on_project_changed)
        film.document.read_only_changed.connect(self._show_lane)
        self._show_lane()
        self._mark()

    @property
    def is_known(self) -> bool:
        """Whether cuts are known, so that there are shots."""
        return self._project.cuts is not None

    @property
    def here(self) -> FrameRange:
        """The shot at the playhead."""
        return self._project.shot_at(self.film.view.playhead)

    @property
    def can_add_cut(self) -> bool:
        """Whether a shot could begin at the playhead that does not begin there yet."""
        return self.is_known and self.here.start != self.film.view.playhead

    @property
    def can_join(self) -> bool:
        """Whether there is a shot before the one at the playhead."""
        return self.is_known and self.here.start > 0

    @property
    def can_move_cut(self) -> bool:
        """Whether a cut could come to the playhead from elsewhere."""
        return self.can_add_cut and len(self._project.cuts or ()) > 1

    @property
    def is_own(self) -> bool:
        """Whether the shot at the playhead has settings of its own."""
        return bool(self._project.shot_record(self.here.start).settings.own)

    def add_cut(self) -> None:
        """Let a new shot begin at the playhead."""
        frame = self.film.view.playhead
        self._edit(edits.with_cut(self._project, frame), tr("Cut at frame {frame}", frame=frame))

    def join(self) -> None:
        """Join the shot at the playhead to the one before."""
        cut = self.here.start
        self._edit(edits.without_cut(self._project, cut), tr("Remove the cut at frame {cut}", cut=cut))

    def move_cut(self) -> None:
        """Bring the nearest cut to the playhead."""
        frame, shot = self.film.view.playhead, self.here
        ends = [cut for cut in (shot.start, shot.stop) if 0 < cut < self._project.film.frame_count]
        if ends:
            self._on_cut_move_requested(min(ends, key=lambda cut: abs(cut - frame)), frame)

    def toggle_by_shot(self) -> None:
        """Show the settings of the shot at the playhead, or those of the film."""
        self.film.view.by_shot = not self.film.view.by_shot
        if self.film.view.by_shot:
            self.widgets.panel_requested.emit("inspector")

    def reset(self) -> None:
        """Let the shot at the playhead be as the film."""
        self._on_reset_requested(self.here.start)

    @property
    def _project(self) -> Project:
        return self.film.document.project

    def _edit(self, after: Project, text: str, value: str = "", *, waits: bool = False) -> None:
        self.film.document.edit(after, text, value, waits=waits)

    def _on_cut_move_requested(self, cut: int, frame: int) -> None:
        after = edits.with_cut_moved(self._project, cut, frame)
        self._edit(after, tr("Move the cut at frame {cut} to {frame}", cut=cut, frame=frame))

    def _on_shot_chosen(self, first: int) -> None:
        if first != self.here.start:
            self.film.view.go(first)
        self._on_target_chosen(True)

    def _on_target_chosen(self, by_shot: bool) -> None:
        if by_shot and not self.film.view.by_shot:
            self.widgets.panel_requested.emit("inspector")
        self.film.view.by_shot = by_shot

    def _on_settings_requested(self, first: int, settings: ShotSettings) -> None:
        project = self._project
        before = project.shot_record(first).settings
        text = edit_names.of_shot(before, settings, project.shot_number(first) + 1)
        dragged = f"shot {first} {sorted(edit_names.changed(before, settings))}"
        self._edit(edits.with_shot_settings(project, first, settings), text, dragged)

    def _on_notes_edited(self, first: int, notes: str) -> None:
        project = self._project
        text = tr("Notes of shot {shot_number}", shot_number=project.shot_number(first) + 1)
        self._edit(edits.with_shot_notes(project, first, notes), text, f"notes {first}", waits=True)

    def _on_reset_requested(self, first: int) -> None:
        project = self._project
        text = tr("Shot {shot_number} as the film", shot_number=project.shot_number(first) + 1)
        self._edit(edits.with_shot_settings(project, first, ShotSettings()), text)

    def _on_reference_chosen(self, id_: str) -> None:
        record = self._project.reference(id_)
        if record is not None:
            self.film.view.selected_reference = id_
            if record.frame is not None:
                self.film.view.go(record.frame)

    def _on_project_changed(self, before: Project, after: Project) -> None:
        if (before.cuts, before.shot_records) != (after.cuts, after.shot_records):
            self._show_lane()
            self._mark()

    def _show_lane(self) -> None:
        project, timeline = self._project, self.widgets.timeline
        said = {record.first: record for record in project.shot_records}
        shots = []
        for span in project.shots if self.is_known else ():
            record = said.get(span.start)
            shots.append(
                LaneShot(span) if record is None else LaneShot(span, bool(record.settings.own), record.notes)
            )
        timeline.shots.set_shots(shots)
        timeline.moves_cuts = not self.film.document.read_only_reason

    def _mark(self) -> None:
        is_chosen = self.film.view.by_shot and self.is_known
        self.widgets.timeline.shots.set_chosen(self.here.start if is_chosen else None)
