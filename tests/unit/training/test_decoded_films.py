from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from remaster_gui.base.errors import MediaError, StorageError
from remaster_gui.base.notices import complete
from remaster_gui.base.timebase import FrameRange
from remaster_gui.training import decoded_films as frame_cache
from remaster_gui.training.decoded_films import SHORTER_EDGE, cached_frames, cached_shots, open_frames


def decoded(film: Path, folder: Path, shorter_edge: int = SHORTER_EDGE) -> Path:
    return complete(cached_frames(film, folder, shorter_edge))[0]


def shots_of(film: Path, cached: Path) -> tuple[FrameRange, ...]:
    return complete(cached_shots(film, cached))[0]


def test_frames_come_back_as_they_are(film_folder: Path, tmp_path: Path) -> None:
    frames = open_frames(decoded(film_folder / "film1.mkv", tmp_path))
    assert frames.shape == (24, 60, 80, 3)
    assert frames.dtype == np.uint8
    expected = np.array([0.1 + 0.03 * 5, 0.5, 0.4]) * 255
    assert np.abs(frames[5].astype(float) - expected).max() <= 2
    assert not frames.flags.writeable


def test_shorter_edge_is_limited(film_folder: Path, tmp_path: Path) -> None:
    assert open_frames(decoded(film_folder / "film1.mkv", tmp_path, 30)).shape == (24, 30, 40, 3)
    assert open_frames(decoded(film_folder / "film1.mkv", tmp_path, 90)).shape == (24, 60, 80, 3)
    assert len(list(tmp_path.iterdir())) == 2


def test_decoded_once_and_found_by_content(
    film_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = decoded(film_folder / "film0.mkv", tmp_path / "cache")
    renamed = tmp_path / "other-name.mkv"
    renamed.write_bytes((film_folder / "film0.mkv").read_bytes())

    def refuse(path: Path) -> None:
        raise AssertionError(f"{path} is decoded again")

    monkeypatch.setattr(frame_cache, "open_film", refuse)
    assert decoded(renamed, tmp_path / "cache") == first
    with pytest.raises(AssertionError):
        decoded(film_folder / "film1.mkv", tmp_path / "cache")


def _npy(shape: tuple[int, ...], kind: type, *, fortran: bool = False) -> bytes:
    file = io.BytesIO()
    np.save(file, np.zeros(shape, kind, order="F" if fortran else "C"))
    return file.getvalue()


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut short": lambda content: content[:-1000],
    "header": lambda content: content[:20] + b"(" * 100 + content[120:],
    "no magic": lambda content: b"x" + content[1:],
    "archive": lambda _: b"PK\x03\x04" + bytes(100),
    "objects": lambda _: _npy((3,), object),
    "floats": lambda _: _npy((2, 4, 4, 3), float),
    "grey": lambda _: _npy((2, 4, 4), np.uint8),
    "no frame": lambda _: _npy((0, 4, 4, 3), np.uint8),
    "shape without end": lambda content: content.replace(b"(24,", b"(24000000000,"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_damaged_frames_are_decoded_again(
    film_folder: Path, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    film = film_folder / "film1.mkv"
    cached = decoded(film, tmp_path)
    whole = cached.read_bytes()
    cached.unlink()  # a running training may have it mapped
    cached.write_bytes(damage(whole))
    assert decoded(film, tmp_path).read_bytes() == whole


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[" * 100_000,
        b"{}",
        b"[]",
        b"[[0, 5], [9, 24]]",
        b"[[0]]",
        b"[[0, 1e3]]",
        b"\xff",
        b"[[3, 24]]",
        b"[[0, 20]]",
    ],
)
def test_damaged_notes_of_shots_are_made_again(film_folder: Path, tmp_path: Path, content: bytes) -> None:
    film = film_folder / "film1.mkv"
    cached = decoded(film, tmp_path)
    shots = shots_of(film, cached)
    (note,) = tmp_path.glob("*.json")
    note.write_bytes(content)
    assert shots_of(film, cached) == shots
    assert json.loads(note.read_text()) == [[shot.start, shot.stop] for shot in shots]


def test_what_is_no_film_leaves_nothing(tmp_path: Path) -> None:
    text = tmp_path / "film.mp4"
    text.write_text("not a film")
    cache = tmp_path / "cache"
    with pytest.raises(MediaError):
        decoded(text, cache)
    with pytest.raises(MediaError):
        decoded(tmp_path / "missing.mp4", cache)
    assert not cache.exists() or list(cache.iterdir()) == []


def test_full_disk_is_said_and_leaves_nothing(
    film_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil.disk_usage(tmp_path)._replace(free=10**6)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: full)
    with pytest.raises(StorageError, match="make room"):
        decoded(film_folder / "film0.mkv", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_cache_folder_that_cannot_be(film_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be stored"):
        decoded(film_folder / "film0.mkv", tmp_path / "file" / "cache")
