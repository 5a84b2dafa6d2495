"""The clock of playback keeps the film's pace, leaves out what it misses, and stays within its range."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest
from pytestqt.qtbot import QtBot

from remaster_gui.base.timebase import FrameRange
from remaster_gui.document.playback import PlaybackClock


class Time:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


class Driven:
    """A clock of 100 frames whose timer is run by hand."""

    def __init__(self, rate: Fraction = Fraction(24)) -> None:
        self.time, self.rate = Time(), rate
        self.clock = PlaybackClock(rate, 100, now=self.time)
        self.due: list[int] = []
        self.playing: list[bool] = []
        self.looped: list[int] = []
        self.clock.frame_due.connect(self.due.append)
        self.clock.playing_changed.connect(self.playing.append)
        self.clock.looped.connect(self.looped.append)

    def pass_frames(self, *counts: float) -> list[int]:
        """Let the time of so many frames pass, waking the clock after each; return what came due."""
        self.due.clear()
        for count in counts:
            self.time.now += count / float(self.rate)
            self.clock.advance()
        return list(self.due)


@pytest.fixture
def driven(qapp: object) -> Driven:
    return Driven()


def test_frames_come_in_order(driven: Driven) -> None:
    driven.clock.set_frame(10)
    driven.clock.play()
    assert driven.pass_frames(1, 1, 1) == [11, 12, 13]
    assert driven.clock.is_playing and driven.clock.frame == 13
    assert driven.clock.true_rate == pytest.approx(24, rel=1e-3)
    driven.clock.stop()
    driven.clock.stop()
    assert driven.playing == [True, False]
    assert driven.clock.true_rate == 0


def test_missed_frames_are_left_out_and_pace_is_kept(driven: Driven) -> None:
    driven.clock.play()
    assert driven.pass_frames(1.1, 0.1, 5, 0.9, 1) == [1, 6, 7, 8]
    rate = Driven(Fraction(24000, 1001))
    rate.clock.play()
    assert rate.pass_frames(*[0.1] * 500) == list(range(1, 51))


@pytest.mark.parametrize("speed", [2, 8, -1, -4])
def test_speeds(driven: Driven, speed: int) -> None:
    driven.clock.set_frame(50)
    driven.clock.play(speed)
    assert driven.pass_frames(1, 1) == [50 + speed, 50 + 2 * speed]
    assert driven.clock.speed == speed


def test_shuttling_is_faster_with_each_press_and_comes_back_through_stop(driven: Driven) -> None:
    driven.clock.set_frame(50)
    speeds = []
    for direction in (1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1):
        driven.clock.shuttle(direction)
        speeds.append(driven.clock.speed)
    assert speeds == [1, 2, 4, 8, 8, 4, 2, 1, 0, -1, -2, -4]


def test_playing_ends_with_the_film(driven: Driven) -> None:
    driven.clock.set_frame(97)
    driven.clock.play()
    assert driven.pass_frames(1, 1, 1, 1) == [98, 99]
    assert not driven.clock.is_playing
    driven.due.clear()
    driven.clock.play()
    assert driven.due == [0], "from the start again"
    driven.clock.set_frame(2)
    driven.clock.play(-2)
    assert driven.pass_frames(1, 1) == [0]
    assert not driven.clock.is_playing


def test_a_range_is_repeated(driven: Driven) -> None:
    driven.clock.set_loop(FrameRange(20, 24))
    driven.clock.set_frame(90)
    driven.clock.play()
    assert driven.due == [20]
    assert driven.pass_frames(1, 1, 1, 1, 1) == [21, 22, 23, 20, 21]
    assert driven.looped == [20]
    driven.clock.play(-1)
    assert driven.pass_frames(1, 1, 1) == [20, 23, 22]
    driven.clock.set_loop(None)
    assert driven.pass_frames(1, 1, 1) == [21, 20, 19]


def test_frames_of_varying_length_are_due_at_their_times(qapp: object) -> None:
    now, due = Time(), []
    times = [Fraction(tick, 10) for tick in (0, 1, 2, 12, 13, 14)]
    clock = PlaybackClock(Fraction(10), 6, times=times, now=now)
    clock.frame_due.connect(due.append)

    def shown(*tenths: int) -> list[int]:
        due.clear()
        for tenth in tenths:
            now.now += tenth / 10
            clock.advance()
        return list(due)

    clock.play()
    assert shown(1, 1, 5, 4, 1, 1) == [1, 2, 3, 4]
    clock.play(-1)
    assert shown(1, 1, 5, 4, 1) == [3, 2, 1]
    clock.set_loop(FrameRange(2, 4))
    clock.set_frame(2)
    clock.play(2)
    assert shown(4, 1, 1) == [3, 2]
    assert clock.seconds(3) == Fraction(6, 5) and clock.seconds(6) == Fraction(3, 2)
    assert [clock.frame_at(at) for at in (-1, 0, 0.21, Fraction(119, 100), Fraction(6, 5), 99)] == [
        0,
        0,
        2,
        2,
        3,
        5,
    ]


def test_a_playhead_that_was_moved_is_played_from(driven: Driven) -> None:
    driven.clock.play()
    driven.pass_frames(1, 1.5)
    driven.clock.set_frame(driven.clock.frame)
    assert driven.pass_frames(0.5) == [3], "the clock's own frames do not disturb it"
    driven.clock.set_frame(60)
    assert driven.pass_frames(1) == [61]


def test_single_steps_stop_playing(driven: Driven) -> None:
    driven.clock.play()
    driven.clock.step(1)
    assert not driven.clock.is_playing
    driven.clock.step(-5)
    driven.clock.step(-5)
    assert driven.due == [1, 0]


def test_the_real_timer_keeps_pace(qtbot: QtBot) -> None:
    clock = PlaybackClock(Fraction(50), 1000)
    due: list[int] = []
    clock.frame_due.connect(due.append)
    began = time.perf_counter()
    clock.play()
    qtbot.waitUntil(lambda: clock.frame >= 40, timeout=300_000)
    passed = time.perf_counter() - began
    clock.stop()
    assert due == sorted(set(due))
    assert clock.frame <= passed * 50
    assert clock.frame >= 40
