"""The index of a film file: which packet holds which frame, found once by reading packets undecoded.

Packets are numbered in the order of the file, frames in the order of presentation. The arrays take about 50
bytes a frame, so a two-hour film needs some ten megabytes.
"""

from __future__ import annotations

import logging
from array import array
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from remaster_gui.base.errors import MediaError
from remaster_gui.base.language import tr
from remaster_gui.media.codings import Coding
from remaster_gui.media.film import Restart
from remaster_gui.media.limits import MOST_FRAMES
from remaster_gui.media.packet_stamps import (
    NO_TIME,
    Flags,
    Integers,
    Pieces,
    Stamps,
    Times,
    divide,
    in_presentation_order,
    rising_times,
)
from remaster_gui.media.slices import count_slices
from remaster_gui.media.streams import PictureInput, stamp, stamped

log = logging.getLogger(__name__)

NO_FRAME = -1

_REORDERED = 16
"""Frames at the end of a film among which a cut may have torn gaps; codecs reorder over no more than that."""
_BEFORE_JOINT = 3
"""Packets before a joint of two streams that are flagged as corrupt merely as counters do not go on."""
_GAP = 1.75
"""Times the usual distance of frames; telecined film alternates between 1 and 1.5."""


@dataclass(frozen=True)
class PacketTable:
    """Packets in the order of the file; times in ticks of the stream, `NO_TIME` where the file gives none."""

    position: Integers
    size: Integers
    pts: Integers
    dts: Integers
    key: Flags
    shown: Flags
    """False for packets that only serve decoding, such as those before the start of an edit list."""

    def __len__(self) -> int:
        return len(self.size)


@dataclass(frozen=True)
class FilmIndex:
    """Frames of a film and the packets they come from."""

    packets: PacketTable
    packet_of: Integers
    """Packet number of every frame, in order of presentation."""
    frame_of: Integers
    """Frame index of every packet, or `NO_FRAME`."""
    entry_of: Integers
    """Number of the packet at which decoding has to begin for every frame."""
    ticks: Integers | None
    """Presentation time of every frame, rising; None where the file does not give them."""
    tick: Fraction
    """Seconds of a tick in `ticks`, which may be a part of those in `packets`."""
    track: int
    """Number of the picture track in the file."""
    restarts: tuple[Restart, ...] = ()
    """Where the clock of the file starts anew, in the order of the file."""
    replaced: tuple[int, int] | None = None
    """How many frames had no stamp, or one that cannot be, and the first of them."""
    slices: int = 1
    """Parts of the first picture that can be decoded beside each other, as far as that is known."""

    others: int = 0
    """Packets that are coded in another way than the rest of the film and left out."""

    def __len__(self) -> int:
        return len(self.packet_of)

    def previous_key(self, number: int) -> int:
        """Find the last key packet before packet ``number``, or 0."""
        keys = np.flatnonzero(self.packets.key[:number])
        return int(keys[-1]) if len(keys) else 0

    def without_leading(self, count: int) -> FilmIndex:
        """Leave out the first ``count`` frames, which cannot be decoded as the film begins in mid-group."""
        return self._cut(count, len(self))

    def without_torn_end(self, reordered: int = _REORDERED) -> FilmIndex:
        """Leave out frames at the very end that follow a gap: the ones between them and the rest are missing.

        Frames are stored in the order of decoding, so a film that was cut short loses some that are shown before the
        last ones it still holds, of which there are ``reordered`` at most.
        """
        if self.ticks is None or len(self.ticks) < 3 or reordered == 0:
            return self
        steps = np.diff(self.ticks)
        gaps = np.flatnonzero(steps[-reordered:] > _GAP * np.median(steps))
        if len(gaps) == 0:
            return self
        return self._cut(0, max(0, len(steps) - reordered) + int(gaps[0]) + 1)

    def _cut(self, start: int, stop: int) -> FilmIndex:
        """Keep the frames from ``start`` up to ``stop``, numbered anew."""
        inside = (self.frame_of >= start) & (self.frame_of < stop)
        restarts = tuple(
            replace(each, frame=each.frame - start) for each in self.restarts if start < each.frame < stop
        )
        return replace(
            self,
            packet_of=self.packet_of[start:stop],
            frame_of=np.where(inside, self.frame_of - start, NO_FRAME),
            entry_of=self.entry_of[start:stop],
            ticks=None if self.ticks is None else self.ticks[start:stop],
            restarts=restarts,
        )


@dataclass(frozen=True)
class Scan:
    """What reading all packets of a film found."""

    index: FilmIndex
    damaged: bool
    """Whether packets were flagged as corrupt or reading stopped at an error."""


