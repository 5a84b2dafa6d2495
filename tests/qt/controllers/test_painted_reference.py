"""What is painted on: the reference of the frame shown, and why nothing can be painted where there is none."""

from __future__ import annotations

from typing import Any

from remaster_gui.ui.film_session import FilmSession

WAIT = 300_000


def test_a_frame_has_to_be_marked_first(qtbot: Any, session: FilmSession) -> None:
    painted, bar = session.painted, session.widgets.messages
    session.painting.choose("brush")
    assert painted.record is None and "press R" in painted.blocked_reason
    painted.refuse(painted.blocked_reason)
    assert bar.current is not None and bar.current.button is not None
    assert bar.current.button.text == "Mark this frame"
    bar.current.button.press()
    qtbot.waitUntil(lambda: not painted.blocked_reason, timeout=WAIT)
    assert painted.record == session.film.document.project.references[0]
    assert painted.raster is session.film.document.raster(painted.record.id)


def test_a_refusal_goes_with_its_reason(qtbot: Any, session: FilmSession) -> None:
    painted, bar = session.painted, session.widgets.messages
    session.painting.choose("brush")
    session.references.mark()
    qtbot.waitUntil(lambda: not painted.blocked_reason, timeout=WAIT)
    session.film.view.go(5)
    qtbot.waitUntil(lambda: "press R" in painted.blocked_reason, timeout=WAIT)
    painted.refuse(painted.blocked_reason)
    assert bar.current is not None
    assert "press R" in bar.current.text
    session.film.view.go(0)
    qtbot.waitUntil(lambda: not painted.blocked_reason, timeout=WAIT)
    assert bar.current is None or "press R" not in bar.current.text
