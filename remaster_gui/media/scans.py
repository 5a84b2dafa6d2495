"""What reading a film file through has found, shared by all threads that open the same file."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

Found = TypeVar("Found")

_KEPT = 3
"""Films whose findings are remembered; those of a two-hour film take some ten megabytes."""


class SharedScans(Generic[Found]):
    """Remembers findings as long as a file stays as it is. Who comes while it is being read waits. Safe on any thread.

    An editor opens its film half a dozen times, for the screen, thumbnails, cuts, preview and so on; a long one takes
    seconds to be read through.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: OrderedDict[tuple[Path, int, int, int], Future[Found]] = OrderedDict()

    def get(self, path: Path, scan: Callable[[], Found]) -> Found:
        """Return what `scan` finds in the file at `path`, or has found before; findings must not be changed."""
        try:
            stat = path.stat()
        except OSError:
            return scan()
        key = (path.absolute(), stat.st_ino, stat.st_size, stat.st_mtime_ns)
        with self._lock:
            found = self._known.get(key)
            is_first = found is None
            if found is None:
                found = self._known[key] = Future()
                while len(self._known) > _KEPT:
                    self._known.popitem(last=False)
            self._known.move_to_end(key)
        if is_first:
            try:
                found.set_result(scan())
            except BaseException as error:
                with self._lock:
                    self._known.pop(key, None)
                found.set_exception(error)
                raise
        return found.result()
