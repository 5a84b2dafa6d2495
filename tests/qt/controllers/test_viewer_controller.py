"""What the viewer shows of remastered frames, and what it calls them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QSize

from remaster_gui.document.view_state import CompareMode
from remaster_gui.engine.finish import PLAIN
from remaster_gui.engine.frame_store import CURRENT, DRAFT, STALE
from remaster_gui.engine.preview_results import LuminanceKey, PreviewedFrame, ResultKey
from remaster_gui.engine.sizes import Size
from remaster_gui.ui.controllers.viewer_controller import result_name
from remaster_gui.ui.film_session import FilmSession

from .conftest import WAIT

FILM = QSize(432, 320)


@pytest.mark.parametrize(
    ("state", "size", "name"),
    [
        (CURRENT, FILM, "remastered"),
        (STALE, FILM, "remastered, stale"),
        (DRAFT, QSize(208, 160), "draft · 208×160"),
        (CURRENT, QSize(208, 160), "remastered · 208×160"),
    ],
)
def test_names_tell_state_and_a_smaller_size(state: int, size: QSize, name: str) -> None:
    assert result_name(state, size, FILM) == name


KEY = ResultKey(LuminanceKey(Size(16, 16), "w"), "w", (), True, PLAIN, 1.0)
SMALL, FULL = QSize(16, 16), QSize(80, 64)


def remaster(session: FilmSession, frame: int) -> None:
    """As if a frame had been remastered, anew each time."""
    pixels = np.full((16, 16, 3), 90, np.uint8)
    made = PreviewedFrame(frame, pixels, None, None, np.full((16, 16), 30000, np.uint16), PLAIN, 1.0)
    session.preview.stores.results.put(frame, KEY, made)
    session.preview.results_changed.emit((frame,))


def test_a_frame_in_sight_gets_full_size_luminance_and_stays_so(qtbot: Any, session: FilmSession) -> None:
    compare, view = session.widgets.compare, session.film.view
    view.compare = CompareMode.RESULT
    sizes = []
    session.viewer.shown_changed.connect(lambda: sizes.append(compare.shown.size()))
    remaster(session, 0)
    assert compare.shown.size() == SMALL, "something is seen at once"
    qtbot.waitUntil(lambda: compare.shown.size() == FULL, timeout=WAIT)
    del sizes[:]
    before = compare.shown.cacheKey()
    remaster(session, 0)
    qtbot.waitUntil(lambda: compare.shown.cacheKey() != before, timeout=WAIT)
    assert set(sizes) == {FULL}, "nothing soft is seen in between"
    view.go(1)
    qtbot.waitUntil(lambda: session.viewer.shown_frame == 1, timeout=WAIT)
    assert not compare.has_result
    view.go(0)
    qtbot.waitUntil(lambda: session.viewer.shown_frame == 0, timeout=WAIT)
    assert compare.shown.size() == FULL, "it was kept"


def test_full_size_is_for_every_way_to_see_a_result(qtbot: Any, session: FilmSession) -> None:
    """While only the source is seen nothing is composed."""
    compare, view = session.widgets.compare, session.film.view
    view.compare = CompareMode.SOURCE
    remaster(session, 0)
    assert compare.has_result and session.viewer.full_size.nbytes == 0
    view.compare = CompareMode.WIPE
    qtbot.waitUntil(lambda: compare.shown.size() == FULL, timeout=WAIT)
    for mode in CompareMode:
        view.compare = mode
        assert compare.shown.size() == FULL
