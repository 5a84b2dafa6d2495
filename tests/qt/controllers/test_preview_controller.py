"""What a preview would be asked for follows the project and the playhead."""

from __future__ import annotations

from typing import Any

from remaster_gui.base.timebase import FrameRange
from remaster_gui.project import edits
from remaster_gui.ui.film_session import FilmSession


def test_the_request_follows_the_project(qtbot: Any, session: FilmSession) -> None:
    preview, document = session.preview, session.film.document
    assert preview.request.shots == (FrameRange(0, 24), FrameRange(24, 48))
    with qtbot.waitSignal(preview.request_changed):
        document.edit(edits.with_cuts(document.project, [9]), "Add cut")
    assert preview.request.shots == (FrameRange(0, 9), FrameRange(9, 48))
    assert not preview.is_running and preview.result(0) is None
