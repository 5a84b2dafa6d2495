"""Edit decision lists of the kind CMX 3600, as editing programs write them.

Text, one event to a line: number, reel, track, transition, and four timecodes (source in and out, record in and out,
the outs exclusive). ``FCM:`` says whether timecode drops labels from there on; what belongs to an event follows it in
lines of its own: ``M2`` for its speed, ``*`` for names and remarks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction

from remaster_gui.base.errors import SettingsError
from remaster_gui.base.language import tr
from remaster_gui.base.timebase import FrameRange, SlowTimecode, nominal_rate, parse_timecode
from remaster_gui.cutlists.edl_text import check_counted
from remaster_gui.cutlists.events import (
    MOST_EVENTS,
    CutEvent,
    CutList,
    ListError,
    Marker,
    Transition,
    passed_over,
    tidy,
)

_TIME = r"(\d{2}[:;.]\d{2}[:;.]\d{2}[:;.]\d{2,3})"
_EVENT = re.compile(
    rf"\s*(\d{{1,6}}[A-Za-z]?)\s+(\S.*?)\s+([A-Z0-9/]{{1,8}})\s+(C|D|W\d{{0,3}}|K|KB|KO)\s+(?:(\d{{1,5}})\s+)?"
    rf"{_TIME}\s+{_TIME}\s+{_TIME}\s+{_TIME}\s*",
    re.ASCII,
)
_LOOKS_LIKE_EVENT = re.compile(r"\s*\d{1,6}[A-Za-z]?\s+\S", re.ASCII)
_SPEED = re.compile(rf"M2\s+(.+?)\s+([+-]?\d{{1,6}}(?:\.\d{{1,6}})?)\s+{_TIME}", re.ASCII | re.IGNORECASE)
_LOCATOR = re.compile(rf"LOC:\s*{_TIME}\s*(\S*)\s*(.*)", re.ASCII | re.IGNORECASE)
_REMARKS = {"FROM CLIP NAME:": "name", "TO CLIP NAME:": "to_name", "COMMENT:": "note"}
_KINDS = {"D": "dissolve", "W": "wipe", "K": "key"}


@dataclass(slots=True)
class _Line:
    """An event while the lines that belong to it are being read."""

    reel: str
    transition: str
    length: int
    times: tuple[int, int, int, int]
    speed: Fraction = Fraction(1)
    name: str = ""
    to_name: str = ""
    notes: list[str] = field(default_factory=list)
    markers: list[Marker] = field(default_factory=list)


def read_edl(text: str, rate: Fraction, timecode: str | None = None) -> CutList:
    """Read a list that counts frames at `rate`; `timecode` of the film says how many its labels stand for.

    Raises `ListError` for a rate that such lists do not know, a line that cannot be an event, and timecodes that do
    not exist.
    """
    step = timecode.step if isinstance(timecode, SlowTimecode) else 1
    check_counted(rate, step)
    reader = _Reader(rate, step)
    for number, line in enumerate(text.splitlines(), 1):
        reader.read(number, line)
    return reader.list()


class _Reader:
    def __init__(self, rate: Fraction, step: int) -> None:
        self._rate, self._step = rate, step
        self._title = ""
        self._drops = False
        self._lines: list[_Line] = []
        self._is_heard = False
        """Whether the last event is of sound, and so is what follows it."""
        self._heard = self._upper = 0

    def read(self, number: int, line: str) -> None:
        # Where runs of blanks are one blank, no line can be parted in so many ways that matching it does not end.
        words = " ".join(line.split())
        upper = words.upper()
        if upper.startswith("TITLE:"):
            self._title = tidy(words[6:])
        elif upper.startswith("FCM:"):
            self._drops = "NON" not in upper and "DROP" in upper
        elif upper.startswith("M2"):
            self._read_speed(number, words)
        elif words.startswith("*"):
            self._read_remark(number, words[1:].strip())
        elif event := _EVENT.fullmatch(words):
            self._read_event(number, event)
        elif _LOOKS_LIKE_EVENT.match(words):
            raise ListError(
                tr(
                    "Line {number} of the edit decision list is no event ({words}); it needs a number, reel, "
                    "track, transition and four timecodes.",
                    number=number,
                    words=tidy(words)[:60],
                )
            )

    def _read_event(self, number: int, found: re.Match[str]) -> None:
        track = found[3]
        self._is_heard = "V" not in track and track not in ("B", "NONE")
        is_upper = re.fullmatch(r"V([2-9]|\d\d+)", track) is not None
        self._heard += self._is_heard
        self._upper += is_upper
        self._is_heard |= is_upper
        if self._is_heard:
            return
        if len(self._lines) >= MOST_EVENTS:
            raise ListError(
                tr(
                    "The edit decision list has more than {most_events} events, which no film has.",
                    most_events=MOST_EVENTS,
                )
            )
        source_in, source_out, record_in, record_out = (
            self._time(number, found[each]) for each in (6, 7, 8, 9)
        )
        times = source_in, source_out, record_in, record_out
        self._lines.append(_Line(tidy(found[2]), found[4], int(found[5] or 0) * self._step, times))

    def _read_speed(self, number: int, words: str) -> None:
        found = _SPEED.match(words)
        if found is None:
            raise ListError(
                tr(
                    "Line {number} of the edit decision list says no speed ({words}); write M2, the reel, "
                    "frames a second and a timecode.",
                    number=number,
                    words=tidy(words)[:60],
                )
            )
        if self._lines and not self._is_heard:
            self._lines[-1].speed = Fraction(found[2]) / nominal_rate(self._rate / self._step)

    def _read_remark(self, number: int, words: str) -> None:
        if not self._lines or self._is_heard:
            return
        line, upper = self._lines[-1], words.upper()
        located = _LOCATOR.fullmatch(words)
        if located is not None:
            frame = self._time(number, located[1])
            line.markers.append(Marker(frame, tidy(located[3]), located[2].lower()))
            return
        for beginning, what in _REMARKS.items():
            if upper.startswith(beginning):
                said = tidy(words[len(beginning) :])
                if what == "note":
                    line.notes.append(said)
                else:
                    setattr(line, what, said)

    def _time(self, number: int, text: str) -> int:
        try:
            return self._frames(text)
        except SettingsError as error:
            raise ListError(
                tr("Line {number} of the edit decision list: {error}", number=number, error=error)
            ) from error

    def _frames(self, text: str) -> int:
        drops = self._drops or ";" in text
        digits = re.split("[:;.]", text)
        label = ":".join(digits[:3]) + (";" if drops else ":") + digits[3]
        return parse_timecode(label, self._rate / self._step) * self._step

    def _day(self) -> int:
        return self._frames(f"23:59:59:{nominal_rate(self._rate / self._step) - 1:02d}") + self._step

    def list(self) -> CutList:
        events = [event for line in self._lines if (event := self._event(line)) is not None]
        if not events:
            raise ListError(tr("The edit decision list has no event of pictures; export one that has."))
        notices = []
        if self._heard:
            notices.append(passed_over(self._heard, "event", tr(" of sound")))
        if self._upper:
            why = tr(" of upper picture tracks; the first track says the cuts")
            notices.append(passed_over(self._upper, "event", why))
        start = min(event.record.start for event in events)
        return CutList(self._title, tuple(events), self._rate, start, "timecode", tuple(notices))

    def _event(self, line: _Line) -> CutEvent | None:
        """Make an event of a line; None for one without frames, which only says what a transition comes from."""
        source_in, source_out, record_in, record_out = line.times
        # Past midnight, timecode begins anew.
        record_out += self._day() if record_out < record_in else 0
        source_out += self._day() if source_out < source_in and line.speed >= 0 else 0
        if record_out == record_in:
            return None
        transition = None
        if line.transition != "C":
            kind = _KINDS[line.transition[0]]
            transition = Transition(kind, 0, min(line.length, record_out - record_in))
        return CutEvent(
            record=FrameRange(record_in, record_out),
            source=FrameRange(min(source_in, source_out), max(source_in, source_out)),
            reel="" if line.reel.upper() in ("BL", "BLACK") else line.reel,
            # Of a transition, the first name is that of what is left.
            name=line.name if transition is None else line.to_name,
            note=tidy(" ".join(line.notes)),
            transition=transition,
            speed=line.speed,
            markers=tuple(line.markers),
        )
