"""The film's sound, played in step with the playhead where there is an audio device.

Decoding is free of Qt (`SoundTrack`); `SoundPlayer` feeds a device from it. Where QtMultimedia or a device is missing,
playback goes on in silence and the log says why.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path
from threading import Condition, Event
from typing import TYPE_CHECKING

import av
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from remaster_gui.base.errors import MediaError
from remaster_gui.media.channels import MOST_CHANNELS, Resampler, settle_channels
from remaster_gui.media.faults import location
from remaster_gui.workers.worker import Job, Worker

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from PySide6.QtCore import QIODevice
    from PySide6.QtMultimedia import QAudioSink

log = logging.getLogger(__name__)

RATE = 48_000
CHANNELS = 2
_BYTES_PER_SAMPLE = 2 * CHANNELS
_AHEAD_SECONDS = 1.0
_FEED_MILLISECONDS = 20
_PATIENCE = 1.0
"""Seconds that closing waits for a packet that is being decoded."""
_JITTER = RATE // 50
"""Samples by which times may be off, as some containers round them, before sound is taken to have a hole there."""
_EARLY = Fraction(1, 2)
"""Seconds before the wanted time at which decoding begins, so that the codec has settled."""
_SILENCE = RATE // 4
"""Samples of silence that are handed over at once."""


class SoundTrack:
    """The first sound track of a film as 16-bit stereo at 48 kHz."""

    def __init__(self, path: Path) -> None:
        """Remember where the film lies; nothing is opened yet."""
        self._path = path
        self.name = path.name

    def samples_from(self, start: Fraction, cancel: Event) -> Iterator[NDArray[np.int16]]:
        """Yield blocks ``(n, 2)`` int16 that follow each other without gaps from `start` (seconds on the file's clock).

        Silence stands where the track begins later or has holes. Ends with the track, or when `cancel` is set.
        """
        with av.open(location(self._path), metadata_errors="replace") as container:
            stream = next((each for each in container.streams.audio if each.codec_context is not None), None)
            if stream is None:
                return
            channels = settle_channels(stream.codec_context)
            if not 0 < channels.count <= MOST_CHANNELS:
                log.info("the sound is not played: it claims to have %d channels", channels.count)
                return
            resampler = Resampler(channels, sample_format="s16", layout="stereo", rate=RATE)
            if start > _EARLY:
                container.seek(int((start - _EARLY) * 1_000_000))
            position, is_begun = round(start * RATE), False
            for frame in _decoded(container, stream):
                if cancel.is_set():
                    return
                if frame.pts is None or frame.time_base is None:
                    continue
                begins = round(frame.pts * frame.time_base * RATE)
                for samples in resampler.samples(frame):
                    late = position - begins
                    begins += len(samples)
                    if is_begun and abs(late) < _JITTER:
                        late = 0
                    while late < 0 and not cancel.is_set():
                        silence = min(-late, _SILENCE)
                        yield np.zeros((silence, CHANNELS), np.int16)
                        position += silence
                        late += silence
                    if late < len(samples):
                        is_begun = True
                        yield samples[late:]
                        position += len(samples) - late


def _decoded(container: av.container.InputContainer, stream: AudioStream) -> Iterator[av.AudioFrame]:
    """Decode a track; packets that cannot be decoded are passed over."""
    for packet in container.demux(stream):
        try:
            yield from packet.decode()
        except av.FFmpegError:
            log.info("a packet of the sound cannot be decoded", exc_info=True)


class _Ahead:
    """About a second of sound that is ready: filled on the worker's thread, emptied on the GUI thread."""

    def __init__(self) -> None:
        self.cancelled = Event()
        self._changed = Condition()
        self._blocks: deque[bytes] = deque()
        self._bytes = 0

    def cancel(self) -> None:
        """Wait for room no longer."""
        self.cancelled.set()
        with self._changed:
            self._changed.notify_all()

    def fill(self, track: SoundTrack, start: Fraction, cancel: Event) -> None:
        """Decode from `start` to the end, as long as there is room; raises `MediaError`."""
        limit = int(_AHEAD_SECONDS * RATE) * _BYTES_PER_SAMPLE
        try:
            for samples in track.samples_from(start, cancel):
                with self._changed:
                    self._changed.wait_for(lambda: cancel.is_set() or self._bytes < limit)
                    if cancel.is_set():
                        return
                    self._blocks.append(samples.tobytes())
                    self._bytes += samples.nbytes
        except (av.FFmpegError, OSError) as error:
            raise MediaError(
                f"The sound of {track.name} cannot be played to its end; it is damaged. Pictures go on in silence."
            ) from error

    def take(self, size: int) -> bytes:
        """Return up to `size` bytes of whole samples that are ready."""
        taken = bytearray()
        with self._changed:
            while self._blocks and len(taken) < size:
                block = self._blocks.popleft()
                rest = size - len(taken)
                taken += block[:rest]
                if len(block) > rest:
                    self._blocks.appendleft(block[rest:])
            self._bytes -= len(taken)
            self._changed.notify_all()
        return bytes(taken)


class SoundPlayer(QObject):
    """Plays the sound of one film at normal speed. Lives on the GUI thread."""

    failed = Signal(str)
    """One sentence for the user; pictures play on in silence."""

    def __init__(self, path: Path, film_start: Fraction, parent: QObject | None = None) -> None:
        """Serve the film at `path`, whose frame 0 is at `film_start` on the file's clock."""
        super().__init__(parent)
        self._track = SoundTrack(path)
        self._film_start = film_start
        self._sink: QAudioSink | None = None
        self._device: QIODevice | None = None
        self._ahead: _Ahead | None = None
        self._worker = Worker("sound", self, stands_back=False, patience=_PATIENCE)
        self._feeding = QTimer(self, interval=_FEED_MILLISECONDS)
        self._feeding.timeout.connect(self._feed)
        self._is_silent = False

    def play(self, seconds: Fraction) -> None:
        """Play from `seconds` after frame 0 on; silently nothing where there is no device."""
        self.stop()
        self._sink = self._open_sink()
        if self._sink is None:
            return
        self._ahead = ahead = _Ahead()
        fill = partial(ahead.fill, self._track, self._film_start + seconds)
        self._worker.put(Job(fill, "playing the sound", failed=self.failed.emit, cancel=ahead.cancelled))
        self._device = self._sink.start()
        self._feeding.start()

    def played_seconds(self) -> Fraction | None:
        """Return how much has been heard since `play`; None where nothing plays. The clock that pictures follow."""
        if self._sink is None or self._device is None:
            return None
        return Fraction(self._sink.processedUSecs(), 1_000_000)

    def stop(self) -> None:
        """End the sound at once."""
        self._feeding.stop()
        if self._ahead is not None:
            self._ahead.cancel()
        if self._sink is not None:
            self._sink.stop()
            self._sink.deleteLater()
        self._ahead = self._sink = self._device = None

    def close(self) -> None:
        """End the thread. Nothing is emitted afterwards."""
        self.stop()
        self._worker.close()

    def _feed(self) -> None:
        if self._sink is None or self._device is None or self._ahead is None:
            return
        free = self._sink.bytesFree() // _BYTES_PER_SAMPLE * _BYTES_PER_SAMPLE
        data = self._ahead.take(free) if free > 0 else b""
        if data:
            self._device.write(data)

    def _open_sink(self) -> QAudioSink | None:
        if self._is_silent:
            return None
        try:
            from PySide6.QtMultimedia import QAudioFormat, QAudioSink, QMediaDevices
        except ImportError as error:
            return self._silence(f"QtMultimedia cannot be loaded ({error})")
        device = QMediaDevices.defaultAudioOutput()
        if device.isNull():
            return self._silence("there is no audio device")
        layout = QAudioFormat()
        layout.setSampleRate(RATE)
        layout.setChannelCount(CHANNELS)
        layout.setSampleFormat(QAudioFormat.SampleFormat.Int16)
        if not device.isFormatSupported(layout):
            return self._silence(f"{device.description()} takes no 16-bit stereo at 48 kHz")
        return QAudioSink(device, layout, self)

    def _silence(self, reason: str) -> QAudioSink | None:
        """Note once why nothing is heard, and try no more."""
        self._is_silent = True
        log.info("the film is played without sound: %s", reason)
        return None
