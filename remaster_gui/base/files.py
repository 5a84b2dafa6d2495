"""Files that appear under their name only when they are complete, in folders that others may be able to write, too.

Under a name that can be guessed another user may have put a symbolic link. So new files are made
exclusively and under names of chance, and what has to be opened under a known name is never reached through a link.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO, Self

from filelock import lock_descriptor

from remaster_gui.base import plain_data, system
from remaster_gui.base.errors import StorageError
from remaster_gui.base.language import tr
from remaster_gui.base.system import NO_LINKS, NO_WAITING, put_in_place

LONGEST_NAME = 255
"""Bytes of a name that every usual disk takes."""

_TOKEN_BYTES = 8
_LOCK = ".lock"


# --- names ---


def with_ending(path: Path, ending: str, *, hidden: bool = False) -> Path:
    """Name a companion of ``path``: ``NAME.ending``, or ``.NAME.ending`` if ``hidden``.

    A name that would be too long for the disk is cut, and a digest of the whole name keeps it apart from others. Raises
    `StorageError` for a name that no file can have.
    """
    dot, name = "." if hidden else "", path.name
    check_name(path)
    room = (system.longest_name(path.parent) or LONGEST_NAME) - len(os.fsencode(f"{dot}.{ending}"))
    if len(os.fsencode(name)) > room:
        digest = hashlib.blake2b(os.fsencode(name), digest_size=6).hexdigest()
        while len(os.fsencode(name)) + len(digest) + 1 > room:
            name = name[:-1]
        name = f"{name}~{digest}"
    return path.with_name(f"{dot}{name}.{ending}")


def check_name(path: Path) -> None:
    """Raise `StorageError` for a name that no file can have, with surrogates that stand for no byte."""
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        raise StorageError(
            tr("No file can have the name {path}; choose another one.", path=printable(path))
        ) from None


def printable(name: str | Path) -> str:
    r"""Return a name as text that can be written anywhere; bytes that are no text become ``\xNN``."""
    try:
        return os.fsencode(name).decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # surrogates that stand for no byte
        return str(name).encode("utf-8", "backslashreplace").decode()


# --- writing ---


class Draft:
    """A new file or folder, hidden beside ``path`` under a name of chance, that is to become ``path``.

    It is locked while it is in use; so what killed processes have left of earlier tries can be told, and is removed.
    Under Windows, where nobody could write or rename it then, a file beside it is locked in its stead. As a context
    manager it is gone at the end unless it was published. Raises `OSError`.
    """

    def __init__(self, path: Path, *, is_folder: bool = False, private: bool = False) -> None:
        """Make it, empty; ``private``: nobody but the user may read it."""
        sweep(path)
        self._final = path
        while True:
            self.path = with_ending(path, f"{secrets.token_hex(_TOKEN_BYTES)}.part", hidden=True)
            self._lock = _lock_of(self.path)
            self._handle = _new(self._lock, is_folder and self._lock == self.path, private)
            with contextlib.suppress(OSError):  # a disk without locks: leftovers stay there
                lock_descriptor(self._handle, blocking=False)
            if is_file_of(self._lock, self._handle):
                break
            os.close(self._handle)  # somebody has swept it away between our two steps
        self._is_open = True
        if self._lock != self.path:
            self._make(is_folder)

    def _make(self, is_folder: bool) -> None:
        try:
            if is_folder:
                self.path.mkdir()
            else:
                self.path.touch(exist_ok=False)
        except BaseException:
            self._let_go()
            raise

    def publish(self) -> None:
        """Bring it safely to disk and give it its final name.

        A file replaces a file; a folder takes the place of an empty one only.
        """
        if self.path.is_dir():
            for child in self.path.iterdir():
                sync(child)
        sync(self.path)
        put_in_place(self.path, self._final)
        self._let_go()
        sync(self._final.parent)

    def discard(self) -> None:
        """Remove it, unless it was published."""
        if self._is_open:
            try:
                discard(self.path)
            finally:
                self._let_go()

    def _let_go(self) -> None:
        self._is_open = False
        os.close(self._handle)
        if self._lock != self.path:
            with contextlib.suppress(OSError):  # somebody looks whether it is locked, and removes it
                self._lock.unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()


@contextmanager
def replacing(path: Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """Lend a new file that takes the place of ``path`` at the end, safely on disk; nothing changes if that fails.

    Raises `OSError`.
    """
    with Draft(path, private=private) as draft:
        with draft.path.open("r+b") as file:
            yield file
        draft.publish()


def replace_bytes(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write a whole file as `replacing` does."""
    with replacing(path, private=private) as file:
        file.write(data)


def replace_text(path: Path, text: str, *, private: bool = False) -> None:
    """Write text as UTF-8 as `replacing` does; what is left of names that are no text becomes ``?``."""
    replace_bytes(path, text.encode("utf-8", "replace"), private=private)


def hand_out(path: Path, data: bytes) -> None:
    """Write a result under a name that the user has given: whole as `replacing` does, or into a pipe or device."""
    if path.exists() and not path.is_file() and not path.is_dir():
        with path.open("wb") as device:
            device.write(data)
    else:
        replace_bytes(path, data)


