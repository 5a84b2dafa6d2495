"""The library of the network comes in beside a running window."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from remaster_gui.workers import torch_import
from remaster_gui.workers.torch_import import bring_in_torch

SESSION = """
import gc, sys, threading
from pathlib import Path
from remaster_gui.workers.torch_import import import_torch

assert "torch" not in sys.modules
loaded, collections = [], []

def note_import(event, arguments):
    # Of a module of machine code, with the path that it is loaded from.
    if event == "import" and arguments[0] == "torch._C" and arguments[1]:
        loaded.append("libtorch_python.so" in Path("/proc/self/maps").read_text())

sys.addaudithook(note_import)
gc.callbacks.append(lambda phase, facts: phase == "start" and collections.append(facts["generation"]))
worker = threading.Thread(target=import_torch)
worker.start()
worker.join()
import torch
assert torch.ones(2).sum() == 2
assert gc.isenabled() and gc.get_freeze_count() > 50_000
print(*loaded, max(collections, default=0))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system's loader is left to itself")
def test_importing_holds_nobody_up_for_long() -> None:
    """Machine code is there before Python waits for it, and nobody looks for garbage among all that is new."""
    ended = subprocess.run(
        [sys.executable, "-c", SESSION], capture_output=True, text=True, check=False, timeout=600
    )
    assert ended.returncode == 0, ended.stderr
    was_there, oldest = ended.stdout.split()
    assert was_there == "True" and int(oldest) < 2


def test_nobody_waits_for_it_any_longer_who_is_told_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    torch_import.import_torch()
    cancel, came = threading.Event(), list[bool]()
    waiting = threading.Thread(target=lambda: came.append(bring_in_torch(cancel)))
    with torch_import.lock, monkeypatch.context() as forgotten:
        forgotten.delitem(sys.modules, "remaster_gui.engine.loaded")
        waiting.start()
        cancel.set()
        waiting.join()
        assert came == [False]
    for thread in threading.enumerate():
        if thread.name == "importing":
            thread.join()
    cancel.clear()
    assert bring_in_torch(cancel)
