"""From a decoded picture to full-range luma or RGB arrays, without a detour that would lose bits.

The arithmetic is written out here rather than left to the scaler library: luma is a table over the Y plane,
and RGB is one affine transform of (Y, Cb, Cr) with the chroma planes interpolated at their true siting.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Pixels
from remaster_gui.media.color_encoding import coded_tones, encode_light, tagged_encoding, to_srgb
from remaster_gui.media.film import Channels, ColorTags
from remaster_gui.media.tags import LUMA_WEIGHTS

Array = NDArray[Any]

_PLANAR_YUV = re.compile(r"yuvj?a?4(\d\d)p\d*(le)?")
_FLOAT = re.compile(r"(gbra?pf|grayf)(16|32)le")
_PLANAR_GREY = re.compile(r"gray(9le|10le|12le|14le|16le)?")
_PACKED = {"rgb24", "rgb48le", "rgba", "rgba64le"}
_REPACKED = {
    "nv12": "yuv420p",
    "nv21": "yuv420p",
    "nv16": "yuv422p",
    "nv24": "yuv444p",
    "yuyv422": "yuv422p",
    "uyvy422": "yuv422p",
    "yvyu422": "yuv422p",
    "uyyvyy411": "yuv411p",
    "p010le": "yuv420p10le",
    "p012le": "yuv420p12le",
    "p016le": "yuv420p16le",
    "p210le": "yuv422p10le",
    "y210le": "yuv422p10le",
    "y212le": "yuv422p12le",
    "xyz12le": "rgb48le",
    "xyz12be": "rgb48le",
    "monow": "gray",
    "monob": "gray",
}


def picture_depth(frame: av.VideoFrame) -> int:
    """Bits of one component of the picture; 16 for floats."""
    return min(16, max(component.bits for component in frame.format.components))


def luma(frame: av.VideoFrame, tags: ColorTags) -> Pixels:
    """Full-range gamma-coded luma (H, W): the Y plane of YUV pictures, the weighted sum of RGB ones."""
    frame = _canonical(frame)
    if frame.format.is_rgb or _FLOAT.fullmatch(frame.format.name):
        samples, tags = _rgb_samples(frame, tags)
        return _weighted(to_srgb(samples, tagged_encoding(replace(tags, primaries="bt709"))), tags)
    bits = frame.format.components[0].bits
    return _apply(_luma_table(bits, tags.range, tags.transfer), _plane(frame, 0, bits))


def rgb(frame: av.VideoFrame, tags: ColorTags) -> Pixels:
    """Full-range gamma-coded RGB (H, W, 3) with BT.709 primaries."""
    frame = _canonical(frame)
    if frame.format.is_rgb or _FLOAT.fullmatch(frame.format.name):
        pixels, tags = _rgb_samples(frame, tags)
    elif len(frame.format.components) < 3:
        return np.repeat(np.asarray(luma(frame, tags))[..., None], 3, axis=2)
    else:
        pixels = _yuv_to_rgb(frame, tags)
    return to_srgb(pixels, tagged_encoding(tags))


def opencv_rgb(frame: av.VideoFrame, tags: ColorTags) -> Pixels:
    """RGB (H, W, 3) uint8 as OpenCV's video reader converts it, which looks at no tags."""
    pixels: Array = np.ascontiguousarray(frame.to_ndarray(format="bgr24")[..., ::-1])
    return pixels


def at_depth(array: Array, *, deep: bool) -> Array:
    """Spread pixels over uint16 where the film is ``deep``, else over uint8; most are so already."""
    if deep and array.dtype == np.uint8:
        return array.astype(np.uint16) * np.uint16(257)
    if not deep and array.dtype == np.uint16:
        array = np.rint(array.astype(np.float32) / np.float32(257)).astype(np.uint8)
    return array


CONVERSIONS: dict[Channels, Callable[[av.VideoFrame, ColorTags], Pixels]] = {
    "luma": luma,
    "rgb": rgb,
    "opencv": opencv_rgb,
}


