"""Short jobs beside the window, several at a time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Event
from typing import Any

from PySide6.QtCore import SIGNAL, QObject, Signal

from remaster_gui.workers.worker import PATIENCE, Job, Worker

THREADS = 2


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


class BackgroundTasks(QObject):
    """Short jobs beside the window: reading a picture, spreading strokes, writing a frame. Lives on the GUI thread."""

    failed = Signal(str)
    """One sentence for the user, of a task to whose own `failed` nobody listens."""

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        threads: int = THREADS,
        patience: float | None = PATIENCE,
        part_of: BackgroundTasks | None = None,
    ) -> None:
        """Threads start when there is work; with one, jobs run one after another in their order.

        `patience`: how many seconds `close` waits for what is running; None: as long as it takes. As `part_of` others,
        tasks run on their threads, and `close` only gives up its own.
        """
        super().__init__(parent)
        self._whole = self if part_of is None else part_of
        self._worker: Worker = (
            Worker("work beside the window", self, threads=threads, patience=patience)
            if part_of is None
            else part_of._worker
        )
        self._tasks: set[BackgroundTask] = set()
        self._newest: dict[str, BackgroundTask] = {}

    @property
    def is_busy(self) -> bool:
        """Whether something is under way that has not been cancelled."""
        return any(not task.cancelled.is_set() for task in self._tasks)

    def start(
        self, work: Callable[[Event], Any], *, doing: str, instead_of: str | None = None
    ) -> BackgroundTask:
        """Run `work` on another thread; it looks at its event now and then and returns early once it is set.

        `doing` completes "Something went wrong while ...". The last task with the same `instead_of` is cancelled: the
        newest wins.
        """
        task = BackgroundTask(self._whole)
        if instead_of is not None:
            before = self._newest.get(instead_of)
            self._newest[instead_of] = task
            if before is not None:
                before.cancel()
        self._tasks.add(task)
        self._worker.add(
            Job(
                work,
                doing,
                failed=partial(self._fail, task),
                done=partial(self._end, task, task.finished),
                given_up=partial(self._end, task),
                cancel=task.cancelled,
            )
        )
        return task

    def tell(self, callback: Callable[..., object], *values: object) -> None:
        """Call back on the GUI thread, from a work that is under way."""
        self._worker.tell(callback, *values)

    def drain(self) -> None:
        """Wait until all work is done, which blocks the window; for what must not be lost at the end."""
        self._worker.drain()

    def close(self) -> None:
        """Cancel all, and wait for what is running on threads of its own. Nothing is emitted afterwards."""
        for task in self._tasks:
            task.blockSignals(True)
            task.cancel()
        if self._whole is self:
            self._worker.close()

    def _fail(self, task: BackgroundTask, sentence: str) -> None:
        is_heard = task.receivers(SIGNAL("failed(QString)")) > 0
        self._end(task, task.failed if is_heard else self._whole.failed, sentence)

    def _end(self, task: BackgroundTask, signal: Any = None, *values: object) -> None:
        self._tasks.discard(task)
        self._newest = {name: each for name, each in self._newest.items() if each is not task}
        if not task.cancelled.is_set():
            # From here on `cancel` comes too late.
            task.cancelled.set()
            signal.emit(*values)
            task.ended.emit()
        task.deleteLater()
