"""What the user has decided about single spots of a frame: repairs that are rejected, and repairs by hand."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from remaster_gui.base import plain_data
from remaster_gui.base.packed_regions import region_as_text, region_of_text

MarkKind = Literal["reject", "repair"]
"""The film's own luminance comes back here, or it is replaced by what its neighbours and surroundings say."""
MARK_KINDS: tuple[MarkKind, ...] = get_args(MarkKind)

LONGEST_SHAPE = 2**16
"""Bytes of a shape as it is kept."""
_FARTHEST = 2**20


@dataclass(frozen=True, slots=True)
class SpotMark:
    """A part of a frame and what becomes of it.

    left, top, width and height: its box in pixels of the film, within the frame. shape: which part of the box is meant,
    as `packed_regions` packs it; b'' for all of it.
    """

    kind: MarkKind
    left: int
    top: int
    width: int
    height: int
    shape: bytes = b""

    def __post_init__(self) -> None:
        """Raise `ValueError` for what makes no sense."""
        if self.kind not in MARK_KINDS or len(self.shape) > LONGEST_SHAPE:
            raise ValueError("no mark")
        if min(self.left, self.top) < 0 or min(self.width, self.height) < 1:
            raise ValueError("a mark outside of its frame")
        if max(self.left + self.width, self.top + self.height) > _FARTHEST:
            raise ValueError("a mark that is too large")

    @property
    def nbytes(self) -> int:
        """About the bytes that it takes where it is kept."""
        return 32 + 4 * len(self.shape) // 3

    def as_data(self) -> list[Any]:
        """Return plain data."""
        return [self.kind, self.left, self.top, self.width, self.height, region_as_text(self.shape)]

    @staticmethod
    def of_data(data: Any) -> SpotMark:
        """Read what `as_data` wrote; raises `ValueError` for anything else."""
        kind, left, top, width, height, shape = plain_data.listed(data)
        content = region_of_text(shape, LONGEST_SHAPE)
        x, y, across, down = (plain_data.whole(each, 0, _FARTHEST) for each in (left, top, width, height))
        return SpotMark(plain_data.choice(kind, MARK_KINDS), x, y, across, down, content)


Marks = tuple[SpotMark, ...]
FrameMarks = tuple[tuple[int, Marks], ...]
"""The frames that have marks, rising, each with its own in the order in which they were made."""


def marks_size(marks: FrameMarks) -> int:
    """Return about the bytes that marks take where they are kept."""
    return sum(each.nbytes for _, of_frame in marks for each in of_frame)


def marks_identity(marks: Sequence[SpotMark]) -> str:
    """Return what a frame depends on of its marks; '' without any."""
    if not marks:
        return ""
    digest = hashlib.blake2b(digest_size=16)
    for each in marks:
        numbers = (each.left, each.top, each.width, each.height, len(each.shape))
        digest.update(f"{each.kind} {numbers};".encode())
        digest.update(each.shape)
    return digest.hexdigest()


def marks_as_data(marks: FrameMarks) -> list[Any]:
    """Return plain data."""
    return [[frame, [each.as_data() for each in of_frame]] for frame, of_frame in marks]


def marks_of_data(data: Any) -> FrameMarks:
    """Read what `marks_as_data` wrote; raises `ValueError` for anything else."""
    found = []
    for each in plain_data.listed(data):
        frame, marks = plain_data.listed(each)
        found.append(
            (plain_data.whole(frame), tuple(SpotMark.of_data(one) for one in plain_data.listed(marks)))
        )
    frames = [frame for frame, _ in found]
    if frames != sorted(set(frames)) or not all(marks for _, marks in found):
        raise ValueError("frames that do not rise, or have no marks")
    return tuple(found)
