"""The sound of a film taken over into another file: as it is where the container allows, else converted."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

import av
from av.audio.stream import AudioStream

from remaster_gui.media.faults import location, reading
from remaster_gui.media.writer import CONTAINERS

log = logging.getLogger(__name__)

_CONVERSIONS = {
    ".mp4": ("aac", "AAC", {"b": "256k"}),
    ".mov": ("pcm_s24le", "24-bit PCM", {}),
    ".mkv": ("flac", "FLAC", {}),
}
_ROLL_IN_SUFFIXES = (".mp4", ".mov")
"""Containers whose edit lists can hide a packet from before the cut, which many codecs need for a clean start."""

_NO_OVERLAP = ("pcm_", "flac", "alac")
_EARLY = Fraction(2)
"""Seconds before the cut at which reading begins, so that no packet is missed after an inexact seek."""

TimedPacket: TypeAlias = "tuple[Fraction, av.Packet[Any]]"


@dataclass
class _Track:
    source: AudioStream
    target: AudioStream
    copied: bool
    rolls_in: bool
    held: av.Packet[AudioStream] | None = None


class SoundCopy:
    """Feeds the sound between ``origin`` and ``end`` (seconds on the file's clock) to an output container.

    Packets that begin within the span are taken over; times are shifted so that ``origin`` becomes 0. So
    sound begins at most one packet late and ends at most one packet late, never early, and keeps its place to
    the picture exactly. In MP4 and MOV the packet before the first one is kept, too, hidden by an edit list.
    """

    def __init__(
        self,
        path: Path,
        container: av.container.OutputContainer,
        suffix: str,
        origin: Fraction,
        end: Fraction | None,
        notes: list[str],
    ) -> None:
        """Open the source and add its sound tracks to ``container``, which must not have been started.

        A sentence for everything that cannot be taken over unchanged goes to ``notes``.
        """
        self.notes = notes
        self._origin = origin
        self._end = end
        with reading(path):
            self._input = av.open(location(path), "r")
        self._tracks: dict[int, _Track] = {}
        for stream in self._input.streams.audio:
            track = self._add_track(stream, container, suffix)
            if track is not None:
                self._tracks[stream.index] = track
        for other in self._input.streams:
            if other.index not in self._tracks:
                other.discard = av.stream.Discard.all

    def _add_track(
        self, source: AudioStream, container: av.container.OutputContainer, suffix: str
    ) -> _Track | None:
        name = source.codec_context.name
        if source.codec_context.sample_rate == 0:
            self.notes.append(f"The sound track {source.index} is empty or damaged and was left out.")
            return None
        if not _can_hold(suffix, source):
            return self._add_conversion(source, container, suffix)
        target = container.add_stream_from_template(source, opaque=True)
        target.metadata.update(_kept_metadata(source))
        rolls_in = suffix in _ROLL_IN_SUFFIXES and not name.startswith(_NO_OVERLAP)
        return _Track(source, target, copied=True, rolls_in=rolls_in)

    def _add_conversion(
        self, source: AudioStream, container: av.container.OutputContainer, suffix: str
    ) -> _Track:
        codec, title, options = _CONVERSIONS[suffix]
        context = source.codec_context
        target = container.add_stream(codec, rate=context.sample_rate, options=dict(options))
        assert isinstance(target, AudioStream)
        target.codec_context.layout = context.layout
        target.metadata.update(_kept_metadata(source))
        self.notes.append(
            f"The sound ({context.codec.long_name}) was converted to {title}, "
            f"because {suffix} files cannot hold it."
        )
        return _Track(source, target, copied=False, rolls_in=False)

    @property
    def is_empty(self) -> bool:
        """Whether there is no sound to copy."""
        return not self._tracks

    def packets(self) -> Iterator[TimedPacket]:
        """Yield packets for the output with their times in seconds, in the order of the source."""
        if not self._tracks:
            return
        if self._origin > _EARLY:
            self._input.seek(int((self._origin - _EARLY) * 1_000_000))
        finished: set[int] = set()
        try:
            for packet in self._input.demux(tuple(track.source for track in self._tracks.values())):
                if packet.size == 0 or packet.pts is None or packet.stream_index in finished:
                    continue
                track = self._tracks[packet.stream_index]
                time = packet.pts * packet.time_base
                if self._end is not None and time >= self._end:
                    finished.add(packet.stream_index)
                    if len(finished) == len(self._tracks):
                        break
                elif track.copied:
                    yield from self._copied(track, packet, time)
                else:
                    yield from self._converted(track, packet, time)
        except av.FFmpegError:
            log.info("the sound cannot be read to its end", exc_info=True)
            self.notes.append("The sound is damaged; it was taken over as far as it can be read.")
        for track in self._tracks.values():
            if not track.copied:
                yield from _encoded(track, None)

    def _copied(self, track: _Track, packet: av.Packet[AudioStream], time: Fraction) -> Iterator[TimedPacket]:
        if time < self._origin:
            track.held = packet if track.rolls_in else None
            return
        if track.held is not None:
            yield self._shifted(track, track.held)
            track.held = None
        yield self._shifted(track, packet)

    def _shifted(self, track: _Track, packet: av.Packet[AudioStream]) -> TimedPacket:
        shift = round(self._origin / packet.time_base)
        assert packet.pts is not None
        packet.pts -= shift
        packet.dts = packet.pts
        time = packet.pts * packet.time_base
        packet.stream = track.target
        return time, packet

    def _converted(
        self, track: _Track, packet: av.Packet[AudioStream], time: Fraction
    ) -> Iterator[TimedPacket]:
        if time < self._origin:
            return
        for frame in packet.decode():
            assert frame.pts is not None and frame.time_base is not None
            frame.pts -= round(self._origin / frame.time_base)
            yield from _encoded(track, frame)

    def close(self) -> None:
        """Close the source."""
        self._input.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _can_hold(suffix: str, stream: AudioStream) -> bool:
    """Whether a container takes a sound track as it is; only writing a header tells for sure."""
    try:
        with av.open(io.BytesIO(), "w", format=CONTAINERS[suffix]) as trial:
            trial.add_stream_from_template(stream, opaque=True)
            trial.start_encoding()
    except (av.FFmpegError, ValueError):
        return False
    return True


def _encoded(track: _Track, frame: av.AudioFrame | None) -> Iterator[TimedPacket]:
    for packet in track.target.encode(frame):
        assert packet.pts is not None
        yield packet.pts * packet.time_base, packet


def _kept_metadata(stream: AudioStream) -> dict[str, str]:
    return {key: stream.metadata[key] for key in ("language", "title") if key in stream.metadata}
