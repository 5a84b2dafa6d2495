"""From the rows of a project file to the project; raises `ValueError` for rows that make no sense."""

from __future__ import annotations

import sqlite3
from typing import Any, get_args

from remaster_gui.base import plain_data
from remaster_gui.project.encoding import PARTS, decode_part, decode_validity
from remaster_gui.project.schema import Project, ReferenceKind, ReferenceRecord


def read_project(connection: sqlite3.Connection) -> Project:
    """Read everything but pixels."""
    parts = {
        plain_data.text(name): text for name, text in connection.execute("SELECT name, content FROM part")
    }
    missing = set(PARTS) - parts.keys()
    if missing:
        raise ValueError(f"parts are missing: {', '.join(sorted(missing))}")
    fields: dict[str, Any] = {}
    for name in PARTS:
        fields |= decode_part(name, parts[name])
    rows = connection.execute(
        "SELECT id, name, kind, frame, color, enabled, colored, validity, width, height, revision"
        " FROM reference LEFT JOIN raster ON raster.reference = reference.id ORDER BY place"
    )
    return Project(references=tuple(record(*row) for row in rows), **fields)


def record(
    id_: Any,
    name: Any,
    kind: Any,
    frame: Any,
    color: Any,
    enabled: Any,
    colored: Any,
    validity: Any,
    width: Any,
    height: Any,
    revision: Any,
) -> ReferenceRecord:
    """Make a record of a row of the table ``reference`` and one of ``raster``."""
    return ReferenceRecord(
        plain_data.text(id_),
        plain_data.text(name),
        plain_data.choice(kind, get_args(ReferenceKind)),
        None if frame is None else plain_data.whole(frame),
        plain_data.text(color),
        bool(plain_data.whole(enabled, 0, 1)),
        bool(plain_data.whole(colored, 0, 1)),
        plain_data.whole(width),
        plain_data.whole(height),
        plain_data.whole(revision),
        decode_validity(validity),
    )
