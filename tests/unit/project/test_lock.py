"""One process may write; others are told who does; a killed one stands in nobody's way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from remaster_gui.base.errors import ProjectError
from remaster_gui.base.locks import FileLock
from remaster_gui.project import edits
from remaster_gui.project.lock import lock_path, lock_project
from remaster_gui.project.schema import Project
from remaster_gui.project.store import ProjectStore

HOLD = """
import sys
from pathlib import Path
from remaster_gui.project.store import ProjectStore
store = ProjectStore.open(Path(sys.argv[1]))
print(store.read_only, flush=True)
sys.stdin.read()
"""


def test_the_second_opener_reads_only_and_is_told_so(tmp_path: Path, project: Project) -> None:
    path = tmp_path / "film.remaster"
    first = ProjectStore.create(path, project)
    second = ProjectStore.open(path)
    assert (first.read_only, second.read_only) == (False, True)
    assert "film.remaster is open in another window (since " in second.read_only_reason
    assert second.load() == project
    with pytest.raises(ProjectError, match="open in another window"):
        second.save(edits.with_cuts(project, None))
    with pytest.raises(ProjectError, match="open in another window"):
        ProjectStore.create(path, project)
    first.load()
    first.save(edits.with_cuts(project, [4]))
    assert second.load().cuts == (0, 4)
    second.close()
    first.close()
    third = ProjectStore.open(path)
    assert not third.read_only
    third.close()
    assert not lock_path(path).exists()


def test_a_killed_process_leaves_no_lock(tmp_path: Path, project: Project) -> None:
    path = tmp_path / "film.remaster"
    ProjectStore.create(path, project).close()
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None and process.stdout is not None
    with process:
        assert process.stdout.readline().strip() == "False"
        store = ProjectStore.open(path)
        assert f"(process {process.pid}, since " in store.read_only_reason
        store.close()
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert lock_path(path).exists()
    store = ProjectStore.open(path)
    assert not store.read_only
    store.close()


def test_one_project_has_one_lock_whatever_it_is_called(tmp_path: Path, project: Project) -> None:
    path, link = tmp_path / "film.remaster", tmp_path / "link.remaster"
    store = ProjectStore.create(path, project)
    link.symlink_to(path)
    other = ProjectStore.open(link)
    assert other.read_only
    other.close()
    store.close()


def test_opening_for_looking_leaves_the_lock_to_others(tmp_path: Path, project: Project) -> None:
    path = tmp_path / "film.remaster"
    ProjectStore.create(path, project).close()
    looking = ProjectStore.open(path, read_only=True)
    writing = ProjectStore.open(path)
    assert (looking.read_only, writing.read_only) == (True, False)
    looking.close()
    writing.close()


def test_a_lock_that_says_nothing_still_holds(tmp_path: Path) -> None:
    path = tmp_path / "film.remaster"
    lock = lock_project(path)
    assert isinstance(lock, FileLock)
    lock_path(path).write_text("\0 nonsense")
    said = lock_project(path)
    assert isinstance(said, str) and "it is not known which" in said
    lock.release()


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_where_nothing_can_be_written_projects_are_read_only(tmp_path: Path, project: Project) -> None:
    path = tmp_path / "film.remaster"
    ProjectStore.create(path, project).close()
    tmp_path.chmod(0o500)
    try:
        store = ProjectStore.open(path)
        assert "nothing can be written" in store.read_only_reason
        assert store.load() == project
        store.close()
    finally:
        tmp_path.chmod(0o700)
