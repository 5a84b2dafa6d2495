"""Which frame a picture shows by its name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from remaster_gui.base.timebase import frame_of_number

_NUMBER = re.compile(r"\d{4,}", re.ASCII)


def frame_named(path: Path, frame_count: int, numbers: Sequence[int] | None) -> int | None:
    """Return the frame that a picture shows by its name; None where it names none, or none of this film.

    A film of pictures counts by the rising `numbers` of their names.
    """
    named = _NUMBER.findall(path.stem)
    if len(named) != 1:
        return None
    number = int(named[0])
    if numbers and numbers[0] <= number <= numbers[-1]:
        frame = frame_of_number(number, numbers)
        return frame if numbers[frame] == number else None
    return number if number < frame_count else None
