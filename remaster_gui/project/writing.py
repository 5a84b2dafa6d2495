"""From one project to the next in the rows of its file: only what differs is written."""

from __future__ import annotations

import sqlite3

from remaster_gui.project.encoding import encode, encode_validity
from remaster_gui.project.schema import Project, ReferenceRecord


def write_differences(connection: sqlite3.Connection, before: Project | None, after: Project) -> None:
    """Bring the rows from `before`, which they hold now (None: no rows yet), to `after`; within a transaction.

    Rasters of references that go stay behind, for undo.
    """
    old_parts = {} if before is None else encode(before)
    parts = [(name, text) for name, text in encode(after).items() if old_parts.get(name) != text]
    connection.executemany("INSERT OR REPLACE INTO part VALUES (?, ?)", parts)
    old = _placed(before)
    new = _placed(after)
    connection.executemany("DELETE FROM reference WHERE id = ?", [(id_,) for id_ in old.keys() - new.keys()])
    for id_, (place, record) in new.items():
        if old.get(id_) == (place, record):
            continue
        connection.execute(
            "INSERT OR REPLACE INTO reference VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                id_,
                place,
                record.name,
                record.kind,
                record.frame,
                record.color,
                record.enabled,
                record.colored,
                encode_validity(record.validity),
            ),
        )
        connection.execute(
            "INSERT INTO raster VALUES (?, ?, ?, ?, NULL) ON CONFLICT (reference) DO UPDATE SET"
            " width = excluded.width, height = excluded.height, revision = excluded.revision",
            (id_, record.width, record.height, record.revision),
        )


def _placed(project: Project | None) -> dict[str, tuple[int, ReferenceRecord]]:
    references = () if project is None else project.references
    return {record.id: (place, record) for place, record in enumerate(references)}
