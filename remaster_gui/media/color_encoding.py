"""What the code values of a picture mean, and the way from there to sRGB, so that numbers mean the same everywhere.

Of films, primaries are converted that are clearly wider than BT.709 (BT.2020, P3, film, BT.470 M), and tones that are
linear or logarithmic. Primaries of standard-definition video and the gammas of cameras are so close that players ignore
the difference, and so does this module. What a still picture says of itself is taken at its word.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Pixels
from remaster_gui.base.srgb import to_coded, to_linear
from remaster_gui.media.film import ColorTags

Doubles = NDArray[np.float64]
Curve = Callable[[Doubles], Doubles]
"""From code values in [0, 1] to linear light."""

CHROMATICITIES = {
    # red x, y, green x, y, blue x, y, white x, y (ITU-T H.273, table 2)
    "bt709": (0.640, 0.330, 0.300, 0.600, 0.150, 0.060, 0.3127, 0.3290),
    "bt470m": (0.670, 0.330, 0.210, 0.710, 0.140, 0.080, 0.310, 0.316),
    "film": (0.681, 0.319, 0.243, 0.692, 0.145, 0.049, 0.310, 0.316),
    "bt2020": (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290),
    "p3-dci": (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.314, 0.351),
    "p3-d65": (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.3127, 0.3290),
}

_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_STRIP = 256
"""Rows that are converted at once; a large scan would take gigabytes as floats."""
_ROOTS = 65536
"""Steps of the root of linear light; its slope is steep where that of the sRGB curve is."""
_SAME_MATRIX = 0.004
_SAME_CURVE = 0.6 / 255
"""How far a curve may stray from that of sRGB and stand for it: tables of profiles round."""


@dataclass(frozen=True, eq=False, slots=True)
class Encoding:
    """How RGB or grey code values are to be read.

    `curves`: one for all channels, or three. `matrix`: (3, 3) from linear RGB to that of BT.709, None where they are
    the same. `primaries` and `transfer` name both as `ColorTags` does, "profile" where they are given by numbers.
    """

    primaries: str
    transfer: str
    curves: tuple[Curve, ...]
    matrix: Doubles | None = None

    @property
    def is_srgb(self) -> bool:
        """Whether nothing is to be converted."""
        return self.matrix is None and self.transfer == "srgb"


def linear_curve(coded: Doubles) -> Doubles:
    """Light that is stored as it is."""
    return coded


def gamma_curve(gamma: float) -> Curve:
    """Linear light of code values with a pure power."""
    return lambda coded: np.maximum(coded, 0.0) ** gamma


def film_curve(coded: Doubles) -> Doubles:
    """Light behind the density of a scanned negative: code 95 of 1023 is black, 685 white, one is 0.002 (Cineon)."""
    black, white, gamma = 95.0, 685.0, 0.6
    light = 10.0 ** ((coded * 1023.0 - white) * 0.002 / gamma)
    darkest = 10.0 ** ((black - white) * 0.002 / gamma)
    return np.asarray((light - darkest) / (1.0 - darkest), np.float64)


def _logarithmic(decades: float) -> Curve:
    """Return light behind code values of which each step is as much brighter; 0 is black (ITU-T H.273, table 3)."""
    return lambda coded: np.where(coded > 0, 10.0 ** (decades * (coded - 1.0)), 0.0)


_FILM_CURVES = {"linear": linear_curve, "log100": _logarithmic(2.0), "log316": _logarithmic(2.5)}
"""Of transfers of films that the curve of sRGB cannot stand for."""
SRGB = Encoding("bt709", "srgb", (to_linear,))
LINEAR = Encoding("bt709", "linear", (linear_curve,))
FILM_DENSITY = Encoding("bt709", "log", (film_curve,))


def simplified(encoding: Encoding) -> Encoding:
    """Return `encoding`, or plain sRGB where that is what it says in other words."""
    matrix = None if is_identity(encoding.matrix) else encoding.matrix
    steps = np.linspace(0.0, 1.0, 256)
    strays = [np.abs(to_coded(curve(steps).clip(0.0, 1.0)) - steps).max() for curve in encoding.curves]
    if max(strays) < _SAME_CURVE:
        return SRGB if matrix is None else Encoding(encoding.primaries, "srgb", (to_linear,), matrix)
    return Encoding(encoding.primaries, encoding.transfer, encoding.curves, matrix)


def is_identity(matrix: Doubles | None) -> bool:
    """Whether a matrix (3, 3), or none, leaves colours as they are but for how it was written down."""
    return matrix is None or bool(np.abs(matrix - np.eye(3)).max() < _SAME_MATRIX)


def tagged_encoding(tags: ColorTags) -> Encoding:
    """Return what tags of a film mean: gamma-coded light, for which sRGB's curve stands, unless they say otherwise.

    Greys keep their code values whatever gamma is assumed, as white maps to white.
    """
    is_wide = tags.primaries in CHROMATICITIES and tags.primaries != "bt709"
    matrix = chromaticity_matrix(CHROMATICITIES[tags.primaries]) if is_wide else None
    transfer = tags.transfer if tags.transfer in _FILM_CURVES else "srgb"
    return Encoding(tags.primaries, transfer, (_FILM_CURVES.get(transfer, to_linear),), matrix)


def coded_tones(steps: Doubles, transfer: str) -> Doubles:
    """Return grey steps in [0, 1] of a film with a transfer, as `ColorTags` names it, as they are in sRGB."""
    curve = _FILM_CURVES.get(transfer)
    return steps if curve is None else to_coded(curve(steps))


def to_srgb(codes: NDArray[Any], encoding: Encoding) -> Pixels:
    """Convert (H, W) or (H, W, 3) to sRGB: whole numbers keep their type, floats become uint16; the rest clips.

    Floats are linear light, whatever the curve of the encoding.
    """
    is_float = codes.dtype.kind == "f"
    if encoding.is_srgb and not is_float:
        return codes
    converted: Pixels = np.empty(codes.shape, np.uint16 if is_float else codes.dtype)
    for top in range(0, codes.shape[0], _STRIP):
        rows = slice(top, top + _STRIP)
        strip = codes[rows]
        converted[rows] = _mixed(strip, encoding) if is_float else _recoded(strip, encoding)
    return converted


def _recoded(codes: NDArray[Any], encoding: Encoding) -> NDArray[Any]:
    kind = codes.dtype.str
    if codes.ndim == 2 or encoding.matrix is None:
        # Grey under a profile for colours follows green.
        curves = encoding.curves if codes.ndim == 3 else (encoding.curves[len(encoding.curves) // 2],)
        tables = [encode_light(_light_table(kind, curve), codes.dtype) for curve in curves]
        return _looked_up(codes, tables)
    linear = _looked_up(codes, [_light_table(kind, curve) for curve in encoding.curves])
    return encode_light(np.asarray(cv2.transform(linear, encoding.matrix), np.float32), codes.dtype)


def _mixed(light: NDArray[Any], encoding: Encoding) -> NDArray[Any]:
    finite = np.nan_to_num(light.astype(np.float32), nan=0.0, posinf=1e6, neginf=0.0)
    if light.ndim == 3 and encoding.matrix is not None:
        finite = np.asarray(cv2.transform(finite, encoding.matrix), np.float32)
    return encode_light(finite, np.dtype(np.uint16))


def _looked_up(codes: NDArray[Any], tables: list[NDArray[Any]]) -> NDArray[Any]:
    if len(tables) == 1:
        single: NDArray[Any] = tables[0][codes]
        return single
    return np.stack([table[codes[..., channel]] for channel, table in enumerate(tables)], axis=-1)


def encode_light(linear: NDArray[np.float32], kind: np.dtype[Any]) -> NDArray[Any]:
    """Gamma-code linear light by the sRGB curve as uint8 or uint16; values outside [0, 1] clip."""
    roots = np.sqrt(np.clip(linear, 0.0, 1.0))
    roots *= np.float32(_ROOTS - 1)
    roots += np.float32(0.5)
    return _root_table(kind.str)[roots.astype(np.uint16)]


@lru_cache(maxsize=2)
def _root_table(kind: str) -> NDArray[Any]:
    roots = np.arange(_ROOTS, dtype=np.float64) / (_ROOTS - 1)
    return np.rint(to_coded(roots**2) * np.iinfo(np.dtype(kind)).max).astype(kind)


@lru_cache(maxsize=32)
def _light_table(kind: str, curve: Curve) -> NDArray[np.float32]:
    steps = int(np.iinfo(np.dtype(kind)).max) + 1
    light = curve(np.arange(steps, dtype=np.float64) / (steps - 1))
    return np.nan_to_num(light, nan=0.0, posinf=1.0, neginf=0.0).clip(0.0, 1.0).astype(np.float32)


@lru_cache(maxsize=32)
def chromaticity_matrix(chromaticities: tuple[float, ...]) -> Doubles | None:
    """(3, 3) to linear BT.709 from red, green, blue and white (x, y); None where such primaries span nothing.

    White maps to white, adapted as the eye does (Bradford).
    """
    points = np.array(chromaticities).reshape(4, 2)
    # Primaries may be no colours that there are: the blue of ACES lies below all of these.
    inside = np.isfinite(points).all() and np.abs(points).max() < 10 and points[3, 1] > 0.001
    if not inside:
        return None
    source = _to_xyz(points)
    if source is None:
        return None
    target = _to_xyz(np.array(CHROMATICITIES["bt709"]).reshape(4, 2))
    assert target is not None
    seen, wanted = _BRADFORD @ source.sum(axis=1), _BRADFORD @ target.sum(axis=1)
    adapted = np.linalg.inv(_BRADFORD) @ np.diag(wanted / seen) @ _BRADFORD
    matrix: Doubles = np.linalg.inv(target) @ adapted @ source
    return matrix


def _to_xyz(points: Doubles) -> Doubles | None:
    xyz = np.stack([points[:, 0], points[:, 1], 1 - points.sum(axis=1)])
    columns, white = xyz[:, :3], xyz[:, 3] / points[3, 1]
    if abs(np.linalg.det(columns)) < 1e-6:
        return None
    scaled: Doubles = columns * np.linalg.solve(columns, white)
    return scaled
