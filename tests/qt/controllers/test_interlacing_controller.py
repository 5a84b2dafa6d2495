"""An interlaced film: that is said, and what is seen, found and exported has its fields joined once that is wanted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from remaster_gui.media import open_film
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow
from tests.interlaced import write_interlaced

from .conftest import WAIT


def _is_shown(window: MainWindow, *, joined: bool) -> bool:
    session = window.session
    return session is not None and session.viewer.shown_frame == 0 and session.interlacing.is_on is joined


def _session(window: MainWindow) -> FilmSession:
    assert window.session is not None
    return window.session


def test_fields_are_joined_once_that_is_wanted_and_from_then_on(
    qtbot: Any, window: MainWindow, tmp_path: Path
) -> None:
    film = tmp_path / "film.mkv"
    write_interlaced(film, top_first=True)
    with open_film(film, deinterlace=True) as opened:
        joined = opened.read(0).pixels
    window.open_path(film)
    qtbot.waitUntil(lambda: _is_shown(window, joined=False), timeout=WAIT)
    as_they_lie = _session(window).film.decoder.pixels(0)
    assert as_they_lie is not None and not np.array_equal(as_they_lie, joined)
    message = window.widgets.messages.current
    assert message is not None and "two moments" in message.text and message.button is not None
    message.button.press()
    qtbot.waitUntil(lambda: _is_shown(window, joined=True), timeout=WAIT)
    shown = _session(window).film.decoder.pixels(0)
    np.testing.assert_array_equal(shown, joined)
    assert window.actions_["join_fields"].isChecked()
    assert window.widgets.messages.current is None
    project = _session(window).film.document.path
    assert window.opening.close()
    for path in (project, film):
        # By its own name too: the project beside the film says how it is read.
        window.open_path(path)
        qtbot.waitUntil(lambda: _is_shown(window, joined=True), timeout=WAIT)
    window.actions_["join_fields"].trigger()
    qtbot.waitUntil(lambda: _is_shown(window, joined=False), timeout=WAIT)


def test_a_progressive_film_says_nothing_of_fields(window: MainWindow, session: FilmSession) -> None:
    assert window.widgets.messages.current is None
    assert session.interlacing.can_join and not session.interlacing.is_on
