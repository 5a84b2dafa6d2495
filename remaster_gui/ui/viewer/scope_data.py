"""What scopes measure in a picture: vectorscope, waveform, RGB parade and histogram; free of Qt, for any thread.

The picture is what the viewer shows: gamma-coded BT.709 RGB, full range. Chroma is that of BT.709.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, cos, hypot, pi, radians, sin
from typing import Literal, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Float
from remaster_gui.base.language import tr

Scope = Literal["vectorscope", "waveform", "parade", "histogram"]
SCOPES: tuple[Scope, ...] = ("vectorscope", "waveform", "parade", "histogram")

LEVELS = 256
COLUMNS = 256
"""Columns of the waveform; each of the parade's three parts has a third of them."""
CHROMA_BINS = 512
"""Bins of the vectorscope along Cb and Cr, which reach from -0.5 to 0.5."""
SKIN_TONE_DEGREES = 123.0
"""Angle of skin of every complexion, counted from +Cb towards +Cr: the I axis."""

LARGEST = 400_000
"""Pixels that are counted; of larger pictures evenly spread ones."""
_LUMA = (0.2126, 0.7152, 0.0722)
_CB, _CR = 1.8556, 1.5748


@dataclass(frozen=True, slots=True)
class ScopePictures:
    """Counts, as parts of all pixels counted; arrays are read-only float32.

    vectorscope: ``(CHROMA_BINS, CHROMA_BINS)``, top row Cr = +0.5, right column Cb = +0.5. waveform: ``(LEVELS,
    COLUMNS)`` of luma, top row white. parade: three of these, ``(3, LEVELS, COLUMNS // 3)``, of R, G and B. histogram:
    ``(4, LEVELS)`` of R, G, B and luma, from black to white.
    """

    vectorscope: Float
    waveform: Float
    parade: Float
    histogram: Float


@dataclass(frozen=True, slots=True)
class VectorscopeTarget:
    """A colour of 75 % bars on the vectorscope, chroma in [-0.5, 0.5]; `rgb` in 0..255 is that of the mark."""

    name: str
    cb: float
    cr: float
    rgb: tuple[int, int, int]


def compute(rgb: NDArray[np.uint8] | NDArray[np.uint16]) -> ScopePictures:
    """Measure a picture ``(H, W, 3)``, full range."""
    picture = _thinned(rgb)
    height, width = picture.shape[:2]
    counted = float(height * width)
    matrix = _matrix()
    # Luma and chroma as 16-bit codes, so that chroma has more than 256 steps; chroma lies around the middle.
    codes = np.asarray(cv2.transform(picture.astype(np.uint16) * 257, matrix), np.uint16)
    luma = (codes[..., 0] >> 8).astype(np.uint8)
    counts = cv2.calcHist([codes], [2, 1], None, [CHROMA_BINS, CHROMA_BINS], [0, 65536, 0, 65536])
    # One bin is less than a pixel of most screens; a colour that all pixels share has to be seen as well.
    chroma: Float = np.asarray(cv2.GaussianBlur(counts, (3, 3), 0.7), np.float32)
    waveform = _by_column(luma, COLUMNS)
    parade = np.stack([_by_column(picture[..., channel], COLUMNS // 3) for channel in range(3)])
    # The levels of all columns together are the histogram.
    histogram = np.concatenate([parade.sum(axis=2), waveform.sum(axis=1)[None]])[:, ::-1]
    return ScopePictures(
        _finished(chroma[::-1], counted),
        _finished(waveform, counted),
        _finished(parade, counted),
        _finished(histogram, counted),
    )


def chroma_of(red: float, green: float, blue: float) -> tuple[float, float]:
    """Return (Cb, Cr) in [-0.5, 0.5] of a colour in [0, 1]."""
    luma = _LUMA[0] * red + _LUMA[1] * green + _LUMA[2] * blue
    return (blue - luma) / _CB, (red - luma) / _CR


def targets() -> tuple[VectorscopeTarget, ...]:
    """Return the six colours of 75 % bars."""
    bars = (("R", 1, 0, 0), ("Y", 1, 1, 0), ("G", 0, 1, 0), ("C", 0, 1, 1), ("B", 0, 0, 1), ("M", 1, 0, 1))
    found = []
    for name, red, green, blue in bars:
        cb, cr = chroma_of(0.75 * red, 0.75 * green, 0.75 * blue)
        found.append(VectorscopeTarget(name, cb, cr, (90 + 140 * red, 90 + 140 * green, 90 + 140 * blue)))
    return tuple(found)


def skin_tone_end(radius: float) -> tuple[float, float]:
    """Return (Cb, Cr) of the point of the skin-tone line at `radius` from the middle."""
    angle = radians(SKIN_TONE_DEGREES)
    return radius * cos(angle), radius * sin(angle)


def describe_chroma(cb: float, cr: float) -> str:
    """Write a place of the vectorscope as saturation (of the possible) and hue angle."""
    angle = atan2(cr, cb) * 180 / pi % 360
    return tr("saturation {hypot:.0%} · hue {angle:.0f}°", hypot=hypot(cb, cr) / 0.5, angle=angle)


def trace(counts: Float, brightness: float) -> NDArray[np.uint8]:
    """Return how brightly counts shine, uint8 of the same shape; `brightness` 0 to 1, 0.5 is usual.

    Few pixels can be seen beside many, as on a tube.
    """
    usual = 1.0 / max(1, counts.shape[-1] * counts.shape[-2])
    gain = 4.0 ** (brightness * 4 - 2) / usual
    shine = 1 - np.exp(-np.sqrt(counts * np.float32(gain)) * np.float32(0.45))
    return cast(NDArray[np.uint8], np.rint(shine * 255).astype(np.uint8))


def _thinned(rgb: NDArray[np.uint8] | NDArray[np.uint16]) -> NDArray[np.uint8]:
    """Take evenly spread pixels; averaging instead would invent colours that are not in the picture."""
    height, width = rgb.shape[:2]
    if height * width > LARGEST:
        scale = (LARGEST / (height * width)) ** 0.5
        size = max(1, round(width * scale)), max(1, round(height * scale))
        rgb = cv2.resize(rgb, size, interpolation=cv2.INTER_NEAREST)  # type: ignore[assignment]
    eight = rgb if rgb.dtype == np.uint8 else (rgb >> 8).astype(np.uint8)
    return np.ascontiguousarray(eight, np.uint8)


def _matrix() -> NDArray[np.float32]:
    """Return the 3x4 matrix from RGB to Y, Cb, Cr as codes of 16 bit."""
    luma = np.array(_LUMA)
    blue = (np.array([0, 0, 1]) - luma) / _CB
    red = (np.array([1, 0, 0]) - luma) / _CR
    return np.column_stack([np.stack([luma, blue, red]), [0, 32768, 32768]]).astype(np.float32)


def _by_column(channel: NDArray[np.uint8], columns: int) -> Float:
    """Count the levels in each column of a picture: ``(LEVELS, columns)``, the top row white."""
    height, width = channel.shape
    place = (np.arange(width) * columns // width).astype(np.uint8)
    places = np.ascontiguousarray(np.broadcast_to(place, (height, width)))
    sizes, ranges = [LEVELS, columns], [0, 256, 0, columns]
    counts = cv2.calcHist([np.ascontiguousarray(channel), places], [0, 1], None, sizes, ranges)
    return cast(Float, counts[::-1])


def _finished(counts: NDArray[np.float32], total: float) -> Float:
    array: Float = np.ascontiguousarray(counts / np.float32(total), np.float32)
    array.flags.writeable = False
    return array
