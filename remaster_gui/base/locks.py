"""Who may write something: one process at a time, by a lock of the operating system that ends with the process."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from filelock import lock_descriptor

from remaster_gui.base import plain_data, system
from remaster_gui.base.files import is_file_of, open_for_locking
from remaster_gui.base.language import tr

_LONGEST_NOTE = 4096
_PAUSE = 0.05
"""Seconds between two looks at a lock."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a lock, as far as it is known: a process, the computer where it is another one, a time like 14:05."""

    process: int | None = None
    computer: str = ""
    since: str = ""

    def __str__(self) -> str:
        if self.process is None:
            return tr("it is not known which")
        where = tr(" on {computer}", computer=self.computer) if self.computer else ""
        return tr(
            "process {process}{where}, since {since}", process=self.process, where=where, since=self.since
        )


class FileLock:
    """A right held until `release` or the end of the process, however it ends.

    A file carries the lock and says who holds it. One that was left behind by a killed process is not locked and so
    stands in nobody's way.
    """

    def __init__(self, path: Path, handle: int) -> None:
        self._path, self._handle = path, handle

    @classmethod
    def acquire(cls, path: Path) -> FileLock | Holder:
        """Take the lock that the file ``path`` carries; else say who has it.

        Raises `OSError` where the file cannot be written or the disk knows no locks.
        """
        while True:
            handle = open_for_locking(path)
            try:
                if not lock_descriptor(handle, blocking=False):
                    os.lseek(handle, 1, os.SEEK_SET)
                    note = os.read(handle, _LONGEST_NOTE)
                    os.close(handle)
                    return _holder(note)
                if is_file_of(path, handle):
                    _sign(handle)
                    return cls(path, handle)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.close(handle)
                raise
            os.close(handle)  # its holder has removed it between our two steps

    @classmethod
    def wait_for(cls, path: Path) -> FileLock:
        """Take the lock that the file ``path`` carries once others have let it go; raises as `acquire` does."""
        while not isinstance(lock := cls.acquire(path), FileLock):
            time.sleep(_PAUSE)
        return lock

    def release(self) -> None:
        """Let others have it; may be called once."""
        if system.IS_WINDOWS:
            os.close(self._handle)
            with contextlib.suppress(OSError):  # somebody else has taken it in the meantime
                self._path.unlink()
            return
        with contextlib.suppress(OSError):
            if is_file_of(self._path, self._handle):
                self._path.unlink()
        os.close(self._handle)


def _sign(handle: int) -> None:
    note = {"process": os.getpid(), "computer": socket.gethostname(), "since": time.strftime("%H:%M")}
    with contextlib.suppress(OSError):  # a full disk may hold the lock, if not the note
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        # Under Windows the first byte is what is locked, and cannot be read by others.
        os.write(handle, b" " + json.dumps(note).encode())


def _holder(note: bytes) -> Holder:
    try:
        said = plain_data.table(plain_data.parse(note))
        process = plain_data.whole(said["process"])
        computer, since = plain_data.text(said["computer"]), plain_data.text(said["since"])
    except ValueError:
        return Holder()
    here = computer == socket.gethostname()
    return Holder(process, "" if here else computer[:60], since[:5])
