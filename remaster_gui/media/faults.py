"""Faults of the libraries and the operating system put into sentences for the user."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av

from remaster_gui.base.errors import MediaError, StorageError
from remaster_gui.base.language import tr
from remaster_gui.base.system import is_in_use, is_too_long

log = logging.getLogger(__name__)

_DISK_ERRORS = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.EIO,
    errno.EFBIG,
    errno.ENOENT,
    errno.ENOTDIR,
    errno.EISDIR,
    errno.ENAMETOOLONG,
    errno.ESTALE,
    errno.EBADF,
}
"""Numbers that the codec library only passes on when it writes."""


def location(path: Path) -> str:
    """Name a file to the codec library, which would take what stands before a colon for a protocol: ``9:30.mp4``."""
    return f"file:{path}"


def check_file(path: Path) -> None:
    """Raise `MediaError` for pipes and devices, which would be read for ever; a missing file is left to `reading`."""
    with reading(path):
        if path.exists() and not path.is_file():
            raise MediaError(
                tr("{path} is not a file with content of its own; choose a film or picture.", path=path)
            )


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn whatever goes wrong while ``path`` is opened or read into a `MediaError`.

    The codec library's errors come first: its numbers may be those of the operating system by chance, so what it calls
    a missing permission is believed only where the system says so, too, and "input/output error" is damage.
    """
    try:
        yield
    except av.FFmpegError as error:
        log.debug("cannot read %s", path, exc_info=True)
        raise MediaError(_unreadable_sentence(path, error)) from error
    except OSError as error:
        log.debug("cannot read %s", path, exc_info=True)
        raise MediaError(disk_sentence(path, error)) from error
    except UnicodeError as error:
        log.debug("cannot read %s", path, exc_info=True)
        raise MediaError(
            tr(
                "{path} holds text that is not text; it is damaged, so copy it anew from where it came from.",
                path=path,
            )
        ) from error


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn faults while ``path`` is written into `StorageError` (disk) and `MediaError` (encoder)."""
    try:
        yield
    except av.FFmpegError as error:
        log.debug("cannot write %s", path, exc_info=True)
        if isinstance(error, OSError) and is_of_the_disk(path.parent, error):
            raise StorageError(storage_sentence(path, error)) from error
        if isinstance(error, MemoryError):
            raise MediaError(
                tr(
                    "{path} cannot be written, as memory ran out; close other programs and try again.",
                    path=path,
                )
            ) from error
        raise MediaError(
            tr("{path} cannot be written in this format; choose another preset or kind of file.", path=path)
        ) from error
    except OSError as error:
        log.debug("cannot write %s", path, exc_info=True)
        raise StorageError(storage_sentence(path, error)) from error


def disk_sentence(path: Path, error: OSError) -> str:
    """Say why the operating system does not let ``path`` be read."""
    match error.errno:
        case errno.ENOENT if not is_too_long(path):
            return tr("{path} does not exist; check the path.", path=path)
        case errno.ENOENT:
            return tr(
                "{path} does not exist, or is longer than Windows takes; check the path, or allow long paths in the "
                "settings of Windows.",
                path=path,
            )
        case errno.EACCES | errno.EPERM if is_in_use(path, error):
            return tr("{path} is open in another program; close it there and try again.", path=path)
        case errno.EACCES | errno.EPERM:
            return tr("{path} may not be read; check its permissions.", path=path)
        case errno.ENAMETOOLONG:
            return tr("The name {path}... is too long for this disk; check the path.", path=path.name[:60])
        case errno.ELOOP:
            return tr("{path} is a link that leads back to itself; choose the file itself.", path=path)
        case errno.ENXIO | errno.ENODEV:
            return tr("{path} is not a file with content of its own; choose a film or picture.", path=path)
        case _:
            return tr(
                "{path} cannot be read ({reason}); check the disk it lies on.",
                path=path,
                reason=_reason(error),
            )


def _unreadable_sentence(path: Path, error: av.FFmpegError) -> str:
    """Say why the codec library cannot read ``path``; what the operating system knows of it is asked anew."""
    try:
        path.stat()
    except OSError as known:
        return disk_sentence(path, known)
    if not os.access(path, os.R_OK):
        return disk_sentence(path, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))
    if isinstance(error, MemoryError):
        return tr(
            "{path} needs more memory than there is or a film may take; it is damaged or too large.",
            path=path,
        )
    return tr(
        "{path} is not a film or picture that can be read; it is damaged, cut short or of an unknown kind.",
        path=path,
    )


def is_of_the_disk(folder: Path, error: OSError) -> bool:
    """Whether an error that came through the codec library was the operating system's."""
    if error.errno in (errno.EACCES, errno.EPERM):
        return not os.access(folder, os.W_OK)
    return error.errno in _DISK_ERRORS


def storage_sentence(path: Path, error: OSError) -> str:
    """Say why ``path`` cannot be written."""
    folder = path.parent
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return tr(
                "The disk that holds {folder} is full; free some space and run the same "
                "command again to go on.",
                folder=folder,
            )
        case errno.EACCES | errno.EPERM if is_in_use(path, error):
            return tr(
                "{path} is open in another program; close it there and run the same command again.", path=path
            )
        case errno.ENOENT if is_too_long(path):
            return tr(
                "The path {path} is longer than Windows takes; choose a shorter one, or allow long paths in the "
                "settings of Windows.",
                path=path,
            )
        case errno.EROFS:
            return tr(
                "The folder {folder} is read-only; choose an output folder that can be written.",
                folder=folder,
            )
        case errno.EACCES | errno.EPERM:
            return tr(
                "The folder {folder} may not be written; choose another output folder or "
                "change its permissions.",
                folder=folder,
            )
        case errno.ENOENT:
            return tr(
                "The folder {folder} does not exist; create it or choose another output folder.",
                folder=folder,
            )
        case errno.ENOTDIR:
            return tr("{folder} is not a folder; choose another place for the output.", folder=folder)
        case errno.ENAMETOOLONG:
            return tr("The name {path} is too long for this disk; choose a shorter one.", path=path.name)
        case _:
            return tr(
                "{path} cannot be written ({reason}); check the disk or choose another output folder.",
                path=path,
                reason=_reason(error),
            )


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
