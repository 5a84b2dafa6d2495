"""Ranges of frames as people write them, both ends included: ``120-250, 300-400``; free of Qt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from remaster_gui.base.errors import SettingsError
from remaster_gui.base.language import tr
from remaster_gui.base.timebase import FrameRange, frame_of_timecode
from remaster_gui.base.validity import joined_ranges

MOST_TYPED = 2000
_PAIR = re.compile(r"([\d:;]+)(?:\s*[-–]\s*([\d:;]+))?")
_NUMBER = re.compile(r"\d{1,9}")


def write_ranges(ranges: Sequence[FrameRange]) -> str:
    """Write ranges down; '' for none, which is everywhere."""
    return ", ".join(
        str(each.start) if len(each) == 1 else f"{each.start}–{each.stop - 1}" for each in ranges
    )


def read_ranges(
    text: str, frame_count: int, rate: Fraction, timecode: str | None = None
) -> tuple[FrameRange, ...]:
    """Read ranges whose ends are frame numbers or timecodes; () for an empty text.

    Raises `SettingsError` for another text, and for frames that the film does not have.
    """
    found = []
    for part in filter(None, (each.strip() for each in text.split(","))):
        match = _PAIR.fullmatch(part)
        if match is None:
            raise SettingsError(tr("“{part}” is no range of frames; write 120-250, 300-400.", part=part[:40]))
        first, last = (_frame(end, rate, timecode) for end in (match[1], match[2] or match[1]))
        if not 0 <= first <= last < frame_count:
            raise SettingsError(
                tr(
                    "The film has no frames {part}; its frames are 0 to {frame_count}, the first end of a range "
                    "comes first.",
                    part=part[:40],
                    frame_count=frame_count - 1,
                )
            )
        found.append(FrameRange(first, last + 1))
    return joined_ranges(found)


def _frame(text: str, rate: Fraction, timecode: str | None) -> int:
    return int(text) if _NUMBER.fullmatch(text) else frame_of_timecode(text, rate, timecode)
