"""The file ``NAME.remaster`` that keeps a project: every save is one transaction and writes only what has changed."""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np

from remaster_gui.base import plain_data
from remaster_gui.base.arrays import Bytes
from remaster_gui.base.errors import ProjectError, StorageError
from remaster_gui.base.files import Draft
from remaster_gui.base.language import tr
from remaster_gui.base.locks import FileLock
from remaster_gui.media.limits import LARGEST
from remaster_gui.painting.raster import Raster
from remaster_gui.project import upgrades
from remaster_gui.project.companions import check_companions, clear_companions
from remaster_gui.project.database import connect, make, transaction, writes_ahead
from remaster_gui.project.database_faults import damaged, reading_project, writing_project
from remaster_gui.project.lock import lock_project
from remaster_gui.project.raster_tiles import (
    PLANES,
    RasterTile,
    all_tiles,
    pack,
    thumbnail,
    thumbnail_size,
    unpack,
)
from remaster_gui.project.reading import read_project
from remaster_gui.project.schema import Project, ReferenceRecord
from remaster_gui.project.writing import write_differences

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PackedTile:
    """A tile of the raster of a reference, compressed and ready to be written."""

    reference: str
    tile: RasterTile
    content: bytes


def packed(id_: str, raster: Raster) -> Iterator[PackedTile]:
    """Compress a whole raster."""
    for tile in all_tiles(raster.width, raster.height):
        yield PackedTile(id_, tile, pack(tile.of(raster)))


