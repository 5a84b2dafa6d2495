"""What a cut list says: events, each a piece of some source that is seen for a while in an edit."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from remaster_gui.base.counting import Noun, counted
from remaster_gui.base.errors import RemasterError
from remaster_gui.base.language import tr
from remaster_gui.base.notices import Notice
from remaster_gui.base.timebase import FrameRange

MOST_EVENTS = 100_000
LONGEST_TEXT = 1000
"""Characters of a name or note; more is cut off."""

Counting = Literal["timecode", "timeline", "numbers"]
"""What record frames count: timecode from midnight, the edit from its beginning, or the film's own numbers."""


class ListError(RemasterError):
    """A cut list cannot be read, does not fit the film, or cannot be written as it was asked for."""


@dataclass(frozen=True, slots=True)
class Transition:
    """A dissolve or wipe from the event before: so many frames before the edge of the events, so many after it."""

    kind: str
    before: int
    after: int

    @property
    def middle(self) -> int:
        """Frames from the edge to where the new picture begins to be the stronger one."""
        return (self.after - self.before) // 2


@dataclass(frozen=True, slots=True)
class Marker:
    """A remark on a frame: counted like the record frames of the list or shots that it is of."""

    frame: int
    text: str
    color: str = ""
    frames: int = 1


@dataclass(frozen=True, slots=True)
class CutEvent:
    """One piece of an edit, in frames of the list's rate.

    record: where it is seen. source: frames of its own source, counted as that source's timecode does (None: unknown).
    reel: name of the source, '' where none is said. speed: source frames for each one seen; 1 as filmed, 0 a frozen
    frame, below 0 backwards.
    """

    record: FrameRange
    source: FrameRange | None = None
    reel: str = ""
    name: str = ""
    note: str = ""
    transition: Transition | None = None
    speed: Fraction = Fraction(1)
    markers: tuple[Marker, ...] = ()


@dataclass(frozen=True, slots=True)
class CutList:
    """An edit as it was read.

    rate: frames a second that it counts, None where it says none. start: the record frame at which it begins. notices:
    what was passed over.
    """

    title: str
    events: tuple[CutEvent, ...]
    rate: Fraction | None = None
    start: int = 0
    counts: Counting = "timeline"
    notices: tuple[Notice, ...] = ()


def tidy(text: str) -> str:
    """Return a name or note as one printable line of bearable length."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line[:LONGEST_TEXT].strip()


def passed_over(number: int, what: Noun, why: str = "") -> Notice:
    """Say that so many of a thing are not taken over, and why."""
    return Notice("note", tr("Passed over: {counted}{why}.", counted=counted(number, what), why=why))
