"""What is guessed is washed in magenta as far as it is, and what is painted in white."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtGui import QImage

from remaster_gui.document.view_state import ViewState
from remaster_gui.engine.overlay_colors import GUESSED_COLOR, STRONGEST
from remaster_gui.ui.qimage import to_array
from remaster_gui.ui.viewer.canvas import Canvas
from remaster_gui.ui.viewer.origin_overlay import OriginOverlay, origin_pixels

GREY = 100


def test_the_wash_is_as_strong_as_its_share() -> None:
    share = np.array([[0, 255, 128]], np.uint8)
    magenta = [int(GUESSED_COLOR[n : n + 2], 16) for n in (1, 3, 5)]
    [[guessed, carried, half]] = origin_pixels(share, np.zeros((1, 3), np.float32))
    assert guessed[:3].tolist() == half[:3].tolist() == magenta
    assert guessed[3] == round(255 * STRONGEST) and carried[3] == 0
    assert abs(int(half[3]) - guessed[3] / 2) <= 1
    [[guessed_too, painted, _]] = origin_pixels(share, np.ones((1, 3), np.float32))
    assert guessed_too.tolist() == guessed.tolist()
    assert painted[3] > 50 and painted[:3].min() > 240


def test_it_is_seen_while_it_is_switched_on_and_says_the_parts(qtbot: Any) -> None:
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(400, 300)
    picture = QImage(80, 60, QImage.Format.Format_RGB888)
    picture.fill(0x010101 * GREY)
    canvas.set_picture(picture)
    overlay, view = OriginOverlay(canvas), ViewState()
    canvas.look_at(view)
    overlay.look_at(view)

    def middle() -> list[int]:
        shown = to_array(canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB888))
        pixel: list[int] = shown[shown.shape[0] // 2, shown.shape[1] // 2].tolist()
        return pixel

    overlay.set_share(np.zeros((30, 40), np.uint8))
    assert overlay.parts == (("carried over", 0.0), ("guessed", 1.0))
    assert middle() == [GREY] * 3
    view.origin = True
    red, green, blue = middle()
    assert red > green + 50 and blue > green + 50
    overlay.clear()
    assert overlay.parts == () and middle() == [GREY] * 3
    strokes = np.zeros((60, 80), np.uint8)
    strokes[:, :20] = 255
    overlay.set_share(np.full((30, 40), 255, np.uint8), strokes)
    assert overlay.parts == (("painted", 0.25), ("carried over", 0.75), ("guessed", 0.0))
