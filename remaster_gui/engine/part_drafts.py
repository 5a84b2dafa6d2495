"""Parts that are being written: each by a process of its own, on any machine, so that none is in another's way."""

from __future__ import annotations

import hashlib
import os
import platform
import re
from pathlib import Path

import psutil

from remaster_gui.base.files import discard, remove_unless_locked
from remaster_gui.engine.parts import Part

_DRAFT = re.compile(r"\.\d{7,}-\d{7,}@([0-9a-f]{8})-(\d+)", re.ASCII)


def draft_name(part: Part) -> str:
    """Name the draft of a part after the computer and the process that write it."""
    return f".{part.name}@{_computer()}-{os.getpid()}"


def remove_leftover(path: Path) -> None:
    """Remove what a process that was killed has left, unless one that lives may still be writing it.

    What is being encoded is locked; what waits for its name says whose it is. On other computers it may wait still.
    """
    if path.name.endswith((".part", ".part.lock")):
        remove_unless_locked(path)
    elif not _is_in_use(path.name):
        discard(path)


def _is_in_use(name: str) -> bool:
    known = _DRAFT.fullmatch(name)
    if known is None:
        return False
    computer, process = known[1], int(known[2])
    return computer != _computer() or (process != os.getpid() and psutil.pid_exists(process))


def _computer() -> str:
    """Tell this computer from others, in letters that every name may have."""
    return hashlib.blake2b(platform.node().encode("utf-8", "replace"), digest_size=4).hexdigest()
