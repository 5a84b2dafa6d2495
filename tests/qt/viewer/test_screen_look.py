"""Pictures through a LUT: what is drawn, when, and that nothing else is touched."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from remaster_gui.document.view_state import CompareMode, ViewState
from remaster_gui.ui.viewer.canvas import Canvas
from remaster_gui.ui.viewer.compare import Compare
from remaster_gui.ui.viewer.screen_look import ScreenLook, through

NEGATIVE = np.uint32(0xFFFFFFFF) - np.arange(2**24, dtype=np.uint32)
NEGATIVE |= np.uint32(0xFF000000)


def plain(
    color: str, width: int = 30, height: int = 20, layout: QImage.Format = QImage.Format.Format_RGB888
) -> QImage:
    picture = QImage(width, height, layout)
    picture.fill(color)
    return picture


@pytest.mark.parametrize(
    "layout", [QImage.Format.Format_RGB888, QImage.Format.Format_RGB32, QImage.Format.Format_Grayscale8]
)
@pytest.mark.parametrize("size", [(1, 1), (31, 65), (128, 64)])
def test_every_pixel_is_looked_up(layout: QImage.Format, size: tuple[int, int]) -> None:
    picture = plain("#404040", *size, layout)
    picture.setPixelColor(size[0] - 1, size[1] - 1, "#ffffff")
    seen = through(NEGATIVE, picture)
    assert (seen.width(), seen.height()) == size
    assert seen.pixelColor(size[0] - 1, size[1] - 1).name() == "#000000"
    assert size == (1, 1) or seen.pixelColor(0, 0).name() == "#bfbfbf"
    assert picture.pixelColor(size[0] - 1, size[1] - 1).name() == "#ffffff", "what was lent stays as it was"


class Answering:
    """A look whose wishes are noted and answered when asked to."""

    def __init__(self) -> None:
        self.look = ScreenLook()
        self.wanted: list[QImage] = []
        self.look.wanted.connect(lambda picture: self.wanted.append(QImage(picture)))

    def answer(self) -> None:
        wanted, self.wanted = self.wanted, []
        for picture in wanted:
            self.look.put(picture.cacheKey(), through(NEGATIVE, picture))


@pytest.fixture
def answering(qapp: Any) -> Answering:
    return Answering()


def test_until_a_picture_is_made_the_one_before_it_stays(answering: Answering) -> None:
    look, first, second = answering.look, plain("#ff0000"), plain("#00ff00")
    assert look.seen(first, "source").cacheKey() == first.cacheKey() and not answering.wanted, (
        "as it is without one"
    )
    look.set_table(NEGATIVE, "negative")
    assert look.name == "negative" and look.seen(first, "source").pixelColor(0, 0).name() == "#ff0000"
    answering.answer()
    assert look.seen(first, "source").pixelColor(0, 0).name() == "#00ffff"
    assert look.seen(second, "source").pixelColor(0, 0).name() == "#00ffff", "the one before"
    assert look.seen(second, "result").pixelColor(0, 0).name() == "#00ff00", "nothing was seen there yet"
    answering.answer()
    assert look.seen(second, "source").pixelColor(0, 0).name() == "#ff00ff"
    look.set_table(None)
    assert look.name == "" and look.seen(first, "source").cacheKey() == first.cacheKey()


def test_few_pictures_are_kept(answering: Answering) -> None:
    look = answering.look
    look.set_table(NEGATIVE, "n")
    pictures = [plain("#102030") for _ in range(9)]
    for picture in pictures:
        look.seen(picture, "source")
    answering.answer()
    for picture in pictures:
        look.seen(picture, "source")
    assert len(answering.wanted) == 5


@pytest.fixture
def canvas(qtbot: Any, answering: Answering) -> Canvas:
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.set_look(answering.look)
    canvas.set_picture_size(QSize(30, 20))
    canvas.resize(300, 200)
    canvas.show()
    return canvas


def color_in(canvas: Canvas, x: int, y: int = 150) -> str:
    return canvas.grab().toImage().pixelColor(x, y).name()


def test_both_pictures_are_seen_through_it_and_their_difference_is_not(
    canvas: Canvas, answering: Answering
) -> None:
    compare, view = Compare(canvas), ViewState()
    canvas.look_at(view)
    compare.look_at(view)
    view.compare = CompareMode.WIPE
    compare.set_pictures(plain("#101010"), plain("#ff0000"))
    answering.look.set_table(NEGATIVE, "negative")
    canvas.grab()
    assert len(answering.wanted) == 2
    answering.answer()
    assert (color_in(canvas, 60), color_in(canvas, 240)) == ("#efefef", "#00ffff")
    assert compare.shown.pixelColor(0, 0).name() == "#ff0000", "scopes and eyedropper have the picture itself"
    view.compare = CompareMode.DIFFERENCE
    assert color_in(canvas, 60) == "#ff4040"
    view.compare = CompareMode.WIPE
    answering.look.set_table(None)
    assert (color_in(canvas, 60), color_in(canvas, 240)) == ("#101010", "#ff0000")


def test_a_stroke_is_seen_through_it_at_once(canvas: Canvas, answering: Answering) -> None:
    compare, view = Compare(canvas), ViewState(compare=CompareMode.RESULT)
    canvas.look_at(view)
    compare.look_at(view)
    painted = plain("#ff0000")
    compare.set_pictures(plain("#101010"), painted)
    answering.look.set_table(NEGATIVE, "negative")
    canvas.grab()
    answering.answer()
    canvas.grab()
    compare.patch_result(plain("#0000ff", 10, 20), 20, 0)
    assert color_in(canvas, 275) == "#ffff00" and color_in(canvas, 60) == "#00ffff"
    assert not answering.wanted, "only the stroke was looked up"
    assert painted.pixelColor(25, 5).name() == "#0000ff"
