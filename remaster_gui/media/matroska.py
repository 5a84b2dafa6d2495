"""The shape and the cropping of pictures noted in a Matroska file.

Codecs such as FFV1 are read by their container's word alone, and the library offers no way to pass the shape
of pixels to its Matroska writer. So the display size is added to the finished file: the writer leaves an
empty element behind the file's index, which makes room, and nothing after the tracks' description moves.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

_SEGMENT = 0x18538067
_SEEK_HEAD = 0x114D9B74
_SEEK_ENTRY = 0x4DBB
_SEEK_ID = 0x53AB
_SEEK_POSITION = 0x53AC
_VOID = 0xEC
_CHECKSUM = 0xBF
_INFO = 0x1549A966
_TRACKS = 0x1654AE6B
_TRACK = 0xAE
_VIDEO = 0xE0
_DISPLAY_UNIT = 0x54B2
_DISPLAY_ASPECT = b"\x54\xb2\x81\x03"
"""Display unit 3: width and height are those of the display aspect ratio."""

_TRACK_TYPE = 0x83
_PICTURES = 1
_CROPS = (0x54CC, 0x54BB, 0x54DD, 0x54AA)
"""Pixels to be left out on the left, at the top, on the right and at the bottom."""

HEADER_BYTES = 2**20
"""Bytes at the start of a file within which its tracks are described."""


@dataclass(frozen=True, slots=True)
class _Element:
    kind: int
    start: int
    data: int
    end: int
    size_length: int


def note_pixel_aspect(path: Path, width: int, height: int, pixel_aspect: Fraction) -> None:
    """Write the display aspect ratio of the picture track of a file that `open_output` has begun."""
    with path.open("r+b") as file:
        head = bytearray(file.read(HEADER_BYTES))
        file.seek(0)
        file.write(_with_display_size(head, width * pixel_aspect / height))


def picture_crop(head: bytes, rank: int) -> tuple[int, int, int, int]:
    """Read how many pixels are to be left out (left, top, right, bottom) of the picture track of a ``rank``, from 0.

    ``head``: the first `HEADER_BYTES` of a file. Raises `ValueError` or `IndexError` where they cannot be read.
    """
    data = bytearray(head)
    segment = _child(data, 0, len(data), _SEGMENT)
    tracks = _child(data, segment.data, len(data), _TRACKS)
    videos = []
    for track in _elements(data, tracks.data, min(tracks.end, len(data))):
        fields = {each.kind: each for each in _elements(data, track.data, track.end)}
        if track.kind == _TRACK and _value(data, fields.get(_TRACK_TYPE)) == _PICTURES and _VIDEO in fields:
            videos.append(fields[_VIDEO])
    fields = {each.kind: each for each in _elements(data, videos[rank].data, videos[rank].end)}
    left, top, right, bottom = (_value(data, fields.get(kind)) for kind in _CROPS)
    return left, top, right, bottom


def _child(head: bytearray, start: int, end: int, kind: int) -> _Element:
    found = next((each for each in _elements(head, start, end) if each.kind == kind), None)
    if found is None:
        raise ValueError("the file lacks an element")
    return found


def _value(head: bytearray, element: _Element | None) -> int:
    return 0 if element is None else int.from_bytes(head[element.data : element.end], "big")


def _with_display_size(head: bytearray, display_aspect: Fraction) -> bytearray:
    segment = _child(head, 0, len(head), _SEGMENT)
    parts = {each.kind: each for each in _elements(head, segment.data, len(head))}
    void, info, tracks = parts[_VOID], parts[_INFO], parts[_TRACKS]
    track, video = _picture_track(head, tracks)
    unit = next(each for each in _elements(head, video.data, video.end) if each.kind == _DISPLAY_UNIT)
    shape = (
        b"\x54\xb0\x84" + display_aspect.numerator.to_bytes(4, "big")
        + b"\x54\xba\x84" + display_aspect.denominator.to_bytes(4, "big")
        + _DISPLAY_ASPECT
    )  # fmt: skip
    room = len(shape) - (unit.end - unit.start)
    for grown in (tracks, track, video):
        _resize(head, grown, grown.end - grown.data + room)
    _resize(head, void, void.end - void.data - room)
    changed = head[info.start : unit.start] + shape + head[unit.end : tracks.end]
    head[info.start - room : tracks.end] = changed
    for entry in _elements(head, parts[_SEEK_HEAD].data, parts[_SEEK_HEAD].end):
        if entry.kind == _SEEK_ENTRY:
            _move_target(head, entry, {info.kind, tracks.kind}, room)
    for master in (
        parts[_SEEK_HEAD],
        _Element(tracks.kind, tracks.start - room, tracks.data - room, tracks.end, 0),
    ):
        _renew_checksum(head, master)
    return head


def _picture_track(head: bytearray, tracks: _Element) -> tuple[_Element, _Element]:
    for track in _elements(head, tracks.data, tracks.end):
        if track.kind == _TRACK:
            for child in _elements(head, track.data, track.end):
                if child.kind == _VIDEO:
                    return track, child
    raise ValueError("the file has no picture track")


def _elements(head: bytearray, start: int, end: int) -> Iterator[_Element]:
    while start < end:
        kind, kind_length = _number(head, start, keep_marker=True)
        size, size_length = _number(head, start + kind_length)
        data = start + kind_length + size_length
        yield _Element(kind, start, data, data + size, size_length)
        start = data + size


def _number(head: bytearray, at: int, *, keep_marker: bool = False) -> tuple[int, int]:
    """Read a number and its length, which the leading zero bits of its first byte tell."""
    length = 9 - head[at].bit_length()
    value = int.from_bytes(head[at : at + length], "big")
    return (value if keep_marker else value & ((1 << (7 * length)) - 1)), length


def _resize(head: bytearray, element: _Element, size: int) -> None:
    length = element.size_length
    if size >= (1 << (7 * length)) - 1:
        raise ValueError("the element cannot grow")
    marked = size | 1 << (7 * length)
    head[element.data - length : element.data] = marked.to_bytes(length, "big")


def _move_target(head: bytearray, entry: _Element, kinds: set[int], room: int) -> None:
    fields = {each.kind: each for each in _elements(head, entry.data, entry.end)}
    target, position = fields[_SEEK_ID], fields[_SEEK_POSITION]
    if int.from_bytes(head[target.data : target.end], "big") in kinds:
        place = int.from_bytes(head[position.data : position.end], "big") - room
        head[position.data : position.end] = place.to_bytes(position.end - position.data, "big")


def _renew_checksum(head: bytearray, master: _Element) -> None:
    first = next(_elements(head, master.data, master.end))
    if first.kind == _CHECKSUM:
        head[first.data : first.end] = zlib.crc32(head[first.end : master.end]).to_bytes(4, "little")
