"""Steps at which the disk changes, counted in a process of its own, which may be killed before any of them."""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

_CHANGING = (
    "replace",
    "rename",
    "link",
    "symlink",
    "unlink",
    "remove",
    "mkdir",
    "rmdir",
    "fsync",
    "truncate",
)
_LONGEST = 300.0


def run(
    work: Callable[[], int], log: Path, *, last: int | None = None, seconds: float | None = None
) -> tuple[int, int]:
    """Run `work` in a process of its own; returns its exit status, below 0 where it was killed, and its steps.

    It is killed before step number `last`, or `seconds` after its start.
    """
    counted, counting = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(counted)
        _live(work, log, counting, last)
    os.close(counting)
    status = _wait(process, seconds)
    with os.fdopen(counted, "rb") as pipe:
        return status, len(pipe.read())


def _wait(process: int, seconds: float | None) -> int:
    end = time.monotonic() + (_LONGEST if seconds is None else seconds)
    while True:
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > end:
            os.kill(process, signal.SIGKILL)
            killed = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
            if seconds is None:
                raise TimeoutError(f"nothing came to an end within {_LONGEST:g} seconds")
            return killed
        time.sleep(0.001)


def _live(work: Callable[[], int], log: Path, counting: int, last: int | None) -> None:
    """Be the process: never returns."""
    status = 70
    try:
        said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(said, 1)
        os.dup2(said, 2)
        _count_steps(counting, last)
        status = work()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(status)


def _count_steps(counting: int, last: int | None) -> None:
    count = 0

    def step() -> None:
        nonlocal count
        count += 1
        if count == last:
            os.kill(os.getpid(), signal.SIGKILL)
        os.write(counting, b".")

    def counted(function: Callable[..., Any], changes: Callable[..., bool]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            if changes(*arguments, **options):
                step()
            return function(*arguments, **options)

        return call

    for name in _CHANGING:
        setattr(os, name, counted(getattr(os, name), lambda *_, **__: True))
    makes = os.O_CREAT | os.O_TRUNC
    os.open = counted(os.open, lambda path, flags, *_, **__: bool(flags & makes))