def scan_packets(film: PictureInput) -> Scan:
    """Read all packets of the picture track and number its frames; raises `MediaError` where there is no frame."""
    position, size, pts, dts = (array("q") for _ in range(4))
    key, shown = array("b"), array("b")
    corrupt: list[int] = []
    slices = others = 0
    coding = Coding(film)
    for packet in film.packets(film.stream):
        slices = slices or count_slices(film.stream, bytes(packet))
        if packet.is_corrupt:
            corrupt.append(len(size))
        position.append(-1 if packet.pos is None else packet.pos)
        size.append(packet.size)
        pts.append(NO_TIME if packet.pts is None else packet.pts)
        dts.append(NO_TIME if packet.dts is None else packet.dts)
        key.append(packet.is_keyframe)
        is_other = coding.is_other(packet)
        others += is_other
        shown.append(film.is_shown(packet) and not is_other)
        if len(size) > MOST_FRAMES:
            raise MediaError(
                tr(
                    "{path} has more than {most_frames} frames; cut it into films that are shorter.",
                    path=film.file.path,
                    most_frames=MOST_FRAMES,
                )
            )
    if corrupt and corrupt[-1] == len(shown) - 1:
        # What was being read when the file ended is a part of a picture at best.
        shown[-1] = False
    packets = PacketTable(
        position=_frozen(position),
        size=_frozen(size),
        pts=_frozen(pts),
        dts=_frozen(dts),
        key=np.array(key, dtype=np.bool_),
        shown=np.array(shown, dtype=np.bool_),
    )
    index = replace(_number_frames(film, packets), slices=slices, others=others)
    return Scan(index, film.damaged or others > 0 or _is_damage(corrupt, index))


def _is_damage(corrupt: list[int], index: FilmIndex) -> bool:
    """Whether packets that were flagged as corrupt are more than the ends of joined streams."""
    joints = [int(index.packet_of[restart.frame]) for restart in index.restarts]
    return any(not any(0 < joint - number <= _BEFORE_JOINT for joint in joints) for number in corrupt)


def _number_frames(film: PictureInput, packets: PacketTable) -> FilmIndex:
    stream, shown = film.stream, np.flatnonzero(packets.shown)
    stamps = Stamps(
        pts=packets.pts[shown],
        dts=packets.dts[shown],
        key=packets.key[shown],
        tick=stream.time_base or Fraction(1, 1000),
        is_mpeg=film.container.format.name in ("mpegts", "mpeg"),
        strays=film.container.format.name == "mpeg",
        in_order=not stream.codec_context.codec.reorder,
    )
    pieces = divide(stamps)
    order = in_presentation_order(stamps, pieces)
    if order is None:
        order = np.arange(len(shown))
        if stream.codec_context.reorder_depth:
            order = np.searchsorted(shown, _order_by_decoding(film, shown))
    if len(order) == 0:
        raise MediaError(
            tr("{path} has a picture track without a single frame; choose another film.", path=film.file.path)
        )
    times = rising_times(pieces, order)
    packet_of = shown[order]
    frame_of = np.full(len(packets), NO_FRAME, np.int64)
    frame_of[packet_of] = np.arange(len(packet_of))
    index = FilmIndex(
        packets,
        packet_of,
        frame_of,
        _entries(packets, packet_of, frame_of),
        ticks=None if times is None else times.ticks,
        tick=stamps.tick / (1 if times is None else times.divisor),
        track=stream.index,
    )
    return index if times is None else _with_faults(index, shown, pieces, times, stamps.tick)


def _with_faults(
    index: FilmIndex, shown: Integers, pieces: Pieces, times: Times, tick: Fraction
) -> FilmIndex:
    """Note where the clock starts anew and how many stamps were of no use."""
    restarts = []
    for start, shift in zip(pieces.starts[1:], times.shifts[1:], strict=True):
        here = index.packets.position[shown[start] :]
        known = here[here >= 0]
        frames = index.frame_of[shown[start] :]
        frames = frames[frames != NO_FRAME]
        if len(known) and len(frames):
            restarts.append(Restart(int(frames.min()), int(known[0]), int(shift) * tick))
    joints = shown[pieces.starts[1:]]
    # Stamps right before a joint were made up from those behind it.
    made_up = np.isin(index.packet_of[times.replaced], joints[:, None] - np.arange(1, 1 + _BEFORE_JOINT))
    bad = times.replaced[~made_up]
    replaced = (len(bad), int(bad[0])) if len(bad) else None
    return replace(index, restarts=tuple(restarts), replaced=replaced)


def _order_by_decoding(film: PictureInput, shown: Integers) -> Integers:
    """Put frames in order by decoding the film once: the only way where reordered pictures carry no times."""
    order: array[int] = array("q")
    with PictureInput(film.file, track=film.stream.index) as decoding:
        for number, packet in enumerate(decoding.packets(decoding.stream)):
            stamp(packet, number)
            order.extend(stamped(picture) for picture in decoding.decode(packet))
        order.extend(stamped(picture) for picture in decoding.decode(None))
    decoded = _frozen(order)
    # Two pictures may come of one packet; it is one frame.
    _, first = np.unique(decoded, return_index=True)
    decoded = decoded[np.sort(first)]
    return decoded[np.isin(decoded, shown)]


def _frozen(column: array[int]) -> Integers:
    return np.frombuffer(column, np.int64) if len(column) else np.empty(0, np.int64)


def _entries(packets: PacketTable, packet_of: Integers, frame_of: Integers) -> Integers:
    """For every frame the last key packet from which it can be decoded.

    A frame that is shown before the key picture it follows in the file (the leading pictures of an open
    group) also needs the group before.
    """
    keys = np.flatnonzero(packets.key)
    if len(keys) == 0:
        return np.zeros(len(packet_of), np.int64)
    group = np.searchsorted(keys, packet_of, side="right") - 1
    key_frame = frame_of[keys]
    leading = (group > 0) & (key_frame[group] > np.arange(len(packet_of)))
    group = np.where(leading, group - 1, group)
    return np.where(group < 0, 0, keys[np.maximum(group, 0)]).astype(np.int64)
