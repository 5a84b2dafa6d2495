"""The layout of the project file, version by version: the present one, and a step from each to the next.

A file of every version that was ever written lies in ``tests/data``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

from remaster_gui.base.errors import ProjectError
from remaster_gui.base.language import tr
from remaster_gui.project.database_faults import damaged

APPLICATION_ID = 0x524D5354
"""RMST, in the header of every project, so that other programs can tell what it is."""
VERSION = 7

Upgrade = Callable[[sqlite3.Connection], None]

# Validity as JSON, see `base.validity`.
_REFERENCE = (
    "CREATE TABLE reference (id TEXT PRIMARY KEY NOT NULL, place INTEGER NOT NULL, name TEXT NOT NULL,"
    " kind TEXT NOT NULL, frame INTEGER, color TEXT NOT NULL, enabled INTEGER NOT NULL,"
    " colored INTEGER NOT NULL, validity TEXT NOT NULL) STRICT"
)
_PICTURE = "CREATE TABLE picture (reference TEXT PRIMARY KEY NOT NULL, content BLOB NOT NULL) STRICT"
_KEPT = (
    "CREATE TABLE kept (name TEXT PRIMARY KEY NOT NULL, form INTEGER NOT NULL, content BLOB NOT NULL) STRICT"
)


def _add_pictures(connection: sqlite3.Connection) -> None:
    connection.execute(_PICTURE)
    connection.execute(_KEPT)


def _add_shots(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT OR IGNORE INTO part VALUES ('shots', '[]')")


def _add_markers(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT OR IGNORE INTO part VALUES ('markers', '[]')")


def _add_validity(connection: sqlite3.Connection) -> None:
    # A column that is added to a table would leave another statement behind than the one that makes it.
    connection.execute("ALTER TABLE reference RENAME TO former")
    connection.execute(_REFERENCE)
    connection.execute("INSERT INTO reference SELECT *, '{}' FROM former")
    connection.execute("DROP TABLE former")


def _add_marks(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT OR IGNORE INTO part VALUES ('marks', '[]')")


def _add_names(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT OR IGNORE INTO part VALUES ('names', '{\"regions\":[],\"wanted\":[]}')")


STEPS: Mapping[int, Upgrade] = {
    1: _add_pictures,
    2: _add_shots,
    3: _add_markers,
    4: _add_validity,
    5: _add_marks,
    6: _add_names,
}
"""From a version to the next. Steps run within a transaction and may not begin or end one."""

SCHEMA = (
    # Everything that there is one of, as JSON: film, cuts, shots, markers, marks, segment, palettes, recent_colors,
    # settings, last_revision, names.
    "CREATE TABLE part (name TEXT PRIMARY KEY NOT NULL, content TEXT NOT NULL) STRICT",
    _REFERENCE,
    # Rasters outlive their reference until the project is closed: undo may bring it back.
    "CREATE TABLE raster (reference TEXT PRIMARY KEY NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL,"
    " revision INTEGER NOT NULL, thumbnail BLOB) STRICT",
    "CREATE TABLE tile (reference TEXT NOT NULL, plane TEXT NOT NULL, row INTEGER NOT NULL,"
    ' "column" INTEGER NOT NULL, pixels BLOB NOT NULL, PRIMARY KEY (reference, plane, row, "column")) STRICT',
    # The picture that a reference was imported from, as PNG: it can be laid over another frame later.
    _PICTURE,
    # What an editor wants to find again the next time, in a form of its own; nothing is lost without it.
    _KEPT,
)

COLUMNS = {
    "part": ("name", "content"),
    "reference": ("id", "place", "name", "kind", "frame", "color", "enabled", "colored", "validity"),
    "raster": ("reference", "width", "height", "revision", "thumbnail"),
    "tile": ("reference", "plane", "row", "column", "pixels"),
    "picture": ("reference", "content"),
}


def lay_out(connection: sqlite3.Connection) -> None:
    """Make the tables of the present version in an empty database."""
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("BEGIN IMMEDIATE")
    for statement in SCHEMA:
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")


def version_of(connection: sqlite3.Connection, path: Path, newest: int = VERSION) -> int:
    """Return the version of a file; raises `ProjectError` for one of another program or a newer version."""
    if _pragma(connection, "application_id") != APPLICATION_ID:
        raise ProjectError(tr("{path} is not a project of this program.", path=path))
    version = _pragma(connection, "user_version")
    if version > newest:
        raise ProjectError(
            tr(
                "{path} was made by a newer version of this program (format {version}, this one reads up to {newest}); "
                "update the program to open it.",
                path=path,
                version=version,
                newest=newest,
            )
        )
    if version < 1:
        raise damaged(path)
    return version


def upgrade(
    connection: sqlite3.Connection, path: Path, steps: Mapping[int, Upgrade] = STEPS, newest: int = VERSION
) -> None:
    """Bring a file to the newest version: all steps or, where one fails, none."""
    version = version_of(connection, path, newest)
    if version == newest:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for each in range(version, newest):
            steps[each](connection)
        connection.execute(f"PRAGMA user_version = {newest}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def check_layout(connection: sqlite3.Connection, path: Path) -> None:
    """Raise `DamagedProjectError` where tables are missing or differ, or where a file brings code along.

    The statements that made the tables are compared: whoever leaves out STRICT could put anything into the rows, and
    defaults, checks, generated columns and indices of expressions are code.
    """
    # Indices that belong to the tables have no statement.
    made = connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    if {row[0] for row in made} != set(SCHEMA) or len(made) != len(SCHEMA):
        raise damaged(path)


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
