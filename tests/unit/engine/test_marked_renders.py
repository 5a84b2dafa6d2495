"""Marks on single spots in sessions and previews: the same picture, and no colours anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from remaster_gui.base.spot_marks import SpotMark
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.finish import Finish
from remaster_gui.engine.messages import Settings
from remaster_gui.engine.parts import parts_of
from remaster_gui.engine.preview_results import LuminanceKey, ResultKey, ResultKeys
from remaster_gui.engine.sizes import Size

MARKS = ((2, (SpotMark("reject", 4, 4, 8, 8),)), (7, (SpotMark("repair", 1, 1, 3, 3),)))


def test_parts_know_the_marks_of_their_own_frames_alone() -> None:
    shots = [FrameRange(0, 5), FrameRange(5, 7), FrameRange(7, 12)]
    parts = parts_of(shots, FrameRange(0, 12), lambda _: Settings(), marks=MARKS)
    assert [[frame for frame, _ in part.marks] for part in parts] == [[2], [], [7]]
    unrestored = parts_of(shots, FrameRange(0, 12), lambda _: Settings(restoration=False), marks=MARKS)
    assert not any(part.marks for part in unrestored)
    other = ((2, (SpotMark("reject", 4, 4, 8, 9),)), MARKS[1])
    changed = parts_of(shots, FrameRange(0, 12), lambda _: Settings(), marks=other)
    assert [a.marked == b.marked for a, b in zip(parts, changed, strict=True)] == [False, True, True]


def test_only_frames_with_marks_have_another_key() -> None:
    key = ResultKey(LuminanceKey(Size(16, 16), "w"), "w", (), True, Finish(0.5, "keep"), 1.0)
    grey = replace(key, luminance=LuminanceKey(Size(16, 16)), finish=Finish(0.0))
    keys = ResultKeys(key, [(FrameRange(6, 9), grey)], MARKS)
    assert keys.at(2) == replace(key, finish=Finish(0.5, "keep", 1.0, MARKS[0][1]))
    assert (keys.at(3), keys.at(7)) == (key, grey), "nothing is restored there"
    assert keys.distinct == {key, grey, keys.at(2)}
    held = keys.chosen(lambda each: np.full(12, each == key), lambda frame, each: False)
    assert np.flatnonzero(~held).tolist() == [2, 6, 7, 8]
    assert np.flatnonzero(keys.where(keys.at(2), 12)).tolist() == [2]
