"""Single colours: of swatches, of the picker, and picked from a raster."""

from __future__ import annotations

import math
import re

import numpy as np

from remaster_gui.base.color import rgb_to_lab
from remaster_gui.base.language import tr
from remaster_gui.painting.gamut import largest_chroma, rgb_of
from remaster_gui.painting.raster import Box, Raster

Lab = tuple[float, float, float]
"""L* from 0 to 100, a and b; relative to D65."""

_GREY_CHROMA = 4.0
_GREYS = (
    (12.0, tr("black")),
    (40.0, tr("dark grey")),
    (70.0, tr("grey")),
    (92.0, tr("pale grey")),
    (100.1, tr("white")),
)
_HUES = (
    (15.0, tr("pink")),
    (45.0, tr("red")),
    (78.0, tr("orange")),
    (108.0, tr("yellow")),
    (165.0, tr("green")),
    (225.0, tr("turquoise")),
    (312.0, tr("blue")),
    (335.0, tr("purple")),
    (360.0, tr("pink")),
)
"""Up to which hue in degrees each name reaches."""

_HEX = re.compile(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


def lab_of_rgb(red: float, green: float, blue: float) -> Lab:
    """Return the Lab of sRGB in [0, 1]."""
    light, color = rgb_to_lab(np.array([[[red, green, blue]]], np.float32))
    a, b = (float(each) * 255.0 - 128.0 for each in color[0, 0])
    return float(light[0, 0]) * 100.0, a, b


def lab_of_hex(text: str) -> Lab | None:
    """Return the Lab of "#rrggbb" or "#rgb", with or without the "#"; None if it is neither."""
    match = _HEX.fullmatch(text.strip())
    if match is None:
        return None
    digits = match[1] if len(match[1]) == 6 else "".join(digit * 2 for digit in match[1])
    red, green, blue = (int(digits[place : place + 2], 16) / 255.0 for place in (0, 2, 4))
    return lab_of_rgb(red, green, blue)


def hex_of_lab(lab: Lab) -> str:
    """Return "#rrggbb" of a colour; one beyond sRGB loses chroma, not luminance."""
    lightness, a, b = in_gamut(lab)
    values = rgb_of(np.array([lightness]), np.array([a]), np.array([b]))[:, 0]
    red, green, blue = (round(float(value) * 255.0) for value in values)
    return f"#{red:02x}{green:02x}{blue:02x}"


def in_gamut(lab: Lab) -> Lab:
    """Return the colour of the same luminance and hue with as much of its chroma as sRGB holds."""
    lightness, a, b = lab
    lightness = min(max(lightness, 0.0), 100.0)
    chroma = math.hypot(a, b)
    if chroma == 0.0:
        return lightness, 0.0, 0.0
    limit = float(largest_chroma(lightness, np.array([math.atan2(b, a)]))[0])
    share = min(1.0, limit / chroma)
    return lightness, a * share, b * share


def describe(lab: Lab) -> str:
    """Return plain words for a colour, to start naming it with: "dark green", "pale orange", "grey"."""
    lightness, a, b = lab
    chroma = math.hypot(a, b)
    if chroma < _GREY_CHROMA:
        return next(word for limit, word in _GREYS if lightness <= limit)
    hue = math.degrees(math.atan2(b, a)) % 360.0
    name = next(word for limit, word in _HUES if hue <= limit)
    if name == tr("orange") and lightness < 55.0 and chroma < 60.0:
        name = tr("brown")
    if lightness < 35.0:
        return tr("dark {name}", name=name)
    return tr("pale {name}", name=name) if lightness > 70.0 and chroma < 40.0 else name


def pick(raster: Raster, x: float, y: float, radius: float = 0.0) -> Lab | None:
    """Return the colour that shows around (x, y), the mean over a square; None outside. Pixel 0 reaches to 1.0."""
    if not (0 <= x < raster.width and 0 <= y < raster.height):
        return None
    reach = round(radius)
    box = Box(int(x) - reach, int(y) - reach, 2 * reach + 1, 2 * reach + 1).clipped(
        raster.width, raster.height
    )
    a, b = (float(each) - 128.0 for each in raster.faded(box).reshape(-1, 2).mean(axis=0))
    return float(raster.luminance[box.slices].mean()) * 100.0 / 255.0, a, b
