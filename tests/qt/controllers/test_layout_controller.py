"""Panels: brought to the front, closed, put back; and the whole screen."""

from __future__ import annotations

from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow


def test_panels_are_there_with_a_film_and_are_remembered(window: MainWindow, session: FilmSession) -> None:
    layout = window.layout_
    assert layout.is_in and layout.is_shown("paint") and not layout.is_shown("scopes")
    layout.toggle("paint")
    layout.toggle("scopes")
    assert layout.is_shown("scopes") and not layout.is_shown("paint")
    layout.leave()
    assert not any(layout.is_shown(id_) for id_ in layout.docks)
    layout.enter()
    assert layout.is_shown("scopes") and not layout.is_shown("paint")
    layout.reset()
    assert layout.is_shown("paint") and not layout.is_shown("scopes")


def test_the_whole_screen_is_taken_and_given_back(window: MainWindow) -> None:
    window.layout_.toggle_full_screen()
    assert window.layout_.is_full_screen
    window.layout_.toggle_full_screen()
    assert not window.layout_.is_full_screen
