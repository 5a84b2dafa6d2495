"""The last steps of undo, which come back with their project the next time as far as their pixels are still there."""

from __future__ import annotations

import json
import logging
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, get_args

from remaster_gui.base import plain_data
from remaster_gui.base.validity import EVERYWHERE
from remaster_gui.document.raster_cache import RevisionStep
from remaster_gui.painting.raster import Box, PixelDelta
from remaster_gui.project import edits
from remaster_gui.project.encoding import decode_part, decode_validity, encode, encode_validity
from remaster_gui.project.schema import LONGEST_NAME, Project, ReferenceKind, ReferenceRecord

log = logging.getLogger(__name__)

NAME = "undo"
FORM = 2
"""Raised whenever it is written otherwise; what an earlier version wrote is passed over."""
MOST_STEPS = 50
MOST_BYTES = 16 * 2**20
"""Of pixels, when the project is closed: the window waits while they are written."""
FEW_BYTES = 2 * 2**20
"""Of pixels, after every step."""
MOST_UNPACKED = 2**30
"""Of pixels as they are painted: few bytes can say very many, and opening waits while they are tried."""
_LONGEST_HEAD = 32 * 2**20
_BYTES_PER_PIXEL = 3


@dataclass(frozen=True, slots=True)
class UndoStep:
    """One step: the project before and after it, and where it has painted, which reference and how."""

    text: str
    before: Project
    after: Project
    id: str = ""
    step: RevisionStep | None = None

    @property
    def nbytes(self) -> int:
        """Bytes of its pixels."""
        return 0 if self.step is None else self.step.nbytes

    @property
    def unpacked(self) -> int:
        """Bytes of its pixels as they are painted, before and after."""
        return 0 if self.step is None else sum(2 * _size(delta.tiles) for delta in self.step.deltas)


def pack_undo(steps: Sequence[UndoStep], project: Project, most_bytes: int = MOST_BYTES) -> bytes:
    """Write down the last of `steps`, of which the newest has led to `project`; b'' for none.

    `most_bytes`: of pixels. Any thread.

    The pixels of a reference that `project` has no more are gone with it, and so is what was done before it was taken
    out.
    """
    kept, room, unpacked, there = [], most_bytes, MOST_UNPACKED, {each.id for each in project.references}
    for each in reversed(steps[-MOST_STEPS:]):
        room -= each.nbytes
        unpacked -= each.unpacked
        if min(room, unpacked) < 0 or not there.issuperset(record.id for record in each.before.references):
            break
        kept.append(each)
    if not kept:
        return b""
    blobs: list[bytes] = []
    texts: dict[str, int] = {}
    records: dict[int, int] = {}

    def number(said: Any) -> int:
        """Write what many states have in common once."""
        return texts.setdefault(json.dumps(said, separators=(",", ":")), len(texts))

    def number_record(record: ReferenceRecord) -> int:
        # Nearly all are the same objects in all states.
        if id(record) not in records:
            records[id(record)] = number(_record(record))
        return records[id(record)]

    head = {
        "states": [
            _state(state, number, number_record)
            for state in (kept[-1].before, *(each.after for each in reversed(kept)))
        ],
        "steps": [_step(each, blobs) for each in reversed(kept)],
        "texts": list(texts),
    }
    packed = zlib.compress(json.dumps(head).encode(), 6)
    return b"".join((struct.pack("<I", len(packed)), packed, *blobs))


def unpack_undo(content: bytes, project: Project) -> tuple[UndoStep, ...]:
    """Return the steps that led to `project` as it was opened; () where nothing sensible was written, or others."""
    if not content:
        return ()
    try:
        steps = _read(content)
        if edits.brought_back(steps[-1].after, project) != project:
            log.info("the steps of undo that were kept are of another state of the project")
            return ()
        return steps
    except (ValueError, KeyError, TypeError, IndexError, struct.error, zlib.error):
        log.warning("the steps of undo that were kept make no sense", exc_info=True)
        return ()


def _state(
    project: Project, number: Callable[[Any], int], number_record: Callable[[ReferenceRecord], int]
) -> list[Any]:
    parts = {name: number(text) for name, text in encode(project).items()}
    return [parts, [number_record(record) for record in project.references]]


def _record(record: ReferenceRecord) -> dict[str, Any]:
    plain = asdict(replace(record, validity=EVERYWHERE))
    return plain | {"validity": encode_validity(record.validity)}


def _step(step: UndoStep, blobs: list[bytes]) -> dict[str, Any]:
    said: dict[str, Any] = {"text": step.text}
    if step.step is not None:
        # Done steps stand on the stack as they were made.
        assert step.step.forward, "a step is kept as it was done"
        said |= {"id": step.id, "old": step.step.old, "new": step.step.new, "deltas": []}
        for delta in step.step.deltas:
            said["deltas"].append([*map(_box, delta.tiles), len(delta.old), len(delta.new)])
            blobs += [delta.old, delta.new]
    return said


def _box(box: Box) -> list[int]:
    return [box.x, box.y, box.width, box.height]


