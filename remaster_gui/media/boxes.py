"""The boxes of which MP4 and QuickTime files are made, as far as they have to be looked at here."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

from remaster_gui.media.fixed_file import FixedFile

_MOST_BOXES = 4096


@dataclass(frozen=True, slots=True)
class ContainerBox:
    """A box of a file."""

    kind: bytes
    at: int
    """First byte of the header."""
    start: int
    """First byte behind the header."""
    end: int


def inside(file: FixedFile, box: ContainerBox, *kinds: bytes) -> ContainerBox | None:
    """Find a box by the kinds of those around it."""
    for kind in kinds:
        found = next((each for each in boxes(file, box.start, box.end) if each.kind == kind), None)
        if found is None:
            return None
        box = found
    return box


def boxes(file: FixedFile, start: int, end: int) -> Iterator[ContainerBox]:
    """Yield the boxes that lie in a part of a file; one that reaches beyond it ends with it."""
    for _ in range(_MOST_BOXES):
        box = box_at(file, start, end)
        if box is None:
            return
        yield replace(box, end=min(box.end, end))
        start = box.end


def box_at(file: FixedFile, start: int, end: int) -> ContainerBox | None:
    """Return the box whose header begins at a place, wherever it says that it ends; None where there is none."""
    head = file.part(start, 8)
    if start + 8 > end or len(head) < 8:
        return None
    size, kind = struct.unpack(">I4s", head)
    header = 8
    if size == 1:
        large = file.part(start + 8, 8)
        if len(large) < 8:
            return None
        (size,) = struct.unpack(">Q", large)
        header = 16
    elif size == 0:
        size = end - start
    return ContainerBox(kind, start, start + header, start + size) if size >= header else None


def track_number(file: FixedFile, trak: ContainerBox) -> int | None:
    """Return the number that a file gives to a track."""
    header = inside(file, trak, b"tkhd")
    if header is None:
        return None
    version = file.part(header.start, 1)[0]
    (number,) = struct.unpack(">I", file.part(header.start + (20 if version == 1 else 12), 4))
    return int(number)
