from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from remaster_gui.project.schema import ReferenceRecord
from remaster_gui.ui.timeline.certainty_lane import CertaintyLane, band_pixels
from remaster_gui.ui.timeline.certainty_track import Columns
from remaster_gui.ui.timeline.view import HEADER_WIDTH, Timeline

BLUE, RED = QColor(40, 80, 220), QColor(220, 60, 40)
SKY = ReferenceRecord("a", "Sky", "painted", 20, BLUE.name(), True, True, 64, 48, 1)
HOUSE = replace(SKY, id="b", name="House", color=RED.name())
REFERENCES = (SKY, HOUSE)


@pytest.fixture
def timeline(qtbot: Any) -> Timeline:
    timeline = Timeline()
    qtbot.addWidget(timeline)
    lane = CertaintyLane()
    timeline.add_lane(lane)
    timeline.resize(HEADER_WIDTH + 400, timeline.sizeHint().height())
    timeline.set_film(100, Fraction(24), None, 4 / 3)
    lane.set_film(100, (0, 50))
    lane.set_references(REFERENCES)
    timeline.lane = lane  # type: ignore[attr-defined]
    timeline.show()
    return timeline


def lane_of(timeline: Timeline) -> CertaintyLane:
    lane: CertaintyLane = timeline.lane  # type: ignore[attr-defined]
    return lane


def place(timeline: Timeline, frame: int, height: float) -> QPoint:
    """A point of the lane at the middle of a frame; height 0 is its bottom, 1 its top."""
    rect = next(rect for lane, rect in timeline.lane_rects() if lane is lane_of(timeline))
    x = HEADER_WIDTH + timeline.scale.x_of(frame + 0.5)
    return QPoint(round(x), round(rect.bottom() - 1 - height * (rect.height() - 2)))


def test_bands_stack_in_the_references_colours(timeline: Timeline) -> None:
    lane_of(timeline).set_frame(20, np.array([0.4, 0.6], np.float32), 1.0, reach=8)
    picture = timeline.grab().toImage()
    low, high = (picture.pixelColor(place(timeline, 20, height)) for height in (0.2, 0.6))
    assert low.blue() > low.red() + 40 and high.red() > high.blue() + 40
    unknown = picture.pixelColor(place(timeline, 60, 0.4))
    assert unknown.red() == unknown.green() == unknown.blue()


def test_the_line_is_as_high_as_the_certainty(timeline: Timeline) -> None:
    lane = lane_of(timeline)
    for frame in range(10, 40):
        lane.set_frame(frame, np.array([1, 0], np.float32), 0.5)
    picture = timeline.grab().toImage()
    column = [picture.pixelColor(place(timeline, 25, step / 40)).lightness() for step in range(41)]
    assert abs(int(np.argmax(column)) - 20) <= 2


def test_shares_fill_the_height_and_many_references_end_in_grey() -> None:
    shares = np.zeros((1, 14), np.float32)
    shares[0, :4] = 0.22
    shares[0, 4:] = 0.012
    colors = [QColor.fromHsv(n * 20, 200, 200) for n in range(14)]
    pixels = band_pixels(Columns(shares, np.ones(1, np.float32)), colors, 400)
    assert (pixels[..., 3] == 255).all()
    assert len(np.unique(pixels.reshape(-1, 4), axis=0)) == 11
    top = pixels[0, 0]
    assert top[0] == top[1] == top[2]


def test_tooltips_tell_numbers(timeline: Timeline) -> None:
    lane = lane_of(timeline)
    x = timeline.scale.x_of(20.5)
    assert "Not looked at yet" in lane.tip_at(x, timeline.scale)
    lane.set_frame(20, np.array([0.38, 0.62], np.float32), 0.74)
    tip = lane.tip_at(x, timeline.scale)
    assert "certainty 74\N{NO-BREAK SPACE}%" in tip and tip.index("House 62\N{NO-BREAK SPACE}%") < tip.index(
        "Sky 38\N{NO-BREAK SPACE}%"
    )


def test_a_click_goes_to_the_frame(timeline: Timeline, qtbot: Any) -> None:
    lane_of(timeline).set_frame(73, np.array([0.4, 0.6], np.float32), 0.2)
    with qtbot.waitSignal(timeline.frame_requested) as asked:
        QTest.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=place(timeline, 73, 0.5))
    assert asked.args == [73]


def test_new_names_keep_what_is_known_and_other_references_do_not(timeline: Timeline) -> None:
    lane = lane_of(timeline)
    lane.set_frame(20, np.array([0.4, 0.6], np.float32), 0.7)
    lane.set_references((REFERENCES[0], replace(HOUSE, name="Barn")), forget=False)
    assert "Barn 60\N{NO-BREAK SPACE}%" in lane.tip_at(timeline.scale.x_of(20.5), timeline.scale)
    lane.set_references(REFERENCES[:1])
    assert "Not looked at" in lane.tip_at(timeline.scale.x_of(20.5), timeline.scale)


def test_without_references_only_the_line_is_drawn(timeline: Timeline) -> None:
    lane = lane_of(timeline)
    lane.set_references(())
    lane.set_frame(20, np.zeros(0, np.float32), 0.0, reach=5)
    assert "no reference" in lane.tip_at(timeline.scale.x_of(20.5), timeline.scale)
    timeline.grab()