def create(path: Path, *, private: bool = False) -> BinaryIO:
    """Open a new file for reading and writing; raises `FileExistsError` for anything there, a link included."""
    return os.fdopen(_new(path, is_folder=False, private=private), "r+b")


def _new(path: Path, is_folder: bool, private: bool) -> int:
    """Make a file or folder that is not there yet; return its descriptor."""
    if is_folder:
        path.mkdir(0o700 if private else 0o777)
        return os.open(path, os.O_RDONLY | NO_LINKS)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | NO_LINKS, 0o600 if private else 0o666)


def _lock_of(draft: Path) -> Path:
    """Return what is locked while a draft is in use: itself, or a file beside it where a lock would be in the way."""
    return draft.with_name(f"{draft.name}{_LOCK}") if system.IS_WINDOWS else draft


def sweep(path: Path) -> None:
    """Remove what killed processes left beside ``path`` while they wrote it; a living one keeps its own locked."""
    ending = f"{'0' * 2 * _TOKEN_BYTES}.part"
    beginning = with_ending(path, ending, hidden=True).name.removesuffix(ending)
    leftover = re.compile(re.escape(beginning) + rf"[0-9a-f]{{{2 * _TOKEN_BYTES}}}\.part(\.lock)?")
    with contextlib.suppress(OSError):
        for each in [each for each in path.parent.iterdir() if leftover.fullmatch(each.name)]:
            with contextlib.suppress(OSError):
                remove_unless_locked(each)


def remove_unless_locked(found: Path) -> None:
    """Remove a `Draft` that nobody is writing any more, or the file beside it that is locked in its stead."""
    kind = found.lstat().st_mode
    if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
        return
    part = found.with_suffix("") if found.suffix == _LOCK else found
    lock = _lock_of(part)
    if lock != part and not lock.exists():  # it is made before the draft and removed after it
        discard(part)
        return
    handle = os.open(lock, os.O_RDONLY | NO_LINKS | NO_WAITING)
    try:
        if not lock_descriptor(handle, blocking=False):
            return
        discard(part)
    finally:
        os.close(handle)
    if lock != part:
        lock.unlink(missing_ok=True)


def discard(path: Path) -> None:
    """Remove a file, a link or a folder; nothing happens where there is none."""
    if path.is_dir() and not path.is_symlink():
        system.patiently(lambda: shutil.rmtree(path))
    else:
        system.patiently(lambda: path.unlink(missing_ok=True))


def sync(path: Path) -> None:
    """Bring a file, or the names in a folder, to disk."""
    if not system.SYNCS_FOLDERS and path.is_dir():
        return
    handle = os.open(path, system.SYNCED | NO_LINKS)
    try:
        os.fsync(handle)
    except OSError as error:
        # Some network disks cannot do it for folders.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS):
            raise
    finally:
        os.close(handle)


# --- files under a known name ---


def open_for_locking(path: Path) -> int:
    """Open a file that carries a lock, made if it is missing, and return its descriptor.

    A link, pipe or file of several names there is not ours and is removed first. Raises `OSError`.
    """
    while True:
        with contextlib.suppress(FileExistsError):
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | NO_LINKS, 0o666)
        try:
            handle = os.open(path, os.O_RDWR | NO_LINKS | NO_WAITING)
        except FileNotFoundError:
            continue
        except OSError as error:
            if error.errno not in (errno.ELOOP, errno.ENXIO, errno.EMLINK):
                raise
        else:
            found = os.fstat(handle)
            # Without any name it has just been removed by its holder, which is for the caller to see.
            if stat.S_ISREG(found.st_mode) and found.st_nlink <= 1:
                return handle
            os.close(handle)
        path.unlink(missing_ok=True)


def open_for_appending(path: Path) -> BinaryIO:
    """Open a file of ours, made if it is missing, for writing at its end; a link there is refused with `OSError`."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | NO_LINKS, 0o666), "ab")


def open_plain(path: Path) -> BufferedReader:
    """Open a file of ours for reading; raises `OSError`, and `ValueError` for what is not a file, a link included."""
    try:
        handle = os.open(path, os.O_RDONLY | NO_LINKS | NO_WAITING)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise ValueError(f"{printable(path)} is not a file") from error
        raise
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise ValueError(f"{printable(path)} is not a file")
    return os.fdopen(handle, "rb")


def read_record(path: Path) -> Any:
    """Read plain data that this program has written as JSON.

    Raises `OSError`, and `ValueError` for whatever is not such a file: a link, a pipe, anything huge or damaged.
    """
    with open_plain(path) as file:
        return plain_data.parse(file.read(plain_data.LONGEST + 1))


def is_file_of(path: Path, handle: int) -> bool:
    """Whether ``path`` is a name of the open file itself."""
    try:
        return os.path.samestat(path.lstat(), os.fstat(handle))
    except FileNotFoundError:
        return False
