"""The single faults of an old print, each a function of arrays: bleeding light, stains, grain, splices.

All luminance is float32 ``(height, width)``, nominally in [0, 1]; values may leave that range until the frame
is done. `unit` is the size of one pixel of a normal frame (see `remaster_gui.training.degradation`).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Bytes, Float
from remaster_gui.training.damage import EDGE, Example, draw_hair

SMALLEST, LARGEST = 256, EDGE
"""Shorter edge at which an example is laid over a frame: U(256, 720) pixels (Sec. 4.4)."""


@dataclass(frozen=True)
class FrameWindow:
    """Part of a whole frame of `height` x `width` whose upper left corner lies at (`top`, `left`)."""

    height: int
    width: int
    top: int = 0
    left: int = 0

    def rows(self, count: int) -> Float:
        """Return where the part's `count` rows lie in the whole frame: 0 at its top, 1 at its bottom."""
        return (np.float32(self.top) + np.arange(count, dtype=np.float32)) / np.float32(self.height)

    def columns(self, count: int) -> Float:
        """Return where the part's `count` columns lie in the whole frame: 0 at its left, 1 at its right."""
        return (np.float32(self.left) + np.arange(count, dtype=np.float32)) / np.float32(self.width)


def moved(values: Float, dx: float, dy: float) -> Float:
    """Displace the picture; its border is repeated where nothing is left."""
    move = np.array([[1, 0, dx], [0, 1, dy]], np.float64)
    size = (values.shape[1], values.shape[0])
    how = cv2.INTER_CUBIC
    return np.asarray(
        cv2.warpAffine(values, move, size, flags=how, borderMode=cv2.BORDER_REPLICATE), np.float32
    )


