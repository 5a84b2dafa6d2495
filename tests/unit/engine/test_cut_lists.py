from __future__ import annotations

import numpy as np

from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.cut_lists import doubtful_shots

SHOTS = [FrameRange(0, 10), FrameRange(10, 20), FrameRange(20, 30)]


def test_shots_with_much_guessed_or_uncertain_colour_get_markers() -> None:
    certainty = np.full(30, np.nan, np.float32)
    certainty[10:15], certainty[22] = 0.3, 0.9
    found = doubtful_shots(SHOTS, {2: 0.75, 3: 0.25, 12: 0.1, 25: 0.2}, certainty)
    assert [(each.frame, each.frames, each.color, each.text) for each in found] == [
        (0, 10, "magenta", "50 % of the colour is guessed"),
        (10, 10, "yellow", "Colour is carried over with a certainty of 30 %"),
    ]
    assert doubtful_shots(SHOTS, {}, np.full(30, np.nan, np.float32)) == ()
