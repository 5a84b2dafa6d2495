"""Lasting objects are let go at the end all the same."""

from __future__ import annotations

import subprocess
import sys

ENDS = """
from remaster_gui.base.lasting import keep_for_good
from remaster_gui.media import read_picture
keep_for_good()
keep_for_good()
"""


def test_a_process_ends_without_a_word() -> None:
    """The library that reads pictures lists on the terminal what of it is still there at the end."""
    run = subprocess.run(
        [sys.executable, "-c", ENDS], capture_output=True, text=True, check=False, timeout=600
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
