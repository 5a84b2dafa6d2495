"""Connections to project files: how SQLite is to treat them, and what one transaction is."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

SUFFIX = ".remaster"

PAGE = 8192
"""Bytes; most tiles take several pages."""
_BUSY_SECONDS = 10.0
_LONGEST = 64 * 2**20
"""Bytes of the longest value: no part of a project comes near it."""


def connect(path: Path, *, writing: bool) -> sqlite3.Connection:
    """Open an existing database; may be used on any thread, by one at a time.

    SQLite's rollback journal keeps the project one file whenever nothing is being written, and brings back the last
    good state when a process was killed or the power failed in the middle.
    """
    mode = "rw" if writing or os.access(path, os.W_OK) else "ro"
    # Also for reading mode "rw", where possible: only then can what a killed process left behind be rolled back.
    connection = _open(path, mode)
    if not writing:
        connection.execute("PRAGMA query_only = ON")
    return connection


def make(path: Path) -> sqlite3.Connection:
    """Open an empty file as a new database for writing; nothing can be rolled back after a crash."""
    connection = _open(path, "rw")
    connection.execute(f"PRAGMA page_size = {PAGE}")
    # A journal would lie beside it, and be left there by a crash; the file itself is thrown away then.
    connection.execute("PRAGMA journal_mode = MEMORY")
    return connection


def writes_ahead(path: Path) -> bool:
    """Whether a file asks SQLite for a write-ahead log, which ours never do; SQLite would make files beside it."""
    with path.open("rb") as file:
        header = file.read(20)
    return header.startswith(b"SQLite format 3") and 2 in header[18:20]


@contextmanager
def transaction(connection: sqlite3.Connection, *, writing: bool = True) -> Iterator[None]:
    """Do all or nothing; while reading, see one state only."""
    connection.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk may have ended the transaction already.
        if connection.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
        raise


def _open(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"file:{quote(os.fsencode(path))}?mode={mode}",
        uri=True,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection
