"""The lane of shots: a click chooses one, a drag moves the cut between two, and Esc takes the drag back."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from remaster_gui.base.timebase import FrameRange
from remaster_gui.ui.style import theme
from remaster_gui.ui.timeline.shot_lane import LaneShot
from remaster_gui.ui.timeline.view import HEADER_WIDTH, Timeline

LEFT = Qt.MouseButton.LeftButton
FIRST, SECOND, THIRD = FrameRange(0, 40), FrameRange(40, 70), FrameRange(70, 100)


@pytest.fixture
def timeline(qtbot: Any) -> Timeline:
    timeline = Timeline()
    qtbot.addWidget(timeline)
    timeline.resize(HEADER_WIDTH + 400, timeline.sizeHint().height())
    timeline.set_film(100, Fraction(24), None, 4 / 3)
    timeline.shots.set_shots([LaneShot(FIRST), LaneShot(SECOND, True), LaneShot(THIRD, notes="Zu dunkel")])
    timeline.moves_cuts = True
    timeline.show()
    return timeline


@pytest.fixture
def told(timeline: Timeline) -> list[tuple[object, ...]]:
    """All that is wished for, in order."""
    found: list[tuple[object, ...]] = []
    timeline.shots.shot_chosen.connect(lambda first: found.append(("chosen", first)))
    timeline.cut_move_requested.connect(lambda cut, frame: found.append(("moved", cut, frame)))
    timeline.frame_requested.connect(lambda frame: found.append(("frame", frame)))
    return found


def at(timeline: Timeline, frame: float) -> QPoint:
    """A point of the lane at the left edge of a frame."""
    rect = next(rect for lane, rect in timeline.lane_rects() if lane is timeline.shots)
    return QPoint(round(HEADER_WIDTH + timeline.scale.x_of(frame)), round(rect.center().y()))


def drag(timeline: Timeline, *frames: float) -> None:
    QTest.mousePress(timeline, LEFT, pos=at(timeline, frames[0]))
    for frame in frames[1:]:
        QTest.mouseMove(timeline, at(timeline, frame))


def test_a_click_chooses_a_shot(timeline: Timeline, told: list[tuple[object, ...]]) -> None:
    for frame in (20, 55.5, 99):
        QTest.mouseClick(timeline, LEFT, pos=at(timeline, frame))
    assert told == [("chosen", 0), ("chosen", 40), ("chosen", 70)]


def test_a_drag_moves_a_cut_and_shows_its_frame(timeline: Timeline, told: list[tuple[object, ...]]) -> None:
    drag(timeline, 40, 44, 50)
    assert ("frame", 50) in told and not any(each[0] == "moved" for each in told)
    QTest.mouseRelease(timeline, LEFT, pos=at(timeline, 50))
    assert told[-1] == ("moved", 40, 50)


@pytest.mark.parametrize(("to", "frame"), [(5, 41), (99, 99)])
def test_both_shots_keep_a_frame(
    timeline: Timeline, told: list[tuple[object, ...]], to: int, frame: int
) -> None:
    drag(timeline, 70, 60, to)
    QTest.mouseRelease(timeline, LEFT, pos=at(timeline, to))
    assert told[-1] == ("moved", 70, frame)


def test_escape_takes_a_drag_back(timeline: Timeline, told: list[tuple[object, ...]]) -> None:
    timeline.set_playhead(12)
    drag(timeline, 40, 60)
    QTest.keyClick(timeline, Qt.Key.Key_Escape)
    QTest.mouseRelease(timeline, LEFT, pos=at(timeline, 60))
    assert told[-1] == ("frame", 12) and not any(each[0] == "moved" for each in told)


def test_a_click_on_a_cut_chooses_the_shot_there(timeline: Timeline, told: list[tuple[object, ...]]) -> None:
    QTest.mouseClick(timeline, LEFT, pos=at(timeline, 70.1))
    assert told == [("chosen", 70)]


def test_nothing_is_moved_where_nothing_may_be(timeline: Timeline, told: list[tuple[object, ...]]) -> None:
    timeline.moves_cuts = False
    drag(timeline, 40.2, 60)
    QTest.mouseRelease(timeline, LEFT, pos=at(timeline, 60))
    assert told == [("chosen", 40)]


def test_without_known_cuts_a_press_scrubs(timeline: Timeline, told: list[tuple[object, ...]]) -> None:
    timeline.shots.set_shots(())
    QTest.mouseClick(timeline, LEFT, pos=at(timeline, 30.5))
    assert told == [("frame", 30)]


def test_what_is_chosen_is_amber_and_tips_tell(timeline: Timeline) -> None:
    timeline.shots.set_chosen(40)
    picture = timeline.grab().toImage()
    place = at(timeline, 50)
    assert picture.pixelColor(place.x(), place.y() - 7) == theme.ACCENT
    assert picture.pixelColor(at(timeline, 20).x(), place.y() - 7) != theme.ACCENT
    tips = [timeline.shots.tip_at(timeline.scale.x_of(frame), timeline.scale) for frame in (10, 50, 80)]
    assert tips == [
        "Shot 1 of 3 · frames 0–39 · 40 frames",
        "Shot 2 of 3 · frames 40–69 · 30 frames\nHas settings of its own",
        "Shot 3 of 3 · frames 70–99 · 30 frames\nZu dunkel",
    ]
