"""Objects that live as long as the process, which the collection of garbage need not look at."""

from __future__ import annotations

import atexit
import gc


def keep_for_good() -> None:
    """Take all objects that there are now for lasting: they are not looked at again before the process ends.

    At its very end they are, or libraries would say on the terminal that types of theirs were never let go.
    """
    gc.freeze()
    atexit.unregister(gc.unfreeze)
    atexit.register(gc.unfreeze)
