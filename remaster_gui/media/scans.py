"""What reading a film file through has found, shared by all threads that open the same file."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as StillReading
from contextlib import suppress
from threading import Lock
from typing import Generic, TypeVar

from remaster_gui.media.fixed_file import FileIdentity, FixedFile, OpeningCancelledError

Found = TypeVar("Found")

_KEPT = 3
"""Films whose findings are remembered; those of a two-hour film take some ten megabytes."""
_PATIENCE = 0.1
"""Seconds between two looks at whether who waits is still wanted."""


class SharedScans(Generic[Found]):
    """Remembers findings as long as a file stays as it is. Who comes while it is being read waits. Safe on any thread.

    An editor opens its film half a dozen times, for the screen, thumbnails, cuts, preview and so on; a long one takes
    seconds to be read through.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: OrderedDict[FileIdentity, Future[Found]] = OrderedDict()

    def get(self, file: FixedFile, scan: Callable[[], Found]) -> Found:
        """Return what `scan` finds in `file`, or has found before; findings must not be changed.

        Who waits for another thread's scan and is cancelled raises `OpeningCancelledError` soon; where that other one
        is cancelled, who waits scans the file.
        """
        while True:
            with self._lock:
                found = self._known.get(file.identity)
                is_first = found is None
                if found is None:
                    found = self._known[file.identity] = Future()
                    while len(self._known) > _KEPT:
                        self._known.popitem(last=False)
                self._known.move_to_end(file.identity)
            if is_first:
                return self._scanned(file, found, scan)
            try:
                while True:
                    file.check_cancelled()
                    with suppress(StillReading):
                        return found.result(timeout=_PATIENCE)
            except OpeningCancelledError:
                file.check_cancelled()

    def _scanned(self, file: FixedFile, found: Future[Found], scan: Callable[[], Found]) -> Found:
        try:
            found.set_result(scan())
        except BaseException as error:
            with self._lock:
                self._known.pop(file.identity, None)
            found.set_exception(error)
            raise
        return found.result()
