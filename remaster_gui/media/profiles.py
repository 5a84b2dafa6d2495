"""ICC profiles: the common ones as curves and a matrix, without loss at any depth; tables through LittleCMS.

The specification is ICC.1:2022 (ISO 15076-1). A profile is untrusted data within a file: everything in it is
checked, and one that makes no sense is an error, not a guess.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from remaster_gui.base.language import tr
from remaster_gui.media.color_encoding import Curve, Doubles, Encoding, gamma_curve, simplified

_HEADER = 128
_MOST_TAGS = 256
SRGB_D50 = np.array(
    [[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169], [0.0139322, 0.0971045, 0.7141733]]
)
"""Columns: what sRGB's red, green and blue are relative to D50, to which all profiles refer."""
_STRIP = 256


class ProfileError(ValueError):
    """A profile that cannot be used; the text says why, to go on after "it"."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile that was read. `space`: "RGB", "GRAY", "CMYK" or "LAB"; `encoding` is None where it holds tables."""

    space: str
    encoding: Encoding | None
    data: bytes

    def to_srgb(self, codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Convert (H, W) or (H, W, channels) to sRGB (H, W, 3) by the profile's tables, with 8 bits."""
        mode = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "LAB": "LAB"}[self.space]
        transform = _transform(self.data, mode)
        converted = np.empty((*codes.shape[:2], 3), np.uint8)
        for top in range(0, codes.shape[0], _STRIP):
            strip = np.ascontiguousarray(codes[top : top + _STRIP])
            size = (strip.shape[1], strip.shape[0])
            picture = Image.frombytes(mode, size, strip.tobytes())
            converted[top : top + _STRIP] = np.asarray(transform.apply(picture))
        return converted


@lru_cache(maxsize=8)
def read_profile(data: bytes) -> Profile:
    """Read an ICC profile; raises `ProfileError`."""
    if len(data) < _HEADER + 4 or data[36:40] != b"acsp":
        raise ProfileError(tr("is damaged"))
    space = data[16:20].decode("latin-1").strip()
    if space not in ("RGB", "GRAY", "CMYK", "LAB", "Lab"):
        raise ProfileError(tr("is for another kind of colour ({space!a})", space=space))
    tags = _tags(data)
    if space == "GRAY" and b"kTRC" in tags:
        return Profile(space, simplified(Encoding("bt709", "profile", (_curve(tags[b"kTRC"]),))), data)
    if space == "RGB" and b"A2B0" not in tags and all(f"{c}XYZ".encode() in tags for c in "rgb"):
        curves = tuple(_curve(tags.get(f"{c}TRC".encode(), b"")) for c in "rgb")
        return Profile(space, simplified(Encoding("profile", "profile", curves, _matrix(tags))), data)
    profile = Profile(space.upper(), None, data)
    _transform(data, {"GRAY": "L"}.get(profile.space, profile.space))
    return profile


@lru_cache(maxsize=8)
def _transform(data: bytes, mode: str) -> ImageCms.ImageCmsTransform:
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(data))
        target = ImageCms.createProfile("sRGB")
        return ImageCms.buildTransform(source, target, mode, "RGB", ImageCms.Intent.PERCEPTUAL)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError) as error:
        raise ProfileError(tr("is damaged or of an unknown kind")) from error


def _tags(data: bytes) -> dict[bytes, bytes]:
    count = int.from_bytes(data[_HEADER : _HEADER + 4], "big")
    if count > _MOST_TAGS or len(data) < _HEADER + 4 + 12 * count:
        raise ProfileError(tr("is damaged"))
    tags = {}
    for entry in range(count):
        name, start, size = struct.unpack_from(">4sII", data, _HEADER + 4 + 12 * entry)
        tags[name] = data[start : start + size]
    return tags


def _fixed(data: bytes, start: int, count: int) -> Doubles:
    """Numbers with 16 bits before and after the point."""
    if len(data) < start + 4 * count:
        raise ProfileError(tr("is cut short"))
    return np.frombuffer(data, ">i4", count, start) / 65536.0


def _matrix(tags: dict[bytes, bytes]) -> Doubles:
    """(3, 3) from linear RGB of the profile to that of BT.709; white maps to white."""
    columns = np.stack([_fixed(tags[f"{c}XYZ".encode()], 8, 3) for c in "rgb"], axis=1)
    matrix: Doubles = np.linalg.inv(SRGB_D50) @ columns
    white = matrix.sum(axis=1, keepdims=True)
    if not (np.abs(np.linalg.det(matrix)) > 1e-4 and (white > 0.5).all() and (white < 2.0).all()):
        raise ProfileError(tr("names colours that span nothing"))
    # Old profiles give colours relative to the screen's own white.
    scaled: Doubles = matrix / white
    return scaled


def _curve(tag: bytes) -> Curve:
    kind = tag[:4]
    if kind == b"curv" and len(tag) >= 12:
        count = int.from_bytes(tag[8:12], "big")
        if count == 0:
            return gamma_curve(1.0)
        if len(tag) < 12 + 2 * count:
            raise ProfileError(tr("is cut short"))
        values: NDArray[Any] = np.frombuffer(tag, ">u2", count, 12).astype(np.float64)
        if count == 1:
            return gamma_curve(float(values[0]) / 256.0)
        steps = np.linspace(0.0, 1.0, count)
        return lambda coded: np.interp(coded, steps, values / 65535.0)
    if kind == b"para" and len(tag) >= 16:
        form = int.from_bytes(tag[8:10], "big")
        if form <= 4:
            return _formula(form, _fixed(tag, 12, (1, 3, 4, 5, 7)[form]))
    raise ProfileError(tr("has a curve of an unknown kind"))


def _formula(form: int, numbers: Doubles) -> Curve:
    """ICC.1 section 10.18, parametricCurveType."""
    gamma, a, b, c, d, e, f = np.concatenate([numbers, np.zeros(7 - len(numbers))]).tolist()
    if form == 0:
        return gamma_curve(gamma)
    if form in (1, 2):
        if a == 0:
            raise ProfileError(tr("has a curve without a slope"))
        d, e, f = -b / a, (c if form == 2 else 0.0), (c if form == 2 else 0.0)
        c = 0.0

    def curve(coded: Doubles) -> Doubles:
        with np.errstate(all="ignore"):
            light: Doubles = np.where(coded >= d, np.maximum(a * coded + b, 0.0) ** gamma + e, c * coded + f)
        return light

    return curve
