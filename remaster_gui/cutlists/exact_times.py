"""Rates and times of lists that count in floating-point numbers, made exact."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from remaster_gui.base import plain_data
from remaster_gui.base.errors import SettingsError
from remaster_gui.base.timebase import FrameRange, nominal_rate, parse_rate

LATEST = 2**40
"""Frames or seconds beyond which no time of a list lies."""
_NEARLY = Fraction(1, 1000)


def exact_rate(value: Any) -> Fraction:
    """Return the rate that a number stands for: 23.976 is 24000/1001; raises `ValueError`."""
    number = plain_data.number(value, 0.001, 1000.0)
    if number == int(number):
        return Fraction(int(number))
    try:
        return parse_rate(f"{number:.6f}")
    except SettingsError as error:
        raise ValueError(str(error)) from error


def counts_alike(one: Fraction, other: Fraction) -> bool:
    """Whether frames of two rates are the same frames: 24 and 24000/1001 differ in pace alone."""
    return nominal_rate(one) == nominal_rate(other) and abs(one - other) < Fraction(1, 10)


def exact_frames(value: Any) -> Fraction:
    """Return frames, which may lie between whole ones; raises `ValueError`."""
    number = Fraction(plain_data.number(value, -float(LATEST), float(LATEST)))
    near = round(number)
    return Fraction(near) if abs(number - near) < _NEARLY else number


def span_of(start: Fraction, stop: Fraction) -> FrameRange:
    """Return the nearest whole frames; what lies before 0 is cut off."""
    first = max(0, nearest(start))
    return FrameRange(first, max(first, nearest(stop)))


def nearest(frames: Fraction) -> int:
    """Round to whole frames, halves upwards."""
    return (2 * frames + 1).__floor__() // 2


def are_between(times: Iterable[Fraction]) -> int:
    """Count the times that lie between frames."""
    return sum(time.denominator != 1 for time in times)
