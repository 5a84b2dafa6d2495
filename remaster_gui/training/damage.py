"""Still pictures of film damage, generated: the examples of Sec. 4.4 and Fig. 6 without anybody's scans.

Fractal noise pushed through brightness, contrast and a tone curve becomes dust, scratches, blotches or haze;
specks and hairs are drawn. An example is a mask: 0 where the film is whole, 1 where damage hides it; whether
it darkens or brightens is decided when it is laid over a frame. Example `index` of a split is a pure function
of both, and no seed serves two splits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Bytes, Float

EDGE = 720
"""Shorter edge of an example: the largest at which the paper lays one over a frame."""

_ASPECT = 4 / 3


class DamageSplit(StrEnum):
    """Who may see an example: training and evaluation never share one."""

    TRAINING = "training"
    EVALUATION = "evaluation"


@dataclass(frozen=True)
class Example:
    """One picture of damage.

    `levels`: the mask ``(h, w)`` uint8 (255: film hidden) at full, half and quarter size, so that laying it
    over small does not lose thin lines; `amplitude`: luminance added or subtracted where the mask is full, at
    scale 1.
    """

    levels: tuple[Bytes, ...]
    amplitude: float

    @classmethod
    def of(cls, mask: Float, amplitude: float) -> Example:
        """Make an example of a mask ``(h, w)`` in [0, 1]."""
        levels = [np.rint(np.clip(mask, 0.0, 1.0) * 255).astype(np.uint8)]
        for _ in range(2):
            height, width = levels[-1].shape
            smaller = cv2.resize(levels[-1], (width // 2, height // 2), interpolation=cv2.INTER_AREA)
            levels.append(smaller.astype(np.uint8, copy=False))
        return cls(tuple(levels), amplitude)


def fractal_noise(
    shape: tuple[int, int],
    rng: np.random.Generator,
    cell: tuple[float, float],
    octaves: int = 6,
    roughness: float = 0.5,
) -> Float:
    """Make noise ``(h, w)``, mean 0, deviation 1, with features of at most `cell` (height, width) pixels.

    Each octave halves the cell and multiplies the amplitude by `roughness`; unequal sides make streaks.
    """
    height, width = shape
    field = np.zeros(shape, np.float32)
    amplitude = 1.0
    for octave in range(octaves):
        rows, columns = (max(side / 2**octave, 1.0) for side in cell)
        # A little more than the picture, cut at random: else all octaves would have a lattice point in the
        # corner.
        grid_height, grid_width = int(np.ceil(height / rows)) + 2, int(np.ceil(width / columns)) + 2
        grid = rng.standard_normal((grid_height, grid_width), dtype=np.float32)
        size = (max(width, round(grid_width * columns)), max(height, round(grid_height * rows)))
        grown = cv2.resize(grid, size, interpolation=cv2.INTER_CUBIC)
        top = int(rng.integers(0, grown.shape[0] - height, endpoint=True))
        left = int(rng.integers(0, grown.shape[1] - width, endpoint=True))
        field += np.float32(amplitude) * grown[top : top + height, left : left + width]
        amplitude *= roughness
        if rows <= 1 and columns <= 1:
            break
    field -= field.mean()
    return np.asarray(field / max(float(field.std()), 1e-6), np.float32)


def tone_curve(field: Float, covered: float, contrast: float, curve: float = 1.0) -> Float:
    """Turn noise into a mask: brightness so that the share `covered` is above 0, contrast, then a power."""
    brightness = -np.quantile(field[::3, ::3], 1.0 - covered)
    mask = np.clip((field + np.float32(brightness)) * np.float32(contrast), 0.0, 1.0)
    return np.asarray(mask ** np.float32(curve), np.float32)


def _log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _dust(shape: tuple[int, int], unit: float, rng: np.random.Generator) -> Float:
    """Dirt of irregular grains, denser in some places than in others."""
    grains = fractal_noise(shape, rng, (rng.uniform(3, 7) * unit,) * 2, octaves=2, roughness=0.7)
    clusters = fractal_noise(shape, rng, (rng.uniform(120, 400) * unit,) * 2, octaves=3)
    field = grains + clusters * np.float32(rng.uniform(0.3, 1.2))
    return tone_curve(field, _log_uniform(rng, 4e-4, 1.2e-2), rng.uniform(1.5, 4))


def _scratches(shape: tuple[int, int], unit: float, rng: np.random.Generator) -> Float:
    """Fine scratches along the film, broken by a coarser noise."""
    cell = (rng.uniform(80, 500) * unit, rng.uniform(1.2, 2.5) * unit)
    streaks = fractal_noise(shape, rng, cell, octaves=2, roughness=0.4)
    places = fractal_noise(shape, rng, (rng.uniform(100, 500) * unit, rng.uniform(20, 150) * unit), octaves=4)
    field = streaks + places * np.float32(rng.uniform(0.5, 1.2))
    return tone_curve(field, _log_uniform(rng, 6e-4, 1.2e-2), rng.uniform(0.8, 2))


def _blotches(shape: tuple[int, int], unit: float, rng: np.random.Generator) -> Float:
    """Make a few large spots with uneven insides and, sometimes, the dark rim that a dried drop leaves."""
    field = fractal_noise(shape, rng, (rng.uniform(60, 160) * unit,) * 2, octaves=6, roughness=0.55)
    covered = _log_uniform(rng, 1e-3, 1e-2)
    mask = tone_curve(field, covered, rng.uniform(4, 12))
    inside = 0.75 + 0.25 * fractal_noise(shape, rng, (12 * unit,) * 2, octaves=3)
    if rng.random() < 0.4:
        inner = tone_curve(field, covered * rng.uniform(0.5, 0.8), rng.uniform(3, 8))
        mask = mask - np.float32(rng.uniform(0.5, 0.9)) * inner
    return np.clip(mask * inside, 0.0, 1.0)


def _haze(shape: tuple[int, int], unit: float, rng: np.random.Generator) -> Float:
    """Plain fractal noise: mould, fogging, uneven development."""
    sides = (rng.uniform(20, 300) * unit, rng.uniform(20, 300) * unit)
    field = fractal_noise(shape, rng, sides, octaves=7, roughness=rng.uniform(0.4, 0.7))
    return tone_curve(field, rng.uniform(0.2, 0.7), rng.uniform(0.2, 0.5), rng.uniform(1, 2))


_SUBPIXEL = 4
"""Bits of subpixel accuracy when drawing."""


def _fixed_point(points: NDArray[np.float64]) -> NDArray[np.int32]:
    return np.rint(points * (1 << _SUBPIXEL)).astype(np.int32)


def _specks(shape: tuple[int, int], unit: float, rng: np.random.Generator) -> Float:
    """Separate specks of dust: small irregular polygons, many small ones, few large ones."""
    canvas = np.zeros(shape, np.uint8)
    count = int(_log_uniform(rng, 8, 400))
    steepness = rng.uniform(1.2, 2.5)
    for _ in range(count):
        radius = min(0.45 * unit * rng.pareto(steepness) + 0.5 * unit, 9 * unit)
        corners = int(rng.integers(5, 11))
        angles = np.sort(rng.uniform(0, 2 * np.pi, corners))
        reach = radius * rng.uniform(0.4, 1.3, corners)
        stretch, turn = rng.uniform(1.0, 2.5), rng.uniform(0, 2 * np.pi)
        outline = np.stack([np.cos(angles) * reach * stretch, np.sin(angles) * reach], 1)
        rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        centre = rng.uniform((0, 0), (shape[1], shape[0]))
        density = int(rng.integers(110, 256))
        polygon = _fixed_point(outline @ rotation.T + centre)
        cv2.fillPoly(canvas, [polygon], density, cv2.LINE_AA, _SUBPIXEL)
    return _focused(canvas, unit, rng)


def draw_hair(
    canvas: Bytes,
    start: tuple[float, float],
    length: float,
    width: float,
    density: int,
    rng: np.random.Generator,
) -> None:
    """Draw a hair or fibre of the given length from `start` (x, y): a curve whose bend changes slowly."""
    steps = max(8, int(length / 4))
    bend = np.cumsum(rng.normal(0, 0.5, steps)) * rng.uniform(0.02, 0.12) + rng.normal(0, 0.06)
    heading = rng.uniform(0, 2 * np.pi) + np.cumsum(bend)
    path = np.cumsum(np.stack([np.cos(heading), np.sin(heading)], 1), 0) * (length / steps) + np.array(start)
    line = _fixed_point(path)
    cv2.polylines(canvas, [line], False, density, max(1, round(width)), cv2.LINE_AA, _SUBPIXEL)


def _hairs(shape: tuple[int, int], unit: float, rng: np.random.Generator) -> Float:
    """Hairs, lint and the curled fibres of brushes and cloths."""
    canvas = np.zeros(shape, np.uint8)
    for _ in range(int(_log_uniform(rng, 1, 25))):
        start = (rng.uniform(0, shape[1]), rng.uniform(0, shape[0]))
        length = _log_uniform(rng, 12, 160) * unit
        draw_hair(canvas, start, length, rng.uniform(0.7, 2.0) * unit, int(rng.integers(100, 240)), rng)
    return _focused(canvas, unit, rng)


def _marks(shape: tuple[int, int], unit: float, rng: np.random.Generator) -> Float:
    """Short straight scratches in bundles (film slipping on the reel), each fading towards its ends."""
    canvas = np.zeros(shape, np.uint8)
    for _ in range(int(rng.integers(1, 9))):
        direction = rng.normal(np.pi / 2, 0.25) if rng.random() < 0.7 else rng.uniform(0, np.pi)
        middle = rng.uniform((0, 0), (shape[1], shape[0]))
        spread = rng.uniform(5, 60) * unit
        for _ in range(int(rng.integers(1, 9))):
            heading = direction + rng.normal(0, 0.04)
            half = _log_uniform(rng, 4, 70) * unit * np.array([np.cos(heading), np.sin(heading)])
            centre = middle + rng.normal(0, spread, 2)
            ends = np.stack([centre - half, centre + half])
            density = int(rng.integers(60, 220))
            cv2.polylines(canvas, [_fixed_point(ends)], False, density, 1, cv2.LINE_AA, _SUBPIXEL)
    broken = 0.7 + 0.5 * fractal_noise(shape, rng, (10 * unit,) * 2, octaves=3)
    return np.clip(_focused(canvas, unit, rng) * broken, 0.0, 1.0)


def _focused(canvas: Bytes, unit: float, rng: np.random.Generator) -> Float:
    """Soften a drawing: dirt on the far side of the film is out of the printer's focus."""
    return cv2.GaussianBlur(canvas.astype(np.float32) / 255, (0, 0), rng.uniform(0.4, 0.9) * unit).astype(
        np.float32
    )


