"""Faults of SQLite put into sentences for the user."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from remaster_gui.base.errors import DamagedProjectError, ProjectError, StorageError
from remaster_gui.base.language import tr
from remaster_gui.media.faults import storage_sentence

log = logging.getLogger(__name__)


@contextmanager
def reading_project(path: Path) -> Iterator[None]:
    """Turn whatever goes wrong while a project is read into a `ProjectError`."""
    try:
        yield
    except (sqlite3.Error, OSError, ValueError) as error:
        log.warning("cannot read %s", path, exc_info=True)
        raise _reading_fault(path, error) from error


@contextmanager
def writing_project(path: Path) -> Iterator[None]:
    """Turn whatever goes wrong while a project is written into a `StorageError` or `ProjectError`."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        log.warning("cannot write %s", path, exc_info=True)
        raise _writing_fault(path, error) from error


def damaged(path: Path) -> DamagedProjectError:
    """Return the fault of a project that is not in order."""
    return DamagedProjectError(
        tr("{path} is damaged; what can be read of it can be recovered into a new project.", path=path)
    )


def _reading_fault(path: Path, error: Exception) -> ProjectError:
    if isinstance(error, sqlite3.ProgrammingError):
        return ProjectError(tr("{path} has been closed; open it again.", path=path.name))
    match _code(error):
        case sqlite3.SQLITE_NOTADB:
            return ProjectError(
                tr("{path} is not a project of this program, or its beginning is destroyed.", path=path)
            )
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM | sqlite3.SQLITE_AUTH | sqlite3.SQLITE_READONLY:
            return ProjectError(
                tr("{path} cannot be opened; check that it is there and may be read.", path=path)
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return ProjectError(
                tr("{path} is being written by another program; try again in a moment.", path=path)
            )
        case sqlite3.SQLITE_IOERR:
            return ProjectError(tr("{path} cannot be read; check the disk it lies on.", path=path))
        case None if isinstance(error, OSError):
            return ProjectError(
                tr(
                    "{path} cannot be read ({error}); check its permissions and its disk.",
                    path=path,
                    error=_text(error),
                )
            )
        case _:
            return damaged(path)


def _writing_fault(path: Path, error: Exception) -> StorageError | ProjectError:
    match _code(error):
        case sqlite3.SQLITE_FULL:
            reason = tr("the disk that holds {parent} is full; free some space", parent=path.parent)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            reason = tr(
                "{parent} may not be written; change its permissions or save a copy elsewhere",
                parent=path.parent,
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            reason = tr("another program is using the file; close it there")
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return damaged(path)
        case None if isinstance(error, OSError):
            return StorageError(storage_sentence(path, error))
        case _:
            reason = tr(
                "the disk does not accept it ({error}); check it or save a copy elsewhere", error=_text(error)
            )
    return StorageError(tr("{path} cannot be saved, because {reason}.", path=path.name, reason=reason))


def _code(error: Exception) -> int | None:
    """Return SQLite's primary code; None for other errors."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _text(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()
