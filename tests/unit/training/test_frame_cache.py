from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from remaster_gui.base.errors import MediaError, StorageError
from remaster_gui.training import frame_cache
from remaster_gui.training.frame_cache import cached_frames, open_frames


def test_frames_come_back_as_they_are(film_folder: Path, tmp_path: Path) -> None:
    frames = open_frames(cached_frames(film_folder / "film1.mkv", tmp_path))
    assert frames.shape == (24, 60, 80, 3)
    assert frames.dtype == np.uint8
    expected = np.array([0.1 + 0.03 * 5, 0.5, 0.4]) * 255
    assert np.abs(frames[5].astype(float) - expected).max() <= 2
    assert not frames.flags.writeable


def test_shorter_edge_is_limited(film_folder: Path, tmp_path: Path) -> None:
    assert open_frames(cached_frames(film_folder / "film1.mkv", tmp_path, 30)).shape == (24, 30, 40, 3)
    assert open_frames(cached_frames(film_folder / "film1.mkv", tmp_path, 90)).shape == (24, 60, 80, 3)
    assert len(list(tmp_path.iterdir())) == 2


def test_decoded_once_and_found_by_content(
    film_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = cached_frames(film_folder / "film0.mkv", tmp_path / "cache")
    renamed = tmp_path / "other-name.mkv"
    renamed.write_bytes((film_folder / "film0.mkv").read_bytes())

    def refuse(path: Path) -> None:
        raise AssertionError(f"{path} is decoded again")

    monkeypatch.setattr(frame_cache, "open_film", refuse)
    assert cached_frames(renamed, tmp_path / "cache") == first
    with pytest.raises(AssertionError):
        cached_frames(film_folder / "film1.mkv", tmp_path / "cache")


def test_what_is_no_film_leaves_nothing(tmp_path: Path) -> None:
    text = tmp_path / "film.mp4"
    text.write_text("not a film")
    cache = tmp_path / "cache"
    with pytest.raises(MediaError):
        cached_frames(text, cache)
    with pytest.raises(MediaError):
        cached_frames(tmp_path / "missing.mp4", cache)
    assert not cache.exists() or list(cache.iterdir()) == []


def test_full_disk_is_said_and_leaves_nothing(
    film_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = os.statvfs(tmp_path)
    monkeypatch.setattr(frame_cache, "_SPARE_BYTES", usage.f_frsize * usage.f_blocks)
    with pytest.raises(StorageError, match="make room"):
        cached_frames(film_folder / "film0.mkv", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_cache_folder_that_cannot_be(film_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be stored"):
        cached_frames(film_folder / "film0.mkv", tmp_path / "file" / "cache")
