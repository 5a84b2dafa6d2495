"""The exact frame rate behind rounded time stamps."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from remaster_gui.media.limits import FASTEST_RATE, SLOWEST_RATE

_USUAL = (
    *(Fraction(whole) for whole in (24, 25, 30, 50, 60, 16, 18, 12, 15, 20, 48, 100, 120)),
    *(Fraction(whole * 1000, 1001) for whole in (24, 30, 60, 48, 120)),
    Fraction(25, 2),
    Fraction(50, 3),
)

_SNAP = Fraction(1, 10000)
_ROUNDING = Fraction(2)
"""Ticks by which rounded times may stray; some files were rounded twice."""
_PAUSE = 10
"""Times the usual distance from which on two frames have a gap between them that says nothing of the rate."""
_LARGEST_NUMBER = 2**62


def find_rate(
    ticks: NDArray[np.int64],
    tick: Fraction,
    stated: Iterable[Fraction | None],
    slack: Fraction,
) -> tuple[Fraction, bool]:
    """Return the rate in frames per second and whether frames come at varying distances.

    ``ticks`` are the presentation times in units of ``tick`` seconds, ``stated`` the rates that the file
    itself gives, best first. Containers round times to their own clock, so 23.976 may look like steps of 41
    and 42 ms: a rate is taken for exact when it explains every time stamp to within that rounding and
    ``slack``, the part of a frame's duration by which times stray in this kind of file. Of frames at varying distances
    the mean rate is returned, gaps aside, and `SLOWEST_RATE` or `FASTEST_RATE` where it lies beyond these.
    """
    candidates = [rate for rate in stated if rate is not None and SLOWEST_RATE <= rate <= FASTEST_RATE]
    if len(ticks) < 2:
        return (candidates[0] if candidates else Fraction(24)), False
    mean = _mean_rate(ticks, tick)
    # What the file states may itself be an average of rounded times, so the usual rate next to it goes first.
    near = [each for rate in candidates for each in _USUAL if abs(each / rate - 1) < _SNAP]
    usual = sorted(_USUAL, key=lambda each: abs(each - mean))
    exact = Fraction(0)
    for rates, allowed in (
        (candidates, exact),
        ((*near, *candidates), slack),
        (usual, exact),
        (usual, slack),
    ):
        for rate in rates:
            if _explains(ticks, tick, rate, allowed):
                return rate, False
    return min(max(mean.limit_denominator(1001), SLOWEST_RATE), FASTEST_RATE), True


def _mean_rate(ticks: NDArray[np.int64], tick: Fraction) -> Fraction:
    """Frames per second over all of a film but its gaps."""
    steps = np.diff(ticks)
    even = steps[steps <= _PAUSE * np.median(steps)]
    return Fraction(len(even)) / (int(even.sum()) * tick)


def _explains(ticks: NDArray[np.int64], tick: Fraction, rate: Fraction, slack: Fraction) -> bool:
    period = 1 / (rate * tick)
    tolerance = Fraction(0)
    if slack:
        if period < 4 * _ROUNDING:
            return False
        tolerance = max(_ROUNDING, period * slack)
    if int(ticks[-1] - ticks[0]) * period.denominator > _LARGEST_NUMBER:
        return False
    # Scaled by the denominator, so that the comparison is exact in integers.
    deviation = (ticks - ticks[0]) * period.denominator - np.arange(len(ticks)) * period.numerator
    return int(deviation.max() - deviation.min()) <= tolerance * period.denominator
