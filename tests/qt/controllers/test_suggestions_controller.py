"""Frames worth colouring, and going to them."""

from __future__ import annotations

from typing import Any

import numpy as np

from remaster_gui.base.timebase import FrameRange
from remaster_gui.painting.raster import Raster
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow

WAIT = 300_000


def test_the_frame_that_helps_most_comes_first(window: MainWindow, session: FilmSession, qtbot: Any) -> None:
    session.suggestions.search()
    qtbot.waitUntil(lambda: bool(session.suggestions.frames), timeout=WAIT)
    assert window.actions_["next_suggestion"].isEnabled()
    session.suggestions.go()
    assert session.film.view.playhead == session.suggestions.frames[0]


def test_looks_are_told_as_soon_as_references_may_leave_frames_open(session: FilmSession, qtbot: Any) -> None:
    """Guesses stand in there, and those need the frames that stand for the film's looks."""
    suggestions, document = session.suggestions, session.film.document
    with qtbot.waitSignal(suggestions.looks_found, timeout=WAIT):
        suggestions.search()
    picture = np.full((64, 80, 3), (200, 80, 40), np.uint8)
    with qtbot.waitSignal(suggestions.changed, timeout=WAIT):
        id_ = document.add_reference("imported", None, Raster.of_picture(picture), "Tunic")
    session.film.view.selected_reference = id_
    with qtbot.waitSignal(suggestions.looks_found, timeout=WAIT) as told:
        session.validity.set_ranges((FrameRange(10, 24),))
    assert told.args[0]
