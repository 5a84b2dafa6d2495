from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from remaster_gui.ui.paint.likely_strip import LikelyChip, LikelyStrip

from .conftest import click

CHIPS = [
    LikelyChip("#c04020", "red", "learned", 0.5),
    LikelyChip("#2040c0", "blue", "Frame 12 of the long reel", 0.3),
    LikelyChip("#202020", "<b>", "painted here", 0.2),
]


@pytest.fixture
def strip(qtbot: Any) -> LikelyStrip:
    strip = LikelyStrip()
    qtbot.addWidget(strip)
    strip.resize(210, strip.height())
    with qtbot.waitExposed(strip):
        strip.show()
    return strip


def test_a_click_takes_a_colour(strip: LikelyStrip) -> None:
    taken: list[int] = []
    strip.chosen.connect(taken.append)
    click(strip, strip.cell(1).center())
    assert not taken, "there is nothing yet"
    strip.set_chips(CHIPS)
    for place in range(5):
        click(strip, strip.cell(place).center())
    assert taken == [0, 1, 2]
    assert strip.cell(4).right() <= strip.width()


def test_colours_are_shown_and_else_what_there_is_to_do(strip: LikelyStrip) -> None:
    empty = strip.grab().toImage()
    strip.set_chips(CHIPS)
    filled = strip.grab().toImage()
    for place, chip in enumerate(CHIPS):
        middle = strip.cell(place).center()
        assert filled.pixelColor(middle.x(), 18).name() == chip.color
    strip.set_chips((), "The prior is missing.")
    assert strip.note == "The prior is missing." and strip.grab().toImage() != empty
    strip.set_chips(())
    assert "keys 1 to 5" in strip.note and strip.grab().toImage() == empty


def test_tips_tell_where_a_colour_comes_from(strip: LikelyStrip) -> None:
    strip.set_chips(CHIPS)
    said = []
    for place in range(4):
        at = strip.cell(place).center()
        QApplication.sendEvent(strip, QHelpEvent(QEvent.Type.ToolTip, at, strip.mapToGlobal(at)))
        said.append(QToolTip.text())
    QToolTip.hideText()
    assert "Frame 12 of the long reel, 30\N{NO-BREAK SPACE}% likely" in said[1] and "&lt;b&gt;" in said[2]
    assert "learned from photographs" in said[3]