class ProjectStore:
    """An open project file. Any method may be called on any thread; rasters are read while others are written."""

    def __init__(self, path: Path, lock: FileLock | None, read_only_reason: str) -> None:
        """Open a file that is there; for `create` and `open` only."""
        self.path = path
        self.read_only_reason = read_only_reason
        """One sentence for the user; '' where the project may be changed."""
        self._lock = lock
        self._writing, self._reading = Lock(), Lock()
        self._saved: Project | None = None
        with reading_project(path):
            check_companions(path)
            if writes_ahead(path):
                raise damaged(path)
            self._writer = connect(path, writing=lock is not None)
            try:
                if lock is not None:
                    upgrades.upgrade(self._writer, path)
                elif upgrades.version_of(self._writer, path) != upgrades.VERSION:
                    raise ProjectError(
                        tr(
                            "{path} is of an older format, and {read_only_reason}{read_only_reason2}",
                            path=path,
                            read_only_reason=read_only_reason[:1].lower(),
                            read_only_reason2=read_only_reason[1:],
                        )
                    )
                upgrades.check_layout(self._writer, path)
                self._reader = connect(path, writing=False)
            except BaseException:
                self._writer.close()
                raise
            self._place = path.stat()

    @classmethod
    def create(
        cls,
        path: Path,
        project: Project,
        rasters: Iterable[tuple[str, Raster]] = (),
        pictures: Iterable[tuple[str, bytes]] = (),
    ) -> ProjectStore:
        """Make a new project file with the rasters of its references; replaces one that nobody has open.

        `pictures`: PNG that references were imported from.
        """
        # A link at the end is replaced, not followed.
        path = Path(os.path.realpath(path.parent)) / path.name
        lock = _lock_for_writing(path)
        try:
            with _replacing(path) as part, contextlib.closing(make(part)) as connection:
                upgrades.lay_out(connection)
                with transaction(connection):
                    write_differences(connection, None, project)
                    for id_, raster in rasters:
                        _write_tiles(connection, packed(id_, raster))
                        _write_thumbnail(connection, id_, thumbnail(raster))
                    _write_pictures(connection, pictures)
            return cls._for_writing(path, lock)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def open(cls, path: Path, read_only: bool = False) -> ProjectStore:
        """Open a project file, after bringing it to the present format.

        It is read-only where another window has it open or nothing can be written there; `read_only_reason` says so.
        Raises `ProjectError` for what is no project or of a newer format and `DamagedProjectError` for a damaged one.
        """
        path = Path(os.path.realpath(path))
        if not path.is_file():
            raise ProjectError(tr("{path} does not exist; check the path.", path=path))
        if read_only:
            return cls(path, None, tr("{path} was opened for looking only.", path=path.name))
        lock = _lock_or_reason(path)
        if isinstance(lock, str):
            return cls(path, None, lock)
        try:
            return cls._for_writing(path, lock)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def _for_writing(cls, path: Path, lock: FileLock) -> ProjectStore:
        """Open a file that is locked for us, once nothing lies beside it any more."""
        with writing_project(path):
            clear_companions(path)
        return cls(path, lock, "")

    @property
    def read_only(self) -> bool:
        """Whether nothing can be saved."""
        return self._lock is None

    @property
    def saved(self) -> Project | None:
        """The project as it was last loaded or saved."""
        return self._saved

    def load(self) -> Project:
        """Read the project; raises `DamagedProjectError` where a part makes no sense."""
        with self._reading_turn(), transaction(self._reader, writing=False):
            project = read_project(self._reader)
        with self._writing:
            self._saved = project
        return project

    def save(
        self,
        project: Project,
        tiles: Iterable[PackedTile] = (),
        thumbnails: Mapping[str, Bytes] | None = None,
        pictures: Iterable[tuple[str, bytes]] = (),
    ) -> None:
        """Write what differs from the last save, changed tiles, thumbnails, and pictures as PNG, all or nothing.

        A reference whose revision has changed needs the tiles that have. Raises `StorageError`, for instance when the
        disk is full; then the file holds what it held before and the same may be tried again.
        """
        if self.read_only:
            raise ProjectError(self.read_only_reason)
        with self._writing_turn():
            self._check_place()
            with transaction(self._writer):
                write_differences(self._writer, self._saved, project)
                _write_tiles(self._writer, tiles)
                for id_, pixels in (thumbnails or {}).items():
                    _write_thumbnail(self._writer, id_, pixels)
                _write_pictures(self._writer, pictures)
            self._saved = project

    def load_raster(self, id_: str) -> tuple[Raster, int]:
        """Read the raster of a reference, or of one that was taken out since opening, and its revision."""
        with self._reading_turn(), transaction(self._reader, writing=False):
            row = self._reader.execute(
                "SELECT width, height, revision FROM raster WHERE reference = ?", (id_,)
            ).fetchone()
            tiles = dict(_read_tiles(self._reader, id_)) if row else {}
        if row is None:
            raise damaged(self.path)
        with reading_project(self.path):
            width, height = (plain_data.whole(each, 1, LARGEST) for each in row[:2])
            return join_tiles(tiles, width, height), plain_data.whole(row[2])

    def load_picture(self, id_: str) -> bytes:
        """Read the picture (PNG) that a reference was imported from; b'' where there is none."""
        with self._reading_turn():
            row = self._reader.execute("SELECT content FROM picture WHERE reference = ?", (id_,)).fetchone()
        return row[0] if row is not None and isinstance(row[0], bytes) else b""

    def keep(self, name: str, form: int, content: bytes) -> None:
        """Keep something for the next time, in a form that whoever keeps it numbers; b'' forgets it."""
        with self._writing_turn():
            self._check_place()
            with transaction(self._writer):
                if content:
                    self._writer.execute(
                        "INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", (name, form, content)
                    )
                else:
                    self._writer.execute("DELETE FROM kept WHERE name = ?", (name,))

    def kept(self, name: str, form: int) -> bytes:
        """Return what was kept; b'' where that is nothing, or of another form."""
        with self._reading_turn():
            row = self._reader.execute("SELECT form, content FROM kept WHERE name = ?", (name,)).fetchone()
        return row[1] if row is not None and row[0] == form and isinstance(row[1], bytes) else b""

    def thumbnails(self, references: Iterable[ReferenceRecord]) -> dict[str, Bytes]:
        """Read the small pictures ``(h, w, 3)`` sRGB of references; those that are missing or damaged are left out."""
        with self._reading_turn():
            found = dict(self._reader.execute("SELECT reference, thumbnail FROM raster").fetchall())
        pictures = {}
        for each in references:
            width, height = thumbnail_size(each.width, each.height)
            small = found.get(each.id)
            with contextlib.suppress(ValueError):
                pictures[each.id] = unpack(small if isinstance(small, bytes) else b"", (height, width, 3))
        return pictures

    def copy_to(self, path: Path) -> None:
        """Copy the file as it was last saved, also over another one that nobody has open."""
        if Path(os.path.realpath(path)) == self.path:
            raise ProjectError(
                tr("{path} is the project that is open; choose another name for the copy.", path=path.name)
            )
        path = Path(os.path.realpath(path.parent)) / path.name
        lock = _lock_for_writing(path)
        try:
            with _replacing(path) as part, contextlib.closing(make(part)) as target, self._writing_turn():
                self._writer.backup(target)
            with writing_project(path):
                clear_companions(path)
        finally:
            lock.release()

    def sweep(self) -> None:
        """Give back the room of rasters whose reference is gone; only when no undo can bring it back."""
        with self._writing_turn():
            orphans = "NOT IN (SELECT id FROM reference)"
            if not self._writer.execute(f"SELECT 1 FROM raster WHERE reference {orphans}").fetchone():
                return
            with transaction(self._writer):
                self._writer.execute(f"DELETE FROM tile WHERE reference {orphans}")
                self._writer.execute(f"DELETE FROM raster WHERE reference {orphans}")
                self._writer.execute(f"DELETE FROM picture WHERE reference {orphans}")
            # Frees one page for each step; only a script is stepped to its end.
            self._writer.executescript("PRAGMA incremental_vacuum")

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        with self._writing, self._reading:
            self._writer.close()
            self._reader.close()
            if self._lock is not None:
                self._lock.release()
            self._lock = None

    @contextmanager
    def _reading_turn(self) -> Iterator[None]:
        """Have the reader alone, with faults put into sentences, after a look at what lies beside the file."""
        with self._reading, reading_project(self.path):
            check_companions(self.path)
            yield

    @contextmanager
    def _writing_turn(self) -> Iterator[None]:
        """Have the writer alone, as `_reading_turn` has the reader."""
        with self._writing, writing_project(self.path):
            check_companions(self.path)
            yield

    def _check_place(self) -> None:
        """Refuse to write into a file that no longer lies under its name."""
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(self.path.stat(), self._place):
                return
        raise StorageError(
            tr(
                "{path} was moved, deleted or replaced while it was open; save a copy to keep your work.",
                path=self.path.name,
            )
        )


