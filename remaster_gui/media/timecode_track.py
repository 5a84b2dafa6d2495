"""How fast the timecode track of a QuickTime file counts; the codec library knows, but its binding does not tell."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

from remaster_gui.media.boxes import boxes, inside
from remaster_gui.media.fixed_file import FixedFile

_ENTRY = struct.Struct(">6xH4xIIIB")
"""Description of a timecode track: number of its data, flags, ticks a second, ticks of a label, labels a second."""


_LABEL = re.compile(r"(.*[:;.,])(\d{1,4})", re.ASCII | re.DOTALL)


@dataclass(frozen=True, slots=True)
class TimecodeTrack:
    """How a timecode track counts: `labels` a second, and `pace`, the ticks a second in which the library tells."""

    labels: int
    pace: int

    def label(self, text: str) -> str:
        """Return the label that the track holds, of its text from the library, which counts as fast as its ticks."""
        found = _LABEL.fullmatch(text.strip())
        if found is None or self.pace == self.labels:
            return text
        return f"{found[1]}{(2 * int(found[2]) * self.labels + self.pace - 1) // (2 * self.pace):02d}"


def timecode_track(file: FixedFile, format_name: str) -> TimecodeTrack | None:
    """Return how the first timecode track counts; None where there is none."""
    if not format_name.startswith("mov"):
        return None
    try:
        for movie in boxes(file, 0, file.size):
            if movie.kind == b"moov":
                return _track_of_movie(file, movie.start, movie.end)
    except (struct.error, IndexError, ValueError, OSError):
        return None
    return None


def _track_of_movie(file: FixedFile, start: int, end: int) -> TimecodeTrack | None:
    for trak in boxes(file, start, end):
        table = inside(file, trak, b"mdia", b"minf", b"stbl", b"stsd") if trak.kind == b"trak" else None
        if table is not None:
            for entry in boxes(file, table.start + 8, table.end):
                if entry.kind == b"tmcd":
                    return _track(*_ENTRY.unpack(file.part(entry.start, _ENTRY.size))[2:])
    return None


def _track(scale: int, duration: int, labels: int) -> TimecodeTrack | None:
    if not labels:
        return None
    pace = (2 * scale + duration) // (2 * duration) if duration else 0
    if duration and scale % duration and scale // duration == labels:
        # Some writers round 29.97 down.
        labels = pace
    return TimecodeTrack(labels, pace or labels)
