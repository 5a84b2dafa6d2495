"""A chart of ten patches, and writers of it in the ways of scanners, cameras and compositing programs."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import OpenImageIO

PATCHES = [
    (200, 40, 40),
    (40, 160, 60),
    (50, 80, 200),
    (230, 200, 60),
    (180, 130, 100),
    (70, 190, 190),
    (235, 235, 235),
    (190, 80, 170),
    (120, 120, 120),
    (30, 30, 30),
]
SIZE = 16
"""Edge of one patch; five lie side by side in each of two rows."""


def chart() -> np.ndarray:
    """The chart (2 * SIZE, 5 * SIZE, 3) uint8, sRGB."""
    rows = np.array(PATCHES, np.uint8).reshape(2, 5, 3)
    return rows.repeat(SIZE, axis=0).repeat(SIZE, axis=1)


def linear(rgb: np.ndarray) -> np.ndarray:
    """Light of sRGB code values (uint8), float64."""
    coded = rgb / 255.0
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)


def shown(pixels: np.ndarray) -> np.ndarray:
    """The middle of every patch of a chart as it was read, (10, 3) in steps of 8 bits."""
    scale = 257.0 if pixels.dtype == np.uint16 else 1.0
    height, width = pixels.shape[0] // 2, pixels.shape[1] // 5
    middles = [
        pixels[row * height + height // 2, column * width + width // 2]
        for row in range(2)
        for column in range(5)
    ]
    return np.array(middles, np.float64).reshape(10, -1) / scale


def write(
    path: Path, codes: np.ndarray, names: tuple[str, ...] = ("R", "G", "B"), **attributes: object
) -> Path:
    """Write (H, W, channels) in the type of `codes`; attributes are OpenImageIO's, with `_` for its colon.

    `tile`: edge of tiles; `planar`: each channel on its own; `type`: OpenImageIO's name of another type of sample.
    """
    tile, is_planar = attributes.pop("tile", 0), attributes.pop("planar", False)
    kind = attributes.pop("type", None)
    spec = OpenImageIO.ImageSpec(codes.shape[1], codes.shape[0], codes.shape[2], kind or codes.dtype.name)
    spec.channelnames = names
    if tile:
        spec.tile_width = spec.tile_height = tile
    if is_planar:
        spec.attribute("planarconfig", "separate")
    for name, value in attributes.items():
        if isinstance(value, tuple):
            spec.attribute(name, f"float[{len(value)}]", value)
        elif isinstance(value, bytes):
            spec.attribute(name, f"uint8[{len(value)}]", np.frombuffer(value, np.uint8))
        else:
            spec.attribute(name.replace("_", ":"), value)
    output = OpenImageIO.ImageOutput.create(str(path))
    assert output.open(str(path), spec), output.geterror()
    assert output.write_image(np.ascontiguousarray(codes)), output.geterror()
    output.close()
    return path


def png(codes: np.ndarray, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of (H, W) or (H, W, 3), 8 or 16 bits, with these chunks before its pixels."""
    height, width = codes.shape[:2]
    depth = 8 * codes.dtype.itemsize
    head = struct.pack(">IIBBBBB", width, height, depth, 2 if codes.ndim == 3 else 0, 0, 0, 0)
    lines = b"".join(b"\0" + np.ascontiguousarray(line).astype(f">u{depth // 8}").tobytes() for line in codes)
    parts = [(b"IHDR", head), *chunks, (b"IDAT", zlib.compress(lines)), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in parts
    )
    return b"\x89PNG\r\n\x1a\n" + body


def profile(space: bytes, tags: dict[bytes, bytes], connection: bytes = b"XYZ ") -> bytes:
    """An ICC profile (version 2) of these tags."""
    start = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        content += bytes(-len(content) % 4)
        table += struct.pack(">4sII", name, start + len(body), len(content))
        body += content
    head = bytearray(128)
    struct.pack_into(
        ">I4sI4s4s4s", head, 0, start + len(body), b"lcms", 0x02100000, b"mntr", space, connection
    )
    head[36:40] = b"acsp"
    struct.pack_into(">III", head, 68, 0xF6D6, 0x10000, 0xD32D)
    return bytes(head) + table + body


def text_tags() -> dict[bytes, bytes]:
    """What every profile has to hold beside its colours."""
    name = b"test\0"
    described = b"desc" + bytes(4) + struct.pack(">I", len(name)) + name + bytes(78)
    white = b"XYZ " + bytes(4) + struct.pack(">3i", 0xF6D6, 0x10000, 0xD32D)
    return {b"desc": described, b"cprt": b"text" + bytes(4) + name, b"wtpt": white}


def matrix_profile(columns: np.ndarray, curve: bytes) -> bytes:
    """A profile of colours by a matrix (3, 3) to XYZ relative to D50, and one curve for all channels."""
    tags = text_tags()
    for name, column in zip("rgb", columns.T, strict=True):
        tags[f"{name}XYZ".encode()] = (
            b"XYZ " + bytes(4) + struct.pack(">3i", *(round(x * 65536) for x in column))
        )
        tags[f"{name}TRC".encode()] = curve
    return profile(b"RGB ", tags)


def gamma(value: float) -> bytes:
    """A curve of a profile that is a power."""
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(value * 256))


ADOBE_RGB = np.array([[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]])
"""Red, green and blue of Adobe RGB (1998) in XYZ relative to D50."""
SRGB_D50 = np.array(
    [[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169], [0.0139322, 0.0971045, 0.7141733]]
)
BT2020_FROM_BT709 = np.array(
    [[0.627404, 0.329283, 0.043313], [0.069097, 0.919540, 0.011362], [0.016391, 0.088013, 0.895595]]
)
"""ITU-R BT.2087, equation for linear light."""
BT2020 = (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290)
