from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from remaster_gui.base.errors import MediaError, SettingsError
from remaster_gui.media import photo_packs
from remaster_gui.media.photo_packs import PhotoPack

WritePack = Callable[[Path, list[np.ndarray]], Path]


def pictures(count: int) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (10 + n % 3, 12, 3), dtype=np.uint8) for n in range(count)]


def test_every_photograph_comes_as_it_was_in_its_order(tmp_path: Path, write_pack: WritePack) -> None:
    kept = pictures(7)
    for path in (write_pack(tmp_path / "pack", kept), tmp_path / "pack.idx"):
        pack = PhotoPack(path)
        assert len(pack) == 7
        assert all(np.array_equal(a, b) for a, b in zip(pack.pictures(), kept, strict=True))
        found = list(pack.pictures(range(1, 7, 3)))
        assert [np.array_equal(a, b) for a, b in zip(found, (kept[1], kept[4]), strict=True)] == [True, True]


@pytest.mark.parametrize(
    "offsets",
    [
        np.zeros(0, np.int64),
        np.array([0], np.int64),
        np.array([0, 10**9], np.int64),
        np.array([0, 50, 50], np.int64),
        np.array([-1, 50], np.int64),
        np.array([0.0, 50.0]),
        np.array([[0, 50]], np.int64),
    ],
)
def test_borders_that_fit_no_pictures_are_refused(
    offsets: np.ndarray, tmp_path: Path, write_pack: WritePack
) -> None:
    path = write_pack(tmp_path / "pack", pictures(1))
    with (tmp_path / "pack.idx").open("wb") as file:
        np.save(file, offsets)
    with pytest.raises(SettingsError, match=r"does not fit pack\.bin"):
        PhotoPack(path)


def test_what_is_no_pack_is_said(tmp_path: Path, write_pack: WritePack) -> None:
    with pytest.raises(SettingsError, match="no pack of photographs"):
        PhotoPack(tmp_path / "absent.bin")
    path = write_pack(tmp_path / "pack", pictures(1))
    np.save(tmp_path / "pack.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    (tmp_path / "pack.npy").replace(tmp_path / "pack.idx")
    with pytest.raises(SettingsError, match="no pack of photographs"):
        PhotoPack(path)


def test_a_damaged_photograph_is_named(
    tmp_path: Path, write_pack: WritePack, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_pack(tmp_path / "pack", pictures(3))
    data = bytearray(path.read_bytes())
    offsets = np.load(tmp_path / "pack.idx")
    data[offsets[1] : offsets[1] + 8] = b"nonsense"
    path.write_bytes(bytes(data))
    with pytest.raises(MediaError, match=r"Photograph 1 of pack\.bin"):
        list(PhotoPack(path).pictures())
    monkeypatch.setattr(photo_packs, "LARGEST", 8)
    with pytest.raises(MediaError, match="8 is the longest edge"):
        list(PhotoPack(path).pictures(range(1)))
