"""Sound for listening: the right samples at the right time, from files of one clock and of several."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import islice
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest

from remaster_gui.base.errors import MediaError
from remaster_gui.media import open_film, sound_track
from remaster_gui.media.sound_track import CHANNELS, RATE, SoundTrack

SECONDS = 3
NOTES = (220.0, 330.0, 440.0)
"""Hertz of the film's sound, one for each second; the right side is half as loud."""

Write = Callable[..., Path]


def tone(notes: tuple[float, ...] = NOTES) -> np.ndarray:
    """The sound of the film ``(n, 2)`` int16."""
    times = np.arange(SECONDS * RATE) / RATE
    left = 8000 * np.sin(2 * np.pi * np.array(notes)[times.astype(int)] * times)
    return np.stack([left, left / 2], axis=1).round().astype(np.int16)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory, write_sound_film: Write) -> Path:
    return write_sound_film(tmp_path_factory.mktemp("sound") / "tones.mov", tone())


def note(track: SoundTrack | Path, start: Fraction) -> float:
    """Hertz of the half second from `start` on."""
    samples = heard(track, start, RATE // 2)[:, 0].astype(float)
    return float(np.argmax(np.abs(np.fft.rfft(samples * np.hanning(len(samples)))))) * 2


def heard(track: SoundTrack | Path, start: Fraction, count: int) -> np.ndarray:
    """The first `count` samples from `start` on, or fewer where the track ends."""
    track = SoundTrack(track) if isinstance(track, Path) else track
    blocks, found = track.samples_from(start, Event()), np.zeros((0, CHANNELS), np.int16)
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
    assert note(path, Fraction(second) + Fraction(1, 4)) == pytest.approx(NOTES[second], abs=2)


def test_silence_stands_where_the_sound_begins_later(tmp_path: Path, write_sound_film: Write) -> None:
    path = write_sound_film(tmp_path / "late.mov", tone(), late=0.5)
    found = heard(path, Fraction(1, 4), RATE // 2)
    quarter = RATE // 4
    assert not found[:quarter].any()
    np.testing.assert_array_equal(found[quarter:], tone()[:quarter])


def test_a_film_without_sound_gives_none(tmp_path: Path, two_shots: Any, write_film: Any) -> None:
    silent = write_film(tmp_path / "silent.mkv", two_shots(8, 64, 80))
    assert list(islice(SoundTrack(silent).samples_from(Fraction(0), Event()), 1)) == []


@pytest.mark.parametrize("near", [2**10, 2**30])
@pytest.mark.parametrize("suffix", [".ts", ".vob"])
def test_joined_files_are_heard_in_the_order_of_the_film(
    tmp_path: Path, write_sound_film: Write, monkeypatch: pytest.MonkeyPatch, suffix: str, near: int
) -> None:
    """Also where a moment has to be looked for in the file, and that of the second clock was there before."""
    monkeypatch.setattr(sound_track, "NEAR", near)
    others = (550.0, 660.0, 770.0)
    parts = [
        write_sound_film(tmp_path / f"{number}{suffix}", tone(notes), "mp2")
        for number, notes in enumerate((NOTES, others))
    ]
    path = tmp_path / f"joined{suffix}"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    with open_film(path) as film:
        assert len(film.restarts) == 1
        track = SoundTrack(path, film.start_time, film.restarts)
    for second, expected in enumerate((*NOTES, *others)):
        assert note(track, second + Fraction(1, 4)) == pytest.approx(expected, abs=2), second
    assert len(heard(track, Fraction(5), 2 * RATE)) == pytest.approx(RATE, abs=RATE // 10)


def test_what_is_no_film_is_not_played(tmp_path: Path, film: Path) -> None:
    playlist = tmp_path / "tones.m3u8"
    playlist.write_text(f"#EXTM3U\n#EXTINF:3,\n{film}\n#EXT-X-ENDLIST\n")
    with pytest.raises(MediaError, match="is a text or a playlist"):
        next(SoundTrack(playlist).samples_from(Fraction(0), Event()))


def test_a_film_that_becomes_shorter_while_it_plays(tmp_path: Path, write_sound_film: Write) -> None:
    path = write_sound_film(tmp_path / "tones.mov", tone())
    blocks = SoundTrack(path).samples_from(Fraction(0), Event())
    next(blocks)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)
    with pytest.raises(MediaError, match="has become shorter while it was open"):
        list(blocks)


def test_it_ends_when_it_is_cancelled(film: Path) -> None:
    cancel = Event()
    blocks = SoundTrack(film).samples_from(Fraction(0), cancel)
    next(blocks)
    cancel.set()
    assert sum(map(len, blocks)) < RATE
