"""A target with every fault that is looked for, by which the search itself is tested."""

from __future__ import annotations

import os
import time
from pathlib import Path

from ..inputs import VICTIM
from .base import Target, Trial


def _fail(tree: Path, trial: Trial) -> None:
    from remaster_gui.base.errors import MediaError

    match trial.seed:
        case "crash":
            os.abort()
        case "exception":
            raise KeyError("x")
        case "hang":
            while True:
                time.sleep(1)
        case "harm":
            (tree.parent / VICTIM / "file.txt").write_text("harmed")
        case "memory":
            held = [bytearray(b"x" * 50_000_000) for _ in range(12)]
            assert held
        case "raw text":
            raise MediaError("[Errno 5] raw\ntext")
        case "refused":
            raise MediaError("This is refused; choose another.")


_KINDS = ("crash", "exception", "hang", "harm", "memory", "raw text", "refused", "taken")
FAULTY = Target("faulty", {kind: lambda folder: (folder / "file").touch() for kind in _KINDS}, _fail)
SORTED = sorted(FAULTY.seeds)
