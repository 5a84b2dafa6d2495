"""Colours picked from references in the bin while another frame is being painted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from remaster_gui.painting.color_values import pick
from remaster_gui.ui.panels.card_list import CardList
from remaster_gui.ui.panels.reference_cards import CARD, picture_rect

from .hands import LEFT, Hand

CTRL = Qt.KeyboardModifier.ControlModifier
HALVES = ((40, 120, 200), (190, 60, 40))
"""sRGB of the left and the right half of the imported picture."""


@pytest.fixture
def film(tmp_path: Path, two_shots: Callable[..., np.ndarray], write_quick_film: Callable[..., Path]) -> Path:
    return write_quick_film(tmp_path / "film.mkv", two_shots(48, 192, 256))


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    pixels = np.empty((300, 400, 3), np.uint8)
    pixels[:, :200], pixels[:, 200:] = (half[::-1] for half in HALVES)
    path = tmp_path / "halves.png"
    cv2.imwrite(str(path), pixels)
    return path


@pytest.fixture
def painting(hand: Hand, film: Path, picture: Path, weights: Path) -> Hand:
    """The brush in hand on frame 30; in the bin an imported picture and that frame."""
    hand.settings.weights = weights
    hand.window.open_path(film)
    opened = hand.film()
    hand.wait(lambda: hand.shown_frame == 0)
    hand.import_free(picture)
    opened.view.go(30)
    hand.wait(lambda: hand.shown_frame == 30)
    hand.key("R", "B")
    hand.wait(
        lambda: not hand.session.painted.blocked_reason and len(opened.document.project.references) == 2
    )
    hand.wait(lambda: opened.document.thumbnail(opened.document.project.references[0].id) is not None)
    return hand


def on_card(hand: Hand, row: int, x: float, y: float) -> tuple[CardList, QPoint]:
    cards = hand.widgets.bin.findChild(CardList)
    item = cards.item(row)
    rect = picture_rect(cards.visualItemRect(item), item.data(CARD).picture)
    return cards, QPointF(rect.left() + x * rect.width(), rect.top() + y * rect.height()).toPoint()


@pytest.mark.parametrize("half", [0, 1])
def test_ctrl_and_a_press_pick_from_a_reference_of_another_frame(painting: Hand, half: int) -> None:
    film = painting.film()
    before = film.view.playhead, film.view.selected_reference
    cards, place = on_card(painting, 0, 0.25 + 0.5 * half, 0.5)
    QTest.mousePress(cards.viewport(), LEFT, CTRL, place)
    painting.wait(lambda: cards.loupe.isVisible())
    QTest.mouseRelease(cards.viewport(), LEFT, CTRL, place)
    raster = film.document.raster(film.document.project.references[0].id)
    assert raster is not None
    assert painting.widgets.tool_settings.foreground == pick(raster, 100 + 200 * half, 150)
    assert (film.view.playhead, film.view.selected_reference) == before
    assert not painting.session.painted.blocked_reason, "painting can go on"
    painting.drag((0.4, 0.4), (0.6, 0.5))
    assert film.document.stack.undoText().startswith("Paint on frame ")
    painted = film.document.raster(film.document.project.references[1].id)
    assert painted is not None
    a, b = painting.widgets.tool_settings.foreground[1:]
    found = painted.chrominance[painted.coverage == 255].astype(float).mean(axis=0) - 128
    assert np.abs(found - (a, b)).max() < 2


def test_esc_gives_the_color_back(painting: Hand) -> None:
    before = painting.widgets.tool_settings.foreground
    cards, place = on_card(painting, 0, 0.25, 0.5)
    QTest.mousePress(cards.viewport(), LEFT, CTRL, place)
    painting.wait(lambda: painting.widgets.tool_settings.foreground != before)
    QTest.keyClick(cards, Qt.Key.Key_Escape)
    assert painting.widgets.tool_settings.foreground == before
    QTest.mouseRelease(cards.viewport(), LEFT, CTRL, place)
    assert painting.widgets.tool_settings.foreground == before


def test_the_eyedropper_goes_back_to_the_brush(painting: Hand) -> None:
    before = painting.widgets.tool_settings.foreground
    painting.key("Q")
    cards, place = on_card(painting, 0, 0.75, 0.5)
    QTest.mouseClick(cards.viewport(), LEFT, pos=place)
    assert painting.widgets.tool_settings.foreground != before
    assert painting.window.actions_["tool_brush"].isChecked()
    QTest.mouseClick(cards.viewport(), LEFT, pos=place)
    film = painting.film()
    assert film.view.selected_reference == film.document.project.references[0].id, "chosen, not picked from"
