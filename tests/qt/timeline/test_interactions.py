"""Drags on the timeline: scrubbing, scrolling, and moving the ends of the segment; Esc takes them back."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from remaster_gui.project.schema import ReferenceRecord
from remaster_gui.ui.timeline.view import HEADER_WIDTH, Timeline

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
ALT, PLAIN = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.NoModifier
PIXELS = 4
"""Of a frame."""


@pytest.fixture
def timeline(qtbot: Any) -> Timeline:
    timeline = Timeline()
    qtbot.addWidget(timeline)
    timeline.resize(HEADER_WIDTH + 100 * PIXELS, timeline.sizeHint().height())
    timeline.set_film(100, Fraction(24), None, 4 / 3)
    timeline.frame_requested.connect(timeline.set_playhead)
    timeline.show()
    return timeline


def _place(timeline: Timeline, frame: float, lane: int = 0) -> QPoint:
    _, rect = timeline.lane_rects()[lane]
    return QPoint(round(HEADER_WIDTH + frame * PIXELS), round(rect.center().y()))


def _move(timeline: Timeline, place: QPoint, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
    """Move with the button down, which `QTest.mouseMove` cannot with keys."""
    spot = QPointF(place)
    kind = QMouseEvent.Type.MouseMove
    event = QMouseEvent(kind, spot, timeline.mapToGlobal(spot), Qt.MouseButton.NoButton, LEFT, modifiers)
    QApplication.sendEvent(timeline, event)


def test_the_playhead_follows_and_snaps_unless_alt_is_held(timeline: Timeline) -> None:
    timeline.set_snap_targets([50])
    began: list[bool] = []
    timeline.scrub_began.connect(lambda: began.append(True))
    QTest.mousePress(timeline, LEFT, pos=_place(timeline, 20.5, 3))
    assert began and timeline.playhead == 20
    _move(timeline, _place(timeline, 49.25, 3))
    assert timeline.playhead == 50
    _move(timeline, _place(timeline, 49.25, 3), ALT)
    assert timeline.playhead == 49
    QTest.keyClick(timeline, Qt.Key.Key_Escape)
    assert timeline.playhead == 0
    _move(timeline, _place(timeline, 70.5, 3))
    assert timeline.playhead == 0, "the drag has ended"


def test_the_middle_button_scrolls(timeline: Timeline) -> None:
    timeline.set_scale(timeline.scale.zoomed(4, 200))
    first = timeline.scale.first
    QTest.mousePress(timeline, MIDDLE, pos=QPoint(HEADER_WIDTH + 200, 40))
    _move(timeline, QPoint(HEADER_WIDTH + 200 - 4 * PIXELS * 5, 40))
    assert timeline.scale.first == pytest.approx(first + 5)
    QTest.mouseRelease(timeline, MIDDLE, pos=QPoint(HEADER_WIDTH + 120, 40))
    assert timeline.playhead == 0


@pytest.mark.parametrize(
    ("grip", "to", "wished"),
    [(20, 30, (30, 60)), (20, 90, (59, 60)), (60, 80, (20, 80)), (60, 5, (20, 21)), (60, 99.9, (20, 100))],
)
def test_an_end_of_the_segment_is_wished_for_where_it_is_let_go(
    timeline: Timeline, grip: int, to: float, wished: tuple[int, int]
) -> None:
    """It never passes the other end."""
    timeline.ruler.set_segment(20, 60)
    told: list[tuple[int, int]] = []
    timeline.segment_requested.connect(lambda first, stop: told.append((first, stop)))
    QTest.mousePress(timeline, LEFT, pos=_place(timeline, grip))
    _move(timeline, _place(timeline, to), ALT)
    assert not told, "the project changes once, at the release"
    assert (timeline.ruler.in_point, timeline.ruler.out_point) == wished
    QTest.mouseRelease(timeline, LEFT, pos=_place(timeline, to))
    assert told == [wished] and timeline.playhead == 0


def test_esc_leaves_the_segment_as_it_was(timeline: Timeline) -> None:
    timeline.ruler.set_segment(20, 60)
    told: list[object] = []
    timeline.segment_requested.connect(lambda *ends: told.append(ends))
    QTest.mousePress(timeline, LEFT, pos=_place(timeline, 20))
    _move(timeline, _place(timeline, 40))
    QTest.keyClick(timeline, Qt.Key.Key_Escape)
    QTest.mouseRelease(timeline, LEFT, pos=_place(timeline, 40))
    assert (timeline.ruler.in_point, timeline.ruler.out_point) == (20, 60) and not told


def test_a_flag_that_is_dragged_with_ctrl_asks_for_a_copy(timeline: Timeline) -> None:
    flag = ReferenceRecord("a", "Tunic", "painted", 20, "#4aa3df", True, True, 80, 64, 1)
    timeline.references.set_references([flag], None)
    asked: list[tuple[str, int]] = []
    chosen: list[str] = []
    timeline.copy_requested.connect(lambda id_, frame: asked.append((id_, frame)))
    timeline.references.flag_chosen.connect(chosen.append)
    lane, ctrl = (
        4,
        Qt.KeyboardModifier.ControlModifier,
    )
    on_flag = _place(timeline, 21, lane)
    QTest.mouseClick(timeline, LEFT, ctrl, on_flag)
    assert asked == [] and chosen == ["a"], "a click is a click"
    QTest.mousePress(timeline, LEFT, ctrl, on_flag)
    _move(timeline, _place(timeline, 60.5, lane), ctrl)
    assert timeline.playhead == 60, "the frame is shown"
    QTest.keyClick(timeline, Qt.Key.Key_Escape)
    assert timeline.playhead == 0 and asked == []
    QTest.mousePress(timeline, LEFT, ctrl, on_flag)
    _move(timeline, _place(timeline, 60.5, lane), ctrl)
    QTest.mouseRelease(timeline, LEFT, ctrl, _place(timeline, 60.5, lane))
    assert asked == [("a", 60)]
