"""What restoration takes away: its overlay, and what clicks and strokes decide about single spots."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from remaster_gui.base.color import luma_to_lightness
from remaster_gui.base.spot_marks import SpotMark
from remaster_gui.engine.dirt_map import covers, dirt_map, mark_of, marked
from remaster_gui.engine.finish import Finish
from remaster_gui.engine.frame_store import CURRENT
from remaster_gui.engine.preview_results import PreviewedFrame, to_stored
from remaster_gui.engine.sizes import Size
from remaster_gui.ui.controllers.dirt_controller import NOT_RESTORED
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow
from remaster_gui.ui.viewer.dirt_overlay import (
    BRIGHT,
    BY_HAND,
    DARK,
    NOT_KNOWN,
    REJECTED,
    SeenDirt,
    dirt_pixels,
)

from .conftest import WAIT

LEFT, NONE, ALT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.AltModifier
SPOT = (slice(20, 26), slice(30, 37))


def previewed(luma: np.ndarray) -> PreviewedFrame:
    """Return a frame of which restoration has taken a dark spot away."""
    restored = luma_to_lightness(luma)
    restored[SPOT] = (restored[SPOT] + 0.25).clip(0, 1)
    rgb = np.zeros((*restored.shape, 3), np.uint8)
    return PreviewedFrame(0, rgb, None, None, to_stored(restored), Finish(), 1.0)


def test_a_spot_is_found_and_marked_at_the_size_of_the_film() -> None:
    luma = np.full((160, 200), 120, np.uint8)
    luma[40:52, 60:74] = 60
    small = np.full((80, 100), float(luma_to_lightness(np.array([120], np.uint8))[0]), np.float32)
    frame = PreviewedFrame(4, np.zeros((80, 100, 3), np.uint8), None, None, to_stored(small), Finish(), 1.0)
    found = dirt_map(frame, luma, 1.0)
    assert found is not None and found.count == 1 and found.dark[22, 33] and not found.bright.any()
    mark = found.spot_at(66, 46, "reject")
    assert mark is not None and mark.kind == "reject" and covers(mark, 61, 41) and covers(mark, 72, 50)
    assert not covers(mark, 30, 46) and found.spot_at(150, 120, "reject") is None
    assert marked(mark, found.film, Size(100, 80))[22, 33]
    assert (
        dirt_map(PreviewedFrame(4, frame.rgb, None, None, frame.restored, Finish(0.0), 1.0), luma, 1.0)
        is None
    )
    long_ = mark_of("repair", 0, 0, 4000, 20, np.ones((20, 4000), bool))
    assert (long_.width, long_.height) == (4000, 20) and len(long_.shape) < 1000


def test_every_kind_of_dirt_has_a_look_of_its_own() -> None:
    masks = np.zeros((4, 8, 8), bool)
    for number in range(4):
        masks[number, 2:7, 2:7] = True
    masks[0, :, 4:] = masks[1, :, :5] = False
    pixels = dirt_pixels(SeenDirt(masks[0], masks[1], np.zeros((8, 8), bool), np.zeros((8, 8), bool), 2))
    assert tuple(pixels[4, 3, :3]) == DARK.getRgb()[:3] and tuple(pixels[4, 5, :3]) == BRIGHT.getRgb()[:3]
    rejected = dirt_pixels(SeenDirt(masks[0], masks[1], masks[2], np.zeros((8, 8), bool), 2))
    assert tuple(rejected[2, 2, :3]) == REJECTED.getRgb()[:3] and rejected[4, 4, 3] == 0
    by_hand = dirt_pixels(SeenDirt(*(np.zeros((8, 8), bool),) * 3, masks[3], 0))
    assert tuple(by_hand[2, 4, :3]) == BY_HAND.getRgb()[:3] and by_hand[0, 0, 3] == 0


@pytest.fixture
def looked_at(
    qtbot: Any, monkeypatch: pytest.MonkeyPatch, window: MainWindow, session: FilmSession
) -> FilmSession:
    """A film whose first frame is previewed, in a window, with the dirt tool in hand."""
    window.resize(1000, 700)
    window.show()
    qtbot.waitUntil(lambda: session.film.decoder.pixels(0) is not None, timeout=WAIT)
    luma = session.film.decoder.pixels(0)
    assert luma is not None
    made = previewed(luma)
    monkeypatch.setattr(session.preview, "result", lambda frame: (made, CURRENT) if frame == 0 else None)
    assert session.widgets.dirt.legend[0][0] == NOT_KNOWN
    session.dirt.choose()
    qtbot.waitUntil(lambda: len(session.widgets.dirt.legend) > 1, timeout=WAIT)
    return session


def click(session: FilmSession, *places: tuple[float, float], keys: Qt.KeyboardModifier = NONE) -> None:
    """Click a place of the picture, or drag over several."""
    canvas = session.widgets.canvas
    points = [canvas.to_widget(QPointF(*place)).toPoint() for place in places]
    QTest.mousePress(canvas, LEFT, keys, points[0])
    for point in points[1:]:
        QTest.mouseMove(canvas, point)
    QTest.mouseRelease(canvas, LEFT, keys, points[-1])


def marks(session: FilmSession) -> tuple[SpotMark, ...]:
    return session.film.document.project.marks_at(0)


def test_clicks_and_strokes_decide_and_are_undone(looked_at: FilmSession) -> None:
    session, overlay = looked_at, looked_at.widgets.dirt
    assert session.film.view.dirt and overlay.legend[0][0] == "1 spot"
    click(session, (33.5, 23.5))
    (mark,) = marks(session)
    assert mark.kind == "reject" and covers(mark, 33, 23)
    assert session.preview.guidance.marks == ((0, (mark,)),)
    assert overlay.legend[-1][0] == "1 rejected"
    click(session, (33.5, 23.5))
    assert marks(session) == () and len(overlay.legend) == 3
    session.film.document.stack.undo()
    assert marks(session) == (mark,)
    session.widgets.tool_settings.change_brush(size=6)
    click(session, (60.0, 50.0))
    assert [each.kind for each in marks(session)] == ["reject", "repair"], "forced where nothing was found"
    click(session, (10.0, 50.0), (20.0, 50.0), (30.0, 52.0))
    stroke = marks(session)[-1]
    assert stroke.kind == "repair" and covers(stroke, 15, 50) and covers(stroke, 28, 51.5)
    assert not covers(stroke, 15, 56)
    click(session, (20.0, 10.0), (30.0, 10.0), keys=ALT)
    assert marks(session)[-1].kind == "reject"
    assert session.film.document.stack.undoText() == "Reject a repair"
    assert session.dirt.has_marks
    session.dirt.forget_marks()
    assert not session.dirt.has_marks
    session.dirt.toggle()
    session.dirt.choose()
    assert session.film.view.tool == "navigate" and not session.film.view.dirt


def test_a_smaller_preview_says_that_it_sees_fewer_spots(looked_at: FilmSession) -> None:
    overlay, nothing = looked_at.widgets.dirt, np.zeros((8, 8), bool)
    overlay.show_dirt(SeenDirt(*(nothing,) * 4, 2, found_at="224×160"))
    assert overlay.legend[0][0] == "2 spots at the preview’s 224×160"


def test_nothing_is_decided_where_nothing_is_restored(looked_at: FilmSession) -> None:
    session, document = looked_at, looked_at.film.document
    project = document.project
    document.edit(replace(project, settings=replace(project.settings, restoration=False)), "Restoration off")
    click(session, (33.5, 23.5))
    assert marks(session) == ()
    message = session.widgets.messages.current
    assert message is not None and message.text == NOT_RESTORED
