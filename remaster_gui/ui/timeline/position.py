"""What may be typed to go to a place: a frame number, a timecode, or a step from here; free of Qt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from remaster_gui.base.errors import SettingsError
from remaster_gui.base.language import tr
from remaster_gui.base.timebase import frame_of_number, frame_of_timecode, nominal_rate

_STEP = re.compile(r"([+-])\s*(\d{1,18})(s?)", re.ASCII)
_NUMBER = re.compile(r"\d{1,18}", re.ASCII)
_SHORT = re.compile(r"(?:(?:(\d{1,2}):)?(\d{1,2}):)?(\d{1,2})[:;](\d{1,3})", re.ASCII)


def parse_position(
    text: str,
    current: int,
    frame_count: int,
    rate: Fraction,
    start: str | None,
    numbers: Sequence[int] | None = None,
) -> int:
    """Return the frame that `text` means, held within the film.

    ``123``: frame 123, or the picture of that number where the film's pictures bear `numbers`. ``+20``, ``-20``: that
    many frames on or back; ``+2s``: seconds. ``01:02:03:04``: timecode, whose leading parts may be left out (``3:04``);
    it counts from `start`, the timecode of frame 0, if there is one.
    Raises `SettingsError` for anything else.
    """
    text = text.strip()
    step = _STEP.fullmatch(text)
    if step is not None:
        distance = int(step[2]) * (nominal_rate(rate) if step[3] else 1)
        frame = current + (distance if step[1] == "+" else -distance)
    elif _NUMBER.fullmatch(text):
        frame = frame_of_number(int(text), numbers)
    else:
        frame = _from_timecode(text, rate, start)
    return min(max(frame, 0), max(0, frame_count - 1))


def _from_timecode(text: str, rate: Fraction, start: str | None) -> int:
    match = _SHORT.fullmatch(text)
    if match is None:
        raise SettingsError(
            tr(
                "{text!r} is no place in the film; type a frame number, a timecode such as 1:02:03, or +20.",
                text=text,
            )
        )
    hours, minutes, seconds, frames = (int(part or 0) for part in match.groups())
    separator = ";" if start is not None and ";" in start else ":"
    whole = f"{hours:02d}:{minutes:02d}:{seconds:02d}{separator}{frames:02d}"
    return frame_of_timecode(whole, rate, start)
