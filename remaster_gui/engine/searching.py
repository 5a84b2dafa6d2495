"""Searches through a whole film that go before the work."""

from __future__ import annotations

from collections.abc import Generator
from threading import Event
from typing import TypeVar

from remaster_gui.base.language import percent
from remaster_gui.base.notices import Progress, Update, retold
from remaster_gui.engine.session import CancelledError

Found = TypeVar("Found")


def searched(
    search: Generator[Update, None, Found], doing: str, frames: int, cancel: Event
) -> Generator[Update, None, Found]:
    """Return what a search finds; yields each percent that it is on. Raises `CancelledError` when `cancel` is set.

    `doing` names the search, `frames` are those that wait for it.
    """
    told = ""

    def tell(step: Progress) -> Progress | None:
        nonlocal told
        before, told = told, f"{doing}: {percent(step.done / max(1, step.total))}"
        return Progress(0, frames, doing=told) if told != before else None

    found = yield from retold(search, tell)
    if cancel.is_set():
        raise CancelledError
    return found
