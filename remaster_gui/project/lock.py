"""Who may write a project: one process at a time, by a lock of the operating system that ends with the process."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import time
from pathlib import Path
from typing import IO

_LONGEST_NOTE = 4096


class ProjectLock:
    """The right to write a project, held until `release` or the end of the process, however it ends.

    A hidden file beside the project carries the lock and says who holds it. A file that was left behind by a killed
    process is not locked and so stands in nobody's way. SQLite's own locks are of another kind and are not touched.
    """

    def __init__(self, file: IO[str], path: Path) -> None:
        self._file, self._path = file, path

    @classmethod
    def acquire(cls, project: Path) -> ProjectLock | str:
        """Take the lock; else return one sentence that says who has it.

        Raises `OSError` where nothing can be written beside the project.
        """
        path = lock_path(project)
        while True:
            file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666), "r+")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                with file:
                    return _holder(project, file.read(_LONGEST_NOTE))
            except BaseException:
                file.close()
                raise
            if _is_file(path, file):
                break
            # Its holder has removed it between our two steps.
            file.close()
        _sign(file)
        return cls(file, path)

    def release(self) -> None:
        """Let others write."""
        with contextlib.suppress(OSError):
            self._path.unlink()
        self._file.close()


def lock_path(project: Path) -> Path:
    """Return the file that carries the lock of a project."""
    return project.with_name(f".{project.name}.lock")


def _is_file(path: Path, file: IO[str]) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def _sign(file: IO[str]) -> None:
    note = {"process": os.getpid(), "computer": socket.gethostname(), "since": time.strftime("%H:%M")}
    file.truncate(0)
    file.write(json.dumps(note))
    file.flush()


def _holder(project: Path, note: str) -> str:
    try:
        said = json.loads(note)
        process, computer, since = int(said["process"]), str(said["computer"]), str(said["since"])
        where = "" if computer == socket.gethostname() else f" on {computer[:60]}"
        who = f"process {process}{where}, since {since[:5]}"
        if process == os.getpid() and not where:
            who = f"since {since[:5]}"
    except (ValueError, KeyError, TypeError):
        who = "it is not known which"
    return f"{project.name} is open in another window ({who}); here it can be looked at but not changed."
