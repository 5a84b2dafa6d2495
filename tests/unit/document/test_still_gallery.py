"""Stills lie beside their project, come back as they were, and leave other files alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from remaster_gui.base.errors import MediaError, StorageError
from remaster_gui.document.still_gallery import GrabbedStill, StillGallery

PICTURE = np.random.default_rng(0).integers(0, 256, (18, 20, 3), np.uint8)


def test_stills_come_back_in_their_order(tmp_path: Path) -> None:
    folder = StillGallery(tmp_path / "Ä film.remaster")
    assert folder.list() == ()
    first, second = folder.add(145, PICTURE), folder.add(7, PICTURE // 2)
    assert (first, second) == (GrabbedStill(1, 145), GrabbedStill(2, 7))
    again = StillGallery(tmp_path / "Ä film.remaster")
    assert again.path == tmp_path / "Ä film.stills" and again.list() == (first, second)
    np.testing.assert_array_equal(again.read(first), PICTURE)
    content = again.remove(first)
    assert again.list() == (second,) and again.add(1, PICTURE) == GrabbedStill(3, 1)
    again.bring_back(first, content)
    np.testing.assert_array_equal(again.read(first), PICTURE)


def test_files_of_others_are_passed_over(tmp_path: Path) -> None:
    folder = StillGallery(tmp_path / "a.remaster")
    still = folder.add(3, PICTURE)
    for name in ("notes.txt", "still 2.png", "still x frame 3.png", ".still 004 frame 000001.png"):
        (folder.path / name).write_text("")
    (folder.path / GrabbedStill(9, 9).name).mkdir()
    assert folder.list() == (still,)


def test_what_cannot_be_kept_or_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.stills").write_text("a file in its place")
    folder = StillGallery(tmp_path / "a.remaster")
    with pytest.raises(StorageError):
        folder.add(1, PICTURE)
    assert folder.list() == ()
    with pytest.raises(MediaError):
        StillGallery(tmp_path / "b.remaster").read(GrabbedStill(1, 1))
    with pytest.raises(StorageError):
        StillGallery(tmp_path / "b.remaster").remove(GrabbedStill(1, 1))
