"""Frames put in order and in time by the stamps of their packets, whatever happens to the clock that made these.

Joined streams start their clock anew, captured ones lose it for a while, counters of 33 bits begin again, and single
stamps are doubled, missing or wrong. Packets are divided into pieces, within each of which the clock runs on; pieces
follow each other in the order of the file, one usual distance apart, and stamps that cannot be are replaced by times
evenly between their neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

NO_TIME = np.iinfo(np.int64).min

_REORDERED = 16
"""Frames by which codecs reorder at most."""
_MISCREDITED = 3
"""Frames by which programme streams, which note few stamps, credit one to the wrong frame."""
_STRAYED = 64
"""Frames by which the time of showing may be away from that of decoding, more than usual in the film."""
_COUNTER = 2**33
"""Ticks of 1/90000 s after which clocks of MPEG begin again."""
_HELD = 20
"""Times the usual distance that a frame may be held without the clock being suspected."""
_CONTINUED = Fraction(10)
"""Seconds by which a clock of MPEG that runs on may jump; the next recording may have begun hours later."""
_HELD_SECONDS = Fraction(3600)
"""Seconds that a frame of any other format is held at most."""


@dataclass(frozen=True)
class Stamps:
    """What a file notes of its packets, in its order: times in ticks or `NO_TIME`, and which packets are entries."""

    pts: Integers
    dts: Integers
    key: Flags
    tick: Fraction
    """Seconds of a tick."""
    is_mpeg: bool = False
    """Whether the format has clocks that may jump: transport and programme streams."""
    strays: bool = False
    """Whether stamps may be credited to a neighbour: programme streams."""
    in_order: bool = False
    """Whether frames are shown in the order of their packets, as the codec knows no other."""

    def __len__(self) -> int:
        return len(self.pts)


@dataclass(frozen=True)
class Pieces:
    """Where the clock starts anew, and the stamps as far as they can be believed."""

    starts: Integers
    """Number of the first packet of every piece; the first is 0."""
    pts: Integers
    """As in `Stamps`, on from a counter that began again; `NO_TIME` also where a stamp cannot be."""
    usual: int
    """Usual distance of two frames in ticks; 0 where there is none."""
    strays: bool = False
    """As in `Stamps`."""

    def piece_of(self) -> Integers:
        """Return the number of the piece of every packet."""
        marks = np.zeros(len(self.pts), np.int64)
        marks[self.starts[1:]] = 1
        return np.cumsum(marks)


def divide(stamps: Stamps) -> Pieces:
    """Find where the clock starts anew and which stamps cannot be."""
    pts, dts = stamps.pts.copy(), stamps.dts.copy()
    clock = pts.copy() if stamps.in_order or not (dts != NO_TIME).any() else dts
    usual = _usual_step(clock)
    _unwind(clock, pts, stamps, usual)
    _drop_outliers(clock, pts, usual)
    _drop_strays(dts, pts, usual)
    known = np.flatnonzero(clock != NO_TIME)
    if len(known) < 2 or usual == 0:
        return Pieces(np.zeros(1, np.int64), pts, usual, stamps.strays)
    steps = np.diff(clock[known])
    back = _went_back(stamps, pts, known, steps, usual)
    ahead = steps > _longest_step(stamps, usual)
    starts = known[1:][back | ahead]
    # Packets right before that have no time belong to what follows them.
    starts = np.array([_without_time_before(clock, int(start)) for start in starts], np.int64)
    return Pieces(np.concatenate([np.zeros(1, np.int64), starts]), pts, usual, stamps.strays)


def in_presentation_order(stamps: Stamps, pieces: Pieces) -> Integers | None:
    """Sort packets as their frames are shown; None where only decoding tells, as stamps are doubled or missing."""
    if stamps.in_order:
        return np.arange(len(stamps), dtype=np.int64)
    piece = pieces.piece_of()
    order = np.lexsort((pieces.pts, piece))
    if (pieces.pts == NO_TIME).any():
        return None
    same = (np.diff(piece[order]) == 0) & (np.diff(pieces.pts[order]) == 0)
    return None if same.any() else order


@dataclass(frozen=True)
class Times:
    """Rising times of frames in order of presentation."""

    ticks: Integers
    divisor: int
    """Parts into which a tick of the file was divided to make room."""
    shifts: Integers
    """For every piece the ticks (of the file) that were added to its stamps."""
    replaced: Integers
    """Frames whose stamps were doubled, missing or wrong."""


def rising_times(pieces: Pieces, order: Integers) -> Times | None:
    """Give every frame a time after that of the one before it; None where the file has too few times to tell.

    ``order``: packet numbers in order of presentation.
    """
    times = pieces.pts[order].copy()
    piece = np.maximum.accumulate(pieces.piece_of()[order])
    valid = times != NO_TIME
    shifts = np.zeros(len(pieces.starts), np.int64)
    if len(order) == 1 and valid.all():
        return Times(times, 1, shifts, np.zeros(0, np.int64))
    if valid.sum() < 2 or 2 * valid.sum() < len(order) or pieces.usual == 0:
        return None
    end = NO_TIME
    bounds = np.searchsorted(piece, np.arange(len(pieces.starts) + 1))
    for number, (start, stop) in enumerate(pairwise(bounds)):
        part, known = times[start:stop], valid[start:stop]
        if not known.any():
            shifts[number] = shifts[number - 1] if number else 0
            end = end if end == NO_TIME else end + (stop - start) * pieces.usual
            continue
        first = int(np.argmax(known))
        if end != NO_TIME:
            shifts[number] = end + pieces.usual * (first + 1) - part[first]
        part[known] += shifts[number]
        highest = np.maximum.accumulate(np.where(known, part, NO_TIME))
        known[1:] &= part[1:] > highest[:-1]
        last = len(part) - 1 - int(np.argmax(known[::-1]))
        end = int(part[last]) + (len(part) - 1 - last) * pieces.usual
        even = int(part[first]) + (len(part) - 1 - first) * pieces.usual
        if pieces.strays and abs(even - end) <= _MISCREDITED * pieces.usual:
            # The last stamp before the clock starts anew was guessed from one behind.
            end = even
            known[:-1] &= part[:-1] < even
            part[-1], known[-1] = even, True
    ticks, divisor = _filled(times, valid, pieces.usual)
    return Times(ticks, divisor, shifts, np.flatnonzero(~valid))


def _usual_step(clock: Integers) -> int:
    steps = np.diff(clock[clock != NO_TIME])
    steps = steps[steps > 0]
    return int(np.median(steps)) if len(steps) else 0


def _longest_step(stamps: Stamps, usual: int) -> int:
    seconds = _CONTINUED if stamps.is_mpeg else _HELD_SECONDS
    return max(int(seconds / stamps.tick), _HELD * usual)


def _unwind(clock: Integers, pts: Integers, stamps: Stamps, usual: int) -> None:
    """Let clocks of MPEG run on where their counter begins again."""
    known = np.flatnonzero(clock != NO_TIME)
    if not stamps.is_mpeg or len(known) < 2:
        return
    steps = np.diff(clock[known])
    wrapped = abs(steps + _COUNTER) <= _longest_step(stamps, usual)
    for start in known[1:][wrapped]:
        for column in (clock, pts):
            later = column[start:]
            later[later != NO_TIME] += _COUNTER
    if wrapped.any():
        # Frames shown after the counter began again may be stored before, and the other way round.
        near = (pts != NO_TIME) & (clock != NO_TIME)
        pts[near & (pts - clock < -_COUNTER // 2)] += _COUNTER
        pts[near & (pts - clock > _COUNTER // 2)] -= _COUNTER


def _drop_outliers(clock: Integers, pts: Integers, usual: int) -> None:
    """Forget single stamps that lie outside of their neighbours, which themselves follow each other closely."""
    known = np.flatnonzero(clock != NO_TIME)
    if len(known) < 3:
        return
    before, here, after = clock[known[:-2]], clock[known[1:-1]], clock[known[2:]]
    close = (after > before) & (after - before <= 4 * usual)
    wrong = known[1:-1][close & ((here < before) | (here > after))]
    clock[wrong] = pts[wrong] = NO_TIME


def _drop_strays(dts: Integers, pts: Integers, usual: int) -> None:
    """Forget times of showing that lie far from those of decoding."""
    known = np.flatnonzero((dts != NO_TIME) & (pts != NO_TIME))
    if len(known) < 3 or usual == 0:
        return
    delays = pts[known] - dts[known]
    steps = np.diff(dts[known])
    widest = int(steps[(steps > 0) & (steps < _HELD * _STRAYED * usual)].max(initial=usual))
    strayed = abs(delays - int(np.median(delays))) > _STRAYED * usual + 2 * widest
    if strayed.sum() * 8 < len(known):
        pts[known[strayed]] = NO_TIME


def _went_back(stamps: Stamps, pts: Integers, known: Integers, steps: Integers, usual: int) -> Flags:
    """Tell at which packets the clock starts anew, and does not merely stagger as stamps were filled in."""
    staggers = stamps.strays or stamps.in_order
    entry = stamps.key[known[1:]] & (steps < -(_MISCREDITED * usual if staggers else 0))
    if not stamps.in_order:
        shown = pts[known[1:]]
        entry &= (shown != NO_TIME) & (shown < np.maximum.accumulate(pts)[known[1:] - 1])
    result: Flags = entry | (steps < -_REORDERED * usual)
    return result


def _without_time_before(clock: Integers, start: int) -> int:
    while start > 1 and clock[start - 1] == NO_TIME:
        start -= 1
    return start


def _filled(times: Integers, valid: Flags, usual: int) -> tuple[Integers, int]:
    """Put frames without a valid time evenly between their neighbours; also returns how finely ticks are divided."""
    if valid.all():
        return times, 1
    at = np.flatnonzero(valid)
    spans, rooms = np.diff(at), np.diff(times[at])
    divisor = int(max(1, (-(-spans // rooms)).max(initial=1)))
    known, usual = times[at] * divisor, usual * divisor
    number = np.arange(len(times))
    left = np.clip(np.searchsorted(at, number, side="right") - 1, 0, len(at) - 1)
    right = np.minimum(left + 1, len(at) - 1)
    parts = np.maximum(at[right] - at[left], 1)
    filled = known[left] + (known[right] - known[left]) * (number - at[left]) // parts
    filled = np.where(number < at[0], known[0] - (at[0] - number) * usual, filled)
    filled = np.where(number > at[-1], known[-1] + (number - at[-1]) * usual, filled)
    return filled.astype(np.int64), divisor
