"""Decoded pictures of a film file by frame index: seeking, decoding forward, and remembering what went by."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator
from itertools import chain, islice
from typing import TypeAlias

import av
import numpy as np
from av.video.stream import VideoStream

from remaster_gui.base.byte_cache import ByteCache
from remaster_gui.base.errors import MediaError
from remaster_gui.base.language import tr
from remaster_gui.media.fixed_file import FixedFile
from remaster_gui.media.index import NO_FRAME, FilmIndex
from remaster_gui.media.packet_stamps import NO_TIME
from remaster_gui.media.streams import PictureInput, stamp, stamped

log = logging.getLogger(__name__)

CACHE_BYTES = 48 * 2**20
"""Budget for decoded pictures that went by; 15 of 1920x1080 in 8-bit 4:2:0. An editor has several decoders of a film,
and what its screen needs is kept above them."""

NumberedPackets: TypeAlias = "Iterator[tuple[int, av.Packet[VideoStream] | None]]"
"""Packets with their numbers in the file; None drains the codec at the end."""

_PICTURE_OVERHEAD = 8 * 2**10
"""Bytes that a picture takes beside its planes, which counts for small ones."""

_EARLIER_ENTRIES = 4
_UNPLACED_LIMIT = 64


class _StrayedError(Exception):
    """Packets met after a seek are not those that the index has there."""


class Decoder:
    """Turns frame indices into decoded pictures.

    Every packet is given its number in the file, which the codec hands on to the picture it makes of it, so
    pictures are identified exactly even where time stamps are missing, doubled or rounded.
    """

    def __init__(self, file: FixedFile, index: FilmIndex) -> None:
        """``file`` remains the caller's to close."""
        self.problems: list[str] = []
        self._file = file
        self._index = index
        self._seeks = True
        # What follows the last frame is torn; fed to the codec, it would cost pictures that wait in its threads.
        self._end = int(index.packet_of.max()) + 1
        order = np.argsort(index.packets.position, kind="stable")
        self._by_position = order
        self._positions = index.packets.position[order]
        self._cache: ByteCache[int, av.VideoFrame] = ByteCache(CACHE_BYTES, _bytes)
        self._ready: deque[tuple[int, av.VideoFrame]] = deque()
        self._packets: NumberedPackets = iter(())
        self._entry = self._next_packet = self._first = 0
        self._passed = -1
        self._skipped_until = 0
        self._film = self._opened()
        self._restart(self._numbered())

    def close(self) -> None:
        """Close the file and drop the remembered pictures."""
        self._cache.clear()
        self._ready.clear()
        self._film.close()

    @property
    def codec_name(self) -> str:
        """Name of the codec of the picture track."""
        return self._film.stream.codec_context.name

    def first(self) -> tuple[int, av.VideoFrame] | None:
        """Find the first frame that can be decoded; films cut in mid-group begin with some that cannot.

        To be asked before any other frame. Returns its index and picture, or None if nothing can be decoded.
        """
        while True:
            for number, picture in self._ready:
                if self._index.frame_of[number] != NO_FRAME:
                    return int(self._index.frame_of[number]), picture
            if not self._decode_next():
                return None

    def picture(self, index: int) -> av.VideoFrame:
        """Decode frame ``index``; where its data is damaged, the nearest readable one before it stands in."""
        cached = self._cache.get(index)
        if cached is not None:
            return cached
        try:
            return self._decoded(index)
        except _StrayedError:
            # Places that the library finds in this file cannot be trusted: from now on it is read from its start.
            log.warning("seeking in %s leads astray", self._file.path)
            self._seeks = False
            self._reopen(0)
        try:
            return self._decoded(index)
        except _StrayedError:
            raise MediaError(
                tr("{path} has changed since it was opened; open it again.", path=self._file.path)
            ) from None

    def _decoded(self, index: int) -> av.VideoFrame:
        entry = int(self._index.entry_of[index])
        # On the way from the key frame only pictures are decoded that others are made from.
        self._skipped_until = index
        if index <= self._passed or entry > self._next_packet:
            self._seek(entry)
        nearest = self._forward(index)
        # Pictures after an entry may still depend on what came before it (intra refresh, damaged groups).
        for _ in range(_EARLIER_ENTRIES):
            if nearest is not None and nearest[0] == index:
                return nearest[1]
            # Where it is damaged the picture right before it is wanted, whatever that is made for.
            self._skipped_until = 0
            self._seek(entry)
            nearest = self._forward(index)
            if entry == 0:
                break
            entry = self._index.previous_key(entry)
        if nearest is not None and nearest[0] == index:
            return nearest[1]
        return self._stand_in(index, nearest)

    def _stand_in(self, index: int, nearest: tuple[int, av.VideoFrame] | None) -> av.VideoFrame:
        if nearest is None:
            raise MediaError(
                tr(
                    "Frame {index} of {path} is damaged and so are all frames before it.",
                    index=index,
                    path=self._file.path.name,
                )
            )
        sentence = tr(
            "Frame {index} of {path} is damaged; frame {nearest} stands in for it.",
            index=index,
            path=self._file.path.name,
            nearest=nearest[0],
        )
        if sentence not in self.problems:
            log.warning(sentence)
            self.problems.append(sentence)
        self._remember(index, nearest[1])
        return nearest[1]

    def _forward(self, index: int) -> tuple[int, av.VideoFrame] | None:
        """Decode on to frame ``index``; return it, or the last frame before it where it does not appear."""
        nearest = None
        while True:
            while self._ready:
                number, picture = self._ready.popleft()
                frame = int(self._index.frame_of[number])
                # Leading pictures, shown before that of the entry, lack half of what they were made from.
                if frame == NO_FRAME or frame < self._first:
                    continue
                self._remember(frame, picture)
                if frame > index:
                    self._passed = frame
                    return nearest
                self._passed = frame
                nearest = (frame, picture)
                if frame == index:
                    return nearest
            if not self._decode_next():
                self._passed = len(self._index)
                return nearest

    def _decode_next(self) -> bool:
        """Feed one packet to the codec; False when there are no more."""
        try:
            number, packet = next(self._packets)
        except StopIteration:
            return False
        self._next_packet = number + 1
        if packet is not None:
            skipped = int(self._index.frame_of[number]) < self._skipped_until
            self._film.stream.codec_context.skip_frame = "NONREF" if skipped else "DEFAULT"
        self._ready.extend((stamped(picture), picture) for picture in self._film.decode(packet))
        return True

    def _remember(self, index: int, picture: av.VideoFrame) -> None:
        if index not in self._cache:
            self._cache.put(index, picture)

    def _restart(self, packets: NumberedPackets, entry: int = 0) -> None:
        """Begin to decode at packet ``entry``, the next one that ``packets`` yields."""
        self._packets = packets
        self._entry = self._next_packet = entry
        self._first = max(0, int(self._index.frame_of[entry])) if entry else 0
        self._passed = self._first - 1
        self._ready.clear()

    def _opened(self) -> PictureInput:
        return PictureInput(self._file, track=self._index.track, slices=self._index.slices)

    def _numbered(
        self, packets: Iterator[av.Packet[VideoStream]] | None = None, number: int = 0
    ) -> NumberedPackets:
        """Yield ``packets``, the first of which is packet ``number``, with their numbers; at the end once None.

        Without any, all of the film. None drains the codec.
        """
        sizes = self._index.packets.size
        for packet in packets or self._film.packets(self._film.stream):
            if number >= self._end:
                break
            if packet.size != sizes[number]:
                raise _StrayedError
            stamp(packet, number)
            yield number, packet
            number += 1
        yield number, None

    def _seek(self, entry: int) -> None:
        """Make packet ``entry`` the next one to be decoded."""
        target = entry
        for _ in range(4 if self._seeks else 0):
            if target == 0:
                break
            found = self._find(target, entry)
            if found is not None:
                self._restart(found, entry)
                return
            # The file's own index led too far or nowhere; aim earlier.
            target = self._index.previous_key(max(0, target - 2 * (entry - target)))
        self._reopen(entry)

    def _reopen(self, entry: int) -> None:
        """Read the file from its start up to packet ``entry``, which is decoded next."""
        # Opened first: a codec whose file is closed must never be asked again, or the process ends.
        opened = self._opened()
        self._film.close()
        self._film = opened
        self._restart(iter(()))
        packets = self._numbered()
        for _ in range(entry):
            next(packets, None)
        self._restart(packets, entry)

    def _find(self, target: int, entry: int) -> NumberedPackets | None:
        """Seek to packet ``target`` and read on to ``entry``; None where that packet was not met."""
        if not self._went_to(target):
            return None
        packets = self._film.packets(self._film.stream)
        placed = ((self._place(packet), packet) for packet in islice(packets, _UNPLACED_LIMIT))
        number, packet = next((each for each in placed if each[0] is not None), (None, None))
        if number is None or number > entry:
            return None
        if number < entry:
            packet = next(islice(packets, entry - number - 1, None), None)
        if packet is None or packet.size != self._index.packets.size[entry]:
            return None
        return self._numbered(chain([packet], packets), entry)

    def _went_to(self, target: int) -> bool:
        """Seek to packet ``target``: by its time, or by its place where times are those of several clocks."""
        table, stream = self._index.packets, self._film.stream
        if self._index.restarts and self._film.is_seekable_by_place:
            position = int(table.position[target])
            return position >= 0 and self._film.seek_byte(position, stream)
        known = [int(time) for time in (table.pts[target], table.dts[target]) if time != NO_TIME]
        return bool(known) and self._film.seek(min(known), stream)

    def _place(self, packet: av.Packet[VideoStream]) -> int | None:
        """Tell the number of a packet met after a seek; None where it is not certain."""
        if packet.pos is None or packet.pos < 0:
            return None
        low, high = np.searchsorted(self._positions, [packet.pos, packet.pos + 1])
        table = self._index.packets
        same = [int(number) for number in self._by_position[low:high] if table.size[number] == packet.size]
        if len(same) > 1 and packet.pts is not None:
            same = [number for number in same if table.pts[number] == packet.pts]
        return same[0] if len(same) == 1 else None


def _bytes(picture: av.VideoFrame) -> int:
    return _PICTURE_OVERHEAD + sum(plane.buffer_size for plane in picture.planes)
