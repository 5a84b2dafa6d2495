"""Previews of a film on disk, so that they are there when it is opened again: a cache that may vanish at any time.

One SQLite file for each film, in a folder of the user's. SQLite rolls back what a killed process has left half-written,
and lets several windows write; whatever else is wrong with a file (damaged, of another version, not ours) costs a line
of the log and the file. Power failures are not guarded against: every frame has a checksum.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from remaster_gui import __version__
from remaster_gui.base.paths import user_folder
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.packed_previews import pack_preview, unpack_preview
from remaster_gui.engine.preview_results import PreviewedFrame
from remaster_gui.media import FilmFile
from remaster_gui.media.faults import reading
from remaster_gui.media.sequences import is_sequence, list_pictures

log = logging.getLogger(__name__)

FORM = 5
"""Raised whenever files are written, or frames come out, otherwise."""
SUFFIX = ".previews"
LEAST_FREE = 2 * 2**30
"""Bytes of the disk that are left to others."""
VERSION = f"{FORM} {__version__}"
_RESULTS = 2
"""Results of a frame that are kept, the newest: what is undone is there again."""
_MARK = 0x524D5056
_BUSY_SECONDS = 5.0
_LONGEST = 256 * 2**20
_MADE = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE frames (
    frame INTEGER NOT NULL, key TEXT NOT NULL, first INTEGER NOT NULL, stop INTEGER NOT NULL, made INTEGER NOT NULL,
    digest BLOB NOT NULL, content BLOB NOT NULL, PRIMARY KEY (frame, key)
);
"""


@dataclass(frozen=True, slots=True)
class KeptFrame:
    """A remastered frame, the shot that it was made in, and in a text all else that it depends on."""

    key: str
    shot: FrameRange
    frame: PreviewedFrame


def previews_folder() -> Path:
    """Return where the previews of this user's films lie; `StorageError` for a user without a home."""
    return user_folder("cache") / "previews"


def film_name(film: FilmFile) -> str:
    """Return what the previews of a film are kept under, which changes with its files and with how they are read.

    Reads none of their content. Raises `MediaError` for a film that is not there.
    """
    path = film.path
    digest = hashlib.blake2b(os.fsencode(path.absolute()), digest_size=16)
    digest.update(b"\0joined" if film.deinterlace else b"")
    with reading(path):
        for each in list_pictures(path) if is_sequence(path) else [path]:
            facts = each.stat()
            digest.update(
                f"\0{each.name}\0{facts.st_size}\0{facts.st_mtime_ns}".encode("utf-8", "surrogateescape")
            )
    return digest.hexdigest()


def kept_bytes(folder: Path) -> int:
    """Return how much the previews of all films take."""
    return sum(size for _, _, size in _files(folder))


def clear(folder: Path) -> None:
    """Remove the previews of all films; what is open goes on with a new file."""
    for path, _, _ in _files(folder):
        _remove(path)