def join_tiles(tiles: Mapping[RasterTile, bytes], width: int, height: int) -> Raster:
    """Join tiles to a raster; raises `ValueError` where one is missing or damaged."""
    shapes = {"luminance": (height, width), "chrominance": (height, width, 2), "coverage": (height, width)}
    raster = Raster(*(np.empty(shapes[plane], np.uint8) for plane in PLANES))
    for tile in all_tiles(width, height):
        tile.of(raster)[...] = unpack(tiles.get(tile, b""), tile.shape(width, height))
    return raster


def _read_tiles(connection: sqlite3.Connection, id_: str) -> Iterator[tuple[RasterTile, bytes]]:
    """Yield what the rows of a raster's tiles say; raises `ValueError` for one that makes no sense."""
    rows = connection.execute('SELECT plane, row, "column", pixels FROM tile WHERE reference = ?', (id_,))
    for plane, row, column, content in rows:
        if not isinstance(content, bytes):
            raise ValueError("pixels that are none")
        yield (
            RasterTile(plain_data.choice(plane, PLANES), plain_data.whole(row), plain_data.whole(column)),
            content,
        )


def _write_tiles(connection: sqlite3.Connection, tiles: Iterable[PackedTile]) -> None:
    connection.executemany(
        "INSERT OR REPLACE INTO tile VALUES (?, ?, ?, ?, ?)",
        ((t.reference, t.tile.plane, t.tile.row, t.tile.column, t.content) for t in tiles),
    )


def _write_thumbnail(connection: sqlite3.Connection, id_: str, pixels: Bytes) -> None:
    connection.execute("UPDATE raster SET thumbnail = ? WHERE reference = ?", (pack(pixels), id_))


def _write_pictures(connection: sqlite3.Connection, pictures: Iterable[tuple[str, bytes]]) -> None:
    connection.executemany("INSERT OR REPLACE INTO picture VALUES (?, ?)", pictures)


def _lock_or_reason(path: Path) -> FileLock | str:
    """Take the lock of a project that is there; else return one sentence that says why it is read-only."""
    if not os.access(path, os.W_OK):
        return tr("{path} is write-protected; save a copy to change it.", path=path.name)
    try:
        return lock_project(path)
    except OSError:
        log.info("no lock for %s", path, exc_info=True)
        return tr(
            "{path} can only be looked at, as nothing can be written in {parent}; save a copy to change it.",
            path=path.name,
            parent=path.parent,
        )


def _lock_for_writing(path: Path) -> FileLock:
    with writing_project(path):
        lock = lock_project(path)
    if isinstance(lock, str):
        raise ProjectError(lock)
    return lock


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Lend an empty file beside `path` that takes its place at the end, or is removed when something goes wrong.

    Nobody else may read it: it says where the user's films lie.
    """
    with writing_project(path), Draft(path, private=True) as draft:
        yield draft.path
        draft.publish()