@dataclass(frozen=True)
class DamageKind:
    """A sort of example: how it is made, how often it is met, how strongly it changes luminance."""

    name: str
    make: Callable[[tuple[int, int], float, np.random.Generator], Float]
    share: float
    amplitude: float


KINDS: tuple[DamageKind, ...] = (
    DamageKind("specks", _specks, 0.30, 0.80),
    DamageKind("dust", _dust, 0.22, 0.70),
    DamageKind("hairs", _hairs, 0.12, 0.55),
    DamageKind("marks", _marks, 0.12, 0.45),
    DamageKind("scratches", _scratches, 0.10, 0.35),
    DamageKind("blotches", _blotches, 0.07, 0.40),
    DamageKind("haze", _haze, 0.07, 0.15),
)


@lru_cache(maxsize=256)
def generated_example(split: DamageSplit, index: int, edge: int = EDGE) -> Example:
    """Return example `index` of a split, aspect 4:3, shorter edge `edge`; made once, then remembered."""
    rng = np.random.default_rng((0xD0575, list(DamageSplit).index(split), index))
    kind = KINDS[rng.choice(len(KINDS), p=[kind.share for kind in KINDS])]
    return Example.of(kind.make((edge, round(edge * _ASPECT)), edge / EDGE, rng), kind.amplitude)