class KeptPreviews:
    """The previews of one film. Safe on any thread, beside other processes; never raises for what is on the disk."""

    def __init__(self, folder: Path, film: str, budget: int, least_free: int | None = None) -> None:
        """Keep them in `folder`, which may not be there yet, under a `film_name`; `budget`: bytes for all films.

        `least_free`: bytes of the disk that are left to others, `LEAST_FREE` unless said otherwise.
        """
        self.path = folder / f"{film}{SUFFIX}"
        self._budget = budget
        self._least_free = LEAST_FREE if least_free is None else least_free
        self._lock = Lock()

    def put(self, frames: Sequence[KeptFrame]) -> None:
        """Keep frames, in place of older results of theirs; the films that were open longest ago make room."""
        packed = [(each, pack_preview(each.frame)) for each in frames]
        if not self._make_room(sum(len(content) for _, content in packed)):
            return
        with self._passing_over(), self._connected(writing=True) as connection:
            made = time.time_ns()
            for number, (each, content) in enumerate(packed):
                row = (each.frame.index, each.key, each.shot.start, each.shot.stop, made + number)
                connection.execute(
                    "INSERT OR REPLACE INTO frames VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (*row, _digest(content), content),
                )
                connection.execute(
                    "DELETE FROM frames WHERE frame = ? AND key NOT IN"
                    " (SELECT key FROM frames WHERE frame = ? ORDER BY made DESC LIMIT ?)",
                    (each.frame.index, each.frame.index, _RESULTS),
                )

    def rename(self, frames: Iterable[int], before: str, after: str) -> None:
        """Keep frames under another key than before, as the newest results."""
        rows, made = list(frames), time.time_ns()
        if rows and self.path.exists():
            with self._passing_over(), self._connected(writing=True) as connection:
                connection.executemany(
                    "UPDATE OR REPLACE frames SET key = ?, made = ? WHERE frame = ? AND key = ?",
                    [(after, made + number, frame, before) for number, frame in enumerate(rows)],
                )

    def load(
        self, shots: Iterable[FrameRange], wanted: Callable[[int], str], around: int, *, stale: bool
    ) -> Iterator[KeptFrame]:
        """Yield what is kept of the frames of `shots` that were made in just these, the nearest to `around` first.

        `wanted` says for each frame the key that is up to date; with `stale` the newest of another key is yielded where
        that is not there.
        """
        for frame, key, shot in self._chosen(shots, wanted, around, stale=stale):
            found = self._read(frame, key)
            if found is not None:
                yield KeptFrame(key, shot, found)

    def fact(self, name: str) -> str:
        """Return what was noted; '' where nothing was."""
        rows: list[tuple[str]] = []
        if not self.path.exists():
            return ""
        with self._passing_over(), self._connected() as connection:
            rows = connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchall()
        return rows[0][0] if rows and isinstance(rows[0][0], str) else ""

    def touch(self) -> None:
        """Say that this film was open just now: others make room before it."""
        with contextlib.suppress(OSError):
            os.utime(self.path)

    def note(self, name: str, value: str) -> None:
        """Note something beside the frames."""
        if self._make_room(0):
            with self._passing_over(), self._connected(writing=True) as connection:
                connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def _chosen(
        self, shots: Iterable[FrameRange], wanted: Callable[[int], str], around: int, *, stale: bool
    ) -> list[tuple[int, str, FrameRange]]:
        known = {(shot.start, shot.stop): shot for shot in shots}
        newest: dict[int, tuple[bool, str, FrameRange]] = {}
        rows: list[tuple[int, str, int, int]] = []
        if not self.path.exists():
            return []
        with self._passing_over(), self._connected() as connection:
            rows = connection.execute("SELECT frame, key, first, stop FROM frames ORDER BY made").fetchall()
        for frame, key, first, stop in rows:
            shot = known.get((first, stop))
            # A damaged file may hold values of any kind.
            if shot is None or not isinstance(key, str) or not isinstance(frame, int) or frame not in shot:
                continue
            is_current = key == wanted(frame)
            before = newest.get(frame)
            if (is_current or stale) and (before is None or is_current or not before[0]):
                newest[frame] = is_current, key, shot
        order = sorted(newest, key=lambda frame: (not newest[frame][0], abs(frame - around)))
        return [(frame, *newest[frame][1:]) for frame in order]

    def _read(self, frame: int, key: str) -> PreviewedFrame | None:
        rows: list[tuple[bytes, bytes]] = []
        where = "FROM frames WHERE frame = ? AND key = ?"
        with self._passing_over(), self._connected() as connection:
            rows = connection.execute(f"SELECT digest, content {where}", (frame, key)).fetchall()
        for digest, content in rows:
            try:
                if not isinstance(content, bytes) or digest != _digest(content):
                    raise ValueError("the checksum is another one")
                return unpack_preview(frame, content)
            except ValueError as error:
                log.warning("the preview of frame %d in %s cannot be used: %s", frame, self.path, error)
                with self._passing_over(), self._connected(writing=True) as connection:
                    connection.execute(f"DELETE {where}", (frame, key))
        return None

    def _make_room(self, needed: int) -> bool:
        """Drop what goes first until there is room for so many bytes more; False where there will be none."""
        if self._budget <= 0:
            return False
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if shutil.disk_usage(self.path.parent).free < self._least_free + needed:
                log.info("no previews are kept: the disk of %s is nearly full", self.path)
                return False
        except OSError:
            log.info("previews cannot be kept in %s", self.path, exc_info=True)
            return False
        files = _files(self.path.parent)
        excess = sum(size for _, _, size in files) + needed - self._budget
        for path, _, size in sorted(files, key=lambda each: each[1]):
            if excess > 0 and path != self.path and _remove(path):
                excess -= size
        if excess > 0:
            self._drop_oldest(excess)
        return needed < self._budget

    def _drop_oldest(self, excess: int) -> None:
        """Drop frames of this film that were made first."""
        with self._passing_over(), self._connected(writing=True) as connection:
            rows = connection.execute(
                "SELECT rowid, ifnull(length(content), 0) FROM frames ORDER BY made"
            ).fetchall()
            for row, size in rows:
                if excess <= 0:
                    break
                connection.execute("DELETE FROM frames WHERE rowid = ?", (row,))
                excess -= size

    @contextmanager
    def _passing_over(self) -> Iterator[None]:
        """Let whatever is wrong with the film's file cost no more than what is being done, or the file."""
        with self._lock:
            try:
                yield
            except (sqlite3.Error, OSError) as error:
                log.warning("the previews in %s cannot be used: %s", self.path, error)
                if _is_beyond_use(error):
                    _remove(self.path)

    @contextmanager
    def _connected(self, *, writing: bool = False) -> Iterator[sqlite3.Connection]:
        """Lend the film's file within one transaction; raises `sqlite3.Error` or `OSError`."""
        with closing(self._open()) as connection:
            connection.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
            yield connection
            connection.execute("COMMIT")

    def _open(self) -> sqlite3.Connection:
        """Open the film's file, made anew where it is of another version; raises `sqlite3.Error` or `OSError`."""
        for each in (self.path, _journal_of(self.path)):
            # SQLite follows links, and waits for pipes for ever.
            if each.is_symlink() or (each.exists() and not each.is_file()):
                raise OSError(f"{each.name} is not a file")
        for _ in range(2):
            connection = sqlite3.connect(
                self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
                connection.execute("PRAGMA trusted_schema = OFF")
                # What a killed process leaves is rolled back all the same.
                connection.execute("PRAGMA synchronous = OFF")
                if _is_ours(connection):
                    return connection
            except BaseException:
                connection.close()
                raise
            connection.close()
            log.warning("%s is of another version and begun anew", self.path)
            _remove(self.path)
        raise sqlite3.OperationalError("cannot be begun anew")


def _is_ours(connection: sqlite3.Connection) -> bool:
    """Whether a file is of this version; an empty one is made so."""
    if not _has_tables(connection):
        connection.execute("PRAGMA auto_vacuum = FULL")
        connection.execute("BEGIN IMMEDIATE")
        # Another window may have been faster.
        if not _has_tables(connection):
            connection.execute(f"PRAGMA application_id = {_MARK}")
            for statement in _MADE.strip().split(";\n"):
                connection.execute(statement)
            connection.execute("INSERT INTO facts VALUES ('version', ?)", (VERSION,))
        connection.execute("COMMIT")
    if connection.execute("PRAGMA application_id").fetchone()[0] != _MARK:
        return False
    rows = connection.execute("SELECT value FROM facts WHERE name = 'version'").fetchall()
    return bool(rows == [(VERSION,)])


def _has_tables(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])


def _is_beyond_use(error: Exception) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_ERROR,
    )


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).digest()


def _files(folder: Path) -> list[tuple[Path, int, int]]:
    """Return the files of all films, with when each was written last and its bytes."""
    found = []
    with contextlib.suppress(OSError):
        for path in folder.glob(f"*{SUFFIX}"):
            with contextlib.suppress(OSError):
                facts = path.lstat()
                found.append((path, facts.st_mtime_ns, facts.st_size))
    return found


def _journal_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-journal")


def _remove(path: Path) -> bool:
    try:
        for each in (path, _journal_of(path)):
            each.unlink(missing_ok=True)
    except OSError as error:  # a window has it open, and a system that minds
        log.info("%s stays: %s", path, error)
        return False
    return True
