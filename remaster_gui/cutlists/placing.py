"""Where the events of a cut list lie on a film: its shots, and marks of what shots cannot say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from remaster_gui.base.counting import counted
from remaster_gui.base.errors import SettingsError
from remaster_gui.base.language import number, tr
from remaster_gui.base.notices import Notice
from remaster_gui.base.timebase import (
    FrameRange,
    SlowTimecode,
    format_timecode,
    frame_of_number,
    nominal_rate,
    parse_timecode,
)
from remaster_gui.cutlists.events import CutEvent, CutList, ListError, Marker, passed_over
from remaster_gui.cutlists.exact_times import counts_alike

By = Literal["record", "source"]
"""What of an event lies on the film: where it is seen in the edit, or what it takes from its source."""
BY: tuple[By, ...] = ("record", "source")

_MOST_REELS = 5


@dataclass(frozen=True, slots=True)
class FilmClock:
    """How a film counts: `timecode` is that of frame 0, `numbers` those of its pictures (see `FilmInfo`)."""

    rate: Fraction
    frame_count: int
    timecode: str | None = None
    numbers: tuple[int, ...] | None = None

    def first(self) -> int:
        """Frames from midnight to frame 0."""
        if self.timecode is None:
            return 0
        step = self.timecode.step if isinstance(self.timecode, SlowTimecode) else 1
        return parse_timecode(self.timecode, self.rate / step) * step

    def label(self, frame: int) -> str:
        """Write a frame as timecode."""
        return format_timecode(frame, self.rate, self.timecode)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a cut list says of some frames of the film and no cut can hold: a dissolve, another speed.

    shot: first frame of the shot that it is of; a transition reaches into the one before, too.
    """

    span: FrameRange
    text: str
    shot: int


@dataclass(frozen=True, slots=True)
class PlacedCuts:
    """A cut list on a film.

    cuts: first frames of shots, rising, 0 among them. texts: names and notes by the first frames of the shots that they
    are of. notices: what could not be taken over as it is.
    """

    cuts: tuple[int, ...]
    marks: tuple[Mark, ...] = ()
    markers: tuple[Marker, ...] = ()
    names: tuple[tuple[int, str], ...] = ()
    texts: tuple[tuple[int, str], ...] = ()
    notices: tuple[Notice, ...] = ()

    def shots(self, frame_count: int) -> tuple[FrameRange, ...]:
        """Return the ranges between the cuts of a film."""
        return tuple(FrameRange(a, b) for a, b in pairwise((*self.cuts, frame_count)))


def place(
    cut_list: CutList,
    film: FilmClock,
    *,
    by: By = "record",
    reel: str | None = None,
    start: str | None = None,
) -> PlacedCuts:
    """Lay the events of a list on a film.

    by: whether the film is the edit itself, or a source that it is made from. reel: take events of this source alone;
    by source, and where a list names several, it has to be said. start: timecode of the film's frame 0, in place of its
    own. A transition counts as a cut in its middle. Raises `ListError` where the list does not fit the film.
    """
    _check_rate(cut_list, film)
    if start is not None:
        _check_start(start, film)
        film = FilmClock(film.rate, film.frame_count, start, film.numbers)
    events, notices = _of_reel(cut_list.events, by, reel)
    pieces = _by_record(cut_list, events, film) if by == "record" else _by_source(events, film)
    inside = [piece for piece in pieces if len(piece.span)]
    if not inside:
        raise ListError(_outside(cut_list, events, film, by))
    if left := len(pieces) - len(inside):
        notices.append(passed_over(left, "event", tr(" outside the film")))
    cuts = _cuts(inside, film.frame_count)
    marks = tuple(mark for piece in inside for mark in _marks(piece, film.frame_count))
    notices.extend(_said(inside))
    return PlacedCuts(
        cuts,
        marks,
        tuple(_markers(inside, film.frame_count)),
        tuple(_texts(inside, lambda event: event.name)),
        tuple(_texts(inside, lambda event: event.note)),
        (*cut_list.notices, *notices),
    )


