"""The one kind of thread that the editor has: it takes small jobs from a mailbox and tells the window how they went.

What a job raises, whatever it is, becomes one sentence and an entry of the log here and nowhere else, and the thread
goes on with the next job. What is told arrives on the GUI thread, in the order in which it was told.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import Condition, Event, Thread
from typing import Any

from PySide6.QtCore import QObject, Qt, QThread, Signal

from remaster_gui.base.errors import RemasterError
from remaster_gui.base.language import tr
from remaster_gui.base.threads import lower_priority

log = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds that closing waits for the job at hand, unless a worker says otherwise."""

_left_behind: list[Worker] = []
"""Workers whose threads did not end in time; kept here until they do. GUI thread."""


def sentence_for(error: BaseException, doing: str) -> str:
    """Return what the user is told of a failure while `doing` something; the log gets the traceback.

    Call it where the exception is being handled.
    """
    if isinstance(error, RemasterError):
        log.error("%s", error, exc_info=True)
        return str(error)
    log.exception("unexpected failure while %s", doing)
    if isinstance(error, MemoryError):
        return tr(
            "Memory ran out while {doing}; close other programs, or choose a smaller working size.",
            doing=doing,
        )
    return tr(
        "Something went wrong while {doing} ({kind}); the log file says more, your work is kept.",
        doing=doing,
        kind=type(error).__name__,
    )


def _nothing(*_: object) -> None:
    pass


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """One piece of work for another thread, and whom to tell on the GUI thread: one of the three, once.

    `work` looks at its event, which is `cancel`, now and then and ends early once it is set. `doing` completes
    "Something went wrong while ...".
    """

    work: Callable[[Event], Any]
    doing: str
    failed: Callable[[str], None]
    """Gets one sentence for the user."""
    done: Callable[[Any], None] = _nothing
    """Gets what `work` returned."""
    given_up: Callable[[], None] = _nothing
    """It was cancelled before it began, or ended by an exception after it was told to stop."""
    cancel: Event = field(default_factory=Event)


