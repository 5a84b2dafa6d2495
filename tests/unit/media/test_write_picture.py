"""Pictures for other programs: without loss, complete or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from remaster_gui.base.errors import MediaError, StorageError
from remaster_gui.media import read_picture, write_picture


@pytest.mark.parametrize("suffix", [".png", ".tif", ".TIFF"])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_pictures_are_written_without_loss(tmp_path: Path, suffix: str, kind: type) -> None:
    pixels = np.random.default_rng(0).integers(0, np.iinfo(kind).max, (40, 60, 3), kind)
    path = tmp_path / f"picture{suffix}"
    write_picture(pixels, path)
    np.testing.assert_array_equal(read_picture(path), pixels)
    assert list(tmp_path.iterdir()) == [path]


def test_other_kinds_and_places_are_refused(tmp_path: Path) -> None:
    pixels = np.zeros((4, 4, 3), np.uint8)
    with pytest.raises(MediaError, match=r"\.png or \.tif"):
        write_picture(pixels, tmp_path / "picture.jpg")
    with pytest.raises(StorageError, match=r"^[^\n]+\.$"):
        write_picture(pixels, tmp_path / "nowhere" / "picture.png")
