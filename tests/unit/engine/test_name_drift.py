"""Where the colour of a name drifts from shot to shot."""

from __future__ import annotations

import pytest

from remaster_gui.base.color_difference import delta_e_2000
from remaster_gui.base.named_colors import Recoloring
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.mattes import NameSums
from remaster_gui.engine.name_drift import drift_markers, names_in_shots

SHOTS = [FrameRange(0, 10), FrameRange(10, 30), FrameRange(30, 40)]


def _sums(share: float, a: float, b: float) -> NameSums:
    return NameSums(share, share * a, share * b)


def test_it_is_told_from_the_shot_that_has_most_of_a_name() -> None:
    known = {
        SHOTS[0]: (10, {"sky": _sums(1.0, 0, -30), "tunic": _sums(0.5, 20, 20)}),
        SHOTS[1]: (5, {"sky": _sums(2.0, 0, -28), "tunic": _sums(0.02, 0, 60)}),
        SHOTS[2]: (10, {"sky": _sums(0.8, 20, -20)}),
    }
    rows = names_in_shots(known)
    # What is hardly there says nothing.
    assert [(row.name, row.shot) for row in rows] == [*(("sky", shot) for shot in SHOTS), ("tunic", SHOTS[0])]
    first, usual, _, tunic = rows
    assert usual.drift == tunic.drift == 0 and usual.share == pytest.approx(0.4)
    assert first.drift == pytest.approx(delta_e_2000((60, 0, -28), (60, 0, -30)))
    assert [row.drifts for row in rows] == [False, False, True, False]
    (marker,) = drift_markers(rows)
    assert (marker.frame, marker.frames) == (30, 10) and marker.text.startswith(
        "The colour of “sky” drifts by "
    )


def test_other_colors_of_a_name_are_those_that_are_seen() -> None:
    known = {shot: (10, {"sky": _sums(1.0, 0, b)}) for shot, b in zip(SHOTS, (-30, -28, -10), strict=True)}
    plain, grey = names_in_shots(known), names_in_shots(known, [Recoloring("sky", (0, -30), (0, 0))])
    assert max(row.drift for row in plain) > 5 > 0.2 > max(row.drift for row in grey)
    assert all(abs(row.color[1]) < 0.2 for row in grey)
