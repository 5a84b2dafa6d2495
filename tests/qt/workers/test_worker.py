"""The one kind of thread: what is urgent comes first, the newest wins, nothing that is raised gets out, clean ends."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from functools import partial
from threading import Event, current_thread, main_thread
from typing import Any

import pytest
from shiboken6 import delete

from remaster_gui.base.errors import MediaError
from remaster_gui.workers.worker import Job, Worker, wait_for_left_behind

WAIT = 300_000


@pytest.fixture
def make(qapp: object) -> Iterator[Callable[..., Worker]]:
    workers: list[Worker] = []

    def worker(**choices: Any) -> Worker:
        workers.append(Worker("testing", **choices))
        return workers[-1]

    yield worker
    for each in workers:
        each.close()


class Heard:
    """What jobs have told, by name."""

    def __init__(self) -> None:
        self.came: list[tuple[str, object]] = []
        self.threads: set[threading.Thread] = set()

    def job(self, name: str, work: Callable[[Event], object] = lambda cancel: None) -> Job:
        def note(kind: str, value: object = None) -> None:
            self.threads.add(current_thread())
            self.came.append((f"{name} {kind}", value))

        return Job(
            work,
            "testing",
            done=partial(note, "done"),
            failed=partial(note, "failed"),
            given_up=partial(note, "given up"),
        )

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.came]


@pytest.fixture
def heard() -> Heard:
    return Heard()


def _gate() -> tuple[Event, Event, Callable[[Event], None]]:
    """A work that says when it has begun and waits to be let on."""
    begun, go_on = Event(), Event()

    def work(_cancel: Event) -> None:
        begun.set()
        assert go_on.wait(WAIT / 1000)

    return begun, go_on, work


def test_results_arrive_on_the_gui_thread(qtbot: Any, make: Callable[..., Worker], heard: Heard) -> None:
    make().put(heard.job("one", lambda cancel: current_thread()))
    qtbot.waitUntil(lambda: bool(heard.came), timeout=WAIT)
    assert heard.threads == {main_thread()}
    assert heard.came[0][0] == "one done" and heard.came[0][1] is not main_thread()


def test_what_is_urgent_comes_first_and_the_newest_wins(
    qtbot: Any, make: Callable[..., Worker], heard: Heard
) -> None:
    worker = make(slots=("urgent", "idle"))
    begun, go_on, work = _gate()
    worker.put(heard.job("first", work), slot="idle")
    assert begun.wait(WAIT / 1000)
    worker.put(heard.job("old"), slot="urgent")
    worker.put(*(heard.job(f"idle {n}") for n in range(3)), slot="idle")
    worker.put(heard.job("new"), slot="urgent")
    worker.add(heard.job("newer"), slot="urgent")
    go_on.set()
    qtbot.waitUntil(lambda: len(heard.came) == 6, timeout=WAIT)
    assert heard.names == [f"{n} done" for n in ("first", "new", "newer", "idle 0", "idle 1", "idle 2")]


def test_a_rest_is_kept_after_what_is_urgent_only(make: Callable[..., Worker], heard: Heard) -> None:
    worker = make(slots=("urgent", "idle"))
    worker.put(heard.job("urgent"), slot="urgent")
    worker.drain()
    begun = Event()
    worker.put(heard.job("later", lambda cancel: begun.set()), slot="idle", rest=3600)
    worker.put(heard.job("urgent"), slot="urgent")
    worker.put(slot="urgent")
    assert not begun.wait(0.05)
    worker.put(heard.job("now", lambda cancel: begun.set()), slot="idle")
    assert begun.wait(WAIT / 1000)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MediaError("The film a.mov is torn; copy it anew."), "The film a.mov is torn; copy it anew."),
        (StopIteration(), "Something went wrong while testing (StopIteration)"),
        (MemoryError(), "Memory ran out while testing"),
        (SystemExit(3), "Something went wrong while testing (SystemExit)"),
        (KeyboardInterrupt(), "Something went wrong while testing (KeyboardInterrupt)"),
        (UnicodeDecodeError("utf-8", b"\xe9", 0, 1, "no"), "Something went wrong while testing (Unicode"),
    ],
)
def test_whatever_is_raised_is_a_sentence_a_log_entry_and_no_end(
    qtbot: Any,
    make: Callable[..., Worker],
    heard: Heard,
    caplog: pytest.LogCaptureFixture,
    error: BaseException,
    said: str,
) -> None:
    def fail(_cancel: Event) -> None:
        raise error

    worker = make()
    with caplog.at_level(logging.ERROR):
        worker.put(heard.job("bad", fail), heard.job("good"))
        qtbot.waitUntil(lambda: len(heard.came) == 2, timeout=WAIT)
    assert heard.names == ["bad failed", "good done"]
    assert str(heard.came[0][1]).startswith(said)
    assert any(record.exc_info is not None and record.exc_info[1] is error for record in caplog.records)


def test_a_job_that_was_told_to_stop_is_given_up(
    qtbot: Any, make: Callable[..., Worker], heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    begun = Event()

    def stop(cancel: Event) -> None:
        begun.set()
        assert cancel.wait(WAIT / 1000)
        raise ValueError("on its way out")

    worker, never = make(), heard.job("never")
    never.cancel.set()
    with caplog.at_level(logging.INFO):
        worker.put(heard.job("stopped", stop), never)
        assert begun.wait(WAIT / 1000)
        worker.cancel()
        qtbot.waitUntil(lambda: len(heard.came) == 2, timeout=WAIT)
    assert heard.names == ["stopped given up", "never given up"]
    assert "on its way out" in caplog.text


def test_closing_cancels_is_silent_and_ends_the_thread(
    qtbot: Any, make: Callable[..., Worker], heard: Heard
) -> None:
    begun, ended = Event(), Event()

    def work(cancel: Event) -> None:
        begun.set()
        cancel.wait()

    worker = make(last=ended.set, patience=None)
    worker.put(heard.job("at hand", work), heard.job("waiting"))
    assert begun.wait(WAIT / 1000)
    worker.close()
    worker.close()
    assert ended.is_set() and worker.is_closed
    worker.put(heard.job("late"))
    worker.tell(heard.came.append, ("late", None))
    qtbot.wait(1)
    assert heard.came == []
    assert not [each for each in threading.enumerate() if each.name.startswith("testing")]


def test_what_does_not_end_is_left_behind(qtbot: Any, make: Callable[..., Worker], heard: Heard) -> None:
    begun, go_on, work = _gate()
    worker = make(patience=0.01)
    worker.put(heard.job("hanging", work))
    assert begun.wait(WAIT / 1000)
    worker.close()
    assert not wait_for_left_behind(0.01)
    go_on.set()
    assert wait_for_left_behind(WAIT / 1000)
    qtbot.wait(1)
    assert heard.came == []


def test_a_fault_at_the_very_end_is_logged(
    make: Callable[..., Worker], heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    def last() -> None:
        raise OSError("the disk is gone")

    worker = make(last=last)
    worker.put(heard.job("one"))
    worker.drain()
    with caplog.at_level(logging.ERROR):
        worker.close()
    assert "the disk is gone" in caplog.text


def test_what_is_deleted_before_it_was_closed_ends_by_itself(
    make: Callable[..., Worker], heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    begun, deleted = Event(), Event()
    threads: list[threading.Thread] = []

    def work(cancel: Event) -> None:
        threads.append(current_thread())
        begun.set()
        deleted.wait(WAIT / 1000)

    worker = make()
    worker.add(heard.job("first", work))
    worker.add(heard.job("second"))
    assert begun.wait(WAIT / 1000)
    with caplog.at_level(logging.ERROR):
        delete(worker)
        deleted.set()
        threads[0].join(WAIT / 1000)
    assert not threads[0].is_alive() and worker.is_closed and not heard.names
    assert "testing was deleted at work" in caplog.text