def _canonical(frame: av.VideoFrame) -> av.VideoFrame:
    """Repack into one of the layouts that the functions below read; code values stay as they are."""
    name = frame.format.name
    if name in _PACKED or any(kind.fullmatch(name) for kind in (_PLANAR_YUV, _PLANAR_GREY, _FLOAT)):
        return frame
    deep = picture_depth(frame) > 8
    if name in _REPACKED:
        target = _REPACKED[name]
    elif name.startswith("ya") or name == "pal8" or (frame.format.is_rgb and "a" in name):
        target = "rgba64le" if deep else "rgba"
    elif name.startswith("gray"):
        target = "gray16le" if deep else "gray"
    elif frame.format.is_rgb:
        target = "rgb48le" if deep else "rgb24"
    elif name.endswith("be"):
        target = name[:-2] + "le"
    else:
        target = "yuv444p16le" if deep else "yuv444p"
    # More threads would be made anew for every frame, which takes longer than most repacking.
    return frame.reformat(format=target, threads=1)


def _plane(frame: av.VideoFrame, number: int, bits: int) -> Array:
    """View one plane (rows, columns) without the padding at the end of its lines."""
    plane = frame.planes[number]
    kind = np.dtype("u1") if bits <= 8 else np.dtype("<u2")
    lines = np.asarray(memoryview(plane)).view(np.uint8).reshape(plane.height, plane.line_size)
    return lines[:, : plane.width * kind.itemsize].view(kind)


def _rgb_samples(frame: av.VideoFrame, tags: ColorTags) -> tuple[Array, ColorTags]:
    """RGB (H, W, 3) of a packed or float picture, and what holds for it; transparent pixels lie over black."""
    if frame.format.name not in _PACKED:
        return _coded_floats(frame), replace(tags, transfer="srgb")
    return _packed_samples(frame), tags


def _packed_samples(frame: av.VideoFrame) -> Array:
    channels = 4 if frame.format.name.startswith("rgba") else 3
    kind: np.dtype[Any] = np.dtype("<u2") if picture_depth(frame) > 8 else np.dtype("u1")
    plane = frame.planes[0]
    lines = np.asarray(memoryview(plane)).view(np.uint8).reshape(plane.height, plane.line_size)
    packed: Array = np.ascontiguousarray(lines[:, : frame.width * channels * kind.itemsize]).view(kind)
    pixels = packed.reshape(frame.height, frame.width, channels)
    if channels == 3:
        return pixels
    top = np.iinfo(kind).max
    covered = pixels[..., :3].astype(np.float32) * (pixels[..., 3:].astype(np.float32) / np.float32(top))
    flattened: Array = np.rint(covered).astype(kind)
    return flattened


def _coded_floats(frame: av.VideoFrame) -> Array:
    """Linear light of a float picture gamma-coded as sRGB, uint16 (H, W, 3); values outside [0, 1] clip."""
    kind = np.dtype("<u2") if "f16" in frame.format.name else np.dtype("<f4")
    planes = []
    for plane in frame.planes[:3]:
        lines = np.asarray(memoryview(plane)).view(np.uint8).reshape(plane.height, plane.line_size)
        planes.append(lines[:, : plane.width * kind.itemsize].view(kind))
    # Float pictures are stored in the order green, blue, red.
    linear = np.stack([planes[2], planes[0], planes[1]] if len(planes) == 3 else planes * 3, axis=-1)
    return _half_table()[linear] if kind == np.uint16 else _code_linear(linear)


@lru_cache(maxsize=1)
def _half_table() -> Array:
    """Code values of all 65536 half floats, by their bits."""
    return _code_linear(np.arange(2**16, dtype=np.uint16).view(np.float16).astype(np.float32))


def _code_linear(linear: Array) -> Array:
    finite = np.nan_to_num(linear, nan=0.0, posinf=1.0, neginf=0.0)
    return encode_light(finite, np.dtype(np.uint16))


def _weighted(pixels: Array, tags: ColorTags) -> Array:
    red, blue = LUMA_WEIGHTS[tags.matrix]
    return cv2.transform(pixels, np.array([[red, 1 - red - blue, blue]]))


