"""The index of a film file: which packet holds which frame, found once by reading packets undecoded.

Packets are numbered in the order of the file, frames in the order of presentation. The arrays take about 50
bytes a frame, so a two-hour film needs some ten megabytes.
"""

from __future__ import annotations

import logging
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from remaster_gui.base.errors import MediaError
from remaster_gui.media.slices import count_slices
from remaster_gui.media.streams import close_container, open_container, stamp, stamped

log = logging.getLogger(__name__)

NO_TIME = np.iinfo(np.int64).min
NO_FRAME = -1

_REORDERED = 16
"""Frames at the end of a film among which a cut may have torn gaps; codecs reorder over no more than that."""
_GAP = 1.75
"""Times the usual distance of frames; telecined film alternates between 1 and 1.5."""

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class PacketTable:
    """Packets in the order of the file; times in ticks of the stream, `NO_TIME` where the file gives none."""

    position: Integers
    size: Integers
    pts: Integers
    dts: Integers
    key: NDArray[np.bool_]
    shown: NDArray[np.bool_]
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
    """Presentation time of every frame; None where the file does not give them all."""
    slices: int = 1
    """Parts of the first picture that can be decoded beside each other, as far as that is known."""

    def __len__(self) -> int:
        return len(self.packet_of)

    def previous_key(self, number: int) -> int:
        """Find the last key packet before packet ``number``, or 0."""
        keys = np.flatnonzero(self.packets.key[:number])
        return int(keys[-1]) if len(keys) else 0

    def without_leading(self, count: int) -> FilmIndex:
        """Leave out the first ``count`` frames, which cannot be decoded as the film begins in mid-group."""
        frame_of = np.where(self.frame_of >= count, self.frame_of - count, NO_FRAME)
        return replace(
            self,
            packet_of=self.packet_of[count:],
            frame_of=frame_of,
            entry_of=self.entry_of[count:],
            ticks=None if self.ticks is None else self.ticks[count:],
        )

    def without_torn_end(self) -> FilmIndex:
        """Leave out frames at the very end that follow a gap: the ones between them and the rest are missing.

        Frames are stored in the order of decoding, so a film that was cut short loses some that are shown before the
        last ones it still holds.
        """
        if self.ticks is None or len(self.ticks) < 3:
            return self
        steps = np.diff(self.ticks)
        gaps = np.flatnonzero(steps[-_REORDERED:] > _GAP * np.median(steps))
        if len(gaps) == 0:
            return self
        count = max(0, len(steps) - _REORDERED) + int(gaps[0]) + 1
        frame_of = np.where(self.frame_of < count, self.frame_of, NO_FRAME)
        return replace(
            self,
            packet_of=self.packet_of[:count],
            frame_of=frame_of,
            entry_of=self.entry_of[:count],
            ticks=self.ticks[:count],
        )


@dataclass(frozen=True)
class Scan:
    """What reading all packets of a film found."""

    index: FilmIndex
    damaged: bool
    """Whether packets were flagged as corrupt or reading stopped at an error."""


def scan_packets(container: av.container.InputContainer, stream: VideoStream, path: Path) -> Scan:
    """Read all packets of ``stream`` and number its frames; raises `MediaError` where there is no frame."""
    position, size, pts, dts = (array("q") for _ in range(4))
    key, shown = array("b"), array("b")
    damaged = last_corrupt = False
    slices = 0
    for packet in _packets_until_error(container, stream):
        if packet is None:
            damaged = True
            break
        if packet.size == 0:
            continue
        slices = slices or count_slices(stream, bytes(packet))
        last_corrupt = packet.is_corrupt
        damaged = damaged or last_corrupt
        position.append(-1 if packet.pos is None else packet.pos)
        size.append(packet.size)
        pts.append(NO_TIME if packet.pts is None else packet.pts)
        dts.append(NO_TIME if packet.dts is None else packet.dts)
        key.append(packet.is_keyframe)
        shown.append(not packet.is_discard)
    if damaged and shown:
        # What was being read when the file ended is a part of a picture at best.
        shown[-1] = shown[-1] and not last_corrupt
    packets = PacketTable(
        position=_frozen(position),
        size=_frozen(size),
        pts=_frozen(pts),
        dts=_frozen(dts),
        key=np.array(key, dtype=np.bool_),
        shown=np.array(shown, dtype=np.bool_),
    )
    if not packets.shown.any():
        raise MediaError(f"{path} has a picture track without a single frame; choose another film.")
    return Scan(replace(_number_frames(path, stream, packets), slices=slices), damaged)


def _packets_until_error(
    container: av.container.InputContainer, stream: VideoStream
) -> Iterator[av.Packet[VideoStream] | None]:
    """Yield packets; None once where the file cannot be read any further."""
    try:
        yield from container.demux(stream)
    except (av.FFmpegError, OSError):
        log.info("reading stopped at an error", exc_info=True)
        yield None


def _number_frames(path: Path, stream: VideoStream, packets: PacketTable) -> FilmIndex:
    shown = np.flatnonzero(packets.shown)
    times = packets.pts[shown]
    timed = bool((times != NO_TIME).all()) and len(np.unique(times)) == len(times)
    if timed:
        packet_of = shown[np.argsort(times, kind="stable")]
        ticks = packets.pts[packet_of]
    elif stream.codec_context.reorder_depth == 0:
        packet_of, ticks = shown, None
    else:
        packet_of, ticks = _order_by_decoding(path, shown), None
    frame_of = np.full(len(packets), NO_FRAME, np.int64)
    frame_of[packet_of] = np.arange(len(packet_of))
    return FilmIndex(packets, packet_of, frame_of, _entries(packets, packet_of, frame_of), ticks)


def _order_by_decoding(path: Path, shown: Integers) -> Integers:
    """Put frames in order by decoding the film once: the only way where reordered pictures carry no times."""
    order: array[int] = array("q")
    container, stream = open_container(path)
    number = 0
    try:
        for packet in _packets_until_error(container, stream):
            if packet is None:
                break
            if packet.size:
                stamp(packet, number)
                number += 1
            try:
                order.extend(stamped(frame) for frame in packet.decode())
            except av.FFmpegError:
                log.info("packet %d cannot be decoded", number - 1)
    finally:
        close_container(container, stream)
    decoded = _frozen(order)
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
