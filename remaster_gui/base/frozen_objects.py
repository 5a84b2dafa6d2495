"""Objects that the garbage collector passes over (`gc.freeze`): looking at all of a large program takes long."""

from __future__ import annotations

import atexit
import gc
from threading import Lock

_lock = Lock()
_thaw_count = 0
_is_mixed = False
_is_thawed = False


def freeze_for_good() -> None:
    """Let the collector pass over all objects that there are now, until the process ends.

    At its very end they are collected, or libraries would complain on the terminal of types that were never released.
    """
    gc.freeze()
    atexit.unregister(gc.unfreeze)
    atexit.register(gc.unfreeze)


def thaw_count() -> int:
    """Return how often `thaw` was called, for `freeze_until_thaw`."""
    return _thaw_count


def freeze_until_thaw(since: int) -> None:
    """Let the collector pass over all objects until `thaw` is called; some of them may belong to the film that is open.

    Does nothing where that was called since `thaw_count` was `since`: what was closed by now would never be collected.
    """
    global _is_mixed, _is_thawed
    with _lock:
        if since == _thaw_count:
            freeze_for_good()
            _is_mixed, _is_thawed = True, False


def thaw() -> None:
    """Let the collector look at everything again: something large, like a film, was closed and may be among it."""
    global _thaw_count, _is_mixed, _is_thawed
    with _lock:
        _thaw_count += 1
        if _is_mixed:
            gc.unfreeze()
            _is_mixed, _is_thawed = False, True


def is_thawed() -> bool:
    """Whether objects were thawed and not frozen again yet."""
    return _is_thawed
