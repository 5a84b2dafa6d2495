"""Samples of a picture file, of whatever type, brought to code values that the rest of the program works with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO
from numpy.typing import NDArray

from remaster_gui.base.errors import MediaError
from remaster_gui.base.language import tr

Codes = NDArray[Any]

CMYK, CIE_LAB, ICC_LAB = 5, 8, 9
"""Photometric interpretations of TIFF that are left as they are stored."""
_MIN_IS_WHITE = 0
_STRIP = 256
_ROWS = 64
"""Rows of a picture that are looked at."""


def of_known_range(path: Path, codes: Codes) -> Codes:
    """Tell what is white in samples whose type does not say it, because it was merely given to them; else `MediaError`.

    Whole numbers of 32 bits that use the lower half alone become the 16 bits that they were before: by the range of
    their type they would be black. Those that fit into 8 bits may be a picture of 8 bits or a dark one of 16.
    """
    if codes.dtype.kind == "f" and np.median(codes[:: 1 + len(codes) // _ROWS]) > 1:
        raise MediaError(
            tr(
                "Most of {path} is brighter than 1, which is white in floating point; divide it by its "
                "white, or save it "
                "with 16 bits.",
                path=path,
            )
        )
    if codes.dtype not in (np.int32, np.uint32):
        return codes
    top = int(codes.max())
    if 0 < top <= np.iinfo(np.uint8).max:
        raise MediaError(
            tr(
                "{path} holds whole numbers of 32 bits but none above {top}, so what is white is not known; "
                "save it with "
                "8 or 16 bits.",
                path=path,
                top=top,
            )
        )
    return codes.clip(0).astype(np.uint16) if top <= np.iinfo(np.uint16).max else codes


def plain_codes(codes: Codes, *, is_light: bool, photometric: int) -> Codes:
    """Bring samples to uint8, uint16 or floats of light, lay them over black, and drop the axis of a grey picture.

    `photometric`: the interpretation that TIFF notes. Floats are light only where `is_light` says so.
    """
    is_colors = photometric not in (CMYK, CIE_LAB, ICC_LAB)
    is_plain = codes.dtype in (np.uint8, np.uint16) or (is_light and codes.dtype.kind == "f")
    if is_plain and photometric != _MIN_IS_WHITE and codes.shape[2] in ((1, 3) if is_colors else (3, 4)):
        return codes[..., 0] if codes.shape[2] == 1 else codes
    # By strips: on the way some kinds of samples take four times their room.
    for top in range(0, len(codes), _STRIP):
        strip = _code_values(codes[top : top + _STRIP], is_light=is_light, photometric=photometric)
        if is_colors and strip.shape[2] in (2, 4):
            strip = _over_black(strip)
        if top == 0:
            plain = np.empty((len(codes), *strip.shape[1:]), strip.dtype)
        plain[top : top + _STRIP] = strip
    return plain[..., 0] if plain.shape[2] == 1 else plain


def _code_values(codes: Codes, *, is_light: bool, photometric: int) -> Codes:
    if photometric == _MIN_IS_WHITE and codes.dtype != np.uint8:
        # The library turns round 8 bits and less alone.
        codes = (1 - codes) if codes.dtype.kind == "f" else np.iinfo(codes.dtype).max - codes
    if codes.dtype.kind == "f" and not is_light:
        # Floats are mostly gamma-coded like whole numbers.
        finite = np.nan_to_num(codes, nan=0.0, posinf=1.0, neginf=0.0).astype(np.float32)
        return np.rint(finite.clip(0.0, 1.0) * np.float32(65535)).astype(np.uint16)
    if codes.dtype.kind == "i":
        shift = 16 - 8 * codes.dtype.itemsize
        wide = np.maximum(codes, 0).astype(np.int64) << 1
        return (wide << shift if shift >= 0 else wide >> -shift).clip(0, 65535).astype(np.uint16)
    return (codes >> 16).astype(np.uint16) if codes.dtype == np.uint32 else codes


def _over_black(codes: Codes) -> Codes:
    colors, alpha = codes[..., :-1], codes[..., -1:]
    if codes.dtype.kind == "f":
        return colors * alpha
    top = np.float32(np.iinfo(codes.dtype).max)
    covered = np.rint(colors.astype(np.float32) * (alpha.astype(np.float32) / top))
    return covered.astype(codes.dtype)


def placed(codes: Codes, spec: OpenImageIO.ImageSpec) -> Codes:
    """Lay the data window of an OpenEXR picture into its display window; what is not stored is black."""
    whole = np.zeros((spec.full_height, spec.full_width, codes.shape[2]), codes.dtype)
    left, top = spec.x - spec.full_x, spec.y - spec.full_y
    rows = slice(max(0, top), max(0, min(spec.full_height, top + spec.height)))
    columns = slice(max(0, left), max(0, min(spec.full_width, left + spec.width)))
    if rows.start < rows.stop and columns.start < columns.stop:
        whole[rows, columns] = codes[
            rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
        ]
    return whole
