"""A reference laid over another frame: registered to it, with its colours, strokes, and the parts that are marked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import cv2
import numpy as np

from remaster_gui.base.arrays import Bytes, Float, Pixels
from remaster_gui.base.named_colors import Chroma
from remaster_gui.base.packed_regions import pack_region, unpack_region
from remaster_gui.painting.imported_pictures import laid_along
from remaster_gui.painting.raster import LAID, NEUTRAL_BYTE, Raster, luminance_of, rounded
from remaster_gui.painting.region import grid_of, laid_over, mean_chroma
from remaster_gui.painting.registration import Registration, register

NOTHING_NAMED: Mapping[str, bytes] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class Copy:
    """A reference as it lies over another frame.

    `region`: what of it counts there, None where that is nothing. `named`: other parts of it that show there,
    each with its mean a and b.
    """

    raster: Raster
    region: bytes | None
    registration: Registration
    named: Mapping[str, tuple[bytes, Chroma]]


@dataclass(frozen=True, slots=True)
class Parts:
    """What is marked on a picture: what of it counts, b'' for all, and what has a name, each with its mean a and b."""

    region: bytes = b""
    named: Mapping[str, tuple[bytes, Chroma]] = field(default_factory=dict)


def copied(raster: Raster, region: bytes, luma: Pixels, named: Mapping[str, bytes] = NOTHING_NAMED) -> Copy:
    """Lay a raster over a frame's luma; `region`: which part of it counts, as it is packed, b'' for all.

    `named`: parts that have names, packed likewise. Always finds a way; its `registration` says how well it fits.
    """
    luminance = luminance_of(luma)
    registration = register(raster.luminance, luminance)
    height, width = luminance.shape
    columns, rows = registration.places(width, height)
    inside = registration.inside(columns, rows)
    marks = np.asarray(cv2.remap(raster.coverage, columns, rows, cv2.INTER_NEAREST), np.uint8)
    marks[~inside] = 0
    if int(raster.coverage.min()) >= LAID:
        chrominance, _ = laid_along(raster.chrominance, luminance, registration)
        coverage = marks
    else:
        chrominance, covered = _strokes(raster, columns, rows)
        coverage = rounded(np.where(inside, covered, np.float32(0.0)), marks)
    chrominance[coverage == 0] = NEUTRAL_BYTE
    laid = Raster(luminance, chrominance, coverage)
    part = _part_laid(raster, region, registration)
    return Copy(laid, part, registration, _named_laid(raster, named, laid, registration))


def carried(raster: Raster, region: bytes, named: Mapping[str, bytes], laid: Raster) -> Parts | None:
    """Say where the parts of a raster, as `copied` takes them, are on another one that shows the same.

    None where the two do not fit, or nothing of what counts is there.
    """
    registration = register(raster.luminance, laid.luminance)
    part = _part_laid(raster, region, registration) if registration.fits else None
    return None if part is None else Parts(part, _named_laid(raster, named, laid, registration))


def _named_laid(
    raster: Raster, named: Mapping[str, bytes], laid: Raster, registration: Registration
) -> dict[str, tuple[bytes, Chroma]]:
    parts = {name: _part_laid(raster, part, registration) for name, part in named.items()}
    return {name: (part, mean_chroma(laid, part)) for name, part in parts.items() if part is not None}


def _strokes(raster: Raster, columns: Float, rows: Float) -> tuple[Bytes, Float]:
    """Return chrominance and coverage, 0 to 255, at other places; what is bare has no say in what is painted."""
    weight = raster.coverage.astype(np.float32)
    color = (raster.chrominance.astype(np.float32) - NEUTRAL_BYTE) * weight[..., None]
    covered = np.asarray(cv2.remap(weight, columns, rows, cv2.INTER_LINEAR), np.float32)
    moved = np.asarray(cv2.remap(color, columns, rows, cv2.INTER_LINEAR), np.float32)
    moved /= np.maximum(covered, np.float32(1e-3))[..., None]
    return np.rint(moved + NEUTRAL_BYTE).clip(0, 255).astype(np.uint8), covered


def _part_laid(raster: Raster, region: bytes, registration: Registration) -> bytes | None:
    if not region:
        return b""
    mask = laid_over(unpack_region(region), raster.width, raster.height).astype(np.uint8)
    columns, rows = registration.places(*grid_of(registration.frame[1], registration.frame[0]))
    there = np.asarray(cv2.remap(mask, columns, rows, cv2.INTER_NEAREST), bool)
    there &= registration.inside(columns, rows)
    return pack_region(there) if there.any() else None
