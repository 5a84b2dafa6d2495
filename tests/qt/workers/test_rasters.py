"""Pictures to and from other programs."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import cv2
import numpy as np
import pytest

from remaster_gui.base.errors import MediaError, StorageError
from remaster_gui.media import open_film, read_picture
from remaster_gui.workers.background import BackgroundTasks
from remaster_gui.workers.rasters import (
    raster_of_frame,
    raster_of_picture,
    raster_of_result,
    write_frame,
    write_picture,
)

GO = Event()


@pytest.mark.parametrize("suffix", [".png", ".tif", ".TIFF"])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_pictures_are_written_without_loss(tmp_path: Path, suffix: str, kind: type) -> None:
    pixels = np.random.default_rng(0).integers(0, np.iinfo(kind).max, (40, 60, 3), kind)
    path = write_picture(pixels, tmp_path / f"picture{suffix}", GO)
    np.testing.assert_array_equal(read_picture(path), pixels)
    assert list(tmp_path.iterdir()) == [path]


def test_other_kinds_and_places_are_refused(tmp_path: Path) -> None:
    pixels = np.zeros((4, 4, 3), np.uint8)
    with pytest.raises(MediaError, match=r"\.png or \.tif"):
        write_picture(pixels, tmp_path / "picture.jpg", GO)
    with pytest.raises(StorageError, match=r"^[^\n]+\.$"):
        write_picture(pixels, tmp_path / "nowhere" / "picture.png", GO)


def test_a_frame_goes_out_and_comes_back_coloured(film: Path, tmp_path: Path) -> None:
    written = write_frame(film, 7, tmp_path / "frame.png", GO)
    with open_film(film) as opened:
        luma = opened.read(7).pixels
    np.testing.assert_array_equal(read_picture(written), luma[..., None].repeat(3, axis=2))
    # The other program tints it.
    picture = cv2.imread(str(written))
    cv2.imwrite(str(written), (picture * [0.6, 0.8, 1.0]).astype(np.uint8))
    raster = raster_of_picture(written, film, 7, GO)
    plain = raster_of_frame(film, 7, GO)
    np.testing.assert_array_equal(raster.luminance, plain.luminance)
    assert raster.is_colored
    assert not plain.is_colored
    bright = raster.luminance > 100
    assert np.median(raster.chrominance[..., 1][bright]) > 130


def test_a_picture_without_frame_stands_free(tmp_path: Path, film: Path) -> None:
    path = tmp_path / "free.png"
    cv2.imwrite(str(path), np.full((50, 90, 3), (20, 80, 160), np.uint8))
    raster = raster_of_picture(path, film, None, GO)
    assert (raster.width, raster.height) == (90, 50)
    assert np.abs(raster.rgb()[0, 0].astype(int) - (160, 80, 20)).max() <= 3


def test_a_remastered_frame_becomes_a_raster(film: Path) -> None:
    chrominance = np.full((32, 48, 2), round(160 / 255 * 65535), np.uint16)
    raster = raster_of_result(film, 7, chrominance, GO)
    assert (raster.width, raster.height) == (80, 64)
    assert np.abs(raster.chrominance.astype(int) - 160).max() <= 1


def test_an_unreadable_picture_is_one_sentence(qtbot: Any, tmp_path: Path, film: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"no picture")
    tasks = BackgroundTasks()
    task = tasks.start(partial(raster_of_picture, tmp_path / "bad.png", film, 3), doing="importing")
    with qtbot.waitSignal(task.failed, timeout=60_000) as failed:
        pass
    assert "bad.png" in failed.args[0]
    tasks.close()
