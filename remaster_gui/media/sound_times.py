"""When every packet of a sound track is to be heard, whatever stamps it bears.

Stamps come rounded, twice, out of order, from clocks that start anew, or not at all. The length of packets is known
better: each follows the one before it unless its stamp says otherwise in a way that the stamps behind it confirm.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from remaster_gui.media.film import Film, Restart
from remaster_gui.media.limits import MOST_FRAMES
from remaster_gui.media.streams import FilmInput

Seconds = NDArray[np.float64]

_NONE = np.iinfo(np.int64).min
_ROUNDING = 0.6
"""Ticks by which a stamp may miss the end of the packet before and still mean it."""
_AHEAD = 48
"""Packets behind a stamp that may confirm it; about a second of sound."""
_LONELY = 2.0
"""Seconds of silence behind the end of the pictures after which sound no longer belongs to them."""
_MOST_PACKETS = 20 * MOST_FRAMES


@dataclass(frozen=True, eq=False)
class SoundPlaces:
    """Where the packets of a track belong, in the order of the file."""

    starts: Seconds
    """Seconds from frame 0 of the film; NaN for packets that are not to be heard."""
    durations: Seconds
    repaired: int
    """Packets whose stamp was missing or could not be."""
    left_out: int
    """Packets that would have been heard while others are, or long after the film."""


@dataclass(frozen=True, eq=False)
class _Stamps:
    """Stamps of one track, in the order of the file and in ticks of its clock; `_NONE` where there is none."""

    pts: NDArray[np.int64]
    durations: NDArray[np.int64]
    positions: NDArray[np.int64]
    shown: NDArray[np.bool_]


def place_sound(film: Film, source: FilmInput, streams: Sequence[AudioStream]) -> dict[int, SoundPlaces]:
    """Read the stamps of all packets of ``streams`` and find out where they belong; by number of the stream."""
    if not streams:
        return {}
    stamps = _read_stamps(source, streams)
    end = float(film.times[len(film.times) - 1] + 1 / film.info.rate)
    return {
        stream.index: _placed(stamps[stream.index], stream, film.start_time, film.restarts, end)
        for stream in streams
    }


def _read_stamps(source: FilmInput, streams: Sequence[AudioStream]) -> dict[int, _Stamps]:
    columns = {stream.index: (array("q"), array("q"), array("q"), array("b")) for stream in streams}
    for packet in source.packets(*streams):
        pts, durations, positions, shown = columns[packet.stream_index]
        if len(pts) >= _MOST_PACKETS:
            continue
        pts.append(_NONE if packet.pts is None else packet.pts)
        durations.append(packet.duration or 0)
        positions.append(-1 if packet.pos is None else packet.pos)
        shown.append(source.is_shown(packet))
    return {
        index: _Stamps(
            np.array(pts, np.int64),
            np.array(durations, np.int64),
            np.array(positions, np.int64),
            np.array(shown, np.bool_),
        )
        for index, (pts, durations, positions, shown) in columns.items()
    }


def _placed(
    stamps: _Stamps, stream: AudioStream, origin: Fraction, restarts: Sequence[Restart], film_end: float
) -> SoundPlaces:
    tick = float(stream.time_base or Fraction(1, 1000))
    moves = shifts(stamps.positions, restarts)
    times = np.where(stamps.pts == _NONE, np.nan, stamps.pts * tick + moves - float(origin))
    durations = _durations(stamps, stream, tick)
    # What lies before the start of an edit list serves decoding alone; of the rest that is not shown, nothing does.
    leading = int(np.argmax(stamps.shown)) if stamps.shown.any() else len(times)
    at = np.flatnonzero(stamps.shown | (np.arange(len(times)) < leading))
    starts = np.full(len(times), np.nan)
    starts[at], repaired = follow_each_other(times[at], durations[at], tick, film_end)
    starts[:leading][starts[:leading] >= 0] = np.nan
    return SoundPlaces(starts, durations, repaired, int(np.isnan(starts[stamps.shown]).sum()))


def shifts(positions: NDArray[np.int64], restarts: Sequence[Restart]) -> Seconds:
    """Seconds to be added to each stamp, by where in the file its packet lies; in the order of the file."""
    known = np.maximum.accumulate(positions) if len(positions) else positions
    piece = np.searchsorted([each.position for each in restarts], known, side="right")
    return np.array([0.0, *(float(each.shift) for each in restarts)])[piece]


def _durations(stamps: _Stamps, stream: AudioStream, tick: float) -> Seconds:
    """Seconds that each packet lasts; exact where the codec's packets all hold equally many samples."""
    durations: Seconds = (stamps.durations * tick).astype(np.float64)
    context = stream.codec_context
    exact = context.frame_size / context.sample_rate if context.frame_size else 0.0
    if exact:
        durations = np.where(np.abs(durations - exact) <= tick * 1.01, exact, durations).astype(np.float64)
    steps = np.diff(stamps.pts[stamps.pts != _NONE]) * tick
    usual = exact or (float(np.median(steps[steps > 0])) if (steps > 0).any() else 0.0)
    return np.where(durations > 0, durations, usual)


def follow_each_other(
    times: Seconds, durations: Seconds, tick: float, film_end: float
) -> tuple[Seconds, int]:
    """Let packets follow each other; returns where they start, NaN for those without a place, and how many lied.

    `times`: what their stamps say, NaN where they have none. `tick`: a unit of the stamps' clock. All in seconds.
    """
    starts = np.full(len(times), np.nan)
    ends = np.concatenate([[0.0], np.cumsum(durations)])
    slack = _ROUNDING * tick
    repaired = 0
    expected, last = np.nan, -np.inf
    for number, (stamp, duration) in enumerate(zip(times.tolist(), durations.tolist(), strict=True)):
        if np.isnan(expected):
            known = np.flatnonzero(~np.isnan(times[: number + _AHEAD]))
            if not len(known):
                continue
            # The first ones may lack their stamps; they lie right before the first that has one.
            expected = float(times[known[0]] - (ends[known[0]] - ends[number]))
        start = expected
        if np.isnan(stamp):
            repaired += 1
        elif slack < abs(stamp - expected) <= duration / 4:
            start = max(stamp, last + tick)
        elif abs(stamp - expected) > slack:
            ahead = times[number : number + _AHEAD]
            ahead = ahead - (ends[number : number + len(ahead)] - ends[number])
            ahead = ahead[~np.isnan(ahead)]
            # Where the packet would begin if the ones behind it are right; a stamp that lies is alone with its claim.
            claims = np.abs(ahead - stamp) <= max(slack, duration / 2)
            confirmed = _is_confirmed(claims, abs(stamp - expected))
            if stamp > expected and confirmed:
                start = stamp
            elif stamp < expected and confirmed:
                if expected - stamp >= duration / 2 and last > -np.inf:
                    continue
                start = max(stamp, last + tick)
            else:
                repaired += 1
        if start - max(expected if last > -np.inf else film_end, film_end) > _LONELY:
            break
        starts[number] = start
        expected, last = start + duration, start
    return starts, repaired


def _is_confirmed(claims: NDArray[np.bool_], distance: float) -> bool:
    """Whether most of the stamps behind one agree with it; the last ones of a track are believed if they lie near."""
    if len(claims) > 2:
        return bool(claims.mean() >= 0.5)
    return bool(claims.all()) and distance < _LONELY
