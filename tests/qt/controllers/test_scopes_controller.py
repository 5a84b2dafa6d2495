"""Scopes measure what is shown, and only while somebody looks."""

from __future__ import annotations

from typing import Any

from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow

WAIT = 300_000


def test_the_picture_is_measured_once_scopes_are_seen(
    qtbot: Any, window: MainWindow, session: FilmSession
) -> None:
    with qtbot.waitExposed(window):
        window.show()
    view = window.widgets.scopes.views["histogram"]
    assert not view.has_pictures
    window.layout_.show("scopes")
    qtbot.waitUntil(lambda: view.has_pictures, timeout=WAIT)
