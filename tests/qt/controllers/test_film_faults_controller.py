"""Faults of a film: each once, and no more than can be taken in."""

from __future__ import annotations

from remaster_gui.base.notices import Notice
from remaster_gui.ui.controllers.film_faults_controller import MOST, FilmFaultsController
from remaster_gui.ui.film_session import FilmSession


def test_a_fault_is_said_once_and_many_are_summed_up(session: FilmSession) -> None:
    (faults,) = session.findChildren(FilmFaultsController)
    bar = session.widgets.messages
    for number in range(MOST):
        faults.say(Notice("warning", f"Frame {number} is damaged."))
        assert bar.current is not None and bar.current.text == f"Frame {number} is damaged."
    bar.clear()
    faults.say(Notice("warning", "Frame 0 is damaged."))
    assert bar.current is None
    faults.say(Notice("warning", "Frame 7 is damaged."))
    assert bar.current is not None and "More is wrong with film.mkv" in bar.current.text
    bar.clear()
    faults.say(Notice("warning", "Frame 8 is damaged."))
    assert bar.current is None
