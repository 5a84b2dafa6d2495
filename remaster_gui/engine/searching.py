"""Searches through a whole film that go before the work, each on a thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Event
from typing import Protocol, TypeVar

from remaster_gui.base.notices import Progress
from remaster_gui.engine.session import CancelledError

Found = TypeVar("Found", covariant=True)

_POLL = 0.2


class Search(Protocol[Found]):
    """Looks through a film; tells `progress` how much of how much is done, and ends soon once `cancel` is set."""

    def __call__(self, *, progress: Callable[[int, int], None], cancel: Event) -> Found:
        """Search, on any thread."""


def searched(
    search: Search[Found], doing: str, frames: int, cancel: Event
) -> Generator[Progress, None, Found]:
    """Return what a search finds; yields meanwhile how far it is. Raises `CancelledError` when `cancel` is set.

    `doing` names the search, `frames` are those that wait for it.
    """
    stop, share = Event(), 0.0

    def note(done: int, total: int) -> None:
        nonlocal share
        share = done / max(1, total)

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(search, progress=note, cancel=stop)
        try:
            while not running.done() and not cancel.is_set():
                yield Progress(0, frames, doing=f"{doing}: {share:.0%}".replace("%", " %"))
                wait([running], _POLL)
        finally:
            stop.set()
    if cancel.is_set():
        raise CancelledError
    return running.result()
