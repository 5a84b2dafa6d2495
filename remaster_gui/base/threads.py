"""Priorities of threads."""

from __future__ import annotations

import logging
import threading

from remaster_gui.base import system

log = logging.getLogger(__name__)

NICENESS = 5


def lower_priority() -> None:
    """Let the calling thread, and those that it starts, yield to the window where the machine is busy.

    Qt's thread priorities have no effect under Linux, where niceness belongs to each thread.
    """
    try:
        system.lower_priority(threading.get_native_id(), NICENESS)
    except OSError:
        log.debug("the priority of a thread cannot be lowered", exc_info=True)
