"""References laid over other frames: colours, strokes and regions lie where the frame shows the same things."""

import cv2
import numpy as np
import pytest

from remaster_gui.base.packed_regions import pack_region, unpack_region
from remaster_gui.painting.copies import carried, copied
from remaster_gui.painting.raster import LAID, PAINTED, Raster

MOVED = (9, 6)
"""Pixels to the right and down by which the other frame shows the same."""


@pytest.fixture
def scene() -> np.ndarray:
    """A frame full of detail, larger than what is looked at."""
    blocks = np.random.default_rng(7).integers(30, 220, (20, 26)).astype(np.uint8)
    return cv2.resize(blocks, (208, 160), interpolation=cv2.INTER_CUBIC)


def _frames(scene: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    x, y = MOVED
    return scene[16:144, 16:192], scene[16 - y : 144 - y, 16 - x : 192 - x]


def test_strokes_and_the_region_go_where_the_frame_shows_the_same(scene: np.ndarray) -> None:
    here, there = _frames(scene)
    raster = Raster.of_frame(here)
    raster.chrominance[40:80, 60:110] = (150, 90)
    raster.coverage[40:80, 60:110] = PAINTED
    mask = np.zeros(here.shape, bool)
    mask[30:90, 50:120] = True
    copy = copied(raster, pack_region(mask), there)
    assert copy.registration.fits and copy.region is not None
    x, y = MOVED
    inner = (slice(43 + y, 77 + y), slice(63 + x, 107 + x))
    assert (copy.raster.coverage[inner] == PAINTED).all(), "a stroke stays a stroke"
    assert np.abs(copy.raster.chrominance[inner].astype(int) - (150, 90)).max() <= 1
    outside = copy.raster.coverage.copy()
    outside[37 + y : 83 + y, 57 + x : 113 + x] = 0
    assert not outside.any()
    assert (copy.raster.chrominance[copy.raster.coverage == 0] == 128).all()
    edge = copy.raster.chrominance[copy.raster.coverage > 8].astype(int)
    assert np.abs(edge - (150, 90)).max() <= 2, "what is bare has no say in colours"
    moved = unpack_region(copy.region)
    expected = np.roll(mask, (y, x), (0, 1))
    assert (moved != expected).mean() < 0.02


def test_a_picture_of_its_own_size_is_laid_over_a_frame(scene: np.ndarray) -> None:
    here, there = _frames(scene)
    large = cv2.resize(here, None, fx=2.5, fy=2.5, interpolation=cv2.INTER_CUBIC)
    picture = np.clip(large[..., None] * np.array([1.0, 0.75, 0.5]), 0, 255).astype(np.uint8)
    copy = copied(Raster.of_picture(picture), b"", there)
    assert copy.registration.fits and copy.region == b""
    assert (copy.raster.width, copy.raster.height) == there.shape[::-1]
    assert set(np.unique(copy.raster.coverage)) <= {0, LAID} and (copy.raster.coverage == LAID).mean() > 0.85
    a, b = copy.raster.chrominance[copy.raster.coverage == LAID].astype(int).mean(axis=0) - 128
    assert a > 3 and b > 15


def test_what_does_not_fit_is_said_and_a_region_out_of_sight_is_none(
    scene: np.ndarray,
) -> None:
    here, there = _frames(scene)
    other = cv2.resize(
        np.random.default_rng(8).integers(30, 220, (17, 23)).astype(np.uint8), here.shape[::-1]
    )
    assert not copied(Raster.of_frame(here), b"", other).registration.fits
    mask = np.zeros(here.shape, bool)
    mask[-3:, -3:] = True
    assert copied(Raster.of_frame(here), pack_region(mask), there).region is None


def test_parts_with_names_go_along_and_those_out_of_sight_are_left(scene: np.ndarray) -> None:
    here, there = _frames(scene)
    raster = Raster.of_frame(here)
    raster.chrominance[...], raster.coverage[...] = (150, 90), LAID
    seen, gone = np.zeros(here.shape, bool), np.zeros(here.shape, bool)
    seen[30:90, 50:120] = True
    gone[-4:] = True
    copy = copied(raster, b"", there, {"tunic": pack_region(seen), "floor": pack_region(gone)})
    assert set(copy.named) == {"tunic"}
    part, color = copy.named["tunic"]
    assert (unpack_region(part) != np.roll(seen, MOVED[::-1], (0, 1))).mean() < 0.02
    assert color == pytest.approx((22, -38), abs=2)
    named = {"tunic": pack_region(seen)}
    parts = carried(raster, pack_region(seen), named, copy.raster)
    assert parts is not None and parts.region == part and set(parts.named) == {"tunic"}
    assert carried(raster, pack_region(gone), named, copy.raster) is None, "nothing of what counts is there"
    other = Raster.of_frame(np.random.default_rng(8).integers(0, 255, there.shape).astype(np.uint8))
    assert carried(raster, b"", named, other) is None
