from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from remaster_gui.engine.pipeline import BackgroundWriter, prefetched


def test_items_come_in_order() -> None:
    assert list(prefetched(iter(range(100)), 3)) == list(range(100))


def test_reading_stays_at_most_so_far_ahead() -> None:
    produced = []

    def items() -> Iterator[int]:
        for item in range(50):
            produced.append(item)
            yield item

    ahead = []
    for item in prefetched(items(), 4):
        ahead.append(len(produced) - item)
    assert max(ahead) <= 4 + 2  # the queue, the item in hand and the one that waits for a place


def test_its_faults_are_raised_here() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise OSError("gone")

    source = prefetched(items(), 2)
    assert next(source) == 1
    with pytest.raises(OSError, match="gone"):
        next(source)


def test_closing_ends_the_thread() -> None:
    before = threading.active_count()
    source = prefetched(iter(range(10**9)), 2)
    next(source)
    source.close()
    assert threading.active_count() == before


def test_work_behind_is_done_when_the_context_ends() -> None:
    done: list[int] = []
    with BackgroundWriter(done.append, 2) as worker:
        for item in range(20):
            worker.put(item)
    assert done == list(range(20))


def test_faults_of_work_behind_are_raised() -> None:
    def fail(item: int) -> None:
        raise ValueError(item)

    with pytest.raises(ValueError, match="0"), BackgroundWriter(fail, 1) as worker:
        for item in range(100):
            worker.put(item)
    with pytest.raises(ValueError, match="7"), BackgroundWriter(fail, 1) as worker:
        worker.put(7)


def test_an_exception_abandons_waiting_work(monkeypatch: pytest.MonkeyPatch) -> None:
    started = threading.Event()
    release = threading.Event()
    done: list[int] = []

    def work(item: int) -> None:
        started.set()
        release.wait(60)
        done.append(item)

    with pytest.raises(KeyError), BackgroundWriter(work, 4) as worker:
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
