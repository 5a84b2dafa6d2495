"""Which colours a place of a picture is likely to have, and which reference has such colours; free of networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Float
from remaster_gui.base.color import rgb_to_lab, to_unit

LEARNED = "learned"
"""Where a colour comes from that no reference shows."""
PAINTED = "painted"
"""Where a colour comes from that the picture itself has been given."""
COUNT = 5

_ROUNDS = 12
_LEAST_APART = 6.0
"""Units of ab between two colours that are offered; of nearer ones the less likely is left out."""
_STEP = 6.0
"""Units of ab, and below of L*, to a cell of a palette."""
_LIGHT_STEP = 10.0
_SIDE, _LEVELS = 36, 10
_LEAST_SHARE = 0.04
"""Part of what is as bright in a picture that has to have a colour, for the picture to have it."""


@dataclass(frozen=True, slots=True)
class LikelyColor:
    """A colour that a place may have: a and b, how likely it is beside others (0 to 1), and where it comes from."""

    color: tuple[float, float]
    share: float
    source: str = LEARNED


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the prior thinks of a whole picture; read-only.

    `likelihood` (h, w, bins) float16, sums to 1 over the colours `centres` (bins, 2) in units of ab; `luminance` (h, w)
    in [0, 1]. `painted`: colours that it was given already.
    """

    likelihood: NDArray[np.float16]
    centres: Float
    luminance: Float
    painted: ColorTable

    def at(self, x: float, y: float, count: int = COUNT) -> tuple[LikelyColor, ...]:
        """Return the likely colours at a place, both coordinates in [0, 1], the likeliest first.

        Means of the clusters into which k-means divides the distribution there.
        """
        height, width = self.luminance.shape
        row, column = (min(int(part * size), size - 1) for part, size in ((y, height), (x, width)))
        likelihood = self.likelihood[max(0, row), max(0, column)].astype(np.float32)
        return _clusters(likelihood, self.centres, count)

    def lightness_at(self, x: float, y: float) -> float:
        """Return L* (0 to 100) at a place."""
        height, width = self.luminance.shape
        row, column = (min(int(part * size), size - 1) for part, size in ((y, height), (x, width)))
        return float(self.luminance[max(0, row), max(0, column)]) * 100.0


@dataclass(frozen=True, slots=True)
class ColorTable:
    """How often a picture has which colour, by luminance: counts (levels, a, b)."""

    name: str
    counts: NDArray[np.uint32]

    @classmethod
    def of(cls, name: str, luminance: Float, chrominance: Float) -> ColorTable:
        """Count pixels: luminance (n,) in [0, 1], chrominance (n, 2) in units of ab."""
        level = (luminance * 100.0 / _LIGHT_STEP).astype(np.intp).clip(0, _LEVELS - 1)
        a, b = _cells(chrominance).T
        place = (level * _SIDE + a) * _SIDE + b
        counts = np.bincount(place, minlength=_LEVELS * _SIDE * _SIDE)
        return cls(name, counts.reshape(_LEVELS, _SIDE, _SIDE).astype(np.uint32))

    @classmethod
    def of_picture(cls, name: str, rgb: NDArray[np.uint8]) -> ColorTable:
        """Count the pixels of a coloured sRGB picture (H, W, 3)."""
        luminance, chrominance = rgb_to_lab(to_unit(rgb))
        return cls.of(name, luminance.ravel(), chrominance.reshape(-1, 2) * 255.0 - 128.0)

    def share(self, lightness: float, color: tuple[float, float]) -> float:
        """Return which part of what is about as bright as L* `lightness` has about this colour."""
        level = min(max(int(lightness / _LIGHT_STEP), 0), _LEVELS - 1)
        near = self.counts[max(0, level - 1) : level + 2]
        total = int(near.sum())
        if not total:
            return 0.0
        a, b = _cells(np.array([color], np.float32))[0]
        found = near[:, max(0, a - 1) : a + 2, max(0, b - 1) : b + 2]
        return int(found.sum()) / total


def with_sources(
    colors: Sequence[LikelyColor], lightness: float, painted: ColorTable, references: Sequence[ColorTable]
) -> tuple[LikelyColor, ...]:
    """Say of colours for a place as bright as L* `lightness` where they come from.

    What has been painted already comes first, then the reference in which most of what is as bright has the colour.
    """
    found = []
    for each in colors:
        source = LEARNED
        if painted.share(lightness, each.color) >= _LEAST_SHARE:
            source = PAINTED
        else:
            shares = [table.share(lightness, each.color) for table in references]
            if shares and max(shares) >= _LEAST_SHARE:
                source = references[int(np.argmax(shares))].name
        found.append(LikelyColor(each.color, each.share, source))
    return tuple(found)


def _cells(chrominance: Float) -> NDArray[np.intp]:
    return (chrominance / _STEP + _SIDE / 2).astype(np.intp).clip(0, _SIDE - 1)


def _clusters(likelihood: Float, centres: Float, count: int) -> tuple[LikelyColor, ...]:
    """Divide a distribution (bins,) over colours (bins, 2) into clusters, deterministically."""
    means = centres[[int(likelihood.argmax())]]
    for _ in range(min(count, len(centres)) - 1):
        gain = likelihood * _distances(centres, means).min(axis=1)
        means = np.concatenate([means, centres[[int(gain.argmax())]]])
    shares = np.ones(len(means))
    for _ in range(_ROUNDS):
        nearest = _distances(centres, means).argmin(axis=1)
        shares = np.bincount(nearest, likelihood, len(means)).astype(np.float64)
        sums = np.stack([np.bincount(nearest, likelihood * axis, len(means)) for axis in centres.T], axis=1)
        means = np.where(shares[:, None] > 0, sums / np.maximum(shares, 1e-9)[:, None], means).astype(
            np.float32
        )
    kept: list[LikelyColor] = []
    for place in np.argsort(-shares, kind="stable"):
        color = (float(means[place, 0]), float(means[place, 1]))
        is_new = all(np.hypot(color[0] - k.color[0], color[1] - k.color[1]) >= _LEAST_APART for k in kept)
        if shares[place] > 0 and is_new:
            kept.append(LikelyColor(color, float(shares[place] / max(shares.sum(), 1e-9))))
    return tuple(kept)


def _distances(colors: Float, means: Float) -> Float:
    """Return squared distances (n, m)."""
    apart: Float = np.square(colors[:, None] - means[None]).sum(axis=2)
    return apart
