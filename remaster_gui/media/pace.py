"""The exact frame rate behind rounded time stamps."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

_USUAL = (
    *(Fraction(whole) for whole in (24, 25, 30, 50, 60, 16, 18, 12, 15, 20, 48, 100, 120)),
    *(Fraction(whole * 1000, 1001) for whole in (24, 30, 60, 48, 120)),
    Fraction(25, 2),
    Fraction(50, 3),
)


def find_rate(
    ticks: NDArray[np.int64], tick: Fraction, stated: Iterable[Fraction | None]
) -> tuple[Fraction, bool]:
    """Return the rate in frames per second and whether frames come at varying distances.

    ``ticks`` are the presentation times in units of ``tick`` seconds, ``stated`` the rates that the file itself gives,
    best first. Containers round times to their own clock, so 23.976 may look like steps of 41 and 42 ms: a rate is
    taken for exact when it explains every time stamp to within that rounding.
    """
    candidates = [rate for rate in stated if rate is not None and 0 < rate <= 1000]
    if len(ticks) < 2:
        return (candidates[0] if candidates else Fraction(24)), False
    for tolerance in (Fraction(0), Fraction(2)):
        # Stated rates may be averages of rounded times; the usual ones go first where rounding is in play.
        ordered = [*candidates, *_USUAL] if tolerance == 0 else [*_USUAL, *candidates]
        for rate in ordered:
            if _explains(ticks, tick, rate, tolerance):
                return rate, False
    mean = Fraction(len(ticks) - 1) / (int(ticks[-1] - ticks[0]) * tick)
    return mean.limit_denominator(1001), True


def _explains(ticks: NDArray[np.int64], tick: Fraction, rate: Fraction, tolerance: Fraction) -> bool:
    period = 1 / (rate * tick)
    if tolerance and period < 8:
        return False
    # Scaled by the denominator, so that the comparison is exact in integers.
    deviation = (ticks - ticks[0]) * period.denominator - np.arange(len(ticks)) * period.numerator
    return int(deviation.max() - deviation.min()) <= tolerance * period.denominator
