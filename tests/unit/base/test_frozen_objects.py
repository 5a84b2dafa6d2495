"""Lasting objects are let go at the end all the same."""

from __future__ import annotations

import subprocess
import sys

SESSION = """
import gc, weakref
from remaster_gui.base.frozen_objects import thaw_count, is_thawed, freeze_until_thaw, thaw

class Knot:
    def __init__(self):
        self.me = self

gc.disable()
first = Knot()
gone, since = weakref.ref(first), thaw_count()
freeze_until_thaw(since)
del first
gc.collect()
assert gone() is not None and not is_thawed()
thaw()
gc.collect()
assert gone() is None and is_thawed()
freeze_until_thaw(since)
assert gc.get_freeze_count() == 0 and is_thawed(), "something has ended since then"
freeze_until_thaw(thaw_count())
assert gc.get_freeze_count() > 0 and not is_thawed()
"""

ENDS = """
from remaster_gui.base.frozen_objects import freeze_for_good
from remaster_gui.media import read_picture
freeze_for_good()
freeze_for_good()
"""


def test_what_is_kept_until_an_end_is_let_go_then() -> None:
    """In a process of its own, whose garbage nobody else collects."""
    subprocess.run([sys.executable, "-c", SESSION], check=True, timeout=600)


def test_a_process_ends_without_a_word() -> None:
    """The library that reads pictures lists on the terminal what of it is still there at the end."""
    run = subprocess.run(
        [sys.executable, "-c", ENDS], capture_output=True, text=True, check=False, timeout=600
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
