"""Files that are no projects, or that want to do harm: one sentence each, and nothing is changed."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from remaster_gui.base.errors import DamagedProjectError, ProjectError
from remaster_gui.painting.raster import Raster
from remaster_gui.project.recovery import recover
from remaster_gui.project.schema import Project
from remaster_gui.project.store import ProjectStore


@pytest.fixture
def path(tmp_path: Path, project: Project) -> Path:
    path = tmp_path / "film.remaster"
    ProjectStore.create(
        path, Project(project.film, references=project.references[:1], last_revision=9)
    ).close()
    return path


def _refusal(path: Path) -> ProjectError:
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(ProjectError) as info:
        store = ProjectStore.open(path)
        try:
            store.load()
        finally:
            store.close()
    sentence = str(info.value)
    assert sentence.endswith(".") and ". " not in sentence and len(sentence) < 300
    assert str(path) in sentence
    assert (path.read_bytes() if path.is_file() else b"") == before
    assert {each.name for each in path.parent.iterdir()} <= {path.name}
    return info.value


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", np.random.default_rng(0).bytes(50_000), b"SQLite format 3\0", b"\x89PNG\r\n\x1a\n"],
)
def test_what_is_no_project(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "film.remaster"
    path.write_bytes(content)
    assert "is not a project of this program" in str(_refusal(path))


def test_what_is_not_there(tmp_path: Path) -> None:
    assert "does not exist" in str(_refusal(tmp_path / "film.remaster"))
    circle = tmp_path / "circle.remaster"
    circle.symlink_to(circle.name)
    assert "does not exist" in str(_refusal(circle))
    circle.unlink()
    folder = tmp_path / "folder.remaster"
    folder.mkdir()
    assert "does not exist" in str(_refusal(folder))


def test_a_database_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "film.remaster"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE part (name TEXT, content TEXT)")
    assert "is not a project of this program" in str(_refusal(path))


HARM = {
    "table missing": "DROP TABLE tile",
    "column missing": "ALTER TABLE reference DROP COLUMN color",
    "trigger": "CREATE TRIGGER t AFTER INSERT ON part BEGIN DELETE FROM tile; END",
    "view": "CREATE VIEW v AS SELECT * FROM part",
    "version": "PRAGMA user_version = -1",
    "part missing": "DELETE FROM part WHERE name = 'film'",
    "raster missing": "DELETE FROM raster",
    "size": "UPDATE raster SET width = 1000000000, height = 1000000000",
    "negative size": "UPDATE raster SET width = -5",
    "revision": "UPDATE raster SET revision = 9223372036854775807",
    "frame": "UPDATE reference SET frame = -1",
    "kind": "UPDATE reference SET kind = 'virus'",
    "color": "UPDATE reference SET color = 'url(http://x)'",
    "name": "UPDATE reference SET name = 'a' || char(10) || 'b'",
    "long name": "UPDATE reference SET name = replace(hex(zeroblob(1000)), '0', 'x')",
    "index": "CREATE INDEX i ON part (length(name))",
    "trigger on a table of statistics": "ANALYZE",
    "id": "UPDATE reference SET id = '../../x'; UPDATE raster SET reference = '../../x'",
}


@pytest.mark.parametrize("statements", HARM.values(), ids=HARM.keys())
def test_rows_that_make_no_sense(path: Path, statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(statements)
    assert isinstance(_refusal(path), DamagedProjectError)


CHANGE = "UPDATE sqlite_schema SET sql = ? WHERE name = ?"
LOOSE = {
    "name": "UPDATE reference SET name = 5",
    "name in bytes": "UPDATE reference SET name = x'ff'",
    "frame": "UPDATE reference SET frame = 1.5",
    "frame in words": "UPDATE reference SET frame = 'one'",
    "enabled": "UPDATE reference SET enabled = 'yes'",
    "width": "UPDATE raster SET width = 600.0",
    "height": "UPDATE raster SET height = 'high'",
    "revision": "UPDATE raster SET revision = 1e300",
    "revision in bytes": "UPDATE raster SET revision = x'00'",
    "thumbnail": "UPDATE raster SET thumbnail = 7",
    "pixels": "UPDATE tile SET pixels = 'text'",
    "row": "UPDATE tile SET row = row + 0.5",
    "plane": "UPDATE tile SET plane = plane || x'00'",
    "content": "UPDATE part SET content = 5 WHERE name = 'cuts'",
    "content in bytes": "UPDATE part SET content = x'ff' WHERE name = 'film'",
    "nothing": "SELECT 1",
}


@pytest.fixture(scope="module")
def loosened(
    tmp_path_factory: pytest.TempPathFactory, make_raster: Callable[..., Raster], project: Project
) -> tuple[Path, list[tuple[str, str]]]:
    """A project whose tables take anything, and each table's name with how it is said to be made."""
    path = tmp_path_factory.mktemp("project") / "film.remaster"
    rasters = [(record.id, make_raster(number)) for number, record in enumerate(project.references)]
    ProjectStore.create(path, project, rasters).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        strict = connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
        for name, sql in strict:
            loose = (
                sql.replace(" STRICT", "").replace(" TEXT", "").replace(" INTEGER", "").replace(" BLOB", "")
            )
            connection.execute(CHANGE, (loose, name))
        connection.execute("PRAGMA writable_schema = RESET")
    return path, strict


