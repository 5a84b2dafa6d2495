"""Faults of the libraries and the operating system put into sentences for the user."""

from __future__ import annotations

import errno
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av

from remaster_gui.base.errors import MediaError, StorageError

log = logging.getLogger(__name__)


def location(path: Path) -> str:
    """Name a file to the codec library, which would take what stands before a colon for a protocol: ``9:30.mp4``."""
    return f"file:{path}"


def check_file(path: Path) -> None:
    """Raise `MediaError` for pipes and devices, which would be read for ever; a missing file is left to `reading`."""
    with reading(path):
        if path.exists() and not path.is_file():
            raise MediaError(f"{path} is not a file with content of its own; choose a film or picture.")


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn whatever goes wrong while ``path`` is opened for reading into a `MediaError`."""
    try:
        yield
    except FileNotFoundError as error:
        raise MediaError(f"{path} does not exist; check the path.") from error
    except PermissionError as error:
        raise MediaError(f"{path} may not be read; check its permissions.") from error
    except av.FFmpegError as error:
        log.debug("cannot read %s", path, exc_info=True)
        raise MediaError(
            f"{path} is not a film or picture that can be read; it is damaged, cut short or of an "
            "unknown kind."
        ) from error
    except OSError as error:
        log.debug("cannot read %s", path, exc_info=True)
        raise MediaError(f"{path} cannot be read ({_reason(error)}); check the disk it lies on.") from error


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn faults while ``path`` is written into `StorageError` (disk) and `MediaError` (encoder)."""
    try:
        yield
    except OSError as error:
        log.debug("cannot write %s", path, exc_info=True)
        raise StorageError(storage_sentence(path, error)) from error
    except av.FFmpegError as error:
        log.debug("cannot encode %s", path, exc_info=True)
        raise MediaError(
            f"{path} cannot be written in this format; choose another preset or size."
        ) from error


def storage_sentence(path: Path, error: OSError) -> str:
    """Say why ``path`` cannot be written."""
    folder = path.parent
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return (
                f"The disk that holds {folder} is full; free some space and run the same "
                "command again to go on."
            )
        case errno.EROFS:
            return f"The folder {folder} is read-only; choose an output folder that can be written."
        case errno.EACCES | errno.EPERM:
            return (
                f"The folder {folder} may not be written; choose another output folder or "
                "change its permissions."
            )
        case errno.ENOENT:
            return f"The folder {folder} does not exist; create it or choose another output folder."
        case errno.ENOTDIR:
            return f"{folder} is not a folder; choose another place for the output."
        case errno.ENAMETOOLONG:
            return f"The name {path.name} is too long for this disk; choose a shorter one."
        case _:
            return (
                f"{path} cannot be written ({_reason(error)}); check the disk or choose "
                "another output folder."
            )


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