@dataclass(frozen=True, slots=True)
class _Piece:
    """An event on the film: `span` is its shot, cut off at the film's ends; `edge` is where its own frames begin."""

    event: CutEvent
    span: FrameRange
    edge: int


def _check_rate(cut_list: CutList, film: FilmClock) -> None:
    if cut_list.rate is not None and not counts_alike(cut_list.rate, film.rate):
        raise ListError(
            tr(
                "The list counts {rate} frames a second and the film {rate2}; export the list "
                "at the film's rate.",
                rate=_rate(cut_list.rate),
                rate2=_rate(film.rate),
            )
        )


def _rate(rate: Fraction) -> str:
    return f"{float(rate):.3f}".rstrip("0").rstrip(".")


def _check_start(start: str, film: FilmClock) -> None:
    try:
        parse_timecode(start, film.rate)
    except SettingsError as error:
        raise ListError(tr("The film cannot begin at {start}: {error}", start=start, error=error)) from error


def _of_reel(events: Sequence[CutEvent], by: By, reel: str | None) -> tuple[list[CutEvent], list[Notice]]:
    names = list(dict.fromkeys(event.reel for event in events if event.reel))
    shown = ", ".join(names[:_MOST_REELS]) + (", ..." if len(names) > _MOST_REELS else "")
    if reel is None:
        if by == "source" and len(names) > 1:
            raise ListError(
                tr(
                    "The list takes its pictures from {count} reels ({shown}); say which of them the film is.",
                    count=len(names),
                    shown=shown,
                )
            )
        return [event for event in events if event.reel or by == "record" or not names], []
    chosen = [event for event in events if event.reel.casefold() == reel.strip().casefold()]
    if not chosen:
        raise ListError(
            tr(
                "No event of the list is of the reel {reel}; it names {shown}.",
                reel=reel,
                shown=shown or tr("no reel at all"),
            )
        )
    left = len(events) - len(chosen)
    return chosen, [passed_over(left, "event", tr(" of other reels"))] if left else []


def _by_record(cut_list: CutList, events: Sequence[CutEvent], film: FilmClock) -> list[_Piece]:
    if cut_list.counts == "numbers":
        return _by_number(events, film)
    # A film without timecode begins where the list does.
    origin = film.first() if cut_list.counts == "timecode" and film.timecode is not None else cut_list.start
    pieces = []
    for event in events:
        middle = 0 if event.transition is None else event.transition.middle
        pieces.append(
            _piece(event, event.record.start - origin, event.record.stop - origin, film.frame_count, middle)
        )
    return pieces


def _by_number(events: Sequence[CutEvent], film: FilmClock) -> list[_Piece]:
    """Lay frames that are counted as the film counts them: the numbers of its pictures where all lie among those."""
    numbers = film.numbers
    if numbers and not all(numbers[0] <= event.record.start <= numbers[-1] for event in events):
        numbers = None
    pieces = []
    for event in events:
        start = frame_of_number(event.record.start, numbers)
        stop = event.record.stop if numbers is None else frame_of_number(event.record.stop, numbers)
        if numbers and event.record.stop > numbers[-1]:
            stop = film.frame_count
        pieces.append(_piece(event, start, stop, film.frame_count))
    return pieces


def _by_source(events: Sequence[CutEvent], film: FilmClock) -> list[_Piece]:
    origin = film.first()
    used = [(event, event.source) for event in events if event.source is not None]
    if not used:
        raise ListError(
            tr("The list does not say what it takes from its sources; lay it on the film by record time.")
        )
    # A frozen frame is one frame of its source.
    return [
        _piece(event, source.start - origin, max(source.stop, source.start + 1) - origin, film.frame_count)
        for event, source in used
    ]


def _piece(event: CutEvent, edge: int, stop: int, frame_count: int, middle: int = 0) -> _Piece:
    first = min(max(edge + middle, 0), frame_count)
    return _Piece(event, FrameRange(first, max(first, min(stop, frame_count))), edge)


