"""A remastered frame as bytes, for a file."""

from __future__ import annotations

import json
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remaster_gui.base import plain_data
from remaster_gui.base.named_colors import MOST_CHROMA, MOST_NAMES
from remaster_gui.engine.drawn import Drawn
from remaster_gui.engine.finish import Finish
from remaster_gui.engine.mattes import Mattes, NameSums
from remaster_gui.engine.preview_results import PreviewedFrame
from remaster_gui.engine.sizes import LARGEST_EDGE

_LEVEL = 1
"""Of compression: the fastest; what is gained beyond it is little."""
_LARGEST = 8 * LARGEST_EDGE


def pack_preview(frame: PreviewedFrame) -> bytes:
    """Return all of a frame but its number."""
    arrays: dict[str, NDArray[Any] | None] = {
        "rgb": frame.rgb,
        "restored": frame.restored,
        "chrominance": frame.chrominance,
        "share": frame.share,
        "mattes": None if frame.mattes is None else frame.mattes.planes,
    }
    there = {name: array for name, array in arrays.items() if array is not None}
    head = json.dumps(
        {
            "size": [frame.rgb.shape[1], frame.rgb.shape[0]],
            "arrays": list(there),
            "finish": frame.finish.as_data(),
            "names": [] if frame.mattes is None else _names(frame.mattes),
            "saturation": frame.saturation,
            "drawn": None if frame.drawn is None else frame.drawn.as_dict(),
        }
    ).encode()
    content = b"".join(_planes(array) for array in there.values())
    return struct.pack("<I", len(head)) + head + zlib.compress(content, _LEVEL)


def unpack_preview(index: int, packed: bytes) -> PreviewedFrame:
    """Return a frame that was packed; raises `ValueError` for anything else, and takes no more memory than a frame."""
    try:
        (length,) = struct.unpack_from("<I", packed)
        said = plain_data.table(plain_data.parse(packed[4 : 4 + length]))
        width, height = (plain_data.whole(each) for each in plain_data.listed(said["size"]))
        if not (0 < width <= _LARGEST and 0 < height <= _LARGEST):
            raise ValueError(f"a size of {width}x{height}")
        known = [_name(each) for each in plain_data.listed(said["names"])]
        if len(known) > MOST_NAMES:
            raise ValueError(f"{len(known)} names")
        kinds = _kinds(width, height, len(known))
        names = [plain_data.choice(name, list(kinds)) for name in plain_data.listed(said["arrays"])]
        sizes = [int(np.prod(kinds[name][0])) * kinds[name][1].itemsize for name in names]
        content = zlib.decompressobj().decompress(packed[4 + length :], sum(sizes) + 1)
        if len(content) != sum(sizes):
            raise ValueError(f"{len(content)} bytes of pixels instead of {sum(sizes)}")
        arrays: dict[str, Any] = {"chrominance": None, "share": None, "mattes": None}
        at = 0
        for name, size in zip(names, sizes, strict=True):
            arrays[name] = _array(content[at : at + size], *kinds[name])
            at += size
        return PreviewedFrame(
            index,
            arrays["rgb"],
            arrays["chrominance"],
            arrays["share"],
            arrays["restored"],
            Finish.of_data(said["finish"]),
            plain_data.number(said["saturation"], 0.0, 100.0),
            None if said["drawn"] is None else Drawn.from_dict(said["drawn"]),
            None if arrays["mattes"] is None else _mattes(known, arrays["mattes"]),
        )
    except (struct.error, zlib.error, KeyError, TypeError) as error:
        raise ValueError(f"not a packed preview ({error})") from error


def _names(mattes: Mattes) -> list[list[Any]]:
    return [[name, each.share, each.a, each.b] for name, each in mattes.by_name.items()]


def _name(value: Any) -> tuple[str, NameSums]:
    name, share, a, b = plain_data.listed(value)
    sums = (plain_data.number(each, -MOST_CHROMA, MOST_CHROMA) for each in (a, b))
    return plain_data.text(name), NameSums(plain_data.number(share, 0.0, 1.0), *sums)


def _mattes(known: list[tuple[str, NameSums]], planes: NDArray[np.uint8]) -> Mattes:
    return Mattes(tuple(name for name, _ in known), planes, tuple(sums for _, sums in known))


def _kinds(width: int, height: int, names: int) -> dict[str, tuple[tuple[int, ...], np.dtype[Any]]]:
    return {
        "rgb": ((height, width, 3), np.dtype(np.uint8)),
        "restored": ((height, width), np.dtype(np.uint16)),
        "chrominance": ((height, width, 2), np.dtype(np.uint16)),
        "share": ((height, width), np.dtype(np.uint8)),
        "mattes": ((names, height, width), np.dtype(np.uint8)),
    }


def _planes(array: NDArray[Any]) -> bytes:
    """Return the bytes of an array, those of equal weight together: high ones change little and pack well."""
    plain = np.ascontiguousarray(array)
    if plain.dtype == np.uint8:
        return plain.tobytes()
    return plain.astype("<u2").view(np.uint8).reshape(-1, 2).T.tobytes()


def _array(content: bytes, shape: tuple[int, ...], kind: np.dtype[Any]) -> NDArray[Any]:
    flat = np.frombuffer(content, np.uint8)
    if kind != np.uint8:
        flat = np.ascontiguousarray(flat.reshape(2, -1).T).view("<u2").astype(kind)
    array = flat.reshape(shape)
    array.flags.writeable = False
    return array
