"""A view that is turned or mirrored: what is seen where, and that all that is done to it lands where it should."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from remaster_gui.document.view_state import CompareMode, ViewState
from remaster_gui.ui.viewer.canvas import Canvas
from remaster_gui.ui.viewer.compare import Compare
from remaster_gui.ui.viewer.layers import draw_over
from remaster_gui.ui.viewer.viewport import Viewport

LEFT = Qt.MouseButton.LeftButton
ANGLES = (0.0, 15.0, 90.0, 200.0, 345.0)


def quarters() -> QImage:
    """Red, green / blue, white."""
    picture = QImage(40, 20, QImage.Format.Format_RGB32)
    for x, y in itertools.product(range(40), range(20)):
        picture.setPixelColor(x, y, (("#ff0000", "#00ff00"), ("#0000ff", "#ffffff"))[y >= 10][x >= 20])
    return picture


@pytest.fixture
def canvas(qtbot: Any) -> Canvas:
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.look_at(ViewState())
    canvas.resize(420, 420)
    canvas.set_picture_size(QSize(40, 20))
    canvas.set_picture(quarters())
    with qtbot.waitExposed(canvas):
        canvas.show()
    return canvas


def seen(canvas: Canvas, x: float, y: float) -> str:
    return canvas.grab().toImage().pixelColor(canvas.to_widget(QPointF(x, y)).toPoint()).name()


def corner(canvas: Canvas, across: int, down: int) -> str:
    """The colour a little off the middle of the canvas."""
    return canvas.grab().toImage().pixelColor(210 + 30 * across, 210 + 30 * down).name()


def test_it_is_turned_clockwise_and_mirrored_as_it_is_seen(canvas: Canvas) -> None:
    state = canvas.view.state
    assert (corner(canvas, -1, -1), corner(canvas, 1, 1)) == ("#ff0000", "#ffffff")
    state.turn(90)
    assert [corner(canvas, *at) for at in ((-1, -1), (1, -1), (-1, 1))] == ["#0000ff", "#ff0000", "#ffffff"]
    state.mirror()
    assert [corner(canvas, *at) for at in ((-1, -1), (1, -1), (-1, 1))] == ["#ff0000", "#0000ff", "#00ff00"]
    state.stand_upright()
    assert (state.rotation, state.is_mirrored) == (0, False) and corner(canvas, -1, -1) == "#ff0000"
    state.turn(-15)
    assert state.rotation == 345


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("angle", ANGLES)
def test_all_of_it_is_seen_and_every_place_is_found_again(
    canvas: Canvas, angle: float, mirrored: bool
) -> None:
    state = canvas.view.state
    state.rotation, state.is_mirrored = angle, mirrored
    whole = canvas.transform(0).mapRect(canvas.view.picture_rect())
    assert QRectF(9.9, 9.9, 400.2, 400.2).contains(whole)
    assert max(whole.width(), whole.height()) == pytest.approx(400), "as large as can be"
    for x, y, color in ((5, 5, "#ff0000"), (35, 5, "#00ff00"), (5, 15, "#0000ff"), (35, 15, "#ffffff")):
        assert seen(canvas, x, y) == color
        back = canvas.to_picture(canvas.to_widget(QPointF(x, y)))
        assert (back.x(), back.y()) == (pytest.approx(x), pytest.approx(y))


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("angle", ANGLES)
@pytest.mark.parametrize("aspect", [1.0, 1.4])
def test_panning_follows_the_pointer_and_zooming_holds_its_place(
    angle: float, mirrored: bool, aspect: float
) -> None:
    viewport = Viewport()
    viewport.picture, viewport.pixel_aspect = QSizeF(400, 300), aspect
    viewport.state.rotation, viewport.state.is_mirrored = angle, mirrored
    viewport.resize(QSizeF(500, 500), 10)
    at, by = QPointF(200, 260), QPointF(13, -8)
    held = viewport.transform().inverted()[0].map(at)
    viewport.zoom_to(3.0, at)
    there = viewport.transform().map(held)
    assert (there.x(), there.y()) == (pytest.approx(at.x()), pytest.approx(at.y()))
    viewport.pan(by)
    moved = viewport.transform().map(held) - there
    assert (moved.x(), moved.y()) == (pytest.approx(by.x()), pytest.approx(by.y()))


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("angle", ANGLES)
def test_the_wipe_lies_in_the_picture_and_is_dragged_there(
    canvas: Canvas, angle: float, mirrored: bool
) -> None:
    compare, view = Compare(canvas), canvas.view.state
    compare.look_at(view)
    compare.set_labelled(False)
    source, result = quarters(), quarters()
    source.fill("#202020")
    result.fill("#c0c0c0")
    view.rotation, view.is_mirrored, view.compare = angle, mirrored, CompareMode.WIPE
    compare.set_pictures(source, result)
    assert (seen(canvas, 17, 10), seen(canvas, 23, 10)) == ("#202020", "#c0c0c0")
    there = canvas.to_widget(QPointF(30, 4)).toPoint()
    QTest.mousePress(canvas, LEFT, pos=canvas.to_widget(QPointF(20, 6)).toPoint())
    QTest.mouseMove(canvas, there)
    QTest.mouseRelease(canvas, LEFT, pos=there)
    assert view.wipe == pytest.approx(0.75, abs=0.02)
    assert (seen(canvas, 27, 10), seen(canvas, 33, 10)) == ("#202020", "#c0c0c0")
    line = compare.wipe_line()
    for end, y in ((line.p1(), 0), (line.p2(), 20)):
        place = canvas.to_picture(end)
        assert (place.x(), place.y()) == (pytest.approx(40 * view.wipe, abs=0.1), pytest.approx(y, abs=0.1))


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("angle", ANGLES)
def test_maps_lie_on_what_they_are_of(canvas: Canvas, angle: float, mirrored: bool) -> None:
    class Map:
        def paint_marks(self, painter: Any, canvas: Canvas, pane: int) -> None:
            draw_over(painter, canvas, pane, quarters().scaled(8, 4))

    blank = quarters()
    blank.fill("#808080")
    canvas.set_picture(blank)
    canvas.view.state.rotation, canvas.view.state.is_mirrored = angle, mirrored
    canvas.add_overlay(Map())
    assert [seen(canvas, *at) for at in ((4, 4), (36, 4), (4, 16), (36, 16))] == [
        "#ff0000",
        "#00ff00",
        "#0000ff",
        "#ffffff",
    ]


def test_a_patch_is_drawn_where_it_belongs(canvas: Canvas) -> None:
    canvas.view.state.rotation, canvas.view.state.is_mirrored = 30.0, True
    patch = QImage(4, 4, QImage.Format.Format_RGB32)
    patch.fill("#000000")
    canvas.patch_picture(patch, 30, 2)
    assert (seen(canvas, 32, 4), seen(canvas, 8, 4)) == ("#000000", "#ff0000")


def test_the_middle_button_pans_along(canvas: Canvas) -> None:
    canvas.zoom_to(30.0)
    canvas.view.state.rotation, canvas.view.state.is_mirrored = 130.0, True
    before = canvas.to_picture(QPointF(200, 200))
    middle = Qt.MouseButton.MiddleButton
    QTest.mousePress(canvas, middle, pos=QPoint(200, 200))
    QTest.mouseMove(canvas, QPoint(230, 190))
    QTest.mouseRelease(canvas, middle, pos=QPoint(230, 190))
    after = canvas.to_picture(QPointF(230, 190))
    np.testing.assert_allclose([after.x(), after.y()], [before.x(), before.y()], atol=1e-6)
