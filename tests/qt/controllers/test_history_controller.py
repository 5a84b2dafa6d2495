"""Undo and redo, and what is said of a project that cannot be saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from remaster_gui.project import edits
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow

from .conftest import WAIT


def test_steps_are_taken_back_and_done_again(session: FilmSession) -> None:
    document = session.film.document
    document.edit(edits.with_cuts(document.project, [9]), "Add cut")
    session.history.undo()
    assert document.project.cuts == (0, 24)
    session.history.redo()
    assert document.project.cuts == (0, 9)


def test_what_cannot_be_saved_has_a_way_out_until_it_is(
    qtbot: Any, window: MainWindow, session: FilmSession, tmp_path: Path
) -> None:
    bar = session.widgets.messages
    session.history.say_unsaved("The disk is full.")
    assert bar.current is not None and (bar.current.kind, bar.current.text) == ("fault", "The disk is full.")
    assert bar.current.button is not None and bar.current.button.text == "Save as…"
    session.film.document.saved.emit()
    assert bar.current is None
    session.film.document.save_copy(tmp_path / "elsewhere.remaster")
    qtbot.waitUntil(lambda: window.windowTitle().startswith("elsewhere"), timeout=WAIT)
