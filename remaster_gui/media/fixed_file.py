"""The bytes of a film file as they are handed to the codec library.

The library opens no path itself. So it can follow no playlist, network address or reference to another file, sees the
same file however often it begins anew, even where another one has taken its name, and is stopped between two reads
when it is cancelled, when it reads the same place again and again, or when the file changes.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from pathlib import Path
from threading import Event
from typing import NamedTuple

from remaster_gui.base.errors import MediaError, RemasterError
from remaster_gui.base.language import tr
from remaster_gui.base.system import NO_WAITING, PLAIN, read_at, stored_parts
from remaster_gui.media.faults import disk_sentence, reading
from remaster_gui.media.limits import (
    LARGEST_GAP,
    LARGEST_PACKET,
    LONGEST_DISK_SECONDS,
    LONGEST_LIBRARY_SECONDS,
    PROGRESS_BYTES,
)

_MOST_PARTS = 10_000
"""Parts of a file, each with a hole behind it, that are looked at."""
_LARGE_READ = 16 * 2**20
"""Bytes asked for at once that only a very large packet takes; the library reads it in parts of this order."""


class OpeningCancelledError(MediaError):
    """Whoever asked for a film no longer wants it."""


class GapError(MediaError):
    """More in one piece is nothing of a film than is searched; what lies before it is a film all the same."""


class FileIdentity(NamedTuple):
    """What tells one state of one file from any other."""

    path: Path
    device: int
    inode: int
    size: int
    modified: int
    """Nanoseconds."""


class FixedFile:
    """A regular file, as long as it was when it was opened, in the manner of Python's binary files.

    Of several films that are joined in it the first may be meant alone; `size` is then that of it.

    Nothing is raised through the library, which would go on in its own way: reading ends as at the end of the file, and
    `fault` says why. Belongs to one thread at a time.
    """

    def __init__(self, path: Path, cancel: Event | None = None) -> None:
        """Open the file; raises `MediaError` for folders, pipes, devices and what cannot be opened."""
        self.path = path
        self.name = str(path)
        self.fault: RemasterError | None = None
        self.cancel = cancel
        """Ends reading once it is set, on any thread."""
        self.is_measured = self.is_joined = self.is_cut_short = False
        """Whether it is known how far the film reaches; whether others lie behind it; whether its end is torn."""
        self._fd = -1
        with reading(path):
            # Otherwise a pipe would be waited for before its kind can be looked at.
            self._fd = os.open(path, os.O_RDONLY | PLAIN | NO_WAITING)
            status = os.fstat(self._fd)
        if not stat.S_ISREG(status.st_mode):
            self.close()
            raise MediaError(
                tr("{path} is not a file with content of its own; choose a film or picture.", path=path)
            )
        self.size = status.st_size
        self.identity = FileIdentity(
            path.absolute(), status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
        )
        if self.size == 0:
            self.close()
            raise MediaError(tr("{path} is empty; copy it anew from where it came from.", path=path))
        if _has_large_hole(self._fd, self.size):
            self.close()
            raise self._gap()
        self.begin()

    def _gap(self) -> GapError:
        return GapError(
            tr(
                "{path} holds more than {largest_gap} MB in one piece that are nothing of a film; it is "
                "damaged, so copy it anew from where it came from.",
                path=self.path,
                largest_gap=LARGEST_GAP // 2**20,
            )
        )

    def begin(self) -> None:
        """Start to count time and bytes anew, as another step of the library begins."""
        self._go_on()
        self._large = 0
        self._passed = 0

    def _go_on(self) -> None:
        # What this thread has worked, not what others have kept it waiting: a busy machine is no damaged film.
        self._began = time.thread_time()
        self._waited = 0.0
        self._farthest = os.lseek(self._fd, 0, os.SEEK_CUR) if self._fd >= 0 else 0

    def check(self) -> None:
        """Raise the fault that was met while the library read."""
        if self.fault is not None:
            raise self.fault

    def check_cancelled(self) -> None:
        """Raise `OpeningCancelledError` once nobody wants the film any more."""
        if self.cancel is not None and self.cancel.is_set():
            raise self._cancellation()

    def _cancellation(self) -> OpeningCancelledError:
        return OpeningCancelledError(tr("{path} was not opened, as that was cancelled.", path=self.path))

    def head(self, count: int) -> bytes:
        """Return the first ``count`` bytes, wherever reading is."""
        return read_at(self._fd, count, 0)

    def part(self, start: int, count: int) -> bytes:
        """Return ``count`` bytes from ``start`` on, or what there is of them, wherever reading is."""
        return read_at(self._fd, count, start) if start < self.size else b""

    def read(self, count: int) -> bytes:
        """Return up to ``count`` bytes; none at the end of the file or where `fault` was found."""
        if self.fault is None:
            self.fault = self._interruption(count)
        if self.fault is not None:
            return b""
        began = time.monotonic()
        try:
            data = os.read(self._fd, min(count, max(0, self.size - self.tell())))
        except OSError as error:
            self.fault = MediaError(disk_sentence(self.path, error))
            return b""
        self._waited += time.monotonic() - began
        self._passed += len(data)
        if self.tell() > self._farthest + PROGRESS_BYTES:
            self._go_on()
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place in the file; returns it, or the negative number of an error as the library counts them."""
        try:
            if whence == os.SEEK_END:
                return os.lseek(self._fd, self.size + offset, os.SEEK_SET)
            return os.lseek(self._fd, offset, whence)
        except (OSError, OverflowError):
            return -errno.EINVAL

    def tell(self) -> int:
        """Return the place of the next byte."""
        return os.lseek(self._fd, 0, os.SEEK_CUR)

    def close(self) -> None:
        """Close the file; to be called once the library is done with it."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __del__(self) -> None:
        self.close()

    def _interruption(self, count: int) -> RemasterError | None:
        """Say why no more may be read."""
        if self.cancel is not None and self.cancel.is_set():
            return self._cancellation()
        if os.fstat(self._fd).st_size < self.size:
            return MediaError(
                tr(
                    "{path} has become shorter while it was open; open it again once it is complete.",
                    path=self.path,
                )
            )
        if self._waited > LONGEST_DISK_SECONDS:
            return MediaError(
                tr(
                    "The disk that holds {path} takes longer than {longest_disk_seconds} seconds to answer; "
                    "copy the film to a faster one.",
                    path=self.path,
                    longest_disk_seconds=LONGEST_DISK_SECONDS,
                )
            )
        if time.thread_time() - self._began > LONGEST_LIBRARY_SECONDS:
            return MediaError(
                tr(
                    "{path} cannot be made sense of within {longest_library_seconds} seconds; it is damaged, so "
                    "copy it anew from where it came from.",
                    path=self.path,
                    longest_library_seconds=LONGEST_LIBRARY_SECONDS,
                )
            )
        if self._passed > LARGEST_GAP:
            return self._gap()
        self._large = self._large + count if count >= _LARGE_READ else 0
        if self._large > LARGEST_PACKET + _LARGE_READ:
            return MediaError(
                tr(
                    "{path} claims that one picture takes more than {largest_packet} MB; it is damaged, "
                    "so copy it anew from where it came from.",
                    path=self.path,
                    largest_packet=LARGEST_PACKET // 2**20,
                )
            )
        return None


def _has_large_hole(fd: int, size: int) -> bool:
    """Whether a file has a hole that formats without marks of their own would take for days of black frames."""
    end = 0
    try:
        for number, (start, stop) in enumerate(stored_parts(fd)):
            if start - end > LARGEST_GAP:
                return True
            if number == _MOST_PARTS:
                return False
            end = stop
    except OSError:  # a disk that knows no holes has none
        return False
    finally:
        os.lseek(fd, 0, os.SEEK_SET)
    return size - end > LARGEST_GAP
