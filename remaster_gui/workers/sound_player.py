"""The film's sound, played in step with the playhead where there is an audio device.

`SoundPlayer` feeds a device from what `media.sound_track` decodes. Where QtMultimedia or a device is missing,
playback goes on in silence and the log says why.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path
from threading import Condition, Event
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from remaster_gui.base.language import tr
from remaster_gui.media.film import Restart
from remaster_gui.media.sound_track import CHANNELS, RATE, SoundTrack
from remaster_gui.workers.worker import Job, Service, Worker

if TYPE_CHECKING:
    from PySide6.QtCore import QIODevice
    from PySide6.QtMultimedia import QAudioSink

log = logging.getLogger(__name__)

_BYTES_PER_SAMPLE = 2 * CHANNELS
_AHEAD_SECONDS = 1.0
_FEED_MILLISECONDS = 20
_PATIENCE = 1.0
"""Seconds that closing waits for a packet that is being decoded."""


class NoDeviceError(Exception):
    """Nothing can be heard here; says why."""


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
        for samples in track.samples_from(start, cancel):
            with self._changed:
                self._changed.wait_for(lambda: cancel.is_set() or self._bytes < limit)
                if cancel.is_set():
                    return
                self._blocks.append(samples.tobytes())
                self._bytes += samples.nbytes

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


class SoundPlayer(Service):
    """Plays the sound of one film at normal speed. Lives on the GUI thread."""

    failed = Signal(str)
    """One sentence for the user; pictures play on in silence."""

    def __init__(
        self,
        path: Path,
        start_time: Fraction = Fraction(0),
        restarts: Sequence[Restart] = (),
        parent: QObject | None = None,
    ) -> None:
        """Serve the film at `path`, whose clock goes as `start_time` and `restarts` say (see `Film`)."""
        super().__init__(parent)
        self._track = SoundTrack(path, start_time, restarts)
        self._sink: QAudioSink | None = None
        self._device: QIODevice | None = None
        self._ahead: _Ahead | None = None
        self._worker = Worker("sound", self, low_priority=False, patience=_PATIENCE)
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
        fill = partial(ahead.fill, self._track, seconds)
        self._worker.put(Job(fill, tr("playing the sound"), failed=self.failed.emit, cancel=ahead.cancelled))
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
        """Open the device; where there is none, note once why nothing is heard, and try no more."""
        if self._is_silent:
            return None
        try:
            return open_sink(self)
        except NoDeviceError as error:
            self._is_silent = True
            log.info("the film is played without sound: %s", error)
            return None


def open_sink(parent: QObject) -> QAudioSink:
    """Open the machine's own device for 16-bit stereo at 48 kHz; raises `NoDeviceError`."""
    try:
        from PySide6.QtMultimedia import QAudioFormat, QAudioSink, QMediaDevices
    except ImportError as error:
        raise NoDeviceError(tr("QtMultimedia cannot be loaded ({error})", error=error)) from error
    device = QMediaDevices.defaultAudioOutput()
    if device.isNull():
        raise NoDeviceError(tr("there is no audio device"))
    layout = QAudioFormat()
    layout.setSampleRate(RATE)
    layout.setChannelCount(CHANNELS)
    layout.setSampleFormat(QAudioFormat.SampleFormat.Int16)
    if not device.isFormatSupported(layout):
        raise NoDeviceError(
            tr("{description} takes no 16-bit stereo at 48 kHz", description=device.description())
        )
    return QAudioSink(device, layout, parent)
