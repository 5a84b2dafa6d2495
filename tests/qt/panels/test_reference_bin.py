"""The bin: choosing cards, and picking colours from their pictures."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow

from remaster_gui.base.packed_regions import pack_region
from remaster_gui.base.validity import Validity
from remaster_gui.engine.reach import Reach
from remaster_gui.project.schema import ReferenceRecord
from remaster_gui.ui.actions import Actions
from remaster_gui.ui.panels.card_list import CardList
from remaster_gui.ui.panels.reference_bin import ReferenceBin
from remaster_gui.ui.panels.reference_cards import BinCard, picture_rect, tell_reach

LEFT, CTRL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier


def _picture(width: int, height: int) -> QImage:
    picture = QImage(width, height, QImage.Format.Format_RGB32)
    picture.fill(QColor(150, 90, 60))
    return picture


CARDS = tuple(
    BinCard(
        ReferenceRecord(id_, name, "painted", 24, color, True, True, 128, 96, 1),
        "00:00:01:00",
        _picture(128, 96),
    )
    for id_, name, color in (("a", "House", "#4aa3df"), ("b", "Meadow", "#d0803c"))
)


@pytest.fixture
def bin_(qtbot: Any) -> ReferenceBin:
    window = QMainWindow()
    qtbot.addWidget(window)
    bin_ = ReferenceBin(Actions(window, {}))
    window.setCentralWidget(bin_)
    window.resize(260, 420)
    bin_.set_cards(CARDS, "a")
    window.show()
    qtbot.waitExposed(window)
    bin_.window_ = window  # type: ignore[attr-defined]
    return bin_


def _on_picture(bin_: ReferenceBin, row: int, x: float, y: float) -> QPoint:
    """A place of a card's picture, in the viewport of the list."""
    cards = bin_.findChild(CardList)
    rect = picture_rect(cards.visualItemRect(cards.item(row)), CARDS[row].picture)
    return QPointF(rect.left() + x * rect.width(), rect.top() + y * rect.height()).toPoint()


def _viewport(bin_: ReferenceBin) -> Any:
    return bin_.findChild(CardList).viewport()


def test_a_press_chooses_and_a_press_with_ctrl_picks(bin_: ReferenceBin) -> None:
    chosen: list[str] = []
    places: list[tuple[str, QPointF]] = []
    ended: list[bool] = []
    bin_.selected.connect(chosen.append)
    bin_.picking.connect(lambda id_, place: places.append((id_, place)))
    bin_.pick_ended.connect(ended.append)
    viewport = _viewport(bin_)
    QTest.mouseClick(viewport, LEFT, CTRL, _on_picture(bin_, 1, 0.25, 0.5))
    assert chosen == [] and ended == [True]
    ((id_, place),) = places
    assert id_ == "b"
    assert (place.x(), place.y()) == (pytest.approx(0.25, abs=0.02), pytest.approx(0.5, abs=0.02))
    QTest.mouseClick(viewport, LEFT, pos=_on_picture(bin_, 1, 0.25, 0.5))
    assert chosen == ["b"] and len(places) == 1


def test_beside_the_picture_ctrl_picks_nothing(bin_: ReferenceBin) -> None:
    places: list[str] = []
    bin_.picking.connect(lambda id_, _place: places.append(id_))
    QTest.mouseClick(_viewport(bin_), LEFT, CTRL, _on_picture(bin_, 0, 1.3, 0.5))
    assert places == []


def test_with_the_eyedropper_in_hand_any_press_picks_until_esc_takes_it_back(bin_: ReferenceBin) -> None:
    places: list[str] = []
    ended: list[bool] = []
    bin_.picking.connect(lambda id_, _place: places.append(id_))
    bin_.pick_ended.connect(ended.append)
    bin_.set_picking(True)
    QTest.mousePress(_viewport(bin_), LEFT, pos=_on_picture(bin_, 0, 0.5, 0.5))
    bin_.show_loupe(_picture(13, 13), QColor("#305070"))
    cards = bin_.findChild(CardList)
    assert cards.loupe.isVisible()
    seen = cards.loupe.grab().toImage()
    assert seen.pixelColor(20, 100) == QColor("#305070")
    assert seen.pixelColor(20, 20) == QColor(150, 90, 60)
    QTest.mouseMove(_viewport(bin_), _on_picture(bin_, 1, 0.5, 0.5))
    assert places == ["a", "b"]
    QTest.keyClick(cards, Qt.Key.Key_Escape)
    assert ended == [False] and not cards.loupe.isVisible()
    QTest.mouseRelease(_viewport(bin_), LEFT, pos=_on_picture(bin_, 1, 0.5, 0.5))
    assert ended == [False]