def _read(content: bytes) -> tuple[UndoStep, ...]:
    (length,) = struct.unpack_from("<I", content)
    head = zlib.decompressobj().decompress(content[4 : 4 + length], _LONGEST_HEAD)
    said = plain_data.table(plain_data.parse(head, _LONGEST_HEAD))
    texts = [plain_data.text(text, plain_data.LONGEST) for text in plain_data.listed(said["texts"])]
    read = _TextsRead(texts)
    states = [read.state(plain_data.listed(each)) for each in plain_data.listed(said["states"])]
    listed = plain_data.listed(said["steps"])
    if not 0 < len(listed) <= MOST_STEPS or len(states) != len(listed) + 1:
        raise ValueError(f"{len(states)} states for {len(listed)} steps")
    pixels = _PixelsRead(content[4 + length :])
    return tuple(
        _read_step(plain_data.table(each), before, after, pixels)
        for each, before, after in zip(listed, states[:-1], states[1:], strict=True)
    )


class _PixelsRead:
    """Reads one packed part after another, as far as they say no more than a project may keep."""

    def __init__(self, packed: bytes) -> None:
        self._packed, self._at, self._room = packed, 0, MOST_UNPACKED

    def next(self, length: int, size: int) -> bytes:
        """Return the next `length` bytes; raises `ValueError` where they are not `size` bytes of pixels, packed."""
        self._room -= size
        if self._room < 0:
            raise ValueError("there are more pixels than a project keeps")
        packed = self._packed[self._at : self._at + length]
        self._at += length
        if len(zlib.decompressobj().decompress(packed, size + 1)) != size:
            raise ValueError("there are more or fewer pixels than the tiles have")
        return packed


class _TextsRead:
    """Reads each text once, however many states have it in common: else short texts could say endless work."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._parts: dict[tuple[str, int], dict[str, Any]] = {}
        self._records: dict[int, ReferenceRecord] = {}

    def state(self, said: Sequence[Any]) -> Project:
        parts, references = said
        fields: dict[str, Any] = {}
        for name, place in plain_data.table(parts).items():
            fields |= self._part(name, plain_data.whole(place))
        places = [plain_data.whole(place) for place in plain_data.listed(references)]
        if len(set(places)) < len(places):
            raise ValueError("a reference is there twice")
        return Project(references=tuple(map(self._record, places)), **fields)

    def _part(self, name: str, place: int) -> dict[str, Any]:
        if (name, place) not in self._parts:
            text = plain_data.text(plain_data.parse(self._texts[place]), plain_data.LONGEST)
            self._parts[name, place] = decode_part(name, text)
        return self._parts[name, place]

    def _record(self, place: int) -> ReferenceRecord:
        if place not in self._records:
            self._records[place] = _read_record(self._texts[place])
        return self._records[place]


def _read_record(text: str) -> ReferenceRecord:
    said = plain_data.table(plain_data.parse(text))
    return ReferenceRecord(
        id=plain_data.text(said["id"]),
        name=plain_data.text(said["name"]),
        kind=plain_data.choice(said["kind"], get_args(ReferenceKind)),
        frame=None if said["frame"] is None else plain_data.whole(said["frame"]),
        color=plain_data.text(said["color"]),
        enabled=plain_data.switch(said["enabled"]),
        colored=plain_data.switch(said["colored"]),
        width=plain_data.whole(said["width"]),
        height=plain_data.whole(said["height"]),
        revision=plain_data.whole(said["revision"]),
        validity=decode_validity(said["validity"]),
    )


def _read_step(said: Mapping[str, Any], before: Project, after: Project, pixels: _PixelsRead) -> UndoStep:
    text = plain_data.text(said["text"], 8 * LONGEST_NAME)
    if "id" not in said:
        return UndoStep(text, before, after)
    id_, old, new = plain_data.text(said["id"]), plain_data.whole(said["old"]), plain_data.whole(said["new"])
    was, now = before.reference(id_), after.reference(id_)
    if was is None or now is None or (was.revision, now.revision) != (old, new):
        raise ValueError("a step that paints leads from another revision")
    deltas = []
    for each in plain_data.listed(said["deltas"]):
        *tiles, old_size, new_size = plain_data.listed(each)
        boxes = [_read_box(tile, now) for tile in tiles]
        if sum(box.width * box.height for box in boxes) > now.width * now.height:
            raise ValueError("tiles lie over each other")
        old_pixels, new_pixels = (
            pixels.next(plain_data.whole(length), _size(boxes)) for length in (old_size, new_size)
        )
        deltas.append(PixelDelta(_around(boxes), tuple(boxes), old_pixels, new_pixels))
    if not deltas:
        raise ValueError("a step that paints changes nothing")
    return UndoStep(text, before, after, id_, RevisionStep(tuple(deltas), old, new))


def _read_box(said: Any, record: ReferenceRecord) -> Box:
    x, y, width, height = (plain_data.whole(each) for each in plain_data.listed(said))
    box = Box(x, y, width, height)
    if box.is_empty or box.right > record.width or box.bottom > record.height:
        raise ValueError(f"{box} does not lie within {record.name}")
    return box


def _around(tiles: Sequence[Box]) -> Box:
    box = tiles[0]
    for tile in tiles:
        box = box.united(tile)
    return box


def _size(tiles: Sequence[Box]) -> int:
    """Return the bytes of the pixels of tiles."""
    return _BYTES_PER_PIXEL * sum(tile.width * tile.height for tile in tiles)
