"""How far references reach: counted frame by frame, each frame once."""

from __future__ import annotations

import pytest

from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.reach import HELPS_FROM, Reach, ReachCount

SHOTS = (FrameRange(0, 10), FrameRange(10, 20), FrameRange(20, 30))


def test_nothing_is_said_while_nothing_is_known() -> None:
    assert ReachCount(SHOTS).reaches() == {}


def test_frames_and_their_shots_are_counted_for_what_helps_them() -> None:
    count = ReachCount(SHOTS)
    for frame, share in ((0, 0.5), (9, 0.5), (10, 0.8), (25, HELPS_FROM / 2)):
        count.note(frame, {"sky": share, "rest": 1 - share})
    count.note(26, {"rest": 1.0})
    found = count.reaches()
    assert (found["sky"].known, found["sky"].frames, found["sky"].shots) == (4, 3, 2)
    assert found["sky"].share == pytest.approx(0.6)
    assert (found["rest"].known, found["rest"].frames, found["rest"].shots) == (5, 5, 3)


def test_a_frame_that_comes_again_counts_once_as_it_is_now() -> None:
    count = ReachCount(SHOTS)
    for share in (0.9, 0.2, 0.4):
        count.note(12, {"sky": share})
    assert count.reaches()["sky"] == Reach(1, 1, 1, pytest.approx(0.4))
    count.note(12, {"sky": 0.0, "sea": 1.0})
    assert count.reaches()["sky"] == Reach(1, 0, 0, 0.0)
    count.note(12, {"sea": 1.0})
    assert count.reaches() == {"sea": Reach(1, 1, 1, pytest.approx(1.0))}
