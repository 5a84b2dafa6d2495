from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from remaster_gui.training.film_time import Event, Events, Wave, along


@given(seed=st.integers(0, 2**62), period=st.floats(1.0, 50.0), index=st.integers(0, 10**6))
def test_waves_are_functions(seed: int, period: float, index: int) -> None:
    assert Wave(seed, period)(index) == Wave(seed, period)(index)
    assert abs(Wave(seed, period)(index)) < 6


def test_waves_have_their_size_and_pace() -> None:
    slow = np.array([[Wave(seed, 20.0)(index) for index in range(400)] for seed in range(20)])
    assert abs(slow.mean()) < 0.15
    assert 0.7 < slow.std() < 1.1
    steps = np.abs(np.diff(slow, axis=1))
    assert steps.max() < 0.6
    fast = np.array([Wave(1, 1.0)(index) for index in range(400)])
    assert abs(np.corrcoef(fast[1:], fast[:-1])[0, 1]) < 0.15
    assert np.corrcoef(slow[0][1:], slow[0][:-1])[0, 1] > 0.97


def test_a_texture_continues_from_frame_to_frame() -> None:
    whole = along(7, 1000, 300, 12.5)
    assert np.array_equal(whole[100:200], along(7, 1100, 100, 12.5))
    assert along(7, 0, 1, 5.0).shape == (1,)
    assert 0.5 < along(3, 0, 20000, 4.0).std() < 1.1


def make_events(rate: float = 0.1) -> Events[int]:
    return Events(5, rate, 20.0, 60, lambda rng: int(rng.integers(1 << 30)))


def test_events_last_without_gaps_and_begin_at_the_rate() -> None:
    events = make_events()
    seen: dict[int, list[int]] = {}
    known: dict[int, Event[int]] = {}
    for index in range(3000):
        for event in events.at(index):
            seen.setdefault(event.what, []).append(index)
            known[event.what] = event
            assert 0 < event.age(index) < 1
    for what, indices in seen.items():
        event = known[what]
        assert indices == list(range(max(event.start, 0), min(event.start + event.length, 3000)))
        assert event.length <= 60
    assert len(seen) / 3000 == pytest.approx(0.1, rel=0.2)


def test_events_need_no_history() -> None:
    forwards = make_events()
    in_order = [forwards.at(index) for index in range(200)]
    backwards = make_events()
    assert [backwards.at(index) for index in reversed(range(200))] == in_order[::-1]
    assert make_events(0.0).at(50) == []