def _code_range(bits: int, range_: str) -> tuple[float, float]:
    """Black and white of luma in code values."""
    if range_ == "full":
        return 0.0, float(2**bits - 1)
    return 16.0 * 2 ** (bits - 8), 235.0 * 2 ** (bits - 8)


@lru_cache(maxsize=16)
def _luma_table(bits: int, range_: str, transfer: str) -> Array:
    black, white = _code_range(bits, range_)
    top = 255 if bits <= 8 else 65535
    codes = np.arange(2**bits, dtype=np.float64)
    steps = np.clip((codes - black) / (white - black), 0.0, 1.0)
    return np.rint(coded_tones(steps, transfer) * top).astype(np.uint8 if bits <= 8 else np.uint16)


def _apply(table: Array, codes: Array) -> Array:
    if table.dtype == np.uint8:
        return cv2.LUT(codes, table)
    # Damaged data may hold codes beyond the bit depth.
    return table.take(codes, mode="clip")


def _yuv_to_rgb(frame: av.VideoFrame, tags: ColorTags) -> Array:
    bits = frame.format.components[0].bits
    centred = "j" in frame.format.name
    size = (frame.height, frame.width)
    yuv = cv2.merge(
        [
            _plane(frame, 0, bits).astype(np.float32),
            _upsample(_plane(frame, 1, bits).astype(np.float32), size, centred),
            _upsample(_plane(frame, 2, bits).astype(np.float32), size, centred),
        ]
    )
    values = cv2.transform(yuv, _rgb_matrix(bits, tags.matrix, tags.range))
    np.rint(values, out=values)
    top = 255 if bits <= 8 else 65535
    np.clip(values, 0, top, out=values)
    return values.astype(np.uint8 if bits <= 8 else np.uint16)


def _upsample(chroma: Array, size: tuple[int, int], centred: bool) -> Array:
    """Bring a chroma plane to the size of luma.

    Vertically, samples of 4:2:0 sit between two lines. Horizontally they sit on every second pixel, except in
    JPEG (``centred``), where they sit between two.
    """
    height, width = size
    rows, columns = chroma.shape
    if columns == width and rows == height:
        return chroma
    if centred or columns * 2 < width:
        full = cv2.resize(
            chroma,
            (columns * -(-width // columns), rows * -(-height // rows)),
            interpolation=cv2.INTER_LINEAR,
        )
        return full[:height, :width]
    if rows != height:
        chroma = cv2.resize(chroma, (columns, rows * 2), interpolation=cv2.INTER_LINEAR)[:height]
    if columns == width:
        return chroma
    full = np.empty((height, columns * 2), np.float32)
    full[:, 0::2] = chroma
    full[:, 1:-1:2] = 0.5 * (chroma[:, :-1] + chroma[:, 1:])
    full[:, -1] = chroma[:, -1]
    return full[:, :width]


@lru_cache(maxsize=16)
def _rgb_matrix(bits: int, matrix: str, range_: str) -> NDArray[np.float64]:
    """(3, 4) affine transform from code values of (Y, Cb, Cr) to RGB spread over the output type."""
    red, blue = LUMA_WEIGHTS[matrix]
    green = 1 - red - blue
    top = 255.0 if bits <= 8 else 65535.0
    black, white = _code_range(bits, range_)
    luma_scale = top / (white - black)
    chroma_scale = top / (2**bits - 1 if range_ == "full" else 224.0 * 2 ** (bits - 8))
    middle = float(2 ** (bits - 1))
    linear = np.array(
        [
            [1.0, 0.0, 2 * (1 - red)],
            [1.0, -2 * (1 - blue) * blue / green, -2 * (1 - red) * red / green],
            [1.0, 2 * (1 - blue), 0.0],
        ]
    ) * np.array([luma_scale, chroma_scale, chroma_scale])
    offset = -linear @ np.array([black, middle, middle])
    return np.concatenate([linear, offset[:, None]], axis=1)
