"""Steps, jumps, the segment, and what loops."""

from __future__ import annotations

from typing import Any

from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow


def test_steps_and_jumps(session: FilmSession) -> None:
    playback, view = session.playback, session.film.view
    playback.step(3)
    assert view.playhead == 3
    playback.jump_to_cut(1)
    assert view.playhead == 24
    playback.jump_to_cut(1)
    assert view.playhead == 24, "there is no cut beyond"
    playback.step_seconds(-1)
    assert view.playhead == 0
    playback.go_last()
    assert view.playhead == 47


def test_a_segment_is_marked_gone_to_and_taken_away(window: MainWindow, session: FilmSession) -> None:
    playback, view = session.playback, session.film.view
    assert not playback.has_segment and not window.actions_["go_in"].isEnabled()
    view.go(10)
    playback.mark_in()
    view.go(19)
    playback.mark_out()
    project = session.film.document.project
    assert (project.in_point, project.out_point) == (10, 20)
    assert playback.has_segment and window.actions_["go_in"].isEnabled()
    playback.go_in()
    assert view.playhead == 10
    playback.go_out()
    assert view.playhead == 19
    playback.clear_segment()
    assert not playback.has_segment and not window.actions_["go_in"].isEnabled()


def test_playing_goes_round_in_the_segment_while_it_loops(qtbot: Any, session: FilmSession) -> None:
    playback, view = session.playback, session.film.view
    view.go(4)
    playback.mark_out()
    view.is_looping = True
    seen: list[int] = []
    view.events.playhead.connect(seen.append)
    playback.toggle()
    assert playback.speed == 1
    qtbot.waitUntil(lambda: 0 in seen, timeout=300_000)
    playback.toggle()
    assert playback.speed == 0 and max(seen) <= 4


def test_a_film_without_sound_has_none_to_switch_on(window: MainWindow, session: FilmSession) -> None:
    assert not window.actions_["sound"].isEnabled()
    assert not session.film.view.is_sounding
    assert session.widgets is window.widgets
