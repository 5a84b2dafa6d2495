"""How far the film in a file reaches: up to the next one where several are joined end to end, as ``cat`` joins them.

Streams go on over such joints, and most formats are found again behind them. Of MP4 and QuickTime files the library
keeps the tables of the first film and passes over those of the others, so it reads of these what fragments happen to
hold, at places that may be those of the first film. What it cannot read right is left out here. Other formats end with
their first film.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field

from remaster_gui.media.boxes import ContainerBox, box_at, boxes, inside, track_number
from remaster_gui.media.fixed_file import FixedFile
from remaster_gui.media.packet_stamps import Integers

_FLASH = re.compile(rb"[FC]WS[\x03-\x30]....[\x08-\xff]", re.DOTALL)
_HEADS = {
    "flv": re.compile(rb"FLV\x01.\x00\x00\x00\x09", re.DOTALL),
    "asf": re.compile(re.escape(bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"))),
    "nut": re.compile(rb"nut/multimedia container\x00"),
    "rm": re.compile(rb"\.RMF\x00\x00\x00\x12"),
    "swf": _FLASH,
    "apng": re.compile(rb"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"),
}
"""How a file begins, for the names that the library gives to formats that end with the first of several films."""
_KINDS = frozenset((
    b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"free", b"skip", b"wide", b"pnot", b"PICT", b"sidx", b"ssix", b"uuid",
    b"meta", b"mfra", b"emsg", b"prft", b"pdin", b"udta", b"junk",
))  # fmt: skip
"""Kinds of boxes that lie at the top of a file."""
_MOST_BOXES = 200_000
"""Boxes of a file that are looked at; a day of fragments of a second."""
_SEARCHED = 64 * 2**20
"""Bytes before and behind the end of the last box that makes sense among which another film is looked for."""
_CHUNK = 4 * 2**20
_HEADER = 8
_FLASH_HEADER = 9
_LONGEST_TYPE = 4096
_LONGEST_CODING = 2**20
_MOVIE_HEADERS = (108, 120)
"""Sizes of the first box of a film's tables."""
_IS_RELATIVE = 0x020000
_IS_ABSOLUTE = 0x000001
"""Flags of a fragment: whether places in it count from its own start, or from one that it names."""


@dataclass(slots=True)
class _Part:
    """One film of a file."""

    start: int
    follows: bool = True
    """Whether it begins right where the one before it ends."""
    is_typed: bool = False
    """Whether it begins with its type, as all but the oldest do."""
    movie: ContainerBox | None = None
    media_first: bool = False
    """Whether frames lie before the tables."""
    media: bool = False
    """Whether frames lie behind the tables, or without any."""
    fragments: list[ContainerBox] = field(default_factory=list)
    is_torn: bool = False
    """Whether the header of another box begins at its end, and not even that is whole."""

    def is_film(self) -> bool:
        """Whether it is more than another copy of the tables of the film before it."""
        return self.is_typed or self.media or self.media_first or bool(self.fragments) or not self.follows


def keep_first_film(file: FixedFile) -> None:
    """Let a file end where the first of several films that are joined in it does, and note in it what is left out.

    Films that go on as the first began, in fragments, count as one with it. A fragment whose tables are cut short would
    keep the library from all others.
    """
    if file.is_measured:
        return
    file.is_measured = True
    head = file.head(_HEADER)
    if head.startswith(b"FWS"):
        length = int.from_bytes(head[4:], "little")
        if length > _FLASH_HEADER and _FLASH.match(file.part(length, _FLASH_HEADER)):
            file.is_joined, file.size = True, length
    if head[4:] not in _KINDS:
        return
    try:
        parts = _parts(file)
        if parts[0].movie is None:
            return
        count = 1
        while count < len(parts) and _goes_on(file, parts[0], parts[count]):
            count += 1
    except (struct.error, IndexError, OSError):
        return
    if count < len(parts):
        file.is_joined, file.size = True, parts[count].start
    last = parts[count - 1]
    if last.fragments and last.fragments[-1].end > file.size:
        file.is_cut_short, file.size = True, last.fragments[-1].at
    elif last.fragments and last.is_torn:
        file.is_cut_short = True


def is_followed(file: FixedFile, format_name: str, positions: Integers) -> bool:
    """Whether another film begins behind the last one of the packets at ``positions``, or is taken for that packet."""
    head = _HEADS.get(format_name)
    if head is None or len(positions) == 0:
        return False
    start = max(0, int(positions[-2:].min()))
    return head.search(file.part(max(start, 1), _SEARCHED)) is not None


