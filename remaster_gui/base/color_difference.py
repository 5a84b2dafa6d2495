"""CIEDE2000: how different two colours look.

After G. Sharma, W. Wu and E. N. Dalal, *The CIEDE2000 Color-Difference Formula: Implementation Notes, Supplementary
Test Data, and Mathematical Observations*, Color Research and Application 30 (2005), with all three weights 1.
"""

from __future__ import annotations

from math import atan2, cos, degrees, exp, hypot, radians, sin, sqrt

_TWENTY_FIVE = 25.0**7


def delta_e_2000(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """Return the difference of two colours in CIE Lab; about 1 is just seen side by side."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean_c = (hypot(a1, b1) + hypot(a2, b2)) / 2
    stretch = 1 + 0.5 * (1 - _saturating(mean_c))
    c1, h1 = _polar(stretch * a1, b1)
    c2, h2 = _polar(stretch * a2, b2)
    chroma, (turn, hue) = (c1 + c2) / 2, _hues(c1 * c2, h1, h2)
    lightness = (l1 + l2) / 2
    t = (
        1
        - 0.17 * cos(radians(hue - 30))
        + 0.24 * cos(radians(2 * hue))
        + 0.32 * cos(radians(3 * hue + 6))
        - 0.20 * cos(radians(4 * hue - 63))
    )
    rotation = -sin(radians(60 * exp(-(((hue - 275) / 25) ** 2)))) * 2 * _saturating(chroma)
    away = (lightness - 50) ** 2
    d_l = (l2 - l1) / (1 + 0.015 * away / sqrt(20 + away))
    d_c = (c2 - c1) / (1 + 0.045 * chroma)
    d_h = 2 * sqrt(c1 * c2) * sin(radians(turn) / 2) / (1 + 0.015 * chroma * t)
    return sqrt(max(0.0, d_l**2 + d_c**2 + d_h**2 + rotation * d_c * d_h))


def _saturating(chroma: float) -> float:
    seventh = chroma**7
    return sqrt(seventh / (seventh + _TWENTY_FIVE))


def _polar(a: float, b: float) -> tuple[float, float]:
    """Return chroma, and hue in degrees from 0 to 360."""
    return hypot(a, b), degrees(atan2(b, a)) % 360 if a or b else 0.0


def _hues(chromas: float, h1: float, h2: float) -> tuple[float, float]:
    """Return the difference and the mean of two hues; a grey has none (`chromas`: the product of both is 0)."""
    if not chromas:
        return 0.0, h1 + h2
    turn = h2 - h1
    if abs(turn) <= 180:
        return turn, (h1 + h2) / 2
    mean = (h1 + h2 + 360) / 2 if h1 + h2 < 360 else (h1 + h2 - 360) / 2
    return turn - 360 if turn > 180 else turn + 360, mean
