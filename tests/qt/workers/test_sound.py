"""The film's sound: the right samples at the right time, and playing on where there is no device."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import islice
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest

from remaster_gui.workers.sound import CHANNELS, RATE, SoundPlayer, SoundTrack

SECONDS = 3
NOTES = (220.0, 330.0, 440.0)
"""Hertz of the film's sound, one for each second; the right side is half as loud."""

Write = Callable[..., Path]


def tone() -> np.ndarray:
    """The sound of the film ``(n, 2)`` int16."""
    times = np.arange(SECONDS * RATE) / RATE
    left = 8000 * np.sin(2 * np.pi * np.array(NOTES)[times.astype(int)] * times)
    return np.stack([left, left / 2], axis=1).round().astype(np.int16)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory, write_sound_film: Write) -> Path:
    return write_sound_film(tmp_path_factory.mktemp("sound") / "tones.mov", tone())


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


def test_times_rounded_to_milliseconds_tear_no_holes(tmp_path: Path, write_sound_film: Write) -> None:
    path = write_sound_film(tmp_path / "tones.mkv", tone())
    np.testing.assert_array_equal(heard(path, Fraction(0), RATE), tone()[:RATE])


@pytest.mark.parametrize("second", range(SECONDS))
def test_compressed_sound_is_in_step_too(tmp_path: Path, second: int, write_sound_film: Write) -> None:
    path = write_sound_film(tmp_path / "tones.mkv", tone(), "aac")
    samples = heard(path, Fraction(second) + Fraction(1, 4), RATE // 2)[:, 0].astype(float)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    assert np.argmax(spectrum) * 2 == pytest.approx(NOTES[second], abs=2)


def test_silence_stands_where_the_sound_begins_later(tmp_path: Path, write_sound_film: Write) -> None:
    path = write_sound_film(tmp_path / "late.mov", tone(), late=0.5)
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
    player.close()
    player.deleteLater()


def test_a_device_gets_the_sound_without_gaps(
    qtbot: Any, film: Path, monkeypatch: pytest.MonkeyPatch, make_speaker: Callable[..., Any]
) -> None:
    speaker = make_speaker()
    monkeypatch.setattr(SoundPlayer, "_open_sink", lambda _self: speaker)
    player = SoundPlayer(film, Fraction(0))
    player.play(Fraction(1, 2))
    qtbot.waitUntil(lambda: speaker.heard.size() > RATE * 2, timeout=20_000)
    assert player.played_seconds() > 0
    taken = np.frombuffer(speaker.heard.data().data(), np.int16).reshape(-1, CHANNELS)
    np.testing.assert_array_equal(taken, tone()[RATE // 2 : RATE // 2 + len(taken)])
    player.stop()
    assert player.played_seconds() is None
    player.close()
    player.deleteLater()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError("the disk is gone"), "cannot be played to its end"),
        (AttributeError("no codec"), "Something went wrong while playing the sound (AttributeError)"),
    ],
)
def test_what_ends_the_sound_is_said_and_it_can_be_played_again(
    qtbot: Any,
    film: Path,
    monkeypatch: pytest.MonkeyPatch,
    make_speaker: Callable[..., Any],
    error: Exception,
    said: str,
) -> None:
    def fail(*_: object) -> Any:
        raise error

    speaker = make_speaker()
    monkeypatch.setattr(SoundPlayer, "_open_sink", lambda _self: speaker)
    player = SoundPlayer(film, Fraction(0))
    with monkeypatch.context() as patch:
        patch.setattr(SoundTrack, "samples_from", fail)
        with qtbot.waitSignal(player.failed, timeout=20_000) as failed:
            player.play(Fraction(0))
    assert said in failed.args[0]
    player.play(Fraction(0))
    qtbot.waitUntil(lambda: speaker.heard.size() > 0, timeout=20_000)
    player.close()
    player.deleteLater()
