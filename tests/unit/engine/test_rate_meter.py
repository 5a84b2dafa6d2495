"""Estimates are steady although work comes in bursts, and follow when it goes on at another speed."""

from __future__ import annotations

import itertools

from remaster_gui.engine.rate_meter import RateMeter


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
