"""Rows straight from the pages of a SQLite file whose header, schema or indices are destroyed.

Only what recovery needs of the file format (sqlite.org/fileformat2.html, sections 1.6 and 2): the leaf pages of tables
with their overflow chains. Pages that make no sense are passed over.
"""

from __future__ import annotations

import math
import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from remaster_gui.base.system import stored_parts
from remaster_gui.project.database import PAGE

CellValue = int | float | str | bytes | None

_MAGIC = b"SQLite format 3\0"
_HEADER = 100
_LEAF_OF_TABLE = 0x0D
_MOST_COLUMNS = 16
_MOST_TOLD = 4
"""Times that rows may tell of each byte of a file: pages that were given up tell of others, too."""
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
"""Bytes of an integer by its serial type."""


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row with its number and the place of its cell in the file; later rows have higher numbers."""

    number: int
    values: tuple[CellValue, ...]
    place: tuple[int, int]


class PageFile:
    """A file read page by page; to be closed."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._parts = list(stored_parts(file.fileno()))
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        size = int.from_bytes(self._bytes[16:18], "big")
        size = 65536 if size == 1 else size
        is_sane = self._bytes[:16] == _MAGIC and size >= 512 and size & (size - 1) == 0
        self._size = size if is_sane else PAGE
        self._unread = math.inf

    def close(self) -> None:
        """Let go of the file."""
        self._bytes.close()

    @property
    def user_version(self) -> int:
        """The version of the layout, as the header says it; any number where that is destroyed."""
        return int.from_bytes(self._bytes[60:64], "big")

    def rows(self) -> Iterator[RawRow]:
        """Yield every row that can be read, of whatever table, in the order of pages.

        No page belongs to two rows: where more is told of than is stored, in circles, the rest is passed over.
        """
        self._unread = _MOST_TOLD * sum(stop - start for start, stop in self._parts)
        for start, stop in self._parts:
            yield from self._rows_of(range(start // self._size, -(-stop // self._size)))
        self._unread = math.inf

    def _rows_of(self, pages: range) -> Iterator[RawRow]:
        for page in pages:
            start = page * self._size + (_HEADER if page == 0 else 0)
            if self._bytes[start : start + 1] != bytes([_LEAF_OF_TABLE]):
                continue
            count = int.from_bytes(self._bytes[start + 3 : start + 5], "big")
            for cell in range(min(count, self._size // 4)):
                pointer = start + 8 + 2 * cell
                offset = int.from_bytes(self._bytes[pointer : pointer + 2], "big")
                row = self.row((page, offset))
                if row is not None:
                    yield row

    def row(self, place: tuple[int, int]) -> RawRow | None:
        """Return the row at a place; None where there is none that makes sense."""
        page, offset = place
        try:
            start = page * self._size + offset
            length, start = _varint(self._bytes, start)
            number, start = _varint(self._bytes, start)
            payload = self._payload(start, length)
            return RawRow(number, _values(payload), place)
        except (ValueError, IndexError, UnicodeDecodeError):
            return None

    def _payload(self, start: int, length: int) -> bytes:
        """Return what a cell holds, `length` bytes, following its chain of overflow pages."""
        self._unread -= length
        if self._unread < 0:
            raise ValueError("more is told of than there is")
        local = self._local(length)
        parts = [self._bytes[start : start + local]]
        left = length - local
        following = int.from_bytes(self._bytes[start + local : start + local + 4], "big")
        while left > 0:
            begin = (following - 1) * self._size
            if following < 1 or begin + self._size > len(self._bytes):
                raise ValueError("the chain leads nowhere")
            part = self._bytes[begin + 4 : begin + 4 + min(left, self._size - 4)]
            parts.append(part)
            left -= len(part)
            following = int.from_bytes(self._bytes[begin : begin + 4], "big")
        return b"".join(parts)

    def _local(self, length: int) -> int:
        """Return how many bytes of a payload lie in its cell."""
        if length > len(self._bytes):
            raise ValueError("longer than the file")
        most = self._size - 35
        if length <= most:
            return length
        least = (self._size - 12) * 32 // 255 - 23
        fitted = least + (length - least) % (self._size - 4)
        return fitted if fitted <= most else least


def _values(payload: bytes) -> tuple[CellValue, ...]:
    """Take a record apart."""
    end, start = _varint(payload, 0)
    position = end
    values: list[CellValue] = []
    while start < end:
        kind, start = _varint(payload, start)
        if len(values) >= _MOST_COLUMNS:
            raise ValueError("too many columns")
        value, size = _value(payload, position, kind)
        values.append(value)
        position += size
    if position != len(payload):
        raise ValueError("not a record")
    return tuple(values)


def _value(payload: bytes, position: int, kind: int) -> tuple[CellValue, int]:
    """Return a value and the bytes that it takes."""
    if kind == 0:
        return None, 0
    if kind in (8, 9):
        return kind - 8, 0
    size = _INTEGERS.get(kind)
    if size is not None:
        return int.from_bytes(payload[position : position + size], "big", signed=True), size
    if kind < 12:
        raise ValueError("a kind of value that projects do not have")
    size = (kind - 12) // 2
    content = payload[position : position + size]
    return (content.decode() if kind % 2 else content), size


def _varint(content: bytes | mmap.mmap, start: int) -> tuple[int, int]:
    """Return a number of variable length and where it ends."""
    value = 0
    for index in range(8):
        byte = content[start + index]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, start + index + 1
    return value << 8 | content[start + 8], start + 9
