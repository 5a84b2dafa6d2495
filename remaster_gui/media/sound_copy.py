"""Copying packets of sound tracks into another container, each at its place."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import av
import numpy as np
from av.audio.stream import AudioStream

from remaster_gui.base.closable import Closable
from remaster_gui.base.errors import MediaError
from remaster_gui.base.language import tr
from remaster_gui.media.channels import AudioChannels
from remaster_gui.media.fixed_file import FileIdentity, FixedFile
from remaster_gui.media.sound_conversion import Conversion
from remaster_gui.media.sound_times import SoundPlaces
from remaster_gui.media.streams import FilmInput
from remaster_gui.media.writer import CONTAINERS, close_quietly

TimedPacket: TypeAlias = "tuple[float, av.Packet[Any]]"

_ROLL_IN_SUFFIXES = (".mp4", ".mov")
"""Containers whose edit lists can hide a packet from before the cut, which many codecs need for a clean start."""
_NO_OVERLAP = ("pcm_", "flac", "alac")
_NOT_IN_MP4 = "pcm_f64"
"""Codecs that the library writes to MP4 although readers make nothing, or something else, of it."""
_TRIAL_BYTES = 64 * 2**20
_LEAST_CLOCK = 8000
_LONGEST_LANGUAGE, _LONGEST_TITLE = 16, 256


@dataclass(frozen=True, eq=False)
class TrackPlan:
    """One sound track and what becomes of it."""

    number: int
    """Of the stream in the film."""
    name: str
    """As sentences call it."""
    codec: str
    channels: AudioChannels
    rate: int
    deep: bool
    """Whether it has more than 16 bits."""
    places: SoundPlaces
    metadata: Mapping[str, str]
    """Language and title."""
    conversion: Conversion | None = None
    """What it becomes; None: it is copied."""


class ReplacedError(MediaError):
    """The film is not the one any more that was opened."""


class TrackCopies(Closable):
    """Sound tracks of a film that are copied into a container, which must not have been started.

    Packets that begin within the span are taken over, at their time from its start. So sound begins at most one packet
    late and ends at most one packet late, and keeps its place to the picture exactly. In MP4 and MOV the packet before
    the first one is kept, too, hidden by an edit list.
    """

    def __init__(
        self,
        path: Path,
        identity: FileIdentity,
        tracks: Sequence[TrackPlan],
        container: av.container.OutputContainer,
        suffix: str,
        span: tuple[float, float | None],
    ) -> None:
        """Add ``tracks`` to ``container``; raises `ValueError` or the codec library's errors where it refuses."""
        self._file = FixedFile(path)
        if self._file.identity != identity:
            raise ReplacedError(tr("{path} was replaced or changed since the film was opened.", path=path))
        self._source = FilmInput(self._file)
        self._begin, self._end = span
        self._tracks = {}
        try:
            for track in tracks:
                stream = self._source.container.streams[track.number]
                assert isinstance(stream, AudioStream)
                self._tracks[track.number] = _Copy(track, stream, container, suffix)
        except BaseException:
            self.close()
            raise
        for other in self._source.container.streams:
            if other.index not in self._tracks:
                other.discard = av.stream.Discard.all

        self._numbers = {copy.target.index: number for number, copy in self._tracks.items()}

    def packets(self) -> Iterator[TimedPacket]:
        """Yield packets for the container with their times in seconds, in the order of the source."""
        running = set(self._tracks)
        if not running:
            return
        for packet in self._source.packets(*(each.source for each in self._tracks.values())):
            copy = self._tracks[packet.stream_index]
            place = copy.next_place()
            if np.isnan(place):
                continue
            if self._end is not None and place >= self._end:
                running.discard(packet.stream_index)
                if not running:
                    return
            else:
                yield from copy.placed(packet, place - self._begin)

    def number_of(self, packet: av.Packet[Any]) -> int:
        """Return the number in the film of the track that a packet for the container belongs to."""
        return self._numbers[packet.stream_index]

    @property
    def is_damaged(self) -> bool:
        """Whether reading stopped at an error before the end."""
        return self._source.damaged

    def close(self) -> None:
        """Close the source."""
        self._source.close()
        self._file.close()


