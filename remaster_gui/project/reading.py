"""From the rows of a project file to the project; raises `ValueError` for rows that make no sense."""

from __future__ import annotations

import sqlite3
from typing import Any

from remaster_gui.project.encoding import PARTS, decode_part
from remaster_gui.project.schema import Project, ReferenceRecord


def read_project(connection: sqlite3.Connection) -> Project:
    """Read everything but pixels."""
    parts = dict(connection.execute("SELECT name, content FROM part").fetchall())
    missing = set(PARTS) - parts.keys()
    if missing:
        raise ValueError(f"parts are missing: {', '.join(sorted(missing))}")
    fields: dict[str, Any] = {}
    for name in PARTS:
        fields |= decode_part(name, parts[name])
    rows = connection.execute(
        "SELECT id, name, kind, frame, color, enabled, colored, width, height, revision"
        " FROM reference LEFT JOIN raster ON raster.reference = reference.id ORDER BY place"
    )
    return Project(references=tuple(record(*row) for row in rows), **fields)


def record(
    id_: str,
    name: str,
    kind: Any,
    frame: int | None,
    color: str,
    enabled: int,
    colored: int,
    width: int | None,
    height: int | None,
    revision: int | None,
) -> ReferenceRecord:
    """Make a record of a row of the table ``reference`` and one of ``raster``."""
    if width is None or height is None or revision is None:
        raise ValueError(f"a reference without a raster: {id_[:40]}")
    return ReferenceRecord(
        id_, name, kind, frame, color, bool(enabled), bool(colored), width, height, revision
    )