def _cuts(pieces: Sequence[_Piece], frame_count: int) -> tuple[int, ...]:
    """Cut where an event begins, and where one ends without another one going on from there."""
    starts = {piece.span.start for piece in pieces}
    cuts = {0, *starts}
    reached = 0
    ordered = sorted(pieces, key=lambda piece: piece.edge)
    for piece, later in zip(ordered, [*ordered[1:], None], strict=True):
        reached = max(reached, piece.span.stop)
        # What is left by a transition ends where that begins, and is seen for longer.
        if (later is None or later.edge > reached) and reached < frame_count:
            cuts.add(reached)
    return tuple(sorted(cuts))


def _marks(piece: _Piece, frame_count: int) -> list[Mark]:
    event, found = piece.event, []
    if event.transition is not None:
        begin = piece.edge - event.transition.before
        length = event.transition.before + event.transition.after
        first = min(max(begin, 0), frame_count)
        span = FrameRange(first, max(first, min(begin + length, frame_count)))
        kind = event.transition.kind.capitalize()
        found.append(
            Mark(
                span,
                tr("{kind} of {length} frames from the shot before", kind=kind, length=length),
                piece.span.start,
            )
        )
    if event.speed != 1:
        found.append(Mark(piece.span, speed_text(event.speed), piece.span.start))
    return found


def speed_text(speed: Fraction) -> str:
    """Say how fast an event runs, if not as it was filmed."""
    if speed == 0:
        return tr("Frozen frame")
    percent = number(float(abs(speed) * 100), ".2f").rstrip("0").rstrip(".,")
    return tr("{percent} % speed", percent=percent) + (tr(", backwards") if speed < 0 else "")


def _said(pieces: Sequence[_Piece]) -> list[Notice]:
    transitions = sum(piece.event.transition is not None for piece in pieces)
    retimed = sum(piece.event.speed != 1 for piece in pieces)
    said = []
    if transitions:
        said.append(
            tr(
                "Kept as marks, with cuts in the middle: {transitions}.",
                transitions=counted(transitions, "transition"),
            )
        )
    if retimed:
        said.append(
            tr("Kept as marks: {events} at another speed than filmed.", events=counted(retimed, "event"))
        )
    return [Notice("note", text) for text in said]


def _texts(pieces: Sequence[_Piece], of: Callable[[CutEvent], str]) -> Iterable[tuple[int, str]]:
    seen: dict[int, str] = {}
    for piece in pieces:
        if text := of(piece.event):
            seen.setdefault(piece.span.start, text)
    return sorted(seen.items())


def _markers(pieces: Sequence[_Piece], frame_count: int) -> Iterable[Marker]:
    for piece in pieces:
        for marker in piece.event.markers:
            frame = marker.frame - piece.event.record.start + piece.edge
            if 0 <= frame < frame_count:
                yield Marker(frame, marker.text, marker.color, marker.frames)


def _outside(cut_list: CutList, events: Sequence[CutEvent], film: FilmClock, by: By) -> str:
    spans = [event.source if by == "source" else event.record for event in events]
    first = min((span.start for span in spans if span is not None), default=0)
    if by == "record" and cut_list.counts != "timecode":
        return tr(
            "All frames of the list lie outside the film, which has {frame_count}; the first is {first}.",
            frame_count=film.frame_count,
            first=first,
        )
    drop = ";" if film.timecode is not None and ";" in film.timecode else ":"
    begins = format_timecode(
        first, film.rate, f"00:00:00{drop}{'0' * max(2, len(str(nominal_rate(film.rate) - 1)))}"
    )
    return tr(
        "No event of the list lies on the film, which runs from {label} to "
        "{label2}; the first begins at {begins}. Say the timecode of the film's first "
        "frame if it is another one, or lay the list on it by {what} time.",
        label=film.label(0),
        label2=film.label(film.frame_count - 1),
        begins=begins,
        what=tr("record") if by == "source" else tr("source"),
    )
