"""Shots in the editor: cuts come, move and go; settings are the film's or a shot's; each is one named step."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import Any

import pytest

from remaster_gui.base.choices import ShotSettings
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow
from remaster_gui.workers import shot_service
from remaster_gui.workers.shot_service import ShotService

WAIT = 300_000


def steps(session: FilmSession) -> list[str]:
    stack = session.film.document.stack
    return [stack.text(number) for number in range(stack.count())]


def test_cuts_are_added_moved_and_removed_as_steps(session: FilmSession) -> None:
    document, view, shots = session.film.document, session.film.view, session.shots
    assert not (shots.can_add_cut or shots.can_join or shots.can_move_cut or shots.is_own)
    view.go(10)
    shots.add_cut()
    assert document.project.cuts == (0, 10, 24)
    view.go(12)
    shots.move_cut()
    assert document.project.cuts == (0, 12, 24)
    view.go(20)
    shots.move_cut()
    assert document.project.cuts == (0, 12, 20), "the nearest one"
    session.widgets.timeline.cut_move_requested.emit(20, 30)
    assert document.project.cuts == (0, 12, 30)
    shots.join()
    assert document.project.cuts == (0, 30)
    assert steps(session) == [
        "Cut at frame 10",
        "Move the cut at frame 10 to 12",
        "Move the cut at frame 24 to 20",
        "Move the cut at frame 20 to 30",
        "Remove the cut at frame 12",
    ]
    document.stack.setIndex(0)
    assert document.project.cuts == (0, 24)


def test_a_shot_that_is_clicked_shows_its_settings(qtbot: Any, session: FilmSession) -> None:
    view, panel, lane = session.film.view, session.widgets.inspector, session.widgets.timeline.shots
    view.go(5)
    lane.shot_chosen.emit(24)
    assert view.by_shot and view.playhead == 24
    qtbot.waitUntil(
        lambda: panel.target.shot.text() == "Shot 2" and panel.target.shot.isChecked(), timeout=WAIT
    )
    view.go(30)
    lane.shot_chosen.emit(24)
    assert view.playhead == 30, "it is there already"
    view.go(3)
    qtbot.waitUntil(lambda: panel.target.shot.text() == "Shot 1", timeout=WAIT)
    panel.target.chosen.emit(False)
    assert not view.by_shot
    qtbot.waitUntil(lambda: panel.target.film.isChecked(), timeout=WAIT)


def test_settings_and_notes_of_a_shot_are_steps_that_say_where(session: FilmSession) -> None:
    document, panel = session.film.document, session.widgets.inspector
    session.film.view.go(30)
    panel.shot_settings_requested.emit(24, ShotSettings(saturation=0.6))
    panel.shot_settings_requested.emit(24, ShotSettings(saturation=0.5))
    panel.shot_settings_requested.emit(24, ShotSettings(saturation=0.5, colorization=False))
    panel.shot.notes_edited.emit(24, "Too dark")
    panel.shot.notes_edited.emit(24, "Too dark, scan anew")
    assert document.project.shot_record(24).notes == "Too dark, scan anew"
    assert (
        document.project.settings_of(24).saturation == 0.5 and document.project.settings_of(0).saturation == 1
    )
    assert session.shots.is_own
    session.shots.reset()
    assert document.project.own_settings == ()
    assert steps(session) == [
        "Saturation 50\N{NO-BREAK SPACE}% in shot 2",
        "Colour off in shot 2",
        "Notes of shot 2",
        "Shot 2 as the film",
    ]
    document.stack.undo()
    assert document.project.own_settings == ((24, ShotSettings(saturation=0.5, colorization=False)),)


def test_the_preview_goes_by_the_shots_own_settings(session: FilmSession) -> None:
    panel, preview = session.widgets.inspector, session.preview
    panel.shot_settings_requested.emit(24, ShotSettings(saturation=0.5))
    assert preview.guidance.own == ((24, ShotSettings(saturation=0.5)),)
    one, other = preview.guidance.shots
    assert (preview.guidance.settings_of(one).saturation, preview.guidance.settings_of(other).saturation) == (
        1.0,
        0.5,
    )
    session.film.document.stack.undo()
    assert preview.guidance.own == ()


@pytest.mark.parametrize("frame", [10, 40])
def test_cuts_found_late_do_not_undo_what_the_user_has_cut(
    qtbot: Any, window: MainWindow, film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, frame: int
) -> None:
    may_end, find = Event(), shot_service.find_shots

    def late(*given: Any) -> Any:
        assert may_end.wait(WAIT / 1000)
        return find(*given)

    monkeypatch.setattr(shot_service, "find_shots", late)
    own = tmp_path / "film.mkv"
    own.write_bytes(film.read_bytes())
    window.open_path(own)
    qtbot.waitUntil(lambda: window.session is not None, timeout=WAIT)
    session = window.session
    assert session is not None and session.film.document.project.cuts is None
    session.film.view.go(frame)
    session.shots.add_cut()
    assert session.film.document.project.cuts == (0, frame)
    with qtbot.waitSignal(session.findChild(ShotService).cuts_found, timeout=WAIT) as found:
        may_end.set()
    assert found.args == [(0, 24)]
    assert session.film.document.project.cuts == (0, frame)