def test_several_cards_are_chosen_with_the_mouse_and_with_keys(bin_: ReferenceBin) -> None:
    told: list[frozenset[str]] = []
    current: list[str] = []
    bin_.selection_changed.connect(told.append)
    bin_.selected.connect(current.append)
    viewport, cards = _viewport(bin_), bin_.findChild(CardList)
    beside = [_on_picture(bin_, row, 1.5, 0.5) for row in (0, 1)]
    QTest.mouseClick(viewport, LEFT, pos=beside[0])
    QTest.mouseClick(viewport, LEFT, CTRL, beside[1])
    assert told[-1] == {"a", "b"} and current[-1] == "b"
    QTest.mouseClick(viewport, LEFT, CTRL, beside[1])
    assert told[-1] == {"a"} and current[-1] == "a", "the one that is left is the chosen one"
    QTest.mouseClick(viewport, LEFT, pos=beside[0])
    QTest.keyClick(cards, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert told[-1] == {"a", "b"}
    QTest.mouseClick(viewport, LEFT, pos=beside[1])
    assert told[-1] == {"b"}
    QTest.keyClick(cards, Qt.Key.Key_A, CTRL)
    assert told[-1] == {"a", "b"}
    # While nobody wants a colour, a picture is a place like any other.
    bin_.set_picking(False, with_ctrl=False)
    QTest.mouseClick(viewport, LEFT, CTRL, _on_picture(bin_, 0, 0.5, 0.5))
    assert told[-1] == {"b"}


def test_what_is_chosen_is_shown_as_it_is_told(bin_: ReferenceBin) -> None:
    told: list[frozenset[str]] = []
    bin_.selection_changed.connect(told.append)
    cards = bin_.findChild(CardList)
    for selected, together, shown in (
        ("a", frozenset({"a", "b"}), [0, 1]),
        ("b", frozenset({"a"}), [1]),
        (None, frozenset(), []),
    ):
        bin_.set_cards(CARDS, selected, together)
        assert sorted(cards.row(item) for item in cards.selectedItems()) == shown
    assert told == [], "it was not the user who chose"


@pytest.mark.parametrize("large", [False, True])
def test_a_card_shows_which_part_of_its_picture_counts(bin_: ReferenceBin, large: bool) -> None:
    mask = np.zeros((96, 128), bool)
    mask[:, :64] = True
    part = replace(CARDS[0].reference, validity=Validity(region=pack_region(mask)))
    bin_.set_large(large)
    bin_.set_cards([replace(CARDS[0], reference=part), CARDS[1]], None)
    cards = bin_.findChild(CardList)
    seen = cards.viewport().grab().toImage()
    rect = picture_rect(cards.visualItemRect(cards.item(0)), CARDS[0].picture, cards.large)
    assert rect.width() >= (190 if large else 80)
    inside, outside = (
        seen.pixelColor(QPointF(rect.left() + x * rect.width(), rect.center().y()).toPoint()).lightness()
        for x in (0.25, 0.75)
    )
    assert inside > 2 * outside
    row = cards.visualItemRect(cards.item(0))
    assert row.contains(rect.toRect()) and not cards.visualItemRect(cards.item(1)).intersects(rect.toRect())


def _tips(bin_: ReferenceBin) -> list[str]:
    cards = bin_.findChild(CardList)
    return [cards.item(row).toolTip() for row in range(cards.count())]


def test_a_card_says_how_far_its_reference_reaches_once_that_is_known(bin_: ReferenceBin) -> None:
    cards, renamed = bin_.findChild(CardList), list[str]()
    bin_.renamed.connect(lambda _id, name: renamed.append(name))
    plain, plain_tips = cards.grab().toImage(), _tips(bin_)
    bin_.set_reaches({"b": Reach(500, 412, 7, 0.41)})
    said = cards.grab().toImage()
    first, second = (cards.visualItemRect(cards.item(row)) for row in (0, 1))
    assert said.copy(first) == plain.copy(first) and said.copy(second) != plain.copy(second)
    assert (
        _tips(bin_)[0] == plain_tips[0] and "Of 500 frames previewed so far 412 in 7 shots" in _tips(bin_)[1]
    )
    # Cards that are told anew say it as well.
    bin_.set_cards(CARDS, "a")
    assert cards.grab().toImage() == said and "412" in _tips(bin_)[1]
    bin_.set_reaches({})
    assert cards.grab().toImage() == plain and _tips(bin_) == plain_tips and not renamed


def test_a_reach_is_told_in_a_few_words() -> None:
    assert tell_reach(Reach(500, 412, 7, 0.41)) == ["helps 412 frames", "in 7 shots · 41\N{NO-BREAK SPACE}%"]
    assert tell_reach(Reach(3, 1, 1, 0.9)) == ["helps 1 frame", "in 1 shot · 90\N{NO-BREAK SPACE}%"]
    assert tell_reach(Reach(48, 0, 0, 0.0)) == ["helps none", "of 48 frames"]
