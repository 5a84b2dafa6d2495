"""Time is shared in proportion; nobody starves, and nobody saves up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from threading import Event

import pytest

from remaster_gui.base.turns import PATIENCE, FairTurns


class Clock:
    """A clock that only work moves."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


def _run(turns: FairTurns, clock: Clock, works: dict[str, tuple[int, float]]) -> list[str]:
    """Let works of so many steps, each of so many seconds, go on at once; return whose step was made when."""
    order: list[str] = []

    def steps(name: str, count: int, seconds: float) -> Iterator[None]:
        for _ in range(count):
            order.append(name)
            clock.time += seconds
            yield None

    def work(name: str) -> None:
        for _ in turns.in_turns(name, steps(name, *works[name]), Event()):
            pass

    threads = [threading.Thread(target=work, args=(name,)) for name in works]
    with turns.turn("first", Event()):
        for thread in threads:
            thread.start()
        while len(turns.waiting) < len(works):
            Event().wait(0.001)
        turns.end("first")
    for thread in threads:
        thread.join(60)
    return order


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_time_is_shared_in_proportion_whatever_steps_take(clock: Clock) -> None:
    turns = FairTurns({"preview": 2, "export": 1, "first": 1}, clock)
    order = _run(turns, clock, {"preview": (60, 0.05), "export": (20, 0.2)})
    # As long as both go on, the one has twice the time of the other, that is eight steps for one.
    both = order[: 1 + max(i for i, name in enumerate(order) if name == "preview")]
    assert both.count("export") * 0.2 == pytest.approx(60 * 0.05 / 2, abs=0.21)
    halves = both[: len(both) // 2].count("export"), both[len(both) // 2 :].count("export")
    assert abs(halves[0] - halves[1]) <= 2
    assert order.count("export") == 20


def test_a_work_that_is_alone_never_waits(clock: Clock) -> None:
    turns = FairTurns({"preview": 2, "export": 1, "first": 1}, clock)
    assert _run(turns, clock, {"export": (50, 1.0)}) == ["export"] * 50
    assert not turns.shares_with("export")
    assert turns.shares_with("preview")
    clock.time += 10
    assert not turns.shares_with("preview")


def test_what_was_away_has_saved_nothing_up(clock: Clock) -> None:
    turns = FairTurns({"preview": 1, "export": 1, "first": 1}, clock)
    _run(turns, clock, {"export": (50, 1.0)})
    order = _run(turns, clock, {"preview": (10, 0.1), "export": (10, 0.1)})
    assert abs(order[:10].count("preview") - 5) <= 1


def test_a_turn_that_does_not_end_holds_nobody_up_for_long(clock: Clock) -> None:
    turns = FairTurns({"preview": 2, "export": 1}, clock)
    done = Event()
    thread = threading.Thread(
        target=lambda: [done.set() for _ in turns.in_turns("preview", iter([1]), Event())]
    )
    with turns.turn("export", Event()):
        thread.start()
        assert not done.wait(0.02)
        clock.time += PATIENCE + 0.1
        assert done.wait(60)
    thread.join(60)


def test_who_is_told_to_stop_waits_for_nothing(clock: Clock) -> None:
    turns = FairTurns({"preview": 2, "export": 1}, clock)
    cancel = Event()
    cancel.set()
    with turns.turn("export", Event()):
        assert list(turns.in_turns("preview", iter([1, 2]), cancel)) == [1, 2]
