"""What the picture library does not tell of a file: chunks of PNG, tags of TIFF, and where files end."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from mmap import mmap

_PNG_START = 8
_MOST_ENTRIES = 4096
_TIFF_NUMBERS = {3: "H", 4: "I", 5: "II", 11: "f", 12: "d", 16: "Q"}
"""Struct codes of the types of TIFF values: SHORT, LONG, RATIONAL, FLOAT, DOUBLE, LONG8."""


def png_chunks(data: mmap | memoryview) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and content of the chunks of a PNG but picture data; raises `EOFError` or `ValueError` (checksum)."""
    at, view = _PNG_START, memoryview(data)
    try:
        while True:
            if at + 12 > len(view):
                raise EOFError
            length = int.from_bytes(view[at : at + 4], "big")
            name = bytes(view[at + 4 : at + 8])
            end = at + 12 + length
            if not (name.isascii() and name.isalpha()):
                raise ValueError("a chunk has no name")
            if end > len(view):
                raise EOFError
            if zlib.crc32(view[at + 4 : end - 4]) != int.from_bytes(view[end - 4 : end], "big"):
                raise ValueError(f"the checksum of {name.decode('ascii')} is wrong")
            if name == b"IEND":
                return
            yield name, b"" if name == b"IDAT" else bytes(view[at + 8 : end - 4])
            at = end
    finally:
        view.release()


def jpeg_is_whole(data: mmap) -> bool:
    """Whether the end mark of a JPEG is there; without it the codec fills up what is missing with grey."""
    return data.find(b"\xff\xd9", max(0, data.rfind(b"\xff\xda"))) >= 0


def webp_is_whole(data: mmap) -> bool:
    """Whether a WebP is as long as its head says."""
    return int.from_bytes(data[4:8], "little") + 8 <= len(data)


def tiff_numbers(data: mmap, tag: int, directory: int = 0) -> tuple[float, ...]:
    """Values of a tag in a directory of a TIFF or BigTIFF; nothing where it is missing or makes no sense."""
    try:
        return _tiff_numbers(data, tag, directory)
    except (struct.error, OverflowError, ZeroDivisionError):
        return ()


def _tiff_numbers(data: mmap, tag: int, directory: int) -> tuple[float, ...]:
    order = "<" if data[:2] == b"II" else ">"
    is_big = struct.unpack_from(f"{order}H", data, 2)[0] == 43
    entry, inline = ("HHQ", 8) if is_big else ("HHI", 4)
    pointer = 8 if is_big else 4
    for _ in range(directory + 1):
        (table,) = struct.unpack_from(f"{order}Q" if is_big else f"{order}I", data, pointer)
        (count,) = struct.unpack_from(f"{order}Q" if is_big else f"{order}H", data, table)
        table += 8 if is_big else 2
        pointer = table + count * (4 + 2 * inline)
    for number in range(min(count, _MOST_ENTRIES)):
        at = table + number * (4 + 2 * inline)
        name, kind, values = struct.unpack_from(f"{order}{entry}", data, at)
        if name != tag or kind not in _TIFF_NUMBERS or values > _MOST_ENTRIES:
            continue
        code = f"{order}{_TIFF_NUMBERS[kind] * values}"
        place = at + 4 + inline
        if struct.calcsize(code) > inline:
            (place,) = struct.unpack_from(f"{order}Q" if is_big else f"{order}I", data, place)
        found = struct.unpack_from(code, data, place)
        if kind == 5:
            return tuple(found[each] / found[each + 1] for each in range(0, len(found), 2))
        return tuple(float(each) for each in found)
    return ()