def bleed(values: Float, amount: float, unit: float) -> Float:
    """Spread the light of the highlights over their surroundings (halation, contrast bleed)."""
    bright = np.clip(values - np.float32(0.55), 0.0, None)
    small = cv2.resize(bright, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    glow = cv2.GaussianBlur(small, (0, 0), 2 * unit, borderType=cv2.BORDER_REPLICATE)
    grown = cv2.resize(glow, (values.shape[1], values.shape[0]), interpolation=cv2.INTER_LINEAR)
    return values + np.float32(1.3 * amount) * np.asarray(grown, np.float32)


def vignette(
    shape: tuple[int, int], window: FrameWindow, amount: float, center: tuple[float, float]
) -> Float:
    """Share of light that reaches each pixel; the corners lose `amount`; `center` (x, y) lies in [0, 1]."""
    y = window.rows(shape[0]) - np.float32(center[1])
    x = window.columns(shape[1]) - np.float32(center[0])
    squared = (y[:, None] ** 2 + x[None] ** 2) * np.float32(2)
    return np.float32(1) - np.float32(amount) * squared ** np.float32(1.5)


def stains(shape: tuple[int, int], window: FrameWindow, seed: int, index: int, unit: float) -> Float:
    """Damp stains, 0 to about 1: clouds with tide lines along one side of the film.

    Where they lie changes over several frames; their shape is new in each, another piece of the strip.
    """
    scale = 2  # stains are soft: half of the resolution shows all of them
    pixels_y = window.top + np.arange(0, shape[0] + scale, scale)
    pixels_x = window.left + np.arange(0, shape[1] + scale, scale)
    place = _cloud(seed, pixels_y / (200 * unit), pixels_x / (120 * unit), index / 7.0)
    side = pixels_x.astype(np.float32) / np.float32(window.width)
    place += np.float32(1.6) * (side if seed % 2 else 1 - side) - np.float32(1.1)
    field, amplitude = place, 0.55
    for octave in range(4):
        cell = 42 * unit / 2.2**octave
        field = field + np.float32(amplitude) * _cloud(
            seed + 1 + octave, pixels_y / cell, pixels_x / cell, index
        )
        amplitude *= 0.62
    inside = 1 / (1 + np.exp(np.float32(-3) * (field - np.float32(0.5))))
    line = np.exp(-((field - np.float32(0.45)) ** 2) / np.float32(2 * 0.11**2))
    stain = (np.float32(0.55) * inside + np.float32(0.35) * line).astype(np.float32)
    size = (stain.shape[1] * scale, stain.shape[0] * scale)
    grown = cv2.resize(stain, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(grown[: shape[0], : shape[1]], np.float32)


def _cloud(seed: int, rows: NDArray[np.float64], columns: NDArray[np.float64], time: float) -> Float:
    """Value noise at ``rows x columns`` (in cells) that changes from one whole `time` to the next."""
    top, left = int(rows[0]), int(columns[0])
    shape = (int(rows[-1]) - top + 3, int(columns[-1]) - left + 3)
    now = int(np.floor(time))
    part = np.float32(time - now)
    first, second = (
        np.random.default_rng((seed, step + (1 << 32))).standard_normal(shape, dtype=np.float32)
        for step in (now, now + 1)
    )
    mixed = first * (1 - part) + second * part
    map_x, map_y = np.meshgrid((columns - left).astype(np.float32), (rows - top).astype(np.float32))
    return np.asarray(
        cv2.remap(mixed, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.float32
    )


def add_grain(values: Float, amount: float, size: float, rng: np.random.Generator) -> None:
    """Add grain, deviation `amount` in the mid-tones, where silver shows it most; `size` in pixels."""
    noise = cv2.GaussianBlur(rng.standard_normal(values.shape, dtype=np.float32), (0, 0), size)
    # A Gaussian of deviation s divides that of white noise by about 2 s sqrt(pi), and never multiplies it.
    restored = amount * max(1.0, 2 * size * float(np.sqrt(np.pi)))
    tone = np.clip(values, 0.0, 1.0)
    values += noise * (np.float32(restored) * (np.float32(0.35) + np.float32(2.6) * tone * (1 - tone)))


def add_gate_hair(values: Float, window: FrameWindow, seed: int, jitter: float, unit: float) -> None:
    """Add the shadow of a hair that sticks in the gate at the upper or lower edge, `jitter` pixels aside."""
    rng = np.random.default_rng(seed)
    side, place = int(rng.integers(2)), rng.uniform(0.05, 0.95)
    start = (place * window.width - window.left + jitter, side * window.height - window.top)
    hair = np.zeros(values.shape, np.uint8)
    draw_hair(hair, start, rng.uniform(20, 90) * unit, rng.uniform(0.8, 1.8) * unit, 255, rng)
    values -= np.float32(0.5 / 255) * np.asarray(cv2.GaussianBlur(hair, (0, 0), 0.7 * unit), np.float32)


def add_splice(values: Float, window: FrameWindow, seed: int, after: bool, unit: float) -> None:
    """Add a splice: a dark line with smears of glue, near the top of its frame or the bottom of the next."""
    rng = np.random.default_rng((seed, int(after)))
    middle = window.height * (0.985 if after else 0.03) + rng.normal(0, 1) * unit
    rows = np.arange(values.shape[0], dtype=np.float32) + np.float32(window.top - middle)
    band = np.exp(-((rows / np.float32(rng.uniform(1.5, 5) * unit)) ** 2))
    line = np.exp(-((rows / np.float32(0.8 * unit)) ** 2))
    smear = cv2.resize(rng.normal(1, 0.4, (1, 24)).astype(np.float32), (values.shape[1], 1))
    values += np.float32(0.25) * band[:, None] * np.asarray(smear, np.float32)
    values -= np.float32(0.5) * line[:, None]


def lay_example(example: Example, shape: tuple[int, int], unit: float, rng: np.random.Generator) -> Bytes:
    """Scale, flip, turn and crop an example for a frame of `shape`, as Sec. 4.4 says; uint8 of that shape.

    Shorter edge U(256, 720) times `unit`, but large enough to cover the frame; flips with probability 1/2
    each; angle U(-5, 5) degrees.
    """
    height, width = shape
    native_height, native_width = example.levels[0].shape
    covering = max(height, width * native_height / native_width)
    largest = LARGEST * unit
    edge = rng.uniform(min(max(SMALLEST * unit, covering), largest), largest)
    level = example.levels[0]
    for smaller in example.levels[1:]:
        if smaller.shape[0] >= 0.9 * edge:
            level = smaller
    scale = edge / level.shape[0]
    flip_x, flip_y = (-1.0 if rng.random() < 0.5 else 1.0 for _ in range(2))
    angle = np.deg2rad(rng.uniform(-5, 5))
    spare_x = max(0.0, level.shape[1] - width / scale) / 2
    spare_y = max(0.0, level.shape[0] - height / scale) / 2
    x = level.shape[1] / 2 + rng.uniform(-spare_x, spare_x)
    y = level.shape[0] / 2 + rng.uniform(-spare_y, spare_y)
    cos, sin = np.cos(angle) / scale, np.sin(angle) / scale
    a, b, c, d = flip_x * cos, -flip_y * sin, flip_x * sin, flip_y * cos
    back = np.array([[a, b, x - a * width / 2 - b * height / 2], [c, d, y - c * width / 2 - d * height / 2]])
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    laid = cv2.warpAffine(level, back, (width, height), flags=how, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(laid, np.uint8)
