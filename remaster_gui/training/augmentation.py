"""Data augmentation of the paper's Table 3: the table as data, and what each of its rows does to pixels.

Letters as in the paper: x is the input of the networks (degraded luminance), y the target (clean frames), z
the references. One draw of a row holds for all frames of a clip; every reference has draws of its own; a row
for (x, y) is drawn once and changes both, because x is made from the already changed y.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Bytes, Float
from remaster_gui.base.errors import SettingsError
from remaster_gui.model.lab import LUMA


class AlterationTarget(StrEnum):
    """What a row changes."""

    SOURCE_AND_TARGET = "x,y"
    SOURCE = "x"
    REFERENCE = "z"


class Alteration(StrEnum):
    """How a row changes it; the comment gives the meaning of the drawn value."""

    FLIP = "horizontal flip"  # no value
    SCALING = "scaling"  # shorter edge of the whole frame in pixels; a random crop follows
    ROTATION = "rotation"  # degrees
    BRIGHTNESS = "brightness"  # factor
    CONTRAST = "contrast"  # factor of the distance to the mean
    SATURATION = "saturation"  # factor of the distance to grey
    JPEG = "JPEG"  # quality
    NOISE = "noise"  # standard deviation of Gaussian noise
    BLUR = "blur"  # factor of bicubic down-sampling (and up again)


@dataclass(frozen=True)
class Augmentation:
    """One row of Table 3: `kind` happens to `target` with `probability`, its value uniform in [low, high]."""

    kind: Alteration
    target: AlterationTarget
    probability: float
    low: float = 0.0
    high: float = 0.0


TABLE_3: tuple[Augmentation, ...] = (
    Augmentation(Alteration.FLIP, AlterationTarget.SOURCE_AND_TARGET, 0.50),
    Augmentation(Alteration.FLIP, AlterationTarget.REFERENCE, 0.50),
    Augmentation(Alteration.SCALING, AlterationTarget.SOURCE_AND_TARGET, 1.00, 256, 400),
    Augmentation(Alteration.ROTATION, AlterationTarget.SOURCE_AND_TARGET, 1.00, -5, 5),
    Augmentation(Alteration.BRIGHTNESS, AlterationTarget.SOURCE_AND_TARGET, 0.20, 0.8, 1.2),
    Augmentation(Alteration.CONTRAST, AlterationTarget.SOURCE_AND_TARGET, 0.20, 0.9, 1.0),
    Augmentation(Alteration.JPEG, AlterationTarget.SOURCE, 0.90, 15, 40),
    Augmentation(Alteration.JPEG, AlterationTarget.REFERENCE, 0.90, 15, 40),
    Augmentation(Alteration.NOISE, AlterationTarget.SOURCE, 0.10, 0.04, 0.04),
    Augmentation(Alteration.NOISE, AlterationTarget.REFERENCE, 0.10, 0.04, 0.04),
    Augmentation(Alteration.BLUR, AlterationTarget.SOURCE, 0.50, 2, 4),
    Augmentation(Alteration.CONTRAST, AlterationTarget.SOURCE, 0.33, 0.6, 1.0),
    Augmentation(Alteration.SCALING, AlterationTarget.REFERENCE, 1.00, 256, 320),
    Augmentation(Alteration.SATURATION, AlterationTarget.REFERENCE, 0.10, 0.3, 1.0),
)
"""Table 3 of the paper. Its N(0, 0.04) is read as a standard deviation: ten of 256 levels, as grain has."""


Draw = dict[Alteration, float]
"""The rows that happen this time, with their values."""


def draw(table: tuple[Augmentation, ...], target: AlterationTarget, rng: np.random.Generator) -> Draw:
    """Draw which rows for `target` happen and with which value.

    Takes the same amount of randomness whatever happens, so that one changed probability leaves later draws
    alone.
    """
    drawn: Draw = {}
    for row in table:
        if row.target is target:
            happens, value = rng.random() < row.probability, rng.uniform(row.low, row.high)
            if happens:
                drawn[row.kind] = value
    return drawn


@dataclass(frozen=True)
class CropView:
    """Which part of a frame a crop shows: the geometric rows of one draw made concrete.

    `scale` takes stored pixels to scaled pixels; `x` and `y` are the crop's centre in scaled pixels; `angle`
    is in degrees; `size` is the square crop's edge.
    """

    scale: float
    x: float
    y: float
    angle: float
    flip: bool
    size: int


def draw_view(shape: tuple[int, ...], drawn: Draw, size: int, rng: np.random.Generator) -> CropView:
    """Place a crop of `size` anywhere in a frame ``(H, W, ...)`` scaled as drawn.

    Raises `SettingsError` when the crop is larger than the scaled frame.
    """
    height, width = shape[:2]
    scale = drawn[Alteration.SCALING] / min(height, width)
    if drawn[Alteration.SCALING] < size:
        raise SettingsError(
            f"A crop of {size} pixels does not fit a frame scaled to {drawn[Alteration.SCALING]:.0f}; "
            "choose a smaller crop or a larger scale."
        )
    half = size / 2
    x = rng.uniform(half, width * scale - half)
    y = rng.uniform(half, height * scale - half)
    return CropView(scale, x, y, drawn.get(Alteration.ROTATION, 0.0), Alteration.FLIP in drawn, size)


def crop(frame: Bytes, view: CropView, shift: Sequence[float] | NDArray[np.float64] = (0.0, 0.0)) -> Bytes:
    """Cut `view` out of ``(H, W, 3)`` uint8: ``(size, size, 3)`` uint8.

    Where the view looks outside, the frame is mirrored. Only the needed part is touched, resized with area
    averaging when shrinking (no aliasing), then rotated, flipped and moved by `shift` (x, y in scaled pixels
    along the axes of the frame) with bicubic interpolation.
    """
    height, width = frame.shape[:2]
    x, y = view.x + shift[0], view.y + shift[1]
    turn = np.deg2rad(view.angle)
    reach = view.size / 2 * (abs(np.cos(turn)) + abs(np.sin(turn))) + 3
    left, right = covered_span(x, reach, view.scale, width)
    top, bottom = covered_span(y, reach, view.scale, height)
    part = frame[top:bottom, left:right]
    new_width = max(2, round((right - left) * view.scale))
    new_height = max(2, round((bottom - top) * view.scale))
    if (new_height, new_width) != part.shape[:2]:
        how = cv2.INTER_AREA if view.scale < 1 else cv2.INTER_CUBIC
        part = cv2.resize(part, (new_width, new_height), interpolation=how).astype(np.uint8, copy=False)
    # The part's own scale differs from view.scale by rounding; centres of pixels lie at half-integers.
    centre_x = (x / view.scale - left) * (part.shape[1] / (right - left)) - 0.5
    centre_y = (y / view.scale - top) * (part.shape[0] / (bottom - top)) - 0.5
    cos, sin = np.cos(turn), np.sin(turn)
    middle = (view.size - 1) / 2
    sign = -1.0 if view.flip else 1.0
    back = np.array(  # from crop pixels to pixels of the part
        [
            [sign * cos, -sin, centre_x - sign * cos * middle + sin * middle],
            [sign * sin, cos, centre_y - sign * sin * middle - cos * middle],
        ]
    )
    return cv2.warpAffine(
        np.ascontiguousarray(part),
        back,
        (view.size, view.size),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT_101,
    ).astype(np.uint8, copy=False)


def covered_span(centre: float, reach: float, scale: float, length: int) -> tuple[int, int]:
    """Return the half-open range of stored pixels that covers ``centre ± reach`` of scaled ones."""
    low = int(np.clip(np.floor((centre - reach) / scale), 0, length - 8))
    high = int(np.clip(np.ceil((centre + reach) / scale), low + 8, length))
    return low, high


def change_tones(rgb: Float, drawn: Draw) -> Float:
    """Apply brightness, contrast and saturation rows to sRGB ``(T, H, W, 3)`` in [0, 1], all frames alike."""
    if Alteration.BRIGHTNESS in drawn:
        rgb = rgb * np.float32(drawn[Alteration.BRIGHTNESS])
    if Alteration.CONTRAST in drawn:
        rgb = _towards(rgb, rgb.mean(dtype=np.float32), drawn[Alteration.CONTRAST])
    if Alteration.SATURATION in drawn:
        grey = rgb @ np.array(LUMA, np.float32)
        rgb = _towards(rgb, grey[..., None], drawn[Alteration.SATURATION])
    return np.clip(rgb, 0.0, 1.0)


def soften(luminance: Float, drawn: Draw) -> Float:
    """Apply the rows of lens and print (blur, contrast) to luminance ``(T, H, W)`` in [0, 1]."""
    if Alteration.BLUR in drawn:
        luminance = np.stack([_blur(frame, drawn[Alteration.BLUR]) for frame in luminance])
    if Alteration.CONTRAST in drawn:
        luminance = _towards(luminance, luminance.mean(dtype=np.float32), drawn[Alteration.CONTRAST])
    return luminance


def corrupt(frames: Float, drawn: Draw, rng: np.random.Generator) -> Float:
    """Apply the rows of the transfer (noise, then JPEG) to ``(T, H, W)`` or ``(T, H, W, 3)`` in [0, 1].

    Noise is new in every frame, its strength and the JPEG quality hold for all frames.
    """
    if Alteration.NOISE in drawn:
        noise = rng.standard_normal(frames.shape, dtype=np.float32)
        frames = np.clip(frames + noise * np.float32(drawn[Alteration.NOISE]), 0.0, 1.0)
    if Alteration.JPEG in drawn:
        frames = np.stack([_jpeg(frame, round(drawn[Alteration.JPEG])) for frame in frames])
    return frames


def _towards(values: Float, centre: Float | np.float32, factor: float) -> Float:
    return np.asarray((values - centre) * np.float32(factor) + centre, np.float32)


def _blur(frame: Float, factor: float) -> Float:
    height, width = frame.shape
    small = (max(1, round(width / factor)), max(1, round(height / factor)))
    # Bicubic with a step larger than its support would alias; area averaging first would not be bicubic. The
    # paper asks for bicubic down-sampling, and at factors of 2 to 4 a little aliasing is what a poor transfer
    # shows too.
    shrunk = cv2.resize(frame, small, interpolation=cv2.INTER_CUBIC)
    grown = cv2.resize(shrunk, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(grown, 0.0, 1.0).astype(np.float32, copy=False)


def _jpeg(frame: Float, quality: int) -> Float:
    """Compress and decompress one frame; OpenCV takes BGR, and JPEG's chroma depends on the order."""
    levels = np.rint(frame * 255).astype(np.uint8)
    colored = frame.ndim == 3
    if colored:
        levels = levels[..., ::-1]
    _, code = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    back = np.asarray(cv2.imdecode(code, cv2.IMREAD_COLOR if colored else cv2.IMREAD_GRAYSCALE), np.float32)
    return (back[..., ::-1] if colored else back) / np.float32(255)
