from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest

from remaster_gui.document.view_state import CompareMode, ViewState
from remaster_gui.ui.viewer.canvas import Canvas
from remaster_gui.ui.viewer.compare import Compare, difference

GREY, RED = QColor(100, 100, 100), QColor(200, 40, 40)


def plain(color: QColor, width: int = 200, height: int = 100) -> QImage:
    picture = QImage(width, height, QImage.Format.Format_RGB32)
    picture.fill(color)
    return picture


@pytest.fixture
def compare(qtbot: Any) -> Compare:
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(420, 320)
    compare = Compare(canvas)
    compare.set_pictures(plain(GREY), plain(RED, 100, 50))
    canvas.show()
    compare.canvas = canvas  # type: ignore[attr-defined]
    return compare


def colors(compare: Compare) -> tuple[QColor, QColor]:
    grabbed = compare.canvas.grab().toImage()  # type: ignore[attr-defined]
    return grabbed.pixelColor(60, 180), grabbed.pixelColor(360, 180)


@pytest.mark.parametrize(
    ("mode", "seen"),
    [
        (CompareMode.SOURCE, (GREY, GREY)),
        (CompareMode.RESULT, (RED, RED)),
        (CompareMode.WIPE, (GREY, RED)),
        (CompareMode.SIDE, (GREY, RED)),
    ],
)
def test_who_is_seen_where(compare: Compare, mode: CompareMode, seen: tuple[QColor, QColor]) -> None:
    compare.view.compare = mode
    if mode is CompareMode.SIDE:
        grabbed = compare.canvas.grab().toImage()  # type: ignore[attr-defined]
        assert (grabbed.pixelColor(60, 170), grabbed.pixelColor(360, 170)) == seen
    else:
        assert colors(compare) == seen


def test_the_line_of_the_wipe_can_be_dragged_and_put_back(compare: Compare) -> None:
    canvas: Canvas = compare.canvas  # type: ignore[attr-defined]
    compare.view.compare = CompareMode.WIPE
    at = canvas.to_widget(QPointF(100, 60)).toPoint()
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseMove(canvas, at + QPoint(100, 0))
    assert compare.view.wipe == pytest.approx(0.75)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert compare.view.wipe == pytest.approx(0.5)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseMove(canvas, at - QPoint(100, 0))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=at - QPoint(100, 0))
    assert compare.view.wipe == pytest.approx(0.25)


def test_what_is_painted_is_seen_where_only_the_source_would_be(compare: Compare) -> None:
    compare.view.is_covered = True
    assert colors(compare) == (RED, RED)
    compare.view.is_covered = False
    assert colors(compare) == (GREY, GREY)


def test_the_view_of_another_film_is_followed_from_the_first(compare: Compare) -> None:
    before, view = compare.view, ViewState(compare=CompareMode.SIDE)
    compare.look_at(view)
    canvas: Canvas = compare.canvas  # type: ignore[attr-defined]
    assert canvas.pane_count() == 2
    before.compare = CompareMode.DIFFERENCE
    assert canvas.pane_count() == 2, "that of the film before says nothing any more"
    view.compare = CompareMode.RESULT
    assert canvas.pane_count() == 1


def test_without_a_remastered_picture_the_source_is_shown(compare: Compare) -> None:
    compare.set_pictures(plain(GREY), None)
    for mode in CompareMode:
        compare.view.compare = mode
        grabbed = compare.canvas.grab().toImage()  # type: ignore[attr-defined]
        assert grabbed.pixelColor(360, 170) == GREY


def test_the_difference_is_amplified_four_times() -> None:
    found = difference(plain(GREY), plain(QColor(110, 100, 95)))
    assert found.pixelColor(5, 5) == QColor(40, 0, 20)


def test_pixels_of_the_film_are_squares_when_large_those_of_smaller_pictures_never(compare: Compare) -> None:
    canvas: Canvas = compare.canvas  # type: ignore[attr-defined]

    def stripes(width: int) -> QImage:
        picture = plain(QColor("black"), width, width // 2)
        for x in range(0, width, 2):
            for y in range(width // 2):
                picture.setPixelColor(x, y, QColor("white"))
        return picture

    def greys() -> set[int]:
        grabbed = canvas.grab().toImage()
        return {grabbed.pixelColor(x, 200).red() for x in range(100, 320)}

    compare.set_pictures(stripes(200), stripes(100))
    canvas.zoom_to(10.0)
    assert greys() == {0, 255}
    compare.view.compare = CompareMode.RESULT
    assert len(greys()) > 10
    compare.set_pictures(stripes(200), stripes(200))
    assert greys() == {0, 255}
    canvas.zoom_to(2.5)
    assert len(greys()) > 2
