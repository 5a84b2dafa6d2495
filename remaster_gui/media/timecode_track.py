"""How fast the timecode track of a QuickTime file counts; the codec library knows, but its binding does not tell."""

from __future__ import annotations

import struct

from remaster_gui.media.boxes import boxes, inside
from remaster_gui.media.fixed_file import FixedFile

_ENTRY = struct.Struct(">6xH4xIIIB")
"""Description of a timecode track: number of its data, flags, ticks a second, ticks of a label, labels a second."""


def labels_a_second(file: FixedFile, format_name: str) -> int | None:
    """Return how many labels the first timecode track counts in a second, rounded; None where there is none."""
    if not format_name.startswith("mov"):
        return None
    try:
        for movie in boxes(file, 0, file.size):
            if movie.kind == b"moov":
                return _labels_of_movie(file, movie.start, movie.end)
    except (struct.error, IndexError, ValueError, OSError):
        return None
    return None


def _labels_of_movie(file: FixedFile, start: int, end: int) -> int | None:
    for trak in boxes(file, start, end):
        table = inside(file, trak, b"mdia", b"minf", b"stbl", b"stsd") if trak.kind == b"trak" else None
        if table is not None:
            for entry in boxes(file, table.start + 8, table.end):
                if entry.kind == b"tmcd":
                    return int(_ENTRY.unpack(file.part(entry.start, _ENTRY.size))[-1]) or None
    return None
