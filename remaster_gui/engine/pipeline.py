"""Threads beside the networks: decoding ahead and writing behind, each with a short bounded queue."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterator
from types import TracebackType
from typing import Generic, Self, TypeVar

Item = TypeVar("Item")

_POLL = 0.1


class _End:
    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def prefetched(items: Iterator[Item], depth: int) -> Generator[Item]:
    """Iterate in a thread of its own, at most `depth` items ahead; an exception there is raised here.

    The thread ends when the items do or when this generator is closed.
    """
    ready: queue.Queue[Item | _End] = queue.Queue(depth)
    stop = threading.Event()

    def fill() -> None:
        error: BaseException | None = None
        try:
            for item in items:
                if not _offer(ready, item, stop):
                    return
        except BaseException as raised:  # handed over to the consumer, who raises it
            error = raised
        _offer(ready, _End(error), stop)

    thread = threading.Thread(target=fill, name="prefetch", daemon=True)
    thread.start()
    try:
        while True:
            item = ready.get()
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item
    finally:
        stop.set()
        thread.join()


def _offer(target: queue.Queue[Item | _End], item: Item | _End, stop: threading.Event) -> bool:
    while not stop.is_set():
        try:
            target.put(item, timeout=_POLL)
        except queue.Full:
            continue
        return True
    return False


class BackgroundWriter(Generic[Item]):
    """Applies a function to items in a thread of its own, at most `depth` items behind.

    Its exception is raised by the next `put` or on leaving the context; after one, later items are dropped.
    """

    def __init__(self, work: Callable[[Item], None], depth: int) -> None:
        """Start the thread."""
        self._work = work
        self._waiting: queue.Queue[Item | _End] = queue.Queue(depth)
        self._error: BaseException | None = None
        self._abandoned = threading.Event()
        self._thread = threading.Thread(target=self._run, name="behind", daemon=True)
        self._thread.start()

    def put(self, item: Item) -> None:
        """Hand over an item; waits while the queue is full."""
        self._raise()
        self._waiting.put(item)

    def _run(self) -> None:
        while not isinstance(item := self._waiting.get(), _End):
            if self._error is None and not self._abandoned.is_set():
                try:
                    self._work(item)
                except BaseException as raised:  # handed over to the producer, who raises it
                    self._error = raised

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._abandoned.set()
        self._waiting.put(_End(None))
        self._thread.join()
        if kind is None:
            self._raise()
