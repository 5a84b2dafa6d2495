"""Estimates are steady although work comes in bursts, and follow when it goes on at another speed."""

from __future__ import annotations

import itertools

from remaster_gui.base.notices import Progress
from remaster_gui.engine.rate_meter import PartsMeter, RateMeter


class _Clock:
    time = 0.0

    def __call__(self) -> float:
        return self.time


def _rates(bursts: list[tuple[float, int]]) -> list[float]:
    """Rates after each burst: seconds, and the frames that come at their end."""
    clock = _Clock()
    meter = RateMeter(clock)
    rates = []
    for seconds, frames in bursts:
        clock.time += seconds
        rates.append(meter.rate(frames))
    return rates


def test_bursts_do_not_move_the_estimate() -> None:
    # A window every half minute, the end of a shot now and then, which sets many frames free at once.
    bursts = [(30.0, 10), (30.0, 10), (2.0, 12)] * 12
    left = [(1000 - 32 / 3 * (n + 1)) / rate for n, rate in enumerate(_rates(bursts))]
    steady = left[6:]
    assert max(abs(after / before - 1) for before, after in itertools.pairwise(steady)) < 0.3


def test_a_change_of_speed_is_followed() -> None:
    rates = _rates([(1.0, 4)] * 60 + [(1.0, 1)] * 120)
    assert rates[59] == 4
    assert 1 <= rates[-1] < 1.8


def test_the_first_frames_say_how_fast_it_goes() -> None:
    assert _rates([(2.0, 4)]) == [2.0]


def test_what_is_done_once_before_the_first_frames_does_not_count() -> None:
    clock = _Clock()
    parts = PartsMeter(100, clock)
    assert parts.tell(Progress(0, 100, doing="Encoding references")).rate == 0
    clock.time += 100.0
    assert parts.tell(Progress(5, 100)) == Progress(5, 100), "nobody knows yet"
    clock.time += 10.0
    told = parts.tell(Progress(10, 100))
    assert told.rate == 0.5 and told.seconds_left == 180