@pytest.mark.parametrize("keep_strict", [False, True])
@pytest.mark.parametrize("statements", LOOSE.values(), ids=LOOSE)
def test_values_of_other_kinds_are_damage_that_can_be_recovered(
    tmp_path: Path, loosened: tuple[Path, list[tuple[str, str]]], project: Project, statements: str,
    keep_strict: bool,
) -> None:  # fmt: skip
    """Whether the tables say that they take anything, or hide it."""
    source, strict = loosened
    path = Path(shutil.copyfile(source, tmp_path / "film.remaster"))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(statements)
        if keep_strict:
            connection.execute("PRAGMA writable_schema = ON")
            connection.executemany(CHANGE, [(sql, name) for name, sql in strict])
    try:
        store = ProjectStore.open(path)
        try:
            found = store.load()
            store.thumbnails(found.references)
            for record in found.references:
                store.load_raster(record.id)
            assert statements in (LOOSE["nothing"], LOOSE["thumbnail"]) and keep_strict
        finally:
            store.close()
    except DamagedProjectError:
        pass
    into = tmp_path / "recovered.remaster"
    losses = recover(path, into, project.film)
    store = ProjectStore.open(into)
    found = store.load()
    for record in found.references:
        store.load_raster(record.id)
    store.close()
    # Which count of changes the pixels had is nothing that anybody misses.
    same = [replace(record, revision=0) for record in found.references]
    assert losses or same == [replace(record, revision=0) for record in project.references]


PARTS: dict[str, Callable[[dict[str, object]], object]] = {
    "no json": lambda film: "{",
    "list": lambda film: [],
    "null": lambda film: None,
    "frames": lambda film: film | {"frame_count": 10**18},
    "more digits than there are": lambda film: film | {"byte_count": "DIGITS"},
    "float": lambda film: film | {"frame_count": 2.5},
    "infinite": lambda film: film | {"frame_count": float("inf")},
    "true": lambda film: film | {"width": True},
    "rate": lambda film: film | {"rate": [1, 0]},
    "rates": lambda film: film | {"rate": [24]},
    "path": lambda film: film | {"path": 5},
    "path with a null": lambda film: film | {"path": "a\0b"},
    "digest": lambda film: film | {"digest": "x"},
    "missing": lambda film: {"path": "/x"},
    "deep": lambda film: "DEEP",
}


@pytest.mark.parametrize("change", PARTS.values(), ids=PARTS.keys())
def test_a_film_that_makes_no_sense(path: Path, change: Callable[[dict[str, object]], object]) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        film = json.loads(connection.execute("SELECT content FROM part WHERE name = 'film'").fetchone()[0])
        text = json.dumps(change(film)).replace('"DIGITS"', "9" * 5000).replace('"DEEP"', "[" * 200_000)
        connection.execute("UPDATE part SET content = ? WHERE name = 'film'", (text,))
    assert isinstance(_refusal(path), DamagedProjectError)


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("cuts", "[5, 3]"),
        ("cuts", "[0, 999999999]"),
        ("cuts", '{"a": 1}'),
        ("segment", "[1]"),
        ("segment", "[9, 2]"),
        ("palettes", '[{"name": "", "swatches": []}]'),
        ("palettes", '[{"name": "x", "swatches": [["a"]]}]'),
        ("recent_colors", '["red"]'),
        ("settings", '{"edge": 320}'),
        ("settings", '{"edge": -1, "luminance": "restored", "restoration": true, "colorization": true,'
                     ' "proxy": "half", "weights": null}'),
        ("last_revision", "0"),
        ("last_revision", "1e3"),
    ],
)  # fmt: skip
def test_parts_that_make_no_sense(path: Path, part: str, content: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE part SET content = ? WHERE name = ?", (content, part))
    assert isinstance(_refusal(path), DamagedProjectError)


def test_a_tile_that_would_fill_the_memory(path: Path, project: Project) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO tile VALUES (?, 'luminance', 0, 0, zeroblob(70000000))", (project.references[0].id,)
        )
    store = ProjectStore.open(path)
    store.load()
    with pytest.raises(DamagedProjectError):
        store.load_raster(project.references[0].id)
    store.close()
