"""Threads beside the networks: decoding ahead, composing and writing behind, each with a short bounded queue."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from types import TracebackType
from typing import Generic, Self, TypeVar

Item = TypeVar("Item")
Ready = TypeVar("Ready")

_POLL = 0.1


class _End:
    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def prefetched(items: Generator[Item], depth: int) -> Generator[Item]:
    """Iterate in a thread of its own, at most `depth` items ahead; an exception there is raised here.

    The thread ends, and `items` is closed in it, when the items do or when this generator is closed.
    """
    ready: queue.Queue[Item | _End] = queue.Queue(depth)
    stop = threading.Event()

    def fill() -> None:
        error: BaseException | None = None
        try:
            with closing(items):
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


class BackgroundWriter(Generic[Item, Ready]):
    """Makes something of each item on several threads, and takes what became of them, in order, in one of its own.

    At most about `depth` items are behind. An exception is raised by the next `put` or on leaving the context; after
    one, later items are dropped.
    """

    def __init__(
        self, make: Callable[[Item], Ready], take: Callable[[Ready], None], depth: int, threads: int = 1
    ) -> None:
        """Start the threads: `threads` of them run `make`, and one more `take`."""
        self._make, self._take = make, take
        self._waiting: queue.Queue[Future[Ready] | _End] = queue.Queue(depth)
        self._error: BaseException | None = None
        self._abandoned = threading.Event()
        self._makers = ThreadPoolExecutor(threads, "beside")
        self._thread = threading.Thread(target=self._run, name="behind", daemon=True)
        self._thread.start()

    def put(self, item: Item) -> None:
        """Hand over an item; waits while the queue is full."""
        self._raise()
        self._waiting.put(self._makers.submit(self._make, item))

    def _run(self) -> None:
        while not isinstance(made := self._waiting.get(), _End):
            if self._error is None and not self._abandoned.is_set():
                try:
                    self._take(made.result())
                except BaseException as raised:  # handed over to the producer, who raises it
                    self._error = raised
            else:
                made.cancel()

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
        self._makers.shutdown(cancel_futures=True)
        if kind is None:
            self._raise()
