"""What somebody else laid beside a project: nothing elsewhere is deleted or written, and the project is as it was."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from remaster_gui.base.errors import DamagedProjectError, ProjectError
from remaster_gui.painting.raster import Raster
from remaster_gui.project import edits
from remaster_gui.project.lock import lock_path
from remaster_gui.project.recovery import recover
from remaster_gui.project.schema import Project
from remaster_gui.project.store import ProjectStore

CRASH = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE part SET content = '[0, 7]' WHERE name = 'cuts'")
connection.execute("UPDATE tile SET pixels = zeroblob(length(pixels))")
os._exit(1)
"""
"""Dies in the middle of a save, with pages written and a journal that brings the old ones back."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "from somebody"
    folder.mkdir()
    return folder


@pytest.fixture
def path(folder: Path, project: Project, rasters: dict[str, Raster]) -> Path:
    path = folder / "film.remaster"
    ProjectStore.create(path, project, rasters.items()).close()
    return path


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    victim = tmp_path / "precious.txt"
    victim.write_text("precious")
    return victim


def _journal(path: Path) -> Path:
    return path.with_name(f"{path.name}-journal")


def _crash(path: Path) -> None:
    subprocess.run([sys.executable, "-c", CRASH, path], check=False)
    assert _journal(path).stat().st_size > 512


def _name_super_journal(journal: Path, victim: Path) -> None:
    """End a journal as SQLite does when a transaction spans several files."""
    name = os.fsencode(victim)
    lock_page = (0x40000000 // 8192 + 1).to_bytes(4, "big")
    end = len(name).to_bytes(4, "big") + sum(name).to_bytes(4, "big") + bytes.fromhex("d9d505f920a163d7")
    with journal.open("ab") as file:
        file.write(lock_page + name + end)


def _whole(path: Path, project: Project) -> ProjectStore:
    store = ProjectStore.open(path)
    assert store.load() == project
    for reference in project.references:
        store.load_raster(reference.id)
    return store


def test_a_journal_of_ours_brings_back_the_last_save(path: Path, project: Project) -> None:
    _crash(path)
    _whole(path, project).close()
    assert not _journal(path).exists()


def test_sqlite_alone_would_delete_what_a_journal_names(path: Path, victim: Path) -> None:
    """So that the tests below try what they say."""
    _crash(path)
    _name_super_journal(_journal(path), victim)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("SELECT * FROM part").fetchall()
    assert not victim.exists()


def test_a_file_that_a_journal_names_is_not_deleted(path: Path, project: Project, victim: Path) -> None:
    _crash(path)
    _name_super_journal(_journal(path), victim)
    _name_super_journal(_journal(path), victim)
    _whole(path, project).close()
    assert victim.read_text() == "precious"


def test_a_journal_of_nothing_but_names_is_laid_aside(path: Path, project: Project, victim: Path) -> None:
    _journal(path).write_bytes(bytes.fromhex("d9d505f920a163d7") * 40)
    _name_super_journal(_journal(path), victim)
    _journal(path).write_bytes(_journal(path).read_bytes()[:-40] + bytes.fromhex("d9d505f920a163d7") * 40)
    _whole(path, project).close()
    assert len(list(path.parent.glob("*.stray"))) == 1
    assert victim.read_text() == "precious"


def test_looking_only_touches_nothing_either(path: Path, victim: Path) -> None:
    _crash(path)
    _name_super_journal(_journal(path), victim)
    before = _journal(path).read_bytes()
    with pytest.raises(
        ProjectError, match=r"film\.remaster-journal was not made by this program .* remove it"
    ):
        ProjectStore.open(path, read_only=True)
    assert victim.read_text() == "precious"
    assert _journal(path).read_bytes() == before


def test_recovery_touches_nothing_either(path: Path, project: Project, victim: Path, tmp_path: Path) -> None:
    _crash(path)
    _name_super_journal(_journal(path), victim)
    into = tmp_path / "recovered.remaster"
    assert recover(path, into) == []
    _whole(into, project).close()
    assert victim.read_text() == "precious"


def test_a_journal_that_appears_while_the_project_is_open_is_refused(
    path: Path, project: Project, victim: Path, folder: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(folder, tmp_path / "other")) / path.name
    _crash(other)
    _name_super_journal(_journal(other), victim)
    store = ProjectStore.open(path)
    store.load()
    shutil.copy(_journal(other), _journal(path))
    for use in (lambda: store.save(edits.with_cuts(project, None)), store.load, store.sweep,
                lambda: store.load_raster(project.references[0].id)):  # fmt: skip
        with pytest.raises(ProjectError, match="was not made by this program"):
            use()
    assert victim.read_text() == "precious"
    _journal(path).unlink()
    store.save(edits.with_cuts(project, None))
    store.close()


LINKS: dict[str, Callable[[Path, Path], None]] = {
    "link": lambda path, victim: path.symlink_to(victim),
    "link to nothing": lambda path, victim: path.symlink_to(victim.with_name("new")),
    "second name": lambda path, victim: path.hardlink_to(victim),
    "folder": lambda path, victim: path.mkdir(),
    "pipe": lambda path, victim: os.mkfifo(path),
}


@pytest.mark.parametrize("ending", ["-journal", "-wal", "-shm"])
@pytest.mark.parametrize("lay", LINKS.values(), ids=LINKS)
def test_nothing_is_written_through_what_lies_beside(
    path: Path, project: Project, victim: Path, ending: str, lay: Callable[[Path, Path], None]
) -> None:
    victim.write_bytes(
        b"\0precious"
    )  # SQLite takes a journal that begins with zeros for an old one, and reuses it
    lay(path.with_name(path.name + ending), victim)
    store = _whole(path, project)
    store.save(edits.with_cuts(project, [3]))
    store.close()
    assert victim.read_bytes() == b"\0precious"
    assert not victim.with_name("new").exists()


@pytest.mark.parametrize("lay", LINKS.values(), ids=LINKS)
def test_nothing_is_written_through_the_name_of_the_lock(
    path: Path, project: Project, victim: Path, lay: Callable[[Path, Path], None]
) -> None:
    lay(lock_path(path), victim)
    store = ProjectStore.open(path)
    store.load()
    if not store.read_only:
        store.save(edits.with_cuts(project, [3]))
    store.close()
    assert victim.read_text() == "precious"
    assert not victim.with_name("new").exists()


def test_a_write_ahead_log_is_not_read_into_a_project(path: Path, project: Project, tmp_path: Path) -> None:
    other = tmp_path / "other.remaster"
    shutil.copy(path, other)
    with closing(sqlite3.connect(other, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("DELETE FROM reference")
        shutil.copy(f"{other}-wal", f"{path}-wal")
    _whole(path, project).close()


def test_a_project_that_asks_for_a_log_is_damaged(path: Path, folder: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    with pytest.raises(DamagedProjectError):
        ProjectStore.open(path)
    assert [each.name for each in folder.iterdir()] == [path.name]


def test_a_new_project_takes_the_place_of_a_link_and_not_of_what_it_leads_to(
    folder: Path, project: Project, rasters: dict[str, Raster], victim: Path
) -> None:
    path, copy = folder / "new.remaster", folder / "copy.remaster"
    for each in (path, copy):
        each.symlink_to(victim)
    store = ProjectStore.create(path, project, rasters.items())
    store.copy_to(copy)
    store.close()
    assert victim.read_text() == "precious"
    for each in (path, copy):
        assert not each.is_symlink()
        _whole(each, project).close()


def test_leftovers_of_the_old_names_are_not_written_through(
    folder: Path, project: Project, victim: Path
) -> None:
    (folder / ".new.remaster.part").symlink_to(victim)
    ProjectStore.create(folder / "new.remaster", project).close()
    assert victim.read_text() == "precious"


def test_projects_are_for_the_user_alone(path: Path, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = ProjectStore.open(path)
        store.copy_to(tmp_path / "copy.remaster")
        store.close()
        recover(path, tmp_path / "recovered.remaster")
    finally:
        os.umask(before)
    for each in (path, tmp_path / "copy.remaster", tmp_path / "recovered.remaster"):
        assert each.stat().st_mode & 0o777 == 0o600
