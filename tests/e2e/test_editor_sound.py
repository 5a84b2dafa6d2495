"""Sound and pictures in step, in the window; the sound card is a stand-in, as machines that run tests have none."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from .hands import Hand

RATE = 48_000
SECONDS = 24
"""More than is heard: it has not ended on a machine that is slow."""
PACE = 1.25
"""The sound card's clock against that of the machine."""


@pytest.fixture
def heard() -> np.ndarray:
    """The sound of the film, in which every moment is told from every other ``(n, 2)``."""
    return np.random.default_rng(3).integers(-9000, 9000, (SECONDS * RATE, 2), np.int16)


@pytest.fixture
def play(
    hand: Hand,
    weights: Path,
    tmp_path: Path,
    write_sound_film: Callable[..., Path],
    make_speaker: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Any]:
    """Open a film with this sound in the window; returns what it sounds from."""

    def open_(heard: np.ndarray, pace: float = 1.0, ticks: Sequence[int] | None = None) -> Any:
        speaker = make_speaker(pace)
        monkeypatch.setattr("remaster_gui.workers.sound_player.open_sink", lambda _parent: speaker)
        hand.settings.weights = weights
        hand.window.open_path(write_sound_film(tmp_path / "sounding.mov", heard, ticks=ticks))
        hand.film()
        hand.wait(lambda: hand.shown_frame == 0)
        return speaker

    return open_


@pytest.fixture
def playing(hand: Hand, heard: np.ndarray, play: Callable[..., Any]) -> tuple[Hand, Any]:
    """The window with a film that sounds, and what it sounds from."""
    return hand, play(heard, PACE)


def test_pictures_follow_the_sound_whose_clock_runs_faster(
    playing: tuple[Hand, Any], heard: np.ndarray
) -> None:
    hand, speaker = playing
    film = hand.film()
    film.view.go(24)
    ahead: list[float] = []
    film.view.events.playhead.connect(
        lambda frame: ahead.append(frame - 24 - 24 * speaker.processedUSecs() / 1e6)
    )
    hand.key("Space")
    hand.wait(lambda: speaker.processedUSecs() > 2.5e6 and speaker.heard.size() > 2 * RATE * 4)
    # By the machine's clock alone the pictures would be twelve frames behind by now, and more so with every frame.
    ahead.clear()
    hand.wait(lambda: bool(ahead) and abs(ahead[-1]) <= 3)
    taken = np.frombuffer(speaker.heard.data().data(), np.int16).reshape(-1, 2)
    assert len(taken) > 2 * RATE
    np.testing.assert_array_equal(taken, heard[RATE : RATE + len(taken)])
    hand.key("Space")
    assert not speaker.heard.isOpen()


def test_sound_follows_the_playhead_and_keeps_silent_at_other_speeds(
    playing: tuple[Hand, Any], heard: np.ndarray
) -> None:
    hand, speaker = playing
    film = hand.film()
    hand.key("Space")
    hand.wait(lambda: speaker.heard.size() > 0)
    hand.key("L")
    assert hand.session.playback.speed == 2 and not speaker.heard.isOpen()
    hand.key("J")
    hand.wait(lambda: speaker.heard.isOpen())
    film.view.go(72)
    hand.wait(lambda: speaker.heard.size() > 4 * RATE // 10)
    taken = np.frombuffer(speaker.heard.data().data(), np.int16).reshape(-1, 2)
    np.testing.assert_array_equal(taken, heard[3 * RATE : 3 * RATE + len(taken)])
    hand.key("K")


def test_sound_of_a_film_of_varying_rate_goes_by_its_times(
    hand: Hand, heard: np.ndarray, play: Callable[..., Any]
) -> None:
    """Frames of its second half last four times as long as those of the first."""
    speaker = play(heard, ticks=[*range(72), *range(72, 72 + 4 * 60, 4)])
    film = hand.film()
    assert film.info.variable_rate and film.info.frame_count == 132
    film.view.go(78)
    ahead: list[float] = []
    film.view.events.playhead.connect(
        lambda frame: ahead.append((frame - 78) / 6 - speaker.processedUSecs() / 1e6)
    )
    hand.key("Space")
    hand.wait(lambda: film.view.playhead >= 81)
    assert abs(statistics.median(ahead)) < 0.2, (
        "seconds; at the rate of the first half it would be most of one"
    )
    first = 4 * RATE  # frame 78 is shown after 96 / 24 seconds
    taken = np.frombuffer(speaker.heard.data().data(), np.int16).reshape(-1, 2)
    np.testing.assert_array_equal(taken, heard[first : first + len(taken)])
    hand.key("Space")


def test_sound_is_switched_off_and_on_while_playing(playing: tuple[Hand, Any]) -> None:
    hand, speaker = playing
    assert hand.window.actions_["sound"].isEnabled() and hand.window.actions_["sound"].isChecked()
    hand.key("Space")
    hand.wait(lambda: speaker.heard.isOpen())
    hand.window.actions_["sound"].trigger()
    assert not speaker.heard.isOpen() and not hand.settings.sound
    before = hand.film().view.playhead
    hand.wait(lambda: hand.film().view.playhead > before)  # pictures go on in silence
    hand.window.actions_["sound"].trigger()
    assert speaker.heard.isOpen() and hand.settings.sound
    hand.key("Space")


def test_a_film_without_sound_offers_none(
    hand: Hand,
    tmp_path: Path,
    weights: Path,
    two_shots: Callable[..., Any],
    write_quick_film: Callable[..., Path],
) -> None:
    hand.settings.weights = weights
    hand.window.open_path(write_quick_film(tmp_path / "silent.mkv", two_shots(96, 64, 80)))
    hand.film()
    assert not hand.window.actions_["sound"].isEnabled()
    hand.key("Space")
    hand.wait(lambda: hand.film().view.playhead > 2)
    hand.key("Space")
