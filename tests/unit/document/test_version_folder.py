"""Versions lie beside their project; what makes no sense among them is passed over."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from remaster_gui.base.errors import ProjectError, StorageError
from remaster_gui.document.version_folder import KeptVersion, VersionFolder


def kept(folder: VersionFolder, note: str) -> KeptVersion:
    number, path = folder.new_file()
    path.write_bytes(b"project")
    return folder.note_down(number, note)


def test_versions_are_numbered_noted_and_forgotten(tmp_path: Path) -> None:
    folder = VersionFolder(tmp_path / "Ä.remaster")
    assert folder.list() == ()
    first, second = kept(folder, "coat is green"), kept(folder, "")
    assert (first.number, second.number) == (1, 2) and folder.path == tmp_path / "Ä.versions"
    assert first.title.startswith("Version 1, ") and first.title.endswith(", coat is green")
    assert VersionFolder(tmp_path / "Ä.remaster").list() == (first, second)
    folder.remove(first)
    assert folder.list() == (second,) and not folder.file(1).exists()
    assert kept(folder, "x").number == 3


def test_a_version_of_another_day_says_which() -> None:
    now = datetime.now().astimezone()
    assert KeptVersion(3, now.isoformat(), "a").title == f"Version 3, {now:%H:%M}, a"
    past = now - timedelta(days=400)
    assert KeptVersion(3, past.isoformat()).title == f"Version 3, {past:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    "change", [{"number": 0}, {"taken": "yesterday"}, {"taken": 3}, {"note": "x" * 201}, {"note": None}]
)
def test_a_list_that_makes_no_sense_is_passed_over(tmp_path: Path, change: dict[str, object]) -> None:
    folder = VersionFolder(tmp_path / "a.remaster")
    kept(folder, "a")
    path = folder.path / "versions.json"
    record = json.loads(path.read_text())
    record["versions"][0] |= change
    path.write_text(json.dumps(record))
    assert folder.list() == ()


def test_what_cannot_be_kept_or_read_is_said(tmp_path: Path) -> None:
    folder = VersionFolder(tmp_path / "a.remaster")
    version = kept(folder, "no project")
    with pytest.raises(ProjectError):
        folder.read(version, ())
    folder.file(1).unlink()
    assert folder.list() == (), "its file is gone"
    (tmp_path / "b.versions").write_text("a file in its place")
    with pytest.raises(StorageError):
        VersionFolder(tmp_path / "b.remaster").new_file()
