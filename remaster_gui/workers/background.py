"""What the editor's threads have in common: they stand back behind the window, and failures become one sentence."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from threading import Event
from typing import Any

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from remaster_gui.base.errors import RemasterError
from remaster_gui.base.threads import stand_back as stand_back

log = logging.getLogger(__name__)

THREADS = 2


def sentence_for(error: Exception, doing: str) -> str:
    """Return what the user is told of a failure while `doing` something; the log gets the traceback.

    Call it where the exception is being handled.
    """
    if isinstance(error, RemasterError):
        log.error("%s", error, exc_info=True)
        return str(error)
    log.exception("unexpected failure while %s", doing)
    return f"Something went wrong while {doing} ({type(error).__name__}); the log file says more, your work is kept."


class BackgroundTask(QObject):
    """One piece of work on another thread; lives on the GUI thread until it has ended."""

    finished = Signal(object)
    """What the work returned; not after `cancel`."""
    failed = Signal(str)
    """One sentence for the user; not after `cancel`."""
    ended = Signal()
    """It is over, however it went: finished, failed or cancelled. Comes last."""

    def __init__(self, parent: QObject) -> None:
        """Tasks are made by `BackgroundTasks.start`."""
        super().__init__(parent)
        self.cancelled = Event()

    def cancel(self) -> None:
        """Ask the work to stop; its result is dropped. Does nothing to a task that is over."""
        if not self.cancelled.is_set():
            self.cancelled.set()
            self.ended.emit()


class _Run(QRunnable):
    """Runs on a thread of the pool; tells the number of its task with the result and what went wrong, if anything."""

    def __init__(
        self, work: Callable[[Event], Any], cancelled: Event, doing: str, tell: Callable[[Any, str], None]
    ) -> None:
        super().__init__()
        self._work, self._cancelled, self._doing, self._tell = work, cancelled, doing, tell

    def run(self) -> None:
        stand_back()
        result, sentence = None, ""
        if not self._cancelled.is_set():
            try:
                result = self._work(self._cancelled)
            except Exception as error:
                # A work that was told to stop may fail on its way out.
                sentence = "" if self._cancelled.is_set() else sentence_for(error, self._doing)
        self._tell(result, sentence)


class BackgroundTasks(QObject):
    """Short jobs beside the window: reading a picture, spreading strokes, writing a frame. Lives on the GUI thread."""

    _told = Signal(int, object, str)

    def __init__(self, parent: QObject | None = None, *, threads: int = THREADS) -> None:
        """Threads start when there is work; with one, jobs run one after another in their order."""
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(threads)
        self._tasks: dict[int, BackgroundTask] = {}
        self._newest: dict[str, BackgroundTask] = {}
        self._count = 0
        self._told.connect(self._on_told)

    @property
    def is_busy(self) -> bool:
        """Whether something is under way that has not been cancelled."""
        return any(not task.cancelled.is_set() for task in self._tasks.values())

    def start(
        self, work: Callable[[Event], Any], *, doing: str, instead_of: str | None = None
    ) -> BackgroundTask:
        """Run `work` on another thread; it looks at its event now and then and returns early once it is set.

        `doing` completes "Something went wrong while ...". The last task with the same `instead_of` is cancelled: the
        newest wins.
        """
        task = BackgroundTask(self)
        if instead_of is not None:
            before = self._newest.get(instead_of)
            self._newest[instead_of] = task
            if before is not None:
                before.cancel()
        self._count += 1
        self._tasks[self._count] = task
        self._pool.start(_Run(work, task.cancelled, doing, partial(self._told.emit, self._count)))
        return task

    def drain(self) -> None:
        """Wait until all work is done, which blocks the window; for what must not be lost at the end."""
        self._pool.waitForDone()

    def close(self) -> None:
        """Cancel all and wait for what is running. Nothing is emitted afterwards."""
        for task in self._tasks.values():
            task.blockSignals(True)
            task.cancelled.set()
        self._pool.waitForDone()
        self._told.disconnect(self._on_told)

    def _on_told(self, number: int, result: object, sentence: str) -> None:
        task = self._tasks.pop(number)
        self._newest = {name: each for name, each in self._newest.items() if each is not task}
        if not task.cancelled.is_set():
            # From here on `cancel` comes too late.
            task.cancelled.set()
            if sentence:
                task.failed.emit(sentence)
            else:
                task.finished.emit(result)
            task.ended.emit()
        task.deleteLater()
