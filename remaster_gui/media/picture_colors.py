"""Which colours the code values of a picture file stand for, by everything that its header may say of them.

Of a PNG cICP comes first, then its profile, sRGB, and gAMA with cHRM; elsewhere a profile comes before primaries. DPX
that calls itself linear is not: nearly all writers note that for gamma-coded pictures, this program included.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.language import tr
from remaster_gui.base.srgb import to_linear
from remaster_gui.media.color_encoding import (
    FILM_DENSITY,
    LINEAR,
    SRGB,
    Curve,
    Encoding,
    chromaticity_matrix,
    encode_light,
    gamma_curve,
    is_identity,
    linear_curve,
    simplified,
    tagged_encoding,
)
from remaster_gui.media.film import ColorTags
from remaster_gui.media.profiles import SRGB_D50, Profile, ProfileError, read_profile
from remaster_gui.media.sample_values import CIE_LAB, CMYK, ICC_LAB, Codes
from remaster_gui.media.stills import Still
from remaster_gui.media.tags import PRIMARIES, TRANSFERS

_USUAL_GAMMA = 1 / 2.2
_ALMOST = 0.05
"""Part by which a gamma may differ from the usual one and still mean sRGB (as in libpng)."""
_SENSIBLE_EXPONENTS = (0.1, 5.0)
_HIGH_DYNAMIC_RANGE = {"pq", "hlg"}
_LOG_TRANSFERS = {"Printing density", "Logarithmic"}
_D50 = np.array([0.96422, 1.0, 0.82521])
_STRIP = 256


@dataclass(frozen=True, slots=True)
class Colors:
    """Code values that `encoding` explains; `problem` is what to say of colours that could not be converted, or ''."""

    codes: Codes
    encoding: Encoding
    problem: str = ""


def colors_of(still: Still) -> Colors:
    """Tell what the code values of a picture mean; those that are no RGB are converted to sRGB here."""
    profile, fault = _profile(still)
    if still.photometric in (CIE_LAB, ICC_LAB):
        return Colors(_lab_to_srgb(still.codes, still.photometric), SRGB)
    if still.photometric == CMYK:
        return _cmyk_colors(still.codes, profile, fault)
    if b"cICP" in still.chunks and len(still.chunks[b"cICP"]) == 4:
        return _coded_points(still)
    if profile is not None:
        is_grey = still.codes.ndim == 2
        if profile.encoding is not None:
            return Colors(still.codes, profile.encoding)
        if is_grey == (profile.space == "GRAY") and profile.space in ("RGB", "GRAY"):
            return _through_tables(still.codes, profile)
        fault = tr("its colour profile is for {space} and was left out", space=profile.space)
    return Colors(still.codes, _noted_encoding(still), fault)


def _profile(still: Still) -> tuple[Profile | None, str]:
    if still.profile is None:
        return None, ""
    try:
        return read_profile(still.profile), ""
    except ProfileError as error:
        return None, tr("its colour profile {error} and was left out", error=error)


def _noted_encoding(still: Still) -> Encoding:
    if still.kind == "openexr":
        matrix = chromaticity_matrix(still.chromaticities) if still.chromaticities else None
        return (
            simplified(Encoding("profile", "linear", (linear_curve,), matrix))
            if matrix is not None
            else LINEAR
        )
    if still.kind == "dpx":
        return FILM_DENSITY if still.transfer in _LOG_TRANSFERS else SRGB
    if still.kind == "png":
        return SRGB if b"sRGB" in still.chunks else _gamma_and_primaries(still.chunks)
    if still.chromaticities:
        matrix = chromaticity_matrix(still.chromaticities)
        return simplified(Encoding("profile", "srgb", (to_linear,), matrix)) if matrix is not None else SRGB
    return SRGB


def _gamma_and_primaries(chunks: dict[bytes, bytes]) -> Encoding:
    """Read the chunks gAMA (the exponent of the camera, 1/2.2 for instance) and cHRM (white first, then red)."""
    curve: Curve = to_linear
    transfer, matrix = "srgb", None
    if len(chunks.get(b"cHRM", b"")) == 32:
        values = [value / 100000 for value in struct.unpack(">8I", chunks[b"cHRM"])]
        matrix = chromaticity_matrix((*values[2:], *values[:2]))
    if len(chunks.get(b"gAMA", b"")) == 4:
        exponent = int.from_bytes(chunks[b"gAMA"], "big") / 100000
        low, high = _SENSIBLE_EXPONENTS
        # With the primaries of sRGB the usual gamma is what programs write for its curve, else it is meant.
        is_srgb = abs(exponent / _USUAL_GAMMA - 1) <= _ALMOST and is_identity(matrix)
        if low <= exponent <= high and not is_srgb:
            curve, transfer = gamma_curve(1 / exponent), "linear" if exponent == 1 else "profile"
    return simplified(Encoding("bt709" if matrix is None else "profile", transfer, (curve,), matrix))


def _coded_points(still: Still) -> Colors:
    """Read the chunk cICP: code points of ITU-T H.273 for primaries and transfer, and whether all codes are used."""
    primaries, transfer, _, is_full = still.chunks[b"cICP"]
    codes = still.codes if is_full else _full_range(still.codes)
    tags = ColorTags("rgb", "full", PRIMARIES.get(primaries, "bt709"), TRANSFERS.get(transfer, "srgb"))
    problem = ""
    if tags.transfer in _HIGH_DYNAMIC_RANGE:
        problem = tr("it has high dynamic range, and its tones are read as they stand")
    encoding = tagged_encoding(tags)
    if tags.transfer == "gamma28":
        encoding = Encoding(tags.primaries, "gamma28", (gamma_curve(2.8),), encoding.matrix)
    return Colors(codes, encoding, problem)


def _full_range(codes: Codes) -> Codes:
    """Stretch code values of video, from 16 to 235 of 8 bits, over all that there are."""
    top = np.iinfo(codes.dtype).max
    step = (top + 1) // 256
    stretched = np.empty_like(codes)
    for row in range(len(codes)):
        plain = (codes[row].astype(np.float32) - 16 * step) * (top / (219 * step))
        stretched[row] = np.rint(plain.clip(0, top))
    return stretched


def _cmyk_colors(codes: Codes, profile: Profile | None, fault: str) -> Colors:
    if profile is not None and profile.space == "CMYK":
        return Colors(profile.to_srgb(_eight_bits(codes)), SRGB)
    # Without a profile nobody knows the inks; what others show is plain subtraction.
    top = np.float32(np.iinfo(codes.dtype).max)
    plain = np.empty((*codes.shape[:2], 3), codes.dtype)
    for row in range(len(codes)):
        inks = codes[row].astype(np.float32)
        plain[row] = np.rint((top - inks[:, :3]) * ((top - inks[:, 3:]) / top))
    return Colors(
        plain, SRGB, fault or tr("it holds printing inks (CMYK) without a profile; its colours are a guess")
    )


def _through_tables(codes: Codes, profile: Profile) -> Colors:
    converted = profile.to_srgb(_eight_bits(codes))
    if codes.dtype == np.uint8:
        return Colors(converted, SRGB)
    deep = converted.astype(np.uint16) * np.uint16(257)
    return Colors(deep, SRGB, tr("its colour profile is a table, which was applied with 8 bits"))


def _eight_bits(codes: Codes) -> NDArray[np.uint8]:
    if codes.dtype == np.uint8:
        return codes
    return np.asarray((codes.astype(np.uint32) + 128) // 257, np.uint8)


def _lab_to_srgb(codes: Codes, photometric: int) -> Codes:
    """Convert CIE Lab relative to D50, as TIFF stores it, to sRGB of the same depth."""
    converted = np.empty(codes.shape, codes.dtype)
    for top in range(0, len(codes), _STRIP):
        strip: NDArray[Any] = codes[top : top + _STRIP]
        step = 1.0 if codes.dtype == np.uint8 else 256.0
        if photometric == ICC_LAB:
            light, chroma = strip[..., 0] / (255.0 * step), strip[..., 1:] / step - 128.0
        else:
            light = strip[..., 0] / np.float64(np.iinfo(codes.dtype).max)
            chroma = strip[..., 1:].view(np.int8 if step == 1.0 else np.int16).astype(np.float64) / step
        level = (light * 100.0 + 16.0) / 116.0
        cubes = np.stack([level + chroma[..., 0] / 500.0, level, level - chroma[..., 1] / 200.0], axis=-1)
        xyz = np.where(cubes > 6 / 29, cubes**3, 3 * (6 / 29) ** 2 * (cubes - 4 / 29)) * _D50
        linear = cv2.transform(xyz, np.linalg.inv(SRGB_D50)).astype(np.float32)
        converted[top : top + _STRIP] = encode_light(linear, codes.dtype)
    return converted
