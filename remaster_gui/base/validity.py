"""Where a reference counts, and how much: ranges of frames, a strength, and the region of it that is meant."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from remaster_gui.base import plain_data
from remaster_gui.base.packed_regions import region_as_text, region_of_text
from remaster_gui.base.timebase import FrameRange

LONGEST_REGION = 2**20
"""Bytes of a region as it is kept."""


@dataclass(frozen=True, slots=True)
class Validity:
    """Where a reference counts: everywhere and altogether, unless said otherwise.

    ranges: frames of the film that it guides, rising and apart; () for all. strength: 0 (as if it were not there) to 1.
    region: which part of the picture is meant, as `packed_regions` packs it; b'' for all of it.
    """

    ranges: tuple[FrameRange, ...] = ()
    strength: float = 1.0
    region: bytes = b""

    def __post_init__(self) -> None:
        """Raise `ValueError` for what makes no sense."""
        if not 0 <= self.strength <= 1:
            raise ValueError(f"not a strength: {self.strength}")
        if self.ranges != joined_ranges(self.ranges):
            raise ValueError(f"not ranges that rise: {self.ranges}"[:200])
        if len(self.region) > LONGEST_REGION:
            raise ValueError(f"a region of {len(self.region)} bytes")

    def holds_at(self, frame: int) -> bool:
        """Whether a frame is guided."""
        return not self.ranges or any(frame in each for each in self.ranges)

    @property
    def identity(self) -> str:
        """What a guided frame depends on, apart from the picture; '' for all of it at full strength."""
        if self.strength == 1 and not self.region:
            return ""
        region = hashlib.blake2b(self.region, digest_size=8).hexdigest() if self.region else ""
        return f"{self.strength!r}/{region}"

    def as_data(self) -> dict[str, Any]:
        """Return plain data: only what is not as usual."""
        said: dict[str, Any] = {}
        if self.ranges:
            said["ranges"] = [[each.start, each.stop] for each in self.ranges]
        if self.strength != 1:
            said["strength"] = self.strength
        if self.region:
            said["region"] = region_as_text(self.region)
        return said

    @staticmethod
    def of_data(data: Any) -> Validity:
        """Read what `as_data` wrote; raises `ValueError` for anything else."""
        said = plain_data.table(data)
        return Validity(
            tuple(_range(each) for each in plain_data.listed(said.get("ranges", []))),
            plain_data.number(said.get("strength", 1.0), 0.0, 1.0),
            region_of_text(said.get("region", ""), LONGEST_REGION),
        )


def joined_ranges(ranges: Iterable[FrameRange]) -> tuple[FrameRange, ...]:
    """Return ranges in order, those that touch or overlap joined and empty ones left out."""
    joined: list[FrameRange] = []
    for each in sorted(ranges, key=lambda each: each.start):
        if not len(each):
            continue
        if joined and each.start <= joined[-1].stop:
            joined[-1] = FrameRange(joined[-1].start, max(joined[-1].stop, each.stop))
        else:
            joined.append(each)
    return tuple(joined)


def left_open(ranges: Sequence[tuple[FrameRange, ...]], frame_count: int) -> tuple[FrameRange, ...]:
    """Return the frames of a film that none of several references' ranges cover; () in these covers all."""
    if any(not each for each in ranges):
        return ()
    edge, gaps = 0, list[FrameRange]()
    for each in joined_ranges(one for several in ranges for one in several):
        if each.start > edge:
            gaps.append(FrameRange(edge, min(each.start, frame_count)))
        edge = each.stop
    if edge < frame_count:
        gaps.append(FrameRange(edge, frame_count))
    return joined_ranges(gaps)


def _range(value: Any) -> FrameRange:
    start, stop = (plain_data.whole(each) for each in plain_data.listed(value))
    return FrameRange(start, stop)


EVERYWHERE = Validity()
