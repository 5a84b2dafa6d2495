"""Time as this program counts it: 0-based frame indices, half-open ranges, exact rates and timecode text.

A rate is a `Fraction` of frames per second (24000/1001, never 23.976). Timecode is only a way of writing a
frame index down: hours, minutes, seconds and frames at the rate rounded to a whole number, with the labels of
SMPTE drop-frame counting left out where ';' stands before the frames (29.97 and 59.94 only).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from remaster_gui.base.errors import SettingsError
from remaster_gui.base.language import tr

_DROP_RATES = {Fraction(30000, 1001): 2, Fraction(60000, 1001): 4}
"""Labels left out at the start of every minute that is not a tenth one."""

_FASTEST = 1000
_LONGEST_RANGE = 100
_PULLED_DOWN = (24, 30, 48, 60, 120)
"""Rates that are slowed down by 1000/1001 for television, and then mostly written with rounded digits."""
_ROUNDED = Fraction(5, 1000)
_RATE = re.compile(r"\d{1,9}(?:\.\d{1,9}|/0*[1-9]\d{0,8})?", re.ASCII)

_TIMECODE = re.compile(r"(\d{1,2}):(\d{2}):(\d{2})([:;])(\d{2,3})", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class FrameRange:
    """Frames ``start`` up to but not including ``stop``: 0-based indices with ``0 <= start <= stop``.

    >>> shot = FrameRange(3, 6)
    >>> str(shot), len(shot), list(shot), 6 in shot
    ('3:6', 3, [3, 4, 5], False)
    """

    start: int
    stop: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.stop:
            raise ValueError(f"not a range of frames: {self.start}:{self.stop}")

    def __len__(self) -> int:
        return self.stop - self.start

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.start, self.stop))

    def __contains__(self, index: object) -> bool:
        return isinstance(index, int) and self.start <= index < self.stop

    def __str__(self) -> str:
        return f"{self.start}:{self.stop}"

    def intersection(self, other: FrameRange) -> FrameRange:
        """Frames in both ranges; an empty range where there are none."""
        start = max(self.start, other.start)
        return FrameRange(start, max(start, min(self.stop, other.stop)))


def frame_of_number(number: int, numbers: Sequence[int] | None) -> int:
    """Return the frame that a number means where the pictures of a film bear `numbers` (rising) of their own.

    A number between theirs means the picture that bears it, or the next one after a gap; any other counts from 0.
    """
    if numbers and numbers[0] <= number <= numbers[-1]:
        return bisect_left(numbers, number)
    return number


class SlowTimecode(str):
    """The timecode of frame 0, where it counts slower than the film: each label stands for `step` frames."""

    step: int

    def __new__(cls, text: str, step: int = 1) -> SlowTimecode:
        """Make it of a label."""
        made = super().__new__(cls, text)
        made.step = step
        return made


def counted_timecode(text: str, rate: Fraction, counted: int | None) -> str | None:
    """Return the timecode of frame 0 of a film; None where it does not exist at the film's rate.

    ``counted``: labels that the film's timecode track counts in a second, rounded, where that is known. Films of 48
    frames a second and more may count every second or fourth frame; labels that fall between frames (25 beside 60)
    name none.
    """
    text = text.strip()
    if counted and nominal_rate(rate) % counted:
        return None
    step = nominal_rate(rate) // counted if counted else 1
    if ";" in text and rate / step not in _DROP_RATES:
        step = next((each for each in (2, 4) if rate / each in _DROP_RATES), step)
    try:
        parse_timecode(text, rate / step)
    except SettingsError:
        return None
    return SlowTimecode(text, step) if step > 1 else text


def parse_range(
    text: str,
    frame_count: int,
    rate: Fraction,
    start_timecode: str | None = None,
    numbers: Sequence[int] | None = None,
) -> FrameRange:
    """Read ``A:B`` (B exclusive; either side may be missing) as a range of a film of ``frame_count`` frames.

    Each side is a frame number or a timecode HH:MM:SS:FF. Timecodes count from ``start_timecode`` where the
    film carries one, else from zero. Where the pictures of a film bear `numbers` (rising), both sides mean those
    where both lie among them; the end may lie one behind. Raises `SettingsError` for text of another form, a range
    outside the film or an empty one.

    >>> parse_range("00:00:01:00:", frame_count=100, rate=Fraction(24))
    FrameRange(start=24, stop=100)
    >>> parse_range("86400:86410", 100, Fraction(24), numbers=range(86400, 86500))
    FrameRange(start=0, stop=10)
    """
    if len(text) > _LONGEST_RANGE:
        raise SettingsError(
            tr(
                "The range {text}... is no range of any film; write START:STOP with frame numbers or timecodes.",
                text=text[:20],
            )
        )
    left, right = _split_range(text.strip())
    sides = [int(side) for side in (left, right) if _NUMBER.fullmatch(side)]
    if numbers and not (sides and numbers[0] <= min(sides) and max(sides) <= numbers[-1] + 1):
        numbers = None
    first = _position(left, rate, start_timecode, numbers) if left else 0
    last = _position(right, rate, start_timecode, numbers) if right else frame_count
    return _checked(first, last, frame_count, text)


def checked_range(span: FrameRange, frame_count: int) -> FrameRange:
    """Return a range if a film of ``frame_count`` frames has it; raises `SettingsError` as `parse_range` does."""
    return _checked(span.start, span.stop, frame_count, str(span))


def _checked(first: int, last: int, frame_count: int, text: str) -> FrameRange:
    if first < 0 or last < 0:
        raise SettingsError(
            tr("The range {text} begins before the film; frames are counted from 0.", text=text)
        )
    if first >= frame_count or last > frame_count:
        raise SettingsError(
            tr(
                "The range {text} lies outside the film, which has {frame_count} frames "
                "(0:{frame_count} is all of it).",
                text=text,
                frame_count=frame_count,
            )
        )
    if first >= last:
        raise SettingsError(
            tr("The range {text} holds no frame; its end must lie after its start.", text=text)
        )
    return FrameRange(first, last)


def parse_rate(text: str) -> Fraction:
    """Read frames per second: ``18``, ``24000/1001``, or ``23.976``, which stands for 24000/1001.

    Raises `SettingsError` for anything else.

    >>> parse_rate("23.976")
    Fraction(24000, 1001)
    """
    written = _RATE.fullmatch(text.strip())
    rate = Fraction(written[0]) if written else Fraction(0)
    if not 0 < rate <= _FASTEST:
        raise SettingsError(
            tr("{text!r} is not a frame rate; write it like 18, 23.976 or 24000/1001.", text=text)
        )
    exact = (Fraction(nominal * 1000, 1001) for nominal in _PULLED_DOWN)
    return next((each for each in exact if "." in text and abs(each - rate) < _ROUNDED), rate)


def format_timecode(index: int, rate: Fraction, start: str | None = None) -> str:
    """Write frame ``index`` as timecode; ``start`` is that of frame 0 and asks for drop-frame by its ';'.

    >>> format_timecode(25, Fraction(24)), format_timecode(1800, Fraction(30000, 1001), "00:00:00;00")
    ('00:00:01:01', '00:01:00;02')
    """
    step = _step(start)
    index, rate = index // step, rate / step
    drop = start is not None and ";" in start
    if start is not None:
        index += parse_timecode(start, rate)
    nominal = nominal_rate(rate)
    if drop:
        index = _insert_dropped(index % _day(rate), rate)
    hours, rest = divmod(index, nominal * 3600)
    minutes, rest = divmod(rest, nominal * 60)
    seconds, frames = divmod(rest, nominal)
    digits = max(2, len(str(nominal - 1)))
    return f"{hours % 24:02d}:{minutes:02d}:{seconds:02d}{';' if drop else ':'}{frames:0{digits}d}"


def frame_of_timecode(text: str, rate: Fraction, start: str | None) -> int:
    """Return the first frame that bears the timecode ``text``, counted from ``start``, that of frame 0 (None: zero).

    Raises `SettingsError` for a label that does not exist.
    """
    step = _step(start)
    origin = parse_timecode(start, rate / step) if start is not None else 0
    return (parse_timecode(text, rate / step) - origin) * step


def _step(start: str | None) -> int:
    return start.step if isinstance(start, SlowTimecode) else 1


def parse_timecode(text: str, rate: Fraction) -> int:
    """Count frames up to the timecode ``text``; raises `SettingsError` for a label that does not exist."""
    match = _TIMECODE.fullmatch(text.strip())
    if match is None:
        raise SettingsError(tr("{text!r} is not a timecode; write it as HH:MM:SS:FF.", text=text))
    hours, minutes, seconds, frames = (int(match[group]) for group in (1, 2, 3, 5))
    nominal = nominal_rate(rate)
    if hours > 23 or minutes > 59 or seconds > 59 or frames >= nominal:
        raise SettingsError(
            tr(
                "The timecode {text} does not exist at {rate} frames per second.",
                text=text,
                rate=_rate_text(rate),
            )
        )
    total = ((hours * 60 + minutes) * 60 + seconds) * nominal + frames
    if match[4] == ":":
        return total
    dropped = _DROP_RATES.get(rate)
    if dropped is None:
        raise SettingsError(
            tr(
                "The timecode {text} is drop-frame, which exists at 29.97 and 59.94 frames per second only; "
                "write it with ':' for {rate}.",
                text=text,
                rate=_rate_text(rate),
            )
        )
    if seconds == 0 and frames < dropped and minutes % 10:
        raise SettingsError(
            tr("The timecode {text} does not exist, because drop-frame counting leaves it out.", text=text)
        )
    all_minutes = hours * 60 + minutes
    return total - dropped * (all_minutes - all_minutes // 10)


def nominal_rate(rate: Fraction) -> int:
    """Frames that timecode counts in a second: the rate rounded to a whole number, at least 1."""
    return max(1, int(rate + Fraction(1, 2)))


def _split_range(text: str) -> tuple[str, str]:
    side = rf"(?:{_NUMBER.pattern}|{_TIMECODE.pattern.replace('(', '(?:')})?"
    splits = [
        (text[:at], text[at + 1 :])
        for at, character in enumerate(text)
        if character == ":" and re.fullmatch(side, text[:at]) and re.fullmatch(side, text[at + 1 :])
    ]
    if not splits:
        raise SettingsError(
            tr(
                "{text!r} is not a range; write START:STOP with frame numbers or timecodes HH:MM:SS:FF.",
                text=text,
            )
        )
    if len(splits) > 1:
        raise SettingsError(
            tr(
                "The range {text} can be read in two ways; write both ends as frame numbers or both "
                "as timecodes.",
                text=text,
            )
        )
    return splits[0]


def _position(text: str, rate: Fraction, start_timecode: str | None, numbers: Sequence[int] | None) -> int:
    if _NUMBER.fullmatch(text):
        return int(text) if numbers is None else bisect_left(numbers, int(text))
    return frame_of_timecode(text, rate, start_timecode)


def _insert_dropped(index: int, rate: Fraction) -> int:
    """Turn a count of frames into the count of labels that drop-frame timecode has passed by then."""
    dropped = _DROP_RATES[rate]
    minute = nominal_rate(rate) * 60 - dropped
    ten_minutes = minute * 10 + dropped
    tens, rest = divmod(index, ten_minutes)
    # The first minute of every ten drops nothing, so it is longer by the dropped labels.
    minutes = max(0, rest - dropped) // minute
    return index + dropped * (tens * 9 + minutes)


def _day(rate: Fraction) -> int:
    dropped = _DROP_RATES[rate]
    return 24 * 6 * ((nominal_rate(rate) * 60 - dropped) * 10 + dropped)


def _rate_text(rate: Fraction) -> str:
    return str(rate.numerator) if rate.denominator == 1 else f"{float(rate):.3f}"
