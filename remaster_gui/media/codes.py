"""From float RGB to the code values of a picture that an encoder takes: the counterpart of `pixels`.

One rounding takes place, from float to code values. Video is written limited range with the BT.709 matrix,
RGB full range, OpenEXR in linear light.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.srgb import to_linear
from remaster_gui.media.presets import Preset
from remaster_gui.media.tags import BT709_CODE, FULL_CODE, LIMITED_CODE, LUMA_WEIGHTS

_SRGB_TRANSFER_CODE = 13
_LINEAR_TRANSFER_CODE = 8
_RGB_MATRIX_CODE = 0


def color_codes(preset: Preset) -> tuple[int, int, int, int]:
    """H.273 codes (matrix, range, primaries, transfer) of what a preset writes."""
    matrix = _RGB_MATRIX_CODE if preset.is_rgb else BT709_CODE
    if not preset.is_sequence:
        transfer = BT709_CODE
    else:
        transfer = _LINEAR_TRANSFER_CODE if preset.codec == "exr" else _SRGB_TRANSFER_CODE
    return matrix, FULL_CODE if preset.is_rgb else LIMITED_CODE, BT709_CODE, transfer


def encode_picture(rgb: NDArray[np.float32], preset: Preset) -> av.VideoFrame:
    """Make a tagged picture in ``preset``'s format of gamma-coded BT.709 RGB (H, W, 3) in [0, 1]."""
    height, width = rgb.shape[:2]
    coded_width, coded_height = preset.coded_size(width, height)
    if (coded_width, coded_height) != (width, height):
        rgb = np.pad(rgb, ((0, coded_height - height), (0, coded_width - width), (0, 0)), mode="edge")
    picture = av.VideoFrame(coded_width, coded_height, preset.pixel_format)
    for number, codes in enumerate(_planes(rgb, preset)):
        _fill(picture.planes[number], codes)
    matrix, range_, primaries, transfer = color_codes(preset)
    picture.colorspace = matrix
    picture.color_range = range_
    picture.color_primaries = primaries
    picture.color_trc = transfer
    return picture


def _planes(rgb: NDArray[np.float32], preset: Preset) -> list[NDArray[Any]]:
    kind = preset.pixel_format
    if not preset.is_rgb:
        return _ycc_planes(rgb, preset)
    if kind == "gbrpf32le":
        linear = to_linear(np.clip(rgb, 0.0, 1.0))
        return [np.ascontiguousarray(linear[..., channel]) for channel in (1, 2, 0)]
    codes = _quantise(rgb * np.float32(2**preset.bits - 1), preset.bits)
    stored = codes.astype(">u2" if kind.endswith("be") else "<u2")
    if kind.startswith("rgb48"):
        return [stored.reshape(stored.shape[0], -1)]
    return [np.ascontiguousarray(stored[..., channel]) for channel in (1, 2, 0)]


def _ycc_planes(rgb: NDArray[np.float32], preset: Preset) -> list[NDArray[Any]]:
    ycc = cv2.transform(rgb, _ycc_matrix(preset.bits))
    chroma = [_downsample(ycc[..., channel], preset.pixel_format) for channel in (1, 2)]
    return [_quantise(plane, preset.bits) for plane in (ycc[..., 0], *chroma)]


@lru_cache(maxsize=4)
def _ycc_matrix(bits: int) -> NDArray[np.float64]:
    """(3, 4) affine transform from RGB in [0, 1] to limited-range BT.709 code values of (Y, Cb, Cr)."""
    red, blue = LUMA_WEIGHTS["bt709"]
    weights = np.array([red, 1 - red - blue, blue])
    step = float(2 ** (bits - 8))
    luma = weights * 219 * step
    cb = (np.array([0.0, 0.0, 1.0]) - weights) / (2 * (1 - blue)) * 224 * step
    cr = (np.array([1.0, 0.0, 0.0]) - weights) / (2 * (1 - red)) * 224 * step
    offsets = np.array([[16.0], [128.0], [128.0]]) * step
    return np.concatenate([np.stack([luma, cb, cr]), offsets], axis=1)


def _downsample(plane: NDArray[Any], pixel_format: str) -> NDArray[Any]:
    """Reduce a chroma plane: centred on every second pixel, and between two lines (4:2:0)."""
    if "444" in pixel_format:
        return plane
    padded = np.pad(plane, ((0, 0), (1, 0)), mode="edge")
    reduced: NDArray[Any] = 0.25 * padded[:, 0:-1:2] + 0.5 * padded[:, 1::2] + 0.25 * plane[:, 1::2]
    if "420" in pixel_format:
        reduced = 0.5 * (reduced[0::2] + reduced[1::2])
    return reduced


def _quantise(values: NDArray[Any], bits: int) -> NDArray[Any]:
    rounded = np.clip(np.rint(values), 0, 2**bits - 1)
    codes: NDArray[Any] = rounded.astype(np.uint8 if bits <= 8 else "<u2")
    return codes


def _fill(plane: av.video.plane.VideoPlane, codes: NDArray[Any]) -> None:
    lines = np.asarray(memoryview(plane)).view(np.uint8).reshape(plane.height, plane.line_size)
    raw = np.ascontiguousarray(codes).view(np.uint8).reshape(plane.height, -1)
    lines[:, : raw.shape[1]] = raw
