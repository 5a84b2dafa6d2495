"""Attention without references says what it lacks."""

from __future__ import annotations

from remaster_gui.ui.film_session import FilmSession


def test_without_references_there_is_nothing_to_show(session: FilmSession) -> None:
    session.attention.toggle()
    assert session.film.view.attention and not session.widgets.overlay.has_map
    assert session.widgets.overlay.note.startswith("No reference is painted")
    session.attention.go_uncertain()
    message = session.widgets.messages.current
    assert message is not None and "No reference is painted" in message.text
    assert session.attention.share("nobody", 0) is None
    session.attention.toggle()
    assert not session.film.view.attention
