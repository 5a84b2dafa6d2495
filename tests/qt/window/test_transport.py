"""The field for the playhead's place: what is typed, given up and wrong; and what the bar says of playing."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

from remaster_gui.ui.actions import Actions
from remaster_gui.ui.transport import TransportBar

RETURN, ESCAPE = Qt.Key.Key_Return, Qt.Key.Key_Escape


@pytest.fixture
def bar(qtbot: Any) -> Iterator[TransportBar]:
    # In the editor, plain keys are kept from becoming shortcuts while a field has the focus; here they are another's.
    window, elsewhere = QWidget(), QWidget()
    qtbot.addWidget(window)
    bar = TransportBar(Actions(elsewhere), window)
    bar.set_film(Fraction(24), "01:00:00:00", 2400, "640x480")
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield bar


def _texts(bar: TransportBar) -> list[str]:
    return [label.text() for label in bar.findChildren(QLabel)]


@pytest.mark.parametrize(("typed", "frame"), [("01:00:02:00", 48), ("7", 7), ("+20", 30), ("-2", 8)])
def test_what_is_typed_is_gone_to(qtbot: Any, bar: TransportBar, typed: str, frame: int) -> None:
    bar.set_frame(10)
    bar.time.begin_typing()
    QTest.keyClicks(bar.time, typed)
    with qtbot.waitSignal(bar.time.frame_entered) as told:
        QTest.keyClick(bar.time, RETURN)
    assert told.args == [frame] and not bar.time.hasFocus()


def test_what_is_wrong_is_said_and_stays_until_the_field_is_left(bar: TransportBar) -> None:
    entered: list[int] = []
    bar.time.frame_entered.connect(entered.append)
    bar.time.begin_typing()
    QTest.keyClicks(bar.time, "soon")
    QTest.keyClick(bar.time, RETURN)
    assert not entered and bar.time.property("wrong") and "soon" in bar.time.toolTip()
    bar.set_frame(3)
    assert bar.time.text() == "soon", "what is being typed is left alone"
    QTest.keyClick(bar.time, ESCAPE)
    assert bar.time.text() == "01:00:00:03" and not bar.time.property("wrong")


def test_the_bar_says_which_frame_is_seen_and_how_fast(bar: TransportBar) -> None:
    bar.set_frame(5)
    assert "frame 5 of 2400" in _texts(bar)
    bar.set_playing(-2, 23.98)
    assert "-2×  24.0 fps" in _texts(bar)
    bar.set_playing(1, None)
    assert not any("fps" in text or "×" in text for text in _texts(bar))
    bar.set_film(Fraction(24), None, 3, "", numbers=[101, 102, 104])
    bar.set_frame(2)
    assert "picture 104, frame 2 of 3" in _texts(bar)
