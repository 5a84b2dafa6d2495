"""Points by which a picture is recognised in a film although it is cropped, scaled, turned or toned otherwise."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Bytes, Float

Matrix = NDArray[np.float64]

LOOKED_AT = 480
"""Longer edge at which pictures are looked at."""
MOST_POINTS = 500
ENOUGH_PAIRS = 10
"""Pairs of points that have to agree on one movement before it is believed."""

_RATIO = 0.8
"""How much nearer than the second nearest the right point has to be [Lowe 2004, Sec. 7.1]."""
_REACH = 3.0
"""Pixels by which pairs may miss the movement."""
_MOST_TURN = 20.0
"""Degrees; a picture that is turned farther shows something else."""
_STRETCH = 1.6
"""Ratio of scales along the axes that anamorphic pixels may bring about, with room."""
_SCALES = (0.05, 20.0)
_SHEAR = 0.12


@dataclass(frozen=True, slots=True)
class Features:
    """Points ``(N, 2)`` in pixels of the picture itself, and what is around them, unit vectors ``(N, 128)``."""

    points: Float
    around: Float


def shrink(luminance: Bytes, edge: int) -> tuple[Bytes, float]:
    """Reduce luminance ``(H, W)`` to a longer edge of at most `edge`; returns it with the scale, at most 1."""
    scale = min(1.0, edge / max(luminance.shape))
    if scale == 1.0:
        return luminance, 1.0
    size = (max(1, round(luminance.shape[1] * scale)), max(1, round(luminance.shape[0] * scale)))
    return np.asarray(cv2.resize(luminance, size, interpolation=cv2.INTER_AREA), np.uint8), scale


def find_features(luminance: Bytes, most: int = MOST_POINTS) -> Features:
    """Find what is special in luminance ``(H, W)``."""
    small, _ = shrink(luminance, LOOKED_AT)
    dark, bright = np.percentile(small, (1, 99))
    stretched = (small.astype(np.float32) - dark) * (255.0 / max(24.0, bright - dark))
    found, around = cv2.SIFT.create(most).detectAndCompute(stretched.clip(0, 255).astype(np.uint8), None)
    if around is None:
        return Features(np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32))
    scale = np.array(luminance.shape[::-1], np.float64) / small.shape[::-1]
    points = (np.array([point.pt for point in found[:most]]) + 0.5) * scale - 0.5
    # Roots make one strong edge count less [Arandjelovic and Zisserman 2012].
    root = np.sqrt(around[:most] / np.maximum(around[:most].sum(axis=1, keepdims=True), 1e-6))
    return Features(points.astype(np.float32), root.astype(np.float32))


def pair_up(frame: Features, picture: Features) -> NDArray[np.intp]:
    """Return indices ``(N, 2)`` of points of frame and picture that look like nothing else so much."""
    if len(frame.points) < 2 or len(picture.points) < 2:
        return np.zeros((0, 2), np.intp)
    alike = picture.around @ frame.around.T
    rows = np.arange(len(alike))
    best = alike.argmax(axis=1)
    nearest = alike[rows, best]
    alike[rows, best] = -1.0
    second = alike.max(axis=1)
    # Of unit vectors the square of the distance is 2 - 2 * their product.
    clear = (1.0 - nearest) < _RATIO**2 * (1.0 - second)
    return np.stack([best[clear], rows[clear]], axis=1)


def movement(frame: Features, picture: Features) -> tuple[Matrix, int] | None:
    """Return where a frame's pixels lie in the picture, an affine map ``(2, 3)``, and how many pairs of points say so.

    None where too few agree, or only on a map that no print, scan or crop brings about.
    """
    pairs = pair_up(frame, picture)
    if len(pairs) < ENOUGH_PAIRS:
        return None
    here, there = frame.points[pairs[:, 0]], picture.points[pairs[:, 1]]
    reach = _REACH * max(1.0, float(np.ptp(there, axis=0).max()) / LOOKED_AT)
    cv2.setRNGSeed(0)  # the same answer every time
    found, agree = cv2.estimateAffine2D(
        here, there, method=cv2.RANSAC, ransacReprojThreshold=reach, maxIters=3000, confidence=0.999
    )
    count = 0 if agree is None else int(agree.sum())
    if found is None or count < ENOUGH_PAIRS:
        return None
    matrix = np.asarray(found, np.float64)
    return (matrix, count) if is_likely(matrix) else None


def is_likely(matrix: Matrix) -> bool:
    """Whether an affine map ``(2, 3)`` is one that copying pictures brings about: upright, hardly sheared."""
    if not np.isfinite(matrix).all():
        return False
    across, down = matrix[:, 0], matrix[:, 1]
    wide, high = float(np.hypot(*across)), float(np.hypot(*down))
    if not all(_SCALES[0] < each < _SCALES[1] for each in (wide, high)):
        return False
    turn = abs(np.degrees(np.arctan2(across[1], across[0])))
    shear = abs(float(across @ down)) / (wide * high)
    stretch = max(wide, high) / min(wide, high)
    return bool(
        np.linalg.det(matrix[:, :2]) > 0 and turn < _MOST_TURN and shear < _SHEAR and stretch < _STRETCH
    )
