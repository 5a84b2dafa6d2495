"""Garbage of Python collected on the GUI thread, when it is idle, and in short steps."""

from __future__ import annotations

import gc
import sys

from PySide6.QtCore import QObject, QTimer

from remaster_gui.base.frozen_objects import freeze_for_good, freeze_until_thaw, is_thawed, thaw_count
from remaster_gui.workers.torch_import import is_importing

MILLISECONDS = 250
"""How often it is looked."""
_SWITCH_SECONDS = 0.001
"""How long a busy thread may go on once another one wants to; five times less than is usual."""


class GarbageCollection(QObject):
    """Takes the place of Python's own collection, which comes on whatever thread makes an object too many.

    There it would delete objects of Qt that belong to the GUI thread, and hold up everything for as long as it takes
    to look at all objects of the program.
    """

    def __init__(self, parent: QObject) -> None:
        """Begin; ends with `parent`."""
        super().__init__(parent)
        gc.disable()
        sys.setswitchinterval(_SWITCH_SECONDS)
        timer = QTimer(self, interval=MILLISECONDS)
        timer.timeout.connect(self._collect)
        timer.start()

    def settle(self) -> None:
        """Take what there is now for lasting: it is not looked at again."""
        gc.collect()
        freeze_for_good()

    def _collect(self) -> None:
        """Collect the oldest generation that is due, but not among what a library brings in for good."""
        if is_importing():
            return
        for generation, (count, threshold) in reversed(
            list(enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)))
        ):
            if count > threshold:
                gc.collect(generation)
                if generation == 2 and is_thawed():
                    freeze_until_thaw(thaw_count())
                return
