"""The film's sound: the right samples at the right time, and playing on where there is no device."""

from __future__ import annotations

import time
from fractions import Fraction
from itertools import islice
from pathlib import Path
from threading import Event
from typing import Any

import av
import numpy as np
import pytest
from PySide6.QtCore import QBuffer, QIODevice, QObject

from remaster_gui.workers.sound import CHANNELS, RATE, SoundPlayer, SoundTrack

SECONDS = 3
NOTES = (220.0, 330.0, 440.0)
"""Hertz, one for each second."""


def tone() -> np.ndarray:
    """The sound of the film ``(n, 2)`` int16, the right side half as loud."""
    times = np.arange(SECONDS * RATE) / RATE
    left = 8000 * np.sin(2 * np.pi * np.array(NOTES)[times.astype(int)] * times)
    return np.stack([left, left / 2], axis=1).round().astype(np.int16)


def write_film(path: Path, codec: str, late: float = 0.0) -> Path:
    """Write a film whose sound begins `late` seconds after its pictures."""
    samples = tone()
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=24)
        video.width, video.height, video.pix_fmt = 80, 64, "yuv420p"
        audio = container.add_stream(codec, rate=RATE, layout="stereo")
        for number in range(24 * SECONDS):
            frame = av.VideoFrame.from_ndarray(np.full((64, 80), 3 * number % 256, np.uint8), "gray")
            container.mux(video.encode(frame.reformat(format="yuv420p")))
        size = audio.codec_context.frame_size or 1024
        for start in range(0, len(samples), size):
            part = samples[start : start + size]
            if audio.codec_context.format.is_planar:
                block = av.AudioFrame.from_ndarray(
                    np.ascontiguousarray((part / 32768.0).astype(np.float32).T), "fltp", "stereo"
                )
            else:
                block = av.AudioFrame.from_ndarray(part.reshape(1, -1), "s16", "stereo")
            block.sample_rate, block.pts = RATE, start + round(late * RATE)
            block.time_base = Fraction(1, RATE)
            container.mux(audio.encode(block))
        for stream in (video, audio):
            container.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("sound") / "tones.mov", "pcm_s16le")


def heard(path: Path, start: Fraction, count: int) -> np.ndarray:
    """The first `count` samples from `start` on, or fewer where the track ends."""
    blocks, found = SoundTrack(path).samples_from(start, Event()), np.zeros((0, CHANNELS), np.int16)
    while len(found) < count and (block := next(blocks, None)) is not None:
        found = np.concatenate([found, block])
    return found[:count]


@pytest.mark.parametrize("start", [Fraction(0), Fraction(1, 3), Fraction(25, 24), Fraction(2)])
def test_sound_begins_at_the_very_sample(film: Path, start: Fraction) -> None:
    first = round(start * RATE)
    np.testing.assert_array_equal(heard(film, start, RATE // 4), tone()[first : first + RATE // 4])


def test_times_rounded_to_milliseconds_tear_no_holes(tmp_path: Path) -> None:
    path = write_film(tmp_path / "tones.mkv", "pcm_s16le")
    np.testing.assert_array_equal(heard(path, Fraction(0), RATE), tone()[:RATE])


@pytest.mark.parametrize("second", range(SECONDS))
def test_compressed_sound_is_in_step_too(tmp_path: Path, second: int) -> None:
    path = write_film(tmp_path / "tones.mkv", "aac")
    samples = heard(path, Fraction(second) + Fraction(1, 4), RATE // 2)[:, 0].astype(float)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    assert np.argmax(spectrum) * 2 == pytest.approx(NOTES[second], abs=2)


def test_silence_stands_where_the_sound_begins_later(tmp_path: Path) -> None:
    path = write_film(tmp_path / "late.mov", "pcm_s16le", late=0.5)
    found = heard(path, Fraction(1, 4), RATE // 2)
    quarter = RATE // 4
    assert not found[:quarter].any()
    np.testing.assert_array_equal(found[quarter:], tone()[:quarter])


def test_a_film_without_sound_gives_none(tmp_path: Path, two_shots: Any, write_film: Any) -> None:
    silent = write_film(tmp_path / "silent.mkv", two_shots(8, 64, 80))
    assert list(islice(SoundTrack(silent).samples_from(Fraction(0), Event()), 1)) == []


def test_where_there_is_no_device_nothing_plays_and_nothing_fails(
    qtbot: Any, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A machine without a sound card; tests run on such ones and on others.
    monkeypatch.setattr(SoundPlayer, "_open_sink", lambda self: self._silence("there is no audio device"))
    player = SoundPlayer(film, Fraction(0))
    player.play(Fraction(1))
    assert player.played_seconds() is None
    player.stop()
    player.deleteLater()


class Speaker(QObject):
    """A sound card that keeps what it is given and takes it at `pace` times the true rate."""

    def __init__(self, pace: float = 1.0) -> None:
        super().__init__()
        self.pace = pace
        self.heard = QBuffer(self)
        self._began = 0.0

    def start(self) -> QIODevice:
        self.heard.open(QIODevice.OpenModeFlag.ReadWrite)
        self._began = time.perf_counter()
        return self.heard

    def stop(self) -> None:
        self.heard.close()

    def processedUSecs(self) -> int:
        return int(1e6 * self.pace * (time.perf_counter() - self._began))

    def bytesFree(self) -> int:
        """Room for a tenth of a second beyond what has been played."""
        played = int((self.processedUSecs() / 1e6 + 0.1) * RATE) * 2 * CHANNELS
        return max(0, played - self.heard.size())


def test_a_device_gets_the_sound_without_gaps(
    qtbot: Any, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    speaker = Speaker()
    monkeypatch.setattr(SoundPlayer, "_open_sink", lambda _self: speaker)
    player = SoundPlayer(film, Fraction(0))
    player.play(Fraction(1, 2))
    qtbot.waitUntil(lambda: speaker.heard.size() > RATE * 2, timeout=20_000)
    assert player.played_seconds() > 0
    taken = np.frombuffer(speaker.heard.data().data(), np.int16).reshape(-1, CHANNELS)
    np.testing.assert_array_equal(taken, tone()[RATE // 2 : RATE // 2 + len(taken)])
    player.stop()
    assert player.played_seconds() is None
    player.deleteLater()