class Worker(QObject):
    """A mailbox and the threads that empty it, one unless said otherwise. Lives on the GUI thread.

    The mailbox has slots, the most urgent first. Jobs of one slot are done in their order.
    """

    _told = Signal(object, object)

    def __init__(
        self,
        name: str,
        parent: QObject | None = None,
        *,
        slots: Iterable[str] = ("",),
        threads: int = 1,
        low_priority: bool = True,
        last: Callable[[], None] | None = None,
        patience: float | None = PATIENCE,
    ) -> None:
        """Begin nothing; the threads start with the first job.

        `low_priority`: whether they yield to the window where the machine is busy. `last` is done on every thread when
        it ends. `patience`: how many seconds `close` waits for what is at hand; None: as long as it takes.
        """
        super().__init__(parent)
        self._name, self._low_priority, self._last, self._patience = name, low_priority, last, patience
        self._changed = Condition()
        self._slots: dict[str, deque[Job]] = {slot: deque() for slot in slots}
        self._rests = dict.fromkeys(self._slots, 0.0)
        self._ended = dict.fromkeys(self._slots, 0.0)
        self._at_hand: list[Job] = []
        self._threads: list[Thread] = []
        self._count = threads
        self._stopping = False
        self._told.connect(self._on_told, Qt.ConnectionType.QueuedConnection)

    # Any thread

    def put(self, *jobs: Job, slot: str = "", rest: float = 0.0) -> None:
        """Let these be done in place of what waits in a slot; of that nothing is told.

        They begin `rest` seconds after the last job of a more urgent slot has ended, at the earliest.
        """
        with self._changed:
            self._slots[slot].clear()
            self._rests[slot] = rest
            self._take(slot, jobs)

    def add(self, job: Job, slot: str = "") -> None:
        """Let this be done after what waits in a slot."""
        with self._changed:
            self._take(slot, (job,))

    def cancel(self) -> None:
        """Tell what is at hand to stop."""
        with self._changed:
            for job in self._at_hand:
                job.cancel.set()

    def tell(self, callback: Callable[..., object], *values: object) -> None:
        """Call back on the GUI thread, unless it has closed this worker by then."""
        if self._stopping:
            return
        try:
            self._told.emit(callback, values)
        except RuntimeError:
            # Nobody is left to be told: what this belonged to was deleted before it closed it.
            log.error("%s was deleted at work", self._name, exc_info=True)
            self._stopping = True

    @property
    def is_closed(self) -> bool:
        """Whether nothing is told any more."""
        return self._stopping

    # GUI thread

    def drain(self) -> None:
        """Wait until all is done, which blocks the window; for what must not be lost at the end."""
        with self._changed:
            self._changed.wait_for(lambda: not self._at_hand and not any(self._slots.values()))

    def close(self) -> None:
        """Cancel all and wait for what is at hand. Nothing is told afterwards. May be called twice.

        A job that does not stop in time is left to itself: the window cannot wait for a disk that does not answer.
        """
        with self._changed:
            self._stopping = True
            for jobs in self._slots.values():
                jobs.clear()
            for job in self._at_hand:
                job.cancel.set()
            self._changed.notify_all()
        until = None if self._patience is None else time.monotonic() + self._patience
        if not self._join(until) and self not in _left_behind:
            log.error("%s does not end and is left behind", self._name)
            self.setParent(None)
            _left_behind.append(self)

    def _take(self, slot: str, jobs: Iterable[Job]) -> None:
        """Put jobs into a slot, and start the threads with the first; the lock is held."""
        if self._stopping:
            return
        self._slots[slot].extend(jobs)
        while len(self._threads) < self._count and self._slots[slot]:
            thread = Thread(target=self._run, name=f"{self._name} {len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()
        self._changed.notify_all()

    def _join(self, until: float | None) -> bool:
        """Wait for the threads; False if one still goes on at the time `until`."""
        for thread in self._threads:
            thread.join(None if until is None else max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _on_told(self, callback: Callable[..., object], values: tuple[object, ...]) -> None:
        if not self._stopping:
            callback(*values)

    # Its own threads

    def _run(self) -> None:
        if self._low_priority:
            lower_priority()
            QThread.currentThread().setPriority(QThread.Priority.LowPriority)
        while self._do_next():
            pass
        if self._last is not None:
            try:
                self._last()
            except BaseException as error:
                sentence_for(error, tr("ending {name}", name=self._name))

    def _do_next(self) -> bool:
        """Wait for a job and do it; False when there will be none."""
        found = self._next()
        if found is None:
            return False
        slot, job = found
        self.tell(*self._outcome(job))
        with self._changed:
            self._at_hand.remove(job)
            self._ended[slot] = time.monotonic()
            self._changed.notify_all()
        return True

    def _outcome(self, job: Job) -> tuple[Any, ...]:
        """Do a job and return whom to tell what. The boundary: nothing that is raised gets beyond it."""
        if job.cancel.is_set():
            return (job.given_up,)
        try:
            return job.done, job.work(job.cancel)
        except BaseException as error:
            if job.cancel.is_set():
                log.info("%s was told to stop and ended with %r", job.doing, error, exc_info=True)
                return (job.given_up,)
            return job.failed, sentence_for(error, job.doing)

    def _next(self) -> tuple[str, Job] | None:
        with self._changed:
            while not self._stopping:
                wait: float | None = None
                ended = 0.0
                for slot, jobs in self._slots.items():
                    left = ended + self._rests[slot] - time.monotonic()
                    if jobs and left <= 0:
                        job = jobs.popleft()
                        self._at_hand.append(job)
                        return slot, job
                    if jobs:
                        wait = left if wait is None else min(wait, left)
                    ended = max(ended, self._ended[slot])
                self._changed.wait(wait)
            return None


class Service(QObject):
    """Long work on one film: has threads, which end with `close`, before it is deleted. Lives on the GUI thread."""

    def close(self) -> None:
        """End the threads. Nothing is emitted afterwards."""
        raise NotImplementedError


def wait_for_left_behind(seconds: float) -> bool:
    """Wait at the very end for threads that did not end in time; False if one still goes on."""
    until = time.monotonic() + seconds
    _left_behind[:] = [worker for worker in _left_behind if not worker._join(until)]
    return not _left_behind
