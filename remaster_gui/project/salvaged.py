"""What is left of a damaged project file: rows by SQLite where it can still read, else from the pages themselves."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from remaster_gui.project.database import connect
from remaster_gui.project.pages import CellValue, PageFile
from remaster_gui.project.raster_tiles import Plane, RasterTile
from remaster_gui.project.upgrades import COLUMNS

log = logging.getLogger(__name__)

Values = Sequence[CellValue]

_SHAPES: dict[str, tuple[type | tuple[type, ...], ...]] = {
    "part": (str, str),
    "reference": (str, int, str, str, (int, type(None)), str, int, int, str),
    "raster": (str, int, int, int, (bytes, type(None))),
    "tile": (str, str, int, int, bytes),
    "picture": (str, bytes),
}
"""Types of the columns of each table, by which rows without a table are told apart."""


class SalvagedRows:
    """Rows of a damaged file, which must not change meanwhile; to be closed."""

    def __init__(self, path: Path) -> None:
        self._pages = PageFile(path)
        self._connection: sqlite3.Connection | None = None
        self.tables: dict[str, dict[str, Values]] = {"part": {}, "reference": {}, "raster": {}}
        """Rows of the small tables by their keys."""
        self.references_lost = False
        """Whether rows of references may be missing."""
        self.version = self._pages.user_version
        """The version of the layout; any number where that is destroyed."""
        self._tiles: dict[tuple[str, RasterTile], tuple[int, int]] = {}
        self._pictures: dict[str, tuple[int, int]] = {}
        self._gather_pages()
        try:
            self._connection = connect(path, writing=False)
            self._gather_tables(self._connection)
        except sqlite3.Error:
            log.info("no tables can be read in %s", path, exc_info=True)
            self.references_lost = True

    def close(self) -> None:
        """Let go of the file."""
        self._pages.close()
        if self._connection is not None:
            self._connection.close()

    def tile(self, id_: str, tile: RasterTile) -> bytes:
        """Return the content of a tile; b'' where there is none."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                row = self._connection.execute(
                    'SELECT pixels FROM tile WHERE reference = ? AND plane = ? AND row = ? AND "column" = ?',
                    (id_, tile.plane, tile.row, tile.column),
                ).fetchone()
                if row is not None and isinstance(row[0], bytes):
                    return row[0]
        return self._content(self._tiles.get((id_, tile)))

    def picture(self, id_: str) -> bytes:
        """Return the picture that a reference was imported from; b'' where there is none."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                row = self._connection.execute(
                    "SELECT content FROM picture WHERE reference = ?", (id_,)
                ).fetchone()
                if row is not None and isinstance(row[0], bytes):
                    return row[0]
        return self._content(self._pictures.get(id_))

    def _content(self, place: tuple[int, int] | None) -> bytes:
        raw = None if place is None else self._pages.row(place)
        content = None if raw is None else raw.values[-1]
        return content if isinstance(content, bytes) else b""

    def _gather_pages(self) -> None:
        """Note every row that the pages hold; of several with one key the latest."""
        latest: dict[tuple[object, ...], int] = {}
        for row in self._pages.rows():
            table, values = _table_of(row.values), _as_now(row.values)
            # Replacing a row gives it a higher number.
            key = (table, *(values[:4] if table == "tile" else values[:1]))
            if not table or row.number < latest.get(key, row.number):
                continue
            latest[key] = row.number
            if table == "tile":
                id_, plane, down, across, _ = values
                self._tiles[str(id_), RasterTile(cast(Plane, plane), cast(int, down), cast(int, across))] = (
                    row.place
                )
            elif table == "picture":
                self._pictures[str(values[0])] = row.place
            else:
                self.tables[table][str(values[0])] = values

    def _gather_tables(self, connection: sqlite3.Connection) -> None:
        """Put the rows that SQLite can read in place of those found in pages, which may be outdated."""
        for table, found in self.tables.items():
            rows, is_whole = _read_table(connection, table)
            fitting = [_as_now(row) for row in rows if _table_of(row) == table]
            if is_whole and len(fitting) == len(rows):
                found.clear()
            elif table == "reference":
                self.references_lost = True
            found.update((str(row[0]), row) for row in fitting)


def _read_table(connection: sqlite3.Connection, table: str) -> tuple[list[Values], bool]:
    """Return the rows of a table that can be read, from both ends, and whether that is all of them."""
    there: set[Any] = set()
    with contextlib.suppress(sqlite3.Error):
        there = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
    columns = ", ".join(f'"{column}"' for column in COLUMNS[table] if column in there)
    rows: list[Values] = []
    for order in ("ASC", "DESC"):
        cursor: Any = None
        try:
            cursor = connection.execute(f"SELECT {columns} FROM {table} ORDER BY rowid {order}")
            for row in cursor:
                rows.append(row)
        except sqlite3.Error:
            continue
        return rows, True
    return rows, False


def _table_of(values: Values) -> str:
    values = _as_now(values)
    for table, shape in _SHAPES.items():
        if len(values) == len(shape) and all(map(isinstance, values, shape)):
            return table
    return ""


def _as_now(values: Values) -> Values:
    """Return a row of an earlier version as it would be now: references counted everywhere."""
    return (*values, "{}") if len(values) == len(_SHAPES["reference"]) - 1 else values
