from __future__ import annotations

import threading
from collections.abc import Generator

import pytest

from remaster_gui.engine.pipeline import BackgroundWriter, prefetched


def _count(stop: int) -> Generator[int]:
    yield from range(stop)


def _as_it_is(item: int) -> int:
    return item


def test_items_come_in_order() -> None:
    assert list(prefetched(_count(100), 3)) == list(range(100))


def test_reading_stays_at_most_so_far_ahead() -> None:
    produced = []

    def items() -> Generator[int]:
        for item in range(50):
            produced.append(item)
            yield item

    ahead = []
    for item in prefetched(items(), 4):
        ahead.append(len(produced) - item)
    assert max(ahead) <= 4 + 2  # the queue, the item in hand and the one that waits for a place


def test_its_faults_are_raised_here() -> None:
    def items() -> Generator[int]:
        yield 1
        raise OSError("gone")

    source = prefetched(items(), 2)
    assert next(source) == 1
    with pytest.raises(OSError, match="gone"):
        next(source)


def test_closing_ends_the_thread() -> None:
    before = threading.active_count()
    source = prefetched(_count(10**9), 2)
    next(source)
    source.close()
    assert threading.active_count() == before


def test_closing_ends_what_is_iterated() -> None:
    """It may hold a film open; nobody else ends it."""
    ended_by: list[str] = []

    def items() -> Generator[int]:
        try:
            yield from range(10**9)
        finally:
            ended_by.append(threading.current_thread().name)

    source = prefetched(items(), 2)
    next(source)
    source.close()
    assert ended_by == ["prefetch"]


def test_what_several_threads_make_is_taken_in_order() -> None:
    """The first item is not made before the second one is."""
    second, taken = threading.Event(), []

    def make(item: int) -> int:
        if item == 1:
            second.set()
        assert second.wait(60)
        return 10 * item

    with BackgroundWriter(make, taken.append, 4, threads=2) as worker:
        for item in range(8):
            worker.put(item)
    assert taken == list(range(0, 80, 10))


def test_no_more_is_made_than_can_wait() -> None:
    made: list[int] = []
    ahead: list[int] = []

    def make(item: int) -> int:
        made.append(item)
        return item

    with BackgroundWriter(make, lambda item: ahead.append(len(made) - item), 2, threads=3) as worker:
        for item in range(50):
            worker.put(item)
    assert sorted(made) == list(range(50))
    assert max(ahead) <= 2 + 2  # the queue, the item that is taken and the one that waits for a place


def test_faults_of_what_is_made_are_raised() -> None:
    def fail(item: int) -> int:
        raise ValueError(item)

    taken: list[int] = []
    with (
        pytest.raises(ValueError, match="0"),
        BackgroundWriter(fail, taken.append, 1, threads=2) as worker,
    ):
        for item in range(100):
            worker.put(item)
    assert taken == []


def test_work_behind_is_done_when_the_context_ends() -> None:
    done: list[int] = []
    with BackgroundWriter(_as_it_is, done.append, 2) as worker:
        for item in range(20):
            worker.put(item)
    assert done == list(range(20))


def test_faults_of_work_behind_are_raised() -> None:
    def fail(item: int) -> None:
        raise ValueError(item)

    with pytest.raises(ValueError, match="0"), BackgroundWriter(_as_it_is, fail, 1) as worker:
        for item in range(100):
            worker.put(item)
    with pytest.raises(ValueError, match="7"), BackgroundWriter(_as_it_is, fail, 1) as worker:
        worker.put(7)


def test_an_exception_abandons_waiting_work(monkeypatch: pytest.MonkeyPatch) -> None:
    started = threading.Event()
    release = threading.Event()
    done: list[int] = []

    def work(item: int) -> None:
        started.set()
        release.wait(60)
        done.append(item)

    with pytest.raises(KeyError), BackgroundWriter(_as_it_is, work, 4) as worker:
        for item in range(4):
            worker.put(item)
        assert started.wait(60)
        join = threading.Thread.join

        def release_and_join(thread: threading.Thread, timeout: float | None = None) -> None:
            release.set()
            join(thread, timeout)

        monkeypatch.setattr(threading.Thread, "join", release_and_join)  # the last that is done on leaving
        raise KeyError
    assert done == [0]
