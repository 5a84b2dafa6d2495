"""Copying and comparing files that may be mostly holes: what says that it has terabytes need not hold anything."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from remaster_gui.base.system import stored_parts

_PIECE = 2**20


def copy_with_holes(source: Path, target: Path) -> None:
    """Write the content of a file into another one that is there and empty; its holes stay holes. Raises `OSError`."""
    with source.open("rb") as read, target.open("r+b") as written:
        for start, stop in list(stored_parts(read.fileno())):
            for at in range(start, stop, _PIECE):
                written.seek(at)
                written.write(_read(read, at, stop))
        written.truncate(source.stat().st_size)


def have_same_content(one: Path, other: Path) -> bool:
    """Whether two files hold the same; their holes are not read. Raises `OSError`."""
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as first, other.open("rb") as second:
        # What is a hole in both holds nothing but zeros.
        parts = [*stored_parts(first.fileno()), *stored_parts(second.fileno())]
        return all(
            _read(first, at, stop) == _read(second, at, stop)
            for start, stop in parts
            for at in range(start, stop, _PIECE)
        )


def _read(file: BinaryIO, at: int, stop: int) -> bytes:
    file.seek(at)
    return file.read(min(_PIECE, stop - at))
