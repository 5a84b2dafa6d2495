"""The film's own luminance with the tones that restoration gave it: what is left between both was changed locally.

Restoration corrects a curve of tones, dark corners and flicker of whole frames. What of that stands between a frame and
its restored one is found from small pictures of both, which neither grain nor small dirt reaches.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Float
from remaster_gui.engine.sizes import Size, resize

_EDGE = 96
"""Shorter edge of the small pictures."""
_ROUNDS = 5
_FEW = 0.02
"""Share of the cells that may be darker, or brighter, than tones that the curve is fitted to."""
_RIDGE = 0.1
"""Keeps the curve plain where a frame has few tones, as a share of what it is fitted to."""
_AROUND = 13
"""Cells of the small picture within which a median tells what is left of tones; dirt is smaller than half of that."""
_SPREAD = 4.0
_MOST_LEFT = 0.125


def with_restored_tones(source: Float, restored: Float) -> Float:
    """Return the film's own luminance ``(H, W)`` with the tones of the restored one of the same size.

    Both are L*/100 in [0, 1]; the result may leave that a little.
    """
    height, width = source.shape
    own, new = (np.asarray(cv2.medianBlur(_small(each), 3), np.float32) for each in (source, restored))
    around = _from_middle(*own.shape)
    change = (new - own).astype(np.float64)
    # Tones that hardly any cell has may be those of dirt; from there on the curve goes on evenly.
    darkest, brightest = (float(each) for each in np.quantile(own, (_FEW, 1 - _FEW)))
    terms = np.stack([each.ravel() for each in _terms(own.clip(darkest, brightest), around)], 1).astype(float)
    weights = _fit(terms, change.ravel())
    left = (change.ravel() - terms @ weights).reshape(own.shape)
    levels = np.rint((left.clip(-_MOST_LEFT, _MOST_LEFT) + _MOST_LEFT) * (255 / (2 * _MOST_LEFT)))
    middle = cv2.medianBlur(levels.astype(np.uint8), _AROUND).astype(np.float32) * (2 * _MOST_LEFT / 255)
    field = cv2.GaussianBlur(middle - np.float32(_MOST_LEFT), (0, 0), _SPREAD)
    toned = np.asarray(cv2.resize(field, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    toned += source
    tones = source.clip(darkest, brightest)
    w = weights.astype(np.float32)
    corner = _from_middle(height, width)
    slope = w[6] * corner
    slope += w[2]
    slope += w[3] * tones
    slope *= tones
    slope += w[1] + corner * (w[5] + w[7] * corner)
    slope *= tones
    slope += w[0] + w[4] * corner
    toned += slope
    return toned


def _small(picture: Float) -> Float:
    height, width = picture.shape
    scale = min(1.0, _EDGE / min(height, width))
    return resize(picture, Size(max(4, round(width * scale)), max(4, round(height * scale))))


def _from_middle(height: int, width: int) -> Float:
    """Return the squared distance from the middle, 1 at the middle of an edge ``(height, width)``."""
    rows, columns = (((np.arange(n, dtype=np.float32) + 0.5) * (2 / n) - 1) ** 2 for n in (height, width))
    return rows[:, None] + columns[None]


def _terms(tones: Float, corner: Float) -> list[NDArray[Any]]:
    """Return what tone curves and dark corners are made of."""
    one = np.ones_like(tones)
    square = tones * tones
    return [
        one, tones, square, square * tones, corner, corner * tones, corner * square, corner * corner * tones
    ]  # fmt: skip


def _fit(terms: NDArray[np.float64], change: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fit the changes of most cells; those that changed otherwise, as where something moved, do not count."""
    weight = np.ones_like(change)
    ridge = np.diag([0.0, 0.01 * _RIDGE, *[_RIDGE] * (terms.shape[1] - 2)]) * (1e-5 * len(change))
    ridge += np.eye(terms.shape[1]) * 1e-9
    found: NDArray[np.float64] = np.zeros(terms.shape[1])
    for _ in range(_ROUNDS):
        weighted = (terms * weight[:, None]).T
        found = np.asarray(np.linalg.solve(weighted @ terms + ridge, weighted @ change), np.float64)
        off = np.abs(change - terms @ found)
        weight = 1 / (1 + (off / (3 * float(np.median(off)) + 2e-4)) ** 2)
    return found
