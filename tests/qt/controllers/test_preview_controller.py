"""What a preview would be asked for follows the project and the playhead."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from remaster_gui.base.timebase import FrameRange
from remaster_gui.painting.raster import Raster
from remaster_gui.project import edits
from remaster_gui.ui.controllers.preview_controller import GUESSED
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow
from remaster_gui.workers.preview_service import PreviewService

from .conftest import WAIT


def test_the_request_follows_the_project(qtbot: Any, session: FilmSession) -> None:
    preview, document = session.preview, session.film.document
    assert preview.guidance.shots == (FrameRange(0, 24), FrameRange(24, 48))
    with qtbot.waitSignal(preview.guidance_changed):
        document.edit(edits.with_cuts(document.project, [9]), "Add cut")
    assert preview.guidance.shots == (FrameRange(0, 9), FrameRange(9, 48))
    assert not preview.is_running and preview.result(0) is None


def test_without_references_guesses_guide_the_film_and_promoting_one_takes_the_others_along(
    qtbot: Any, window: MainWindow, session: FilmSession, own: Path, shipped: Path
) -> None:
    """One undo takes all back."""
    preview, document = session.preview, session.film.document
    window.network.allow(own)
    settings = replace(document.project.settings, weights=own, edge=64, restoration=False)
    document.edit(edits.with_settings(document.project, settings), "Settings")
    preview.start("around")
    qtbot.waitUntil(lambda: len(preview.guesses) > 0, timeout=WAIT)
    frames = {guess.frame for guess in preview.guesses}
    assert frames == set(session.suggestions.frames), "those that the timeline suggests"
    assert all(guess.is_guessed for guess in preview.guesses)
    session.film.view.origin = True
    parts = (("carried over", 0.0), ("guessed", 1.0))
    qtbot.waitUntil(lambda: session.widgets.origin.parts == parts, timeout=WAIT)
    qtbot.waitUntil(lambda: not preview.is_running and session.widgets.status.note == GUESSED, timeout=WAIT)
    lane = session.widgets.certainty
    assert (
        lane.tip_at(0.0, session.widgets.timeline.scale)
        == "guessed 100\N{NO-BREAK SPACE}%: a reference would help here"
    )
    session.film.view.origin = False
    session.attention.toggle()
    assert session.widgets.overlay.note.startswith("Guesses colour the film so far")
    session.attention.toggle()
    assert session.references.can_promote
    session.references.promote()
    kept = {0, *(frame for frame in frames if frame is not None and frame >= 24)}
    qtbot.waitUntil(lambda: {r.frame for r in document.project.references} == kept, timeout=WAIT)
    assert not preview.guesses and session.widgets.status.note != GUESSED
    assert all(r.kind == "promoted" and r.colored for r in document.project.references)
    preview.stop()
    document.stack.undo()
    assert not document.project.references


def test_a_preview_is_expected_once_there_is_a_reference(
    session: FilmSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, prepared = session.film.document, []
    monkeypatch.setattr(PreviewService, "prepare", lambda self: prepared.append(self))
    document.edit(edits.with_cuts(document.project, [9]), "Add cut")
    assert not prepared
    for frame in (3, 5):
        document.add_reference("painted", frame, Raster.of_frame(np.zeros((64, 80), np.uint8)))
    assert len(prepared) == 1