class _Copy:
    """One track on its way."""

    def __init__(
        self, track: TrackPlan, source: AudioStream, container: av.container.OutputContainer, suffix: str
    ) -> None:
        if suffix == ".mp4" and source.codec_context.name.startswith(_NOT_IN_MP4):
            raise ValueError(f"{source.codec_context.name} in MP4 is read wrongly or not at all")
        self.source = source
        self.target = container.add_stream_from_template(source, opaque=True)
        self.target.metadata.update(track.metadata)
        self._starts = iter(track.places.starts.tolist())
        self._durations = iter(track.places.durations.tolist())
        self._duration = 0.0
        self._clock = max(track.rate, _LEAST_CLOCK)
        self._last: int | None = None
        self._held: tuple[float, float, av.Packet[Any]] | None = None
        self._rolls_in = suffix in _ROLL_IN_SUFFIXES and not source.codec_context.name.startswith(_NO_OVERLAP)

    def next_place(self) -> float:
        """Return where the next packet of the file belongs, in seconds; NaN where it does not."""
        self._duration = next(self._durations, 0.0)
        return next(self._starts, np.nan)

    def placed(self, packet: av.Packet[Any], time: float) -> Iterator[TimedPacket]:
        """Put a packet at its time in the output; one from before its start is held back."""
        if round(time * self._clock) < 0:
            self._held = (time, self._duration, packet) if self._rolls_in else None
            return
        if self._held is not None:
            before, duration, held = self._held
            self._held = None
            yield self._stamped(held, before, duration)
        yield self._stamped(packet, time, self._duration)

    def _stamped(self, packet: av.Packet[Any], time: float, duration: float) -> TimedPacket:
        if packet.is_discard:
            # Readers pass over it because of the film's own edit list, which the output does not have.
            packet = av.Packet(bytes(packet))
            packet.is_keyframe = True
        stamp = round(time * self._clock)
        if self._last is not None:
            stamp = max(stamp, self._last + 1)
        self._last = stamp
        packet.time_base = Fraction(1, self._clock)
        packet.pts = packet.dts = stamp
        packet.duration = round(duration * self._clock)
        packet.stream = self.target
        return time, packet


def copy_fault(
    path: Path, identity: FileIdentity, track: TrackPlan, suffix: str, span: tuple[float, float | None]
) -> str:
    """Try to copy a track, or the first minutes of a long one; returns what is in the way, '' for nothing."""
    container = av.open(_Nowhere(), "w", format=CONTAINERS[suffix])
    count = size = 0
    try:
        with TrackCopies(path, identity, [track], container, suffix, span) as copies:
            container.start_encoding()
            for _, packet in copies.packets():
                size += packet.size
                container.mux(packet)
                count += 1
                if size > _TRIAL_BYTES:
                    break
        container.close()
    except (av.FFmpegError, ValueError) as error:
        return str(error)
    finally:
        close_quietly(container)
    return ""


class _Nowhere(io.RawIOBase):
    """A file that takes everything and keeps nothing."""

    def __init__(self) -> None:
        self._at = self._end = 0

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._at += len(data)
        self._end = max(self._end, self._at)
        return len(data)

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._end}[whence]
        return self._at


def track_metadata(stream: AudioStream) -> Mapping[str, str]:
    """Language and title of a track, as far as they can be written anywhere."""
    language = stream.metadata.get("language", "")
    title = "".join(each for each in stream.metadata.get("title", "") if each.isprintable())
    kept = {}
    if language.isascii() and language.isalnum() and len(language) <= _LONGEST_LANGUAGE:
        kept["language"] = language
    if title:
        kept["title"] = title[:_LONGEST_TITLE]
    return kept
