"""The timeline: cuts that are found, flags of references, zoom, and what the playhead snaps to."""

from __future__ import annotations

from typing import Any

from remaster_gui.project import edits
from remaster_gui.ui.controllers.timeline_controller import snap_targets
from remaster_gui.ui.film_session import FilmSession

WAIT = 300_000


def test_cuts_that_were_found_are_no_step_to_undo(session: FilmSession) -> None:
    document = session.film.document
    assert document.project.cuts == (0, 24) and document.stack.count() == 0
    assert "Looking for cuts" not in session.widgets.status.note


def test_it_snaps_to_cuts_marks_and_references(qtbot: Any, session: FilmSession) -> None:
    session.film.view.go(10)
    session.references.mark()
    qtbot.waitUntil(lambda: bool(session.film.document.project.references), timeout=WAIT)
    project = edits.with_segment(session.film.document.project, 5, 40)
    assert snap_targets(project) == [0, 5, 10, 24, 40]


def test_zooming_in_and_out_ends_where_it_began(session: FilmSession) -> None:
    timeline = session.widgets.timeline
    session.timeline.fit()
    fitted = timeline.scale.frame_width
    session.timeline.zoom_in()
    assert timeline.scale.frame_width > fitted
    session.timeline.fit()
    assert timeline.scale.frame_width == fitted
