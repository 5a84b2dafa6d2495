"""Frames worth colouring, and going to them."""

from __future__ import annotations

from typing import Any

from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow

WAIT = 300_000


def test_the_frame_that_helps_most_comes_first(window: MainWindow, session: FilmSession, qtbot: Any) -> None:
    session.suggestions.search()
    qtbot.waitUntil(lambda: bool(session.suggestions.frames), timeout=WAIT)
    assert window.actions_["next_suggestion"].isEnabled()
    session.suggestions.go()
    assert session.film.view.playhead == session.suggestions.frames[0]
