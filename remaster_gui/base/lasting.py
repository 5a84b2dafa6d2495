"""Objects that live as long as the process, which the collection of garbage need not look at."""

from __future__ import annotations

import atexit
import gc
from threading import Lock

_lock = Lock()
_endings = 0
_is_mixed = False
_is_loose = False


def keep_for_good() -> None:
    """Take all objects that there are now for lasting: they are not looked at again before the process ends.

    At its very end they are, or libraries would say on the terminal that types of theirs were never let go.
    """
    gc.freeze()
    atexit.unregister(gc.unfreeze)
    atexit.register(gc.unfreeze)


def endings() -> int:
    """Return how often `let_go` was called, for `keep_until_an_end`."""
    return _endings


def keep_until_an_end(since: int) -> None:
    """Keep all objects, among which may be some of what ends before the process does, until `let_go` is called.

    Does nothing where that was called since `endings` was `since`: what is over by now would never be collected.
    """
    global _is_mixed, _is_loose
    with _lock:
        if since == _endings:
            keep_for_good()
            _is_mixed, _is_loose = True, False


def let_go() -> None:
    """Look at what was kept until an end again: something large that may be among it, like a film, is over."""
    global _endings, _is_mixed, _is_loose
    with _lock:
        _endings += 1
        if _is_mixed:
            gc.unfreeze()
            _is_mixed, _is_loose = False, True


def is_loose() -> bool:
    """Whether what was let go has not been kept again yet."""
    return _is_loose
