"""The film's sound: played without gaps, and on in silence where there is no device."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from remaster_gui.base.errors import MediaError
from remaster_gui.media.sound_track import CHANNELS, RATE, SoundTrack
from remaster_gui.workers import sound_player
from remaster_gui.workers.sound_player import NoDeviceError, SoundPlayer

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


def test_where_there_is_no_device_nothing_plays_and_nothing_fails(
    qtbot: Any, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A machine without a sound card; tests run on such ones and on others.
    def none(_parent: object) -> Any:
        raise NoDeviceError("there is no audio device")

    monkeypatch.setattr(sound_player, "open_sink", none)
    player = SoundPlayer(film)
    player.play(Fraction(1))
    assert player.played_seconds() is None
    player.close()
    player.deleteLater()


def test_a_device_gets_the_sound_without_gaps(
    qtbot: Any, film: Path, monkeypatch: pytest.MonkeyPatch, make_speaker: Callable[..., Any]
) -> None:
    speaker = make_speaker()
    monkeypatch.setattr(sound_player, "open_sink", lambda _parent: speaker)
    player = SoundPlayer(film)
    player.play(Fraction(1, 2))
    qtbot.waitUntil(lambda: speaker.heard.size() > RATE * 2, timeout=300_000)
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
        (MediaError("The disk is gone."), "The disk is gone."),
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
    monkeypatch.setattr(sound_player, "open_sink", lambda _parent: speaker)
    player = SoundPlayer(film)
    with monkeypatch.context() as patch:
        patch.setattr(SoundTrack, "samples_from", fail)
        with qtbot.waitSignal(player.failed, timeout=300_000) as failed:
            player.play(Fraction(0))
    assert said in failed.args[0]
    player.play(Fraction(0))
    qtbot.waitUntil(lambda: speaker.heard.size() > 0, timeout=300_000)
    player.close()
    player.deleteLater()
