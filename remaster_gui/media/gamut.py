"""Wide-gamut pictures brought to BT.709 primaries, so that numbers mean the same colours everywhere.

Only primaries that are clearly wider than BT.709 are converted (BT.2020, P3, film, BT.470 M). Those of
standard-definition video are so close that players ignore the difference, and so does this module.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.media.film import ColorTags, Pixels

_CHROMATICITIES = {
    # red x, y, green x, y, blue x, y, white x, y (ITU-T H.273, table 2)
    "bt709": (0.640, 0.330, 0.300, 0.600, 0.150, 0.060, 0.3127, 0.3290),
    "bt470m": (0.670, 0.330, 0.210, 0.710, 0.140, 0.080, 0.310, 0.316),
    "film": (0.681, 0.319, 0.243, 0.692, 0.145, 0.049, 0.310, 0.316),
    "bt2020": (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290),
    "p3-dci": (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.314, 0.351),
    "p3-d65": (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.3127, 0.3290),
}


def needs_conversion(tags: ColorTags) -> bool:
    """Whether pictures with these tags have primaries that are converted."""
    return tags.primaries in _CHROMATICITIES and tags.primaries != "bt709"


def to_bt709(pixels: Pixels, tags: ColorTags) -> Pixels:
    """Convert gamma-coded RGB (H, W, 3) to BT.709 primaries; the type stays, values out of gamut clip.

    White maps to white, so greys keep their code values whatever curve is assumed; the sRGB curve stands for
    all.
    """
    top = np.iinfo(pixels.dtype).max
    linear = _linear_table(pixels.dtype.str)[pixels]
    mixed: NDArray[Any] = cv2.transform(linear, _matrix(tags.primaries))
    np.clip(mixed, 0.0, 1.0, out=mixed)
    coded = encode_srgb(mixed) * np.float32(top)
    converted: Pixels = np.rint(coded).astype(pixels.dtype)
    return converted


def encode_srgb(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """Gamma-code linear light in [0, 1] by the sRGB curve, float32."""
    high = np.power(np.maximum(linear, np.float32(0.0031308)), np.float32(1 / 2.4)) * np.float32(
        1.055
    ) - np.float32(0.055)
    return np.where(linear <= 0.0031308, linear * np.float32(12.92), high).astype(np.float32)


def decode_srgb(coded: NDArray[np.float32]) -> NDArray[np.float32]:
    """Linear light of gamma-coded sRGB values in [0, 1], float32."""
    high = np.power(
        (np.maximum(coded, np.float32(0.04045)) + np.float32(0.055)) / np.float32(1.055), np.float32(2.4)
    )
    return np.where(coded <= 0.04045, coded / np.float32(12.92), high).astype(np.float32)


@lru_cache(maxsize=2)
def _linear_table(kind: str) -> NDArray[np.float32]:
    steps = int(np.iinfo(np.dtype(kind)).max) + 1
    return decode_srgb((np.arange(steps, dtype=np.float64) / (steps - 1)).astype(np.float32))


@lru_cache(maxsize=8)
def _matrix(primaries: str) -> NDArray[np.float64]:
    """(3, 3) from linear RGB of ``primaries`` to linear RGB of BT.709; white maps to white."""
    matrix: NDArray[np.float64] = np.linalg.inv(_to_xyz("bt709")) @ _to_xyz(primaries)
    # Scaling the rows keeps white white where the two white points differ.
    scaled: NDArray[np.float64] = matrix / matrix.sum(axis=1, keepdims=True)
    return scaled


def _to_xyz(primaries: str) -> NDArray[np.float64]:
    points = np.array(_CHROMATICITIES[primaries]).reshape(4, 2)
    xyz = np.stack([points[:, 0] / points[:, 1], np.ones(4), (1 - points.sum(axis=1)) / points[:, 1]])
    columns, white = xyz[:, :3], xyz[:, 3]
    return columns * np.linalg.solve(columns, white)
