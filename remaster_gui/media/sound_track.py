"""The film's sound decoded for listening, from any moment on and in step with the pictures."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from threading import Event
from typing import Any

import av
import numpy as np
from av.audio.stream import AudioStream
from av.stream import Discard
from numpy.typing import NDArray

from remaster_gui.base.errors import MediaError
from remaster_gui.base.language import tr
from remaster_gui.media.channels import MOST_CHANNELS, AudioChannels, Resampler, settle_channels
from remaster_gui.media.film import Restart
from remaster_gui.media.fixed_file import FixedFile, OpeningCancelledError
from remaster_gui.media.sound_times import shifts
from remaster_gui.media.streams import FilmInput

log = logging.getLogger(__name__)

RATE = 48_000
CHANNELS = 2
_JITTER = RATE // 50
"""Samples by which times may be off, as some containers round them, before sound is taken to have a hole there."""
_EARLY = Fraction(1, 2)
"""Seconds before the wanted time at which decoding begins, so that the codec has settled."""
_SILENCE = RATE // 4
"""Samples of silence that are handed over at once."""
NEAR = 2**17
"""Bytes within which a moment in a file of several clocks is looked for; what is read too much takes no time."""


class SoundTrack:
    """The first sound track of a film as 16-bit stereo at 48 kHz."""

    def __init__(
        self, path: Path, start_time: Fraction = Fraction(0), restarts: Sequence[Restart] = ()
    ) -> None:
        """Remember where the film lies and how its clock goes (see `Film`); nothing is opened yet."""
        self._path, self._start_time, self._restarts = path, start_time, tuple(restarts)
        self.name = path.name

    def samples_from(self, start: Fraction, cancel: Event) -> Iterator[NDArray[np.int16]]:
        """Yield blocks ``(n, 2)`` int16 that follow each other without gaps from ``start`` (seconds from frame 0).

        Silence stands where the track begins later or has holes. Ends with the track, or when ``cancel`` is set.
        Raises `MediaError`.
        """
        file = FixedFile(self._path, cancel)
        try:
            with FilmInput(file) as source:
                yield from self._samples(source, start)
                if source.damaged:
                    raise MediaError(
                        tr(
                            "The sound of {name} cannot be played to its end; it is damaged. Pictures go on in "
                            "silence.",
                            name=self.name,
                        )
                    )
        except OpeningCancelledError:
            return
        finally:
            file.close()

    def _samples(self, source: FilmInput, start: Fraction) -> Iterator[NDArray[np.int16]]:
        stream = next(
            (each for each in source.container.streams.audio if each.codec_context is not None), None
        )
        if stream is None:
            return
        channels = settle_channels(stream.codec_context)
        if not 0 < channels.count <= MOST_CHANNELS:
            log.info("the sound is not played: it claims to have %d channels", channels.count)
            return
        reading = _Reading(source, stream, self._start_time, self._restarts)
        if start > _EARLY:
            reading.go_to(start - _EARLY)
        yield from _following(reading, channels, round(start * RATE))


class _Reading:
    """A sound track that is read packet by packet, with the times that its packets have in the film."""

    def __init__(
        self, source: FilmInput, stream: AudioStream, start_time: Fraction, restarts: tuple[Restart, ...]
    ) -> None:
        self._source, self._stream = source, stream
        self._start_time, self._restarts = start_time, restarts
        self._tick = stream.time_base or Fraction(1, 1000)
        self._position = 0

    def go_to(self, time: Fraction) -> None:
        """Let the next packets be those around ``time`` (seconds from frame 0), or all where that cannot be found."""
        if not self._restarts:
            container = self._source.container
            guide: Any = container.streams.best("video") or self._stream
            tick = guide.time_base or self._tick
            self._source.seek(int((time + self._start_time) / tick), guide)
        elif self._source.is_seekable_by_place:
            self._search(time)

    def _search(self, time: Fraction) -> None:
        """Go to a place shortly before ``time`` in a file in which several clocks follow each other."""
        low, high = 0, self._source.file.size
        while high - low > NEAR:
            middle = (low + high) // 2
            found = self._time_at(middle)
            if found is None or found > time:
                high = middle
            else:
                low = middle
        self._seek_byte(low)

    def _seek_byte(self, position: int) -> bool:
        is_there = self._source.seek_byte(position, self._stream)
        self._position = position if is_there else 0
        return is_there

    def _time_at(self, position: int) -> Fraction | None:
        """Return the time of the first packet behind a place that bears one."""
        if not self._seek_byte(position):
            return None
        times = (self._time_of(packet) for packet in self._source.packets(self._stream))
        return next((time for time in times if time is not None), None)

    def _time_of(self, packet: av.Packet[AudioStream]) -> Fraction | None:
        """Return where a packet, the next one of the file, belongs in the film."""
        if packet.pos is not None:
            self._position = max(self._position, packet.pos)
        if packet.pts is None:
            return None
        shift = Fraction(float(shifts(np.array([self._position]), self._restarts)[0]))
        return packet.pts * self._tick + shift - self._start_time

    def frames(self) -> Iterator[tuple[Fraction, av.AudioFrame]]:
        """Decode; packets that cannot be decoded are passed over."""
        for other in self._source.container.streams:
            if other is not self._stream:
                other.discard = Discard.all
        for packet in self._source.packets(self._stream):
            time = self._time_of(packet)
            if time is not None:
                packet.pts = packet.dts = round(time / self._tick)
            yield from self._decoded(packet)
        yield from self._decoded(None)

    def _decoded(self, packet: av.Packet[AudioStream] | None) -> Iterator[tuple[Fraction, av.AudioFrame]]:
        try:
            frames = self._stream.codec_context.decode(packet)
        except av.FFmpegError:
            log.info("a packet of the sound cannot be decoded", exc_info=True)
            return
        for frame in frames:
            if frame.pts is not None and frame.time_base is not None:
                yield frame.pts * frame.time_base, frame


def _following(reading: _Reading, channels: AudioChannels, position: int) -> Iterator[NDArray[np.int16]]:
    """Put what is read after each other, from sample ``position`` of the film on."""
    resampler = Resampler(channels, sample_format="s16", layout="stereo", rate=RATE)
    is_begun = False
    for time, frame in reading.frames():
        begins = round(time * RATE)
        for samples in resampler.samples(frame):
            late = position - begins
            begins += len(samples)
            if is_begun and abs(late) < _JITTER:
                late = 0
            while late < 0:
                silence = min(-late, _SILENCE)
                yield np.zeros((silence, CHANNELS), np.int16)
                position += silence
                late += silence
            if late < len(samples):
                is_begun = True
                yield samples[late:]
                position += len(samples) - late
