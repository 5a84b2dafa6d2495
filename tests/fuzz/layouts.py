"""Where the numbers and the pieces of a file are, for the formats that films, pictures and our own files have.

The parsers follow a format only as far as needed to damage it well, and stop where it makes no sense any more.
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

Order = Literal["big", "little"]
_MOST = 4000
"""Numbers and pieces that are listed of one file."""


@dataclass(frozen=True)
class Number:
    """A number in a file."""

    start: int
    size: int
    order: Order = "big"


@dataclass
class Layout:
    """Numbers, and pieces ``(start, stop)`` that can be taken out, doubled or put elsewhere."""

    numbers: list[Number] = field(default_factory=list)
    pieces: list[tuple[int, int]] = field(default_factory=list)

    def words(self, start: int, stop: int, size: int, order: Order = "big", most: int = 48) -> None:
        """Take what lies between two places as numbers of one size."""
        self.numbers += [
            Number(at, size, order) for at in range(start, min(stop - size + 1, start + most * size), size)
        ]

    @property
    def is_full(self) -> bool:
        """Whether enough is listed."""
        return len(self.numbers) > _MOST or len(self.pieces) > _MOST


def layout_of(data: bytes) -> Layout:
    """Return the layout of a file, told by its first bytes; empty where the format is unknown."""
    for matches, parse in _PARSERS:
        if matches(data):
            layout = Layout()
            with contextlib.suppress(struct.error, IndexError, ValueError):
                parse(data, layout)
            size = len(data)
            layout.numbers = [each for each in layout.numbers if each.start + each.size <= size]
            layout.pieces = [(a, b) for a, b in layout.pieces if 0 <= a < b <= size]
            return layout
    return Layout()


_BOXES = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"udta", b"dinf", b"moof", b"traf", b"mvex",
          b"tapt", b"gmhd"}  # fmt: skip


def _boxes(data: bytes, layout: Layout, start: int = 0, stop: int | None = None) -> None:
    """MP4 and MOV."""
    stop = len(data) if stop is None else stop
    while start + 8 <= stop and not layout.is_full:
        size, kind = struct.unpack_from(">I4s", data, start)
        size = size if size >= 8 else stop - start
        end = min(start + size, stop)
        layout.numbers.append(Number(start, 4))
        layout.pieces.append((start, end))
        if kind in _BOXES:
            _boxes(data, layout, start + 8, end)
        elif kind == b"stsd":
            layout.words(start + 8, end, 2)
            _boxes(data, layout, start + 16 + 86, end)
        elif kind not in (b"mdat", b"free"):
            layout.words(start + 8, end, 4)
        start = end


_MASTERS = {
    0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0xE0, 0xE1, 0x1F43B675, 0xA0, 0x1C53BB6B, 0xBB, 0xB7, 0x1254C367, 0x7373,
    0x67C8, 0x63C0, 0x1043A770, 0x45B9, 0xB6, 0x80, 0x55B0, 0x7670, 0x114D9B74, 0x4DBB, 0x1A45DFA3, 0x6D80, 0x6240,
}  # fmt: skip


def _vint(data: bytes, at: int, *, keep_marker: bool) -> tuple[int, int]:
    """Read a number of EBML's own coding and return it with its length."""
    length = 9 - data[at].bit_length()
    if length > 8:
        raise ValueError("no number")
    value = int.from_bytes(data[at : at + length])
    return (value if keep_marker else value & ((1 << 7 * length) - 1)), length


def _elements(data: bytes, layout: Layout, start: int = 0, stop: int | None = None) -> None:
    """Matroska."""
    stop = len(data) if stop is None else stop
    while start < stop and not layout.is_full:
        kind, id_length = _vint(data, start, keep_marker=True)
        size, length = _vint(data, start + id_length, keep_marker=False)
        body = start + id_length + length
        end = min(body + size, stop)
        layout.numbers.append(Number(start + id_length, length))
        layout.pieces.append((start, end))
        if kind in _MASTERS:
            _elements(data, layout, body, end)
        elif kind in (0xA3, 0xA1):
            layout.numbers += [Number(body, 1), Number(body + 1, 2), Number(body + 3, 1)]
        elif size <= 8:
            layout.numbers.append(Number(body, size)) if size else None
        else:
            layout.words(body, end, 1, most=16)
        start = end


def _riff(data: bytes, layout: Layout, start: int = 0, stop: int | None = None) -> None:
    """AVI and WebP."""
    stop = len(data) if stop is None else stop
    while start + 8 <= stop and not layout.is_full:
        kind, size = struct.unpack_from("<4sI", data, start)
        end = min(start + 8 + size + size % 2, stop)
        layout.numbers.append(Number(start + 4, 4, "little"))
        layout.pieces.append((start, end))
        if kind in (b"RIFF", b"LIST"):
            _riff(data, layout, start + 12, end)
        elif size <= 200 or kind in (b"idx1", b"strh", b"strf", b"VP8X", b"VP8 ", b"VP8L"):
            layout.words(start + 8, end, 4, "little", most=24)
            layout.words(start + 8, end, 1, "little", most=24)
        start = max(end, start + 8)


