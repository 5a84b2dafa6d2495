"""Short jobs beside the window: results on the GUI thread, the newest wins, failures are sentences, clean ends."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Iterator
from threading import Event, current_thread, main_thread
from typing import Any

import pytest

from remaster_gui.base.errors import MediaError
from remaster_gui.base.threads import NICENESS
from remaster_gui.workers.background_tasks import BackgroundTasks

WAIT = 300_000


@pytest.fixture
def tasks(qapp: object) -> Iterator[BackgroundTasks]:
    tasks = BackgroundTasks()
    yield tasks
    tasks.close()


def test_work_runs_elsewhere_and_its_result_comes_here(qtbot: Any, tasks: BackgroundTasks) -> None:
    came: list[object] = []
    task = tasks.start(lambda cancelled: current_thread(), doing="testing")
    task.finished.connect(lambda result: came.extend((result, current_thread())))
    with qtbot.waitSignal(task.ended, timeout=WAIT):
        assert tasks.is_busy
    assert came[0] is not main_thread()
    assert came[1] is main_thread()
    assert not tasks.is_busy


def test_the_newest_wins(qtbot: Any, tasks: BackgroundTasks) -> None:
    begun, came = Event(), []

    def slow(cancelled: Event) -> str:
        begun.set()
        cancelled.wait()
        return "old"

    old = tasks.start(slow, doing="testing", instead_of="spread")
    old.finished.connect(came.append)
    ended: list[str] = []
    old.ended.connect(lambda: ended.append("old"))
    qtbot.waitUntil(begun.is_set, timeout=WAIT)
    new = tasks.start(lambda cancelled: "new", doing="testing", instead_of="spread")
    assert ended == ["old"]
    new.finished.connect(came.append)
    tasks.drain()
    qtbot.waitUntil(lambda: bool(came), timeout=WAIT)
    assert came == ["new"]


def test_failures_are_sentences(qtbot: Any, tasks: BackgroundTasks, caplog: pytest.LogCaptureFixture) -> None:
    def fail(error: Exception) -> Any:
        def work(cancelled: Event) -> None:
            raise error

        return work

    for error, sentence in (
        (MediaError("The picture a.png is damaged; copy it anew."), "The picture a.png is damaged; copy it anew."),
        (KeyError("x"), "Something went wrong while testing (KeyError); the log file says more, your work is kept."),
    ):  # fmt: skip
        with caplog.at_level(logging.ERROR):
            task = tasks.start(fail(error), doing="testing")
            with qtbot.waitSignal(task.failed, timeout=WAIT) as failed:
                pass
        assert failed.args == [sentence]
        assert caplog.records[-1].exc_info is not None


def test_a_failure_to_which_nobody_listens_is_told_all_the_same(qtbot: Any, tasks: BackgroundTasks) -> None:
    def fail(cancelled: Event) -> None:
        raise KeyError

    with qtbot.waitSignal(tasks.failed, timeout=WAIT) as failed:
        tasks.start(fail, doing="testing")
    assert "while testing (KeyError)" in failed.args[0]
    with qtbot.assertNotEmitted(tasks.failed):
        task = tasks.start(fail, doing="testing")
        task.failed.connect(lambda _sentence: None)
        with qtbot.waitSignal(task.ended, timeout=WAIT):
            pass


def test_one_thread_keeps_the_order(qtbot: Any, qapp: object) -> None:
    tasks, came = BackgroundTasks(threads=1), []
    for number in range(20):
        tasks.start(lambda cancelled, n=number: came.append(n), doing="testing")
    tasks.drain()
    assert came == list(range(20))
    tasks.close()


def test_closing_is_silent_and_waits(qtbot: Any, qapp: object) -> None:
    tasks, begun, over, heard = BackgroundTasks(patience=None), Event(), Event(), []

    def work(cancelled: Event) -> None:
        begun.set()
        cancelled.wait()
        over.set()

    task = tasks.start(work, doing="testing")
    task.finished.connect(heard.append)
    task.ended.connect(lambda: heard.append("ended"))
    qtbot.waitUntil(begun.is_set, timeout=WAIT)
    tasks.close()
    assert over.is_set()
    qtbot.wait(1)
    assert heard == []


@pytest.mark.skipif(sys.platform != "linux", reason="niceness belongs to each thread under Linux only")
def test_threads_stand_back_behind_the_window(qtbot: Any, tasks: BackgroundTasks) -> None:
    mine = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    task = tasks.start(
        lambda cancelled: os.getpriority(os.PRIO_PROCESS, threading.get_native_id()), doing="testing"
    )
    with qtbot.waitSignal(task.finished, timeout=WAIT) as found:
        pass
    assert found.args == [max(NICENESS, mine)]
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == mine
