"""Lasting objects are let go at the end all the same."""

from __future__ import annotations

import subprocess
import sys

SESSION = """
import gc, weakref
from remaster_gui.base.lasting import endings, is_loose, keep_until_an_end, let_go

class Knot:
    def __init__(self):
        self.me = self

gc.disable()
first = Knot()
gone, since = weakref.ref(first), endings()
keep_until_an_end(since)
del first
gc.collect()
assert gone() is not None and not is_loose()
let_go()
gc.collect()
assert gone() is None and is_loose()
keep_until_an_end(since)
assert gc.get_freeze_count() == 0 and is_loose(), "something has ended since then"
keep_until_an_end(endings())
assert gc.get_freeze_count() > 0 and not is_loose()
"""

ENDS = """
from remaster_gui.base.lasting import keep_for_good
from remaster_gui.media import read_picture
keep_for_good()
keep_for_good()
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