def _parts(file: FixedFile) -> list[_Part]:
    parts, last, place = [_Part(0)], 0, 0
    for _ in range(_MOST_BOXES):
        box = box_at(file, place, file.size)
        if box is not None and box.kind in _KINDS and box.end <= file.size:
            _add(parts, box)
            last, place = place, box.end
            continue
        if box is not None and box.kind in _KINDS and box.kind != b"moov":
            _add(parts, box)  # cut short
        # A film that was cut short may have taken the beginning of the next one for its own.
        start = max(last + 1, place - _SEARCHED)
        found = _next_film(file, start, place + _SEARCHED, is_new=parts[-1].movie is not None)
        if found is None:
            parts[-1].is_torn = place < file.size < place + _HEADER
            break
        parts.append(_Part(found, follows=False))
        last = place = found
    return [parts[0], *(part for part in parts[1:] if part.is_film())]


def _add(parts: list[_Part], box: ContainerBox) -> None:
    """Count a box to the last part, or begin another part with it."""
    part = parts[-1]
    if box.kind == b"ftyp" and (part.movie or part.media or part.media_first):
        part = _Part(box.at, is_typed=True)
        parts.append(part)
    elif box.kind == b"moov" and part.movie is not None:
        if not part.media:
            return  # another copy of the tables
        # Where frames lie before their tables, those since the last tables are of the next film.
        part = _Part(part.movie.end if part.media_first else box.at, media_first=part.media_first)
        parts.append(part)
    if box.kind == b"moov":
        part.movie, part.media_first, part.media = box, part.media_first or part.media, False
    elif box.kind == b"mdat":
        part.media |= box.end > box.start
    elif box.kind == b"moof":
        part.fragments.append(box)


def _next_film(file: FixedFile, start: int, end: int, *, is_new: bool) -> int | None:
    """Look for the beginning of another film in a part of a file in which boxes make no sense any more.

    Tables without a type before them are another film only where there are some already (`is_new`).
    """
    for chunk in range(start, min(end, file.size), _CHUNK):
        file.check_cancelled()
        data = file.part(chunk, _CHUNK + 8)
        found = (at for kind in (b"ftyp", b"moov") if is_new or kind == b"ftyp" for at in _places(data, kind))
        for at in sorted(found):
            if at >= 4 and _is_beginning(file, chunk + at - 4):
                return chunk + at - 4
    return None


def _places(data: bytes, kind: bytes) -> list[int]:
    places, at = [], data.find(kind)
    while at >= 0:
        places.append(at)
        at = data.find(kind, at + 1)
    return places


def _is_beginning(file: FixedFile, place: int) -> bool:
    box = box_at(file, place, file.size)
    if box is None:
        return False
    if box.kind == b"moov":
        first = box_at(file, box.start, file.size)
        return first is not None and first.kind == b"mvhd" and first.end - box.start in _MOVIE_HEADERS
    following = box_at(file, box.end, file.size)
    return (
        box.end - place < _LONGEST_TYPE
        and following is not None
        and following.kind in _KINDS
        and file.part(box.start, 4).isascii()
    )


def _goes_on(file: FixedFile, first: _Part, other: _Part) -> bool:
    """Whether another film is in fragments that are read by the tables of the first."""
    if first.movie is None or other.movie is None or not other.follows:
        return False
    return (
        _is_fragmented(file, first)
        and _is_fragmented(file, other)
        and _descriptions(file, first.movie) == _descriptions(file, other.movie)
    )


def _is_fragmented(file: FixedFile, part: _Part) -> bool:
    """Whether all of a film lies in fragments that can be moved within a file."""
    assert part.movie is not None
    tracks = [box for box in boxes(file, part.movie.start, part.movie.end) if box.kind == b"trak"]
    return not any(_has_samples(file, track) for track in tracks) and all(
        _can_be_moved(file, fragment) for fragment in part.fragments if fragment.end <= file.size
    )


def _has_samples(file: FixedFile, track: ContainerBox) -> bool:
    table = inside(file, track, b"mdia", b"minf", b"stbl", b"stsz")
    return table is not None and file.part(table.start + 8, 4) != bytes(4)


def _can_be_moved(file: FixedFile, fragment: ContainerBox) -> bool:
    for track in boxes(file, fragment.start, fragment.end):
        header = inside(file, track, b"tfhd") if track.kind == b"traf" else None
        if header is not None:
            flags = int.from_bytes(file.part(header.start, 4), "big")
            if flags & _IS_ABSOLUTE or not flags & _IS_RELATIVE:
                return False
    return True


def _descriptions(file: FixedFile, movie: ContainerBox) -> list[tuple[int | None, bytes, bytes]]:
    """Return number, scale of time and coding of every track."""
    found = []
    for track in boxes(file, movie.start, movie.end):
        if track.kind != b"trak":
            continue
        clock, table = (
            inside(file, track, b"mdia", b"mdhd"),
            inside(file, track, b"mdia", b"minf", b"stbl", b"stsd"),
        )
        if clock is not None and table is not None:
            scale = clock.start + (20 if file.part(clock.start, 1) == b"\1" else 12)
            coding = file.part(table.start, min(table.end - table.start, _LONGEST_CODING))
            found.append((track_number(file, track), file.part(scale, 4), coding))
    return found
