"""Stills and versions go along with a copy of their project, beside what lies there already."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from remaster_gui.base.errors import StorageError
from remaster_gui.document.still_gallery import GrabbedStill, StillGallery
from remaster_gui.document.taking_along import take_along
from remaster_gui.document.version_folder import KeptVersion, VersionFolder

PICTURE = np.random.default_rng(0).integers(0, 256, (18, 20, 3), np.uint8)


def kept(project: Path, note: str) -> KeptVersion:
    folder = VersionFolder(project)
    number, path = folder.new_file()
    path.write_text(f"version {note}")
    return folder.note_down(number, note)


def notes(project: Path) -> list[tuple[int, str, str]]:
    folder = VersionFolder(project)
    return [(each.number, each.note, folder.file(each.number).read_text()) for each in folder.list()]


def test_copies_get_what_lies_beside_a_project_and_it_keeps_its_own(tmp_path: Path) -> None:
    first, second = tmp_path / "first.remaster", tmp_path / "other" / "second.remaster"
    second.parent.mkdir()
    still = StillGallery(first).add(7, PICTURE)
    version = kept(first, "coat")
    take_along(first, second)
    for project in (first, second):
        assert StillGallery(project).list() == (still,) and VersionFolder(project).list() == (version,)
        np.testing.assert_array_equal(StillGallery(project).read(still), PICTURE)
        assert notes(project) == [(1, "coat", "version coat")]
    kept(second, "hat")
    take_along(second, first)
    assert [note for _, note, _ in notes(first)] == ["coat", "hat"], "what was there is not there twice"
    assert StillGallery(first).list() == (still,)


def test_copies_are_as_private_as_what_they_are_of(tmp_path: Path) -> None:
    first, second = tmp_path / "first.remaster", tmp_path / "second.remaster"
    version = kept(first, "coat")
    VersionFolder(first).file(version.number).chmod(0o600)
    take_along(first, second)
    assert [each.stat().st_mode & 0o777 for each in VersionFolder(second).path.iterdir()] == [0o600, 0o600]


def test_nothing_that_lies_there_is_replaced(tmp_path: Path) -> None:
    first, second = tmp_path / "first.remaster", tmp_path / "second.remaster"
    StillGallery(first).add(7, PICTURE)
    StillGallery(second).add(7, PICTURE // 2)
    kept(first, "coat")
    kept(second, "hat")
    take_along(first, second)
    stills = StillGallery(second)
    assert stills.list() == (GrabbedStill(1, 7), GrabbedStill(2, 7))
    np.testing.assert_array_equal(stills.read(GrabbedStill(1, 7)), PICTURE // 2)
    np.testing.assert_array_equal(stills.read(GrabbedStill(2, 7)), PICTURE)
    assert notes(second) == [(1, "hat", "version hat"), (2, "coat", "version coat")]


def test_without_any_no_folder_is_made(tmp_path: Path) -> None:
    take_along(tmp_path / "first.remaster", tmp_path / "second.remaster")
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_go_along_is_said(tmp_path: Path) -> None:
    first = tmp_path / "first.remaster"
    StillGallery(first).add(7, PICTURE)
    (tmp_path / "second.stills").write_text("a file in its place")
    with pytest.raises(StorageError, match=r"second\.stills"):
        take_along(first, tmp_path / "second.remaster")