def _png(data: bytes, layout: Layout) -> None:
    start = 8
    while start + 12 <= len(data):
        size = int.from_bytes(data[start : start + 4])
        end = min(start + 12 + size, len(data))
        layout.numbers += [Number(start, 4), Number(start + 4, 4)]
        layout.pieces.append((start, end))
        if data[start + 4 : start + 8] != b"IDAT":
            layout.words(start + 8, end - 4, 4, most=12)
            layout.words(start + 8, end - 4, 1, most=24)
        start = end


def _tiff(data: bytes, layout: Layout) -> None:
    order: Order = "little" if data[:2] == b"II" else "big"

    def number(at: int, size: int) -> int:
        layout.numbers.append(Number(at, size, order))
        return int.from_bytes(data[at : at + size], order)

    big = number(2, 2) == 43
    offset, count_size, step = (8, 8, 20) if big else (4, 2, 12)
    word = 8 if big else 4
    at, seen = number(offset, word), set[int]()
    while at and at not in seen and at + count_size <= len(data):
        seen.add(at)
        count = min(number(at, count_size), 200)
        first = at + count_size
        for entry in range(first, first + count * step, step):
            layout.pieces.append((entry, entry + step))
            number(entry, 2)
            kind, many = number(entry + 2, 2), number(entry + 4, word)
            value = number(entry + 4 + word, word)
            layout.numbers.append(Number(entry + 4 + word, 2, order))
            if many * 4 > word and value < len(data):
                layout.words(value, min(len(data), value + many * 4), 2 if kind == 3 else 4, order, most=6)
        at = number(first + count * step, word)


def _exr(data: bytes, layout: Layout) -> None:
    layout.words(4, 8, 4, "little")
    at = 8
    while at < len(data) and data[at] and not layout.is_full:
        after_name = data.index(b"\0", at) + 1
        after_kind = data.index(b"\0", after_name) + 1
        size = int.from_bytes(data[after_kind : after_kind + 4], "little")
        layout.numbers.append(Number(after_kind, 4, "little"))
        layout.pieces.append((at, min(len(data), after_kind + 4 + size)))
        layout.words(after_kind + 4, after_kind + 4 + size, 4, "little")
        layout.words(after_kind + 4, after_kind + 4 + size, 1, "little")
        at = after_kind + 4 + size
    layout.words(at + 1, len(data), 8, "little", most=32)


def _dpx(data: bytes, layout: Layout) -> None:
    order: Order = "big" if data[:4] == b"SDPX" else "little"
    layout.words(0, 36, 4, order)
    layout.words(768, 1700, 4, order, most=240)
    layout.words(768, 900, 2, order)
    layout.words(800, 808, 1, order)


def _jpeg(data: bytes, layout: Layout) -> None:
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xD9:
        size = int.from_bytes(data[at + 2 : at + 4])
        layout.numbers += [Number(at + 1, 1), Number(at + 2, 2)]
        layout.pieces.append((at, at + 2 + size))
        layout.words(at + 4, at + 2 + size, 1, most=40)
        if data[at + 1] == 0xDA:
            return
        at += 2 + size


def _bmp(data: bytes, layout: Layout) -> None:
    layout.words(2, 70, 4, "little")
    layout.words(26, 30, 2, "little")


def _ts(data: bytes, layout: Layout) -> None:
    for start in range(0, len(data) - 187, 188):
        layout.pieces.append((start, start + 188))
    layout.words(0, 188 * 8, 1, most=188 * 8)
    layout.words(188 * 8, len(data), 188, most=40)


def _program_stream(data: bytes, layout: Layout) -> None:
    """MPEG-PS, and raw streams, whose parts begin in the same way."""
    starts = []
    at = data.find(b"\0\0\1")
    while at >= 0 and len(starts) < 1000:
        starts.append(at)
        at = data.find(b"\0\0\1", at + 3)
    for start, stop in zip(starts, [*starts[1:], len(data)], strict=True):
        layout.pieces.append((start, stop))
        layout.numbers += [Number(start + 3, 1), Number(start + 4, 2)]
        layout.words(start + 4, stop, 1, most=16)


def _ogg(data: bytes, layout: Layout) -> None:
    at = data.find(b"OggS")
    while at >= 0 and not layout.is_full:
        stop = data.find(b"OggS", at + 4)
        layout.pieces.append((at, stop if stop > 0 else len(data)))
        layout.numbers += [Number(at + 5, 1), Number(at + 6, 8, "little"), Number(at + 14, 4, "little"),
                           Number(at + 18, 4, "little"), Number(at + 22, 4, "little"), Number(at + 26, 1)]  # fmt: skip
        at = stop


