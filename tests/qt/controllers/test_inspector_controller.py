"""The inspector shows what the project and the playhead are, and what is changed in it becomes an edit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from remaster_gui.ui.film_session import FilmSession

WAIT = 300_000


def test_the_playhead_and_its_shot_are_told(qtbot: Any, session: FilmSession) -> None:
    inspector = session.widgets.inspector
    assert ("File", "film.mkv") in inspector.film.facts()
    session.film.view.go(30)
    qtbot.waitUntil(lambda: ("Frame", "30") in inspector.frame.facts(), timeout=WAIT)
    assert any("2 of 2" in value for _, value in inspector.frame.facts())


def test_settings_changed_in_it_are_one_step(session: FilmSession) -> None:
    document = session.film.document
    before = document.project.settings
    session.widgets.inspector.settings_requested.emit(replace(before, colorization=not before.colorization))
    assert document.project.settings.colorization is not before.colorization
    assert document.stack.undoText() == "Colour off"
    document.stack.undo()
    assert document.project.settings == before
