"""Parts of a picture as bytes: masks on a grid that covers it, as references, names and marks keep them.

A mask is (h, w) bool, true where the picture counts, with at most `LONGEST` places along an edge.
"""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

import numpy as np

from remaster_gui.base import plain_data
from remaster_gui.base.arrays import Mask

LONGEST = 640
"""Places along the longer edge: finer than the cells that networks compare."""
_HEAD = struct.Struct("<4sHH")
_MARK = b"RGN1"


def pack_region(mask: Mask) -> bytes:
    """Write a mask down; b'' for one that takes in everything."""
    if mask.all():
        return b""
    height, width = mask.shape
    # Rows that are as those above compress best.
    steps = mask.copy()
    steps[1:] ^= mask[:-1]
    return _HEAD.pack(_MARK, width, height) + zlib.compress(np.packbits(steps).tobytes(), 6)


def unpack_region(content: bytes) -> Mask:
    """Read what `pack_region` wrote, but for everything; raises `ValueError` for anything else."""
    width, height, bits = _bits(content)
    steps = np.unpackbits(np.frombuffer(bits, np.uint8), count=width * height).reshape(height, width)
    mask: Mask = np.logical_xor.accumulate(steps.astype(bool), axis=0)
    return mask


def region_as_text(region: bytes) -> str:
    """Return a packed region, or b'', as it stands in plain data."""
    return base64.b64encode(region).decode()


def region_of_text(value: Any, longest: int) -> bytes:
    """Read what `region_as_text` wrote of at most so many bytes; raises `ValueError` for anything else."""
    text = plain_data.text(value, 2 * longest)
    try:
        content = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise ValueError("a region that is no text of bytes") from error
    if content:
        _bits(content)
    return content


def _bits(content: bytes) -> tuple[int, int, bytes]:
    """Return width, height and what is packed, no more than these ask for."""
    if len(content) < _HEAD.size:
        raise ValueError("no region")
    mark, width, height = _HEAD.unpack_from(content)
    if mark != _MARK or not 0 < width <= LONGEST or not 0 < height <= LONGEST:
        raise ValueError("no region")
    size = -(-width * height // 8)
    stream = zlib.decompressobj()
    try:
        bits = stream.decompress(content[_HEAD.size :], size + 1)
    except zlib.error as error:
        raise ValueError("a region that cannot be read") from error
    if len(bits) != size or not stream.eof or stream.unused_data:
        raise ValueError("a region of another size")
    return width, height, bits
