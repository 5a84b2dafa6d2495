"""Opening: one thing at a time, the newest wish wins, and what is open stays until the other can be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QTimer

from remaster_gui.document.kept_view import unpack_view
from remaster_gui.ui.controllers.controller import OpenFilm
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow

from .conftest import WAIT


def _copy(film: Path, path: Path) -> Path:
    path.write_bytes(film.read_bytes())
    return path


def test_the_newest_wish_wins(qtbot: Any, window: MainWindow, film: Path, tmp_path: Path) -> None:
    opened: list[OpenFilm] = []
    window.opening.opened.connect(opened.append)
    first, second = _copy(film, tmp_path / "first.mkv"), _copy(film, tmp_path / "second.mkv")
    window.open_path(first)
    window.open_path(second)
    qtbot.waitUntil(lambda: bool(opened), timeout=WAIT)
    assert [each.info.path for each in opened] == [second]
    assert not first.with_suffix(".remaster").exists()


def test_what_is_looked_at_is_kept_before_the_film_is_closed(
    qtbot: Any, window: MainWindow, session: FilmSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[bytes] = []
    monkeypatch.setattr(session.film.document, "keep_view", kept.append)
    (timer,) = window.opening.findChildren(QTimer)
    timer.setInterval(0)
    session.film.view.go(7)
    session.film.view.attention = True
    qtbot.waitUntil(lambda: bool(kept), timeout=WAIT)
    again = unpack_view(kept[-1], 48, ())
    assert (again.playhead, again.attention) == (7, True)


def test_what_cannot_be_read_leaves_what_is_open(
    qtbot: Any, window: MainWindow, session: FilmSession, tmp_path: Path
) -> None:
    bar = session.widgets.messages
    for name in ("notes.mp4", "notes.remaster"):
        path = tmp_path / name
        path.write_text("neither film nor project")
        window.open_path(path)
        assert session.widgets.status.note == f"Opening {name} …"
        qtbot.waitUntil(lambda name=name: bar.current is not None and name in bar.current.text, timeout=WAIT)
        assert window.session is session and session.widgets.status.note == ""


def test_the_same_again_is_opened_anew_with_what_was_done(
    qtbot: Any, window: MainWindow, session: FilmSession
) -> None:
    path = session.film.document.path
    session.references.mark()
    qtbot.waitUntil(lambda: bool(session.film.document.project.references), timeout=WAIT)
    project = session.film.document.project
    window.open_path(path)
    assert window.session is None, "it is saved and closed first"
    qtbot.waitUntil(lambda: window.session is not None, timeout=WAIT)
    assert window.session is not None and window.session.film.document.project == project
    assert window.session.film.document.path == path