def _mxf(data: bytes, layout: Layout) -> None:
    at = 0
    while at + 17 <= len(data) and data[at : at + 4] == b"\x06\x0e\x2b\x34" and not layout.is_full:
        first = data[at + 16]
        more = first & 0x7F if first & 0x80 else 0
        size = int.from_bytes(data[at + 17 : at + 17 + more]) if more else first
        body = at + 17 + more
        layout.numbers.append(Number(at + 16, 1))
        if more:
            layout.numbers.append(Number(at + 17, more))
        end = min(body + size, len(data))
        layout.pieces.append((at, end))
        if data[at + 4] == 2 and data[at + 5] == 0x53:
            item = body
            while item + 4 <= end:
                length = int.from_bytes(data[item + 2 : item + 4])
                layout.numbers += [Number(item, 2), Number(item + 2, 2)]
                layout.words(item + 4, item + 4 + length, 4, most=4)
                item += 4 + length
        elif size < 1000:
            layout.words(body, end, 4)
        at = end


def _dv(data: bytes, layout: Layout) -> None:
    for start in range(0, min(len(data), 80 * 600), 80):
        layout.pieces.append((start, start + 80))
        layout.words(start, start + 8, 1)


def _sqlite(data: bytes, layout: Layout) -> None:
    page = int.from_bytes(data[16:18]) or 4096
    page = 65536 if page == 1 else page
    layout.words(16, 100, 4)
    layout.words(16, 30, 1)
    for start in range(0, len(data), page):
        layout.pieces.append((start, min(start + page, len(data))))
        header = start + (100 if start == 0 else 0)
        layout.numbers += [Number(header, 1), Number(header + 1, 2), Number(header + 3, 2), Number(header + 5, 2),
                           Number(header + 8, 4)]  # fmt: skip
        layout.words(header + 8, header + 32, 2)


def _journal(data: bytes, layout: Layout) -> None:
    """What SQLite notes before it changes a file: a header, then pages with their numbers and sums."""
    layout.words(8, 28, 4)
    sector, page = int.from_bytes(data[20:24]), int.from_bytes(data[24:28])
    for start in range(sector, len(data), page + 8):
        layout.numbers += [Number(start, 4), Number(start + 4 + page, 4)]
        layout.pieces.append((start, min(start + page + 8, len(data))))


def _zip(data: bytes, layout: Layout) -> None:
    for mark, size in ((b"PK\3\4", 30), (b"PK\1\2", 46), (b"PK\5\6", 22), (b"PK\6\6", 56)):
        at = data.find(mark)
        while at >= 0 and not layout.is_full:
            layout.words(at + 4, at + size, 2, "little")
            layout.words(at + 4, at + size, 4, "little")
            layout.pieces.append((at, at + size))
            at = data.find(mark, at + 4)


def _numpy(data: bytes, layout: Layout) -> None:
    layout.words(0, 10, 1)
    layout.words(8, 10, 2, "little")
    layout.words(10, 128, 1, most=118)


def _starts(*marks: bytes) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(marks)


def _boxes_follow(data: bytes) -> bool:
    return data[4:8] in (b"ftyp", b"moov", b"wide", b"mdat", b"free", b"skip")


def _packets_follow(data: bytes) -> bool:
    return len(data) > 376 and data[0] == data[188] == 0x47


_PARSERS: tuple[tuple[Callable[[bytes], bool], Callable[[bytes, Layout], None]], ...] = (
    (_boxes_follow, _boxes),
    (_starts(b"\x1a\x45\xdf\xa3"), _elements),
    (_starts(b"RIFF"), _riff),
    (_starts(b"\x89PNG"), _png),
    (_starts(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), _tiff),
    (_starts(b"\x76\x2f\x31\x01"), _exr),
    (_starts(b"SDPX", b"XPDS"), _dpx),
    (_starts(b"\xff\xd8"), _jpeg),
    (_starts(b"BM"), _bmp),
    (_starts(b"OggS"), _ogg),
    (_starts(b"\x06\x0e\x2b\x34"), _mxf),
    (_starts(b"\x1f\x07\0"), _dv),
    (_starts(b"SQLite format 3"), _sqlite),
    (_starts(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"), _journal),
    (_starts(b"PK\3\4"), _zip),
    (_starts(b"\x93NUMPY"), _numpy),
    (_packets_follow, _ts),
    (_starts(b"\0\0\1", b"\0\0\0\1"), _program_stream),
)


def pieces_of(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield the pieces of a file, or its quarters where the format is unknown."""
    pieces = layout_of(data).pieces
    quarter = max(1, len(data) // 4)
    yield from pieces or [(at, min(len(data), at + quarter)) for at in range(0, len(data), quarter)]
