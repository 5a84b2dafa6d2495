"""Tiles lose nothing, notice damage, and cover what was painted and no more."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from remaster_gui.painting.raster import Box, Raster
from remaster_gui.project.raster_tiles import (
    SIDE,
    RasterTile,
    all_tiles,
    pack,
    painted_tiles,
    thumbnail,
    thumbnail_size,
    unpack,
)


@pytest.mark.parametrize("shape", [(1, 1), (256, 256), (44, 88, 2), (256, 1, 2)])
def test_packing_loses_nothing(shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(2).integers(0, 256, shape, np.uint8)
    assert np.array_equal(unpack(pack(pixels), shape), pixels)


def test_damage_is_noticed() -> None:
    content = pack(np.random.default_rng(2).integers(0, 256, (64, 64), np.uint8))
    damaged = bytearray(content)
    damaged[len(damaged) // 2] ^= 1
    for wrong in (bytes(damaged), content[:-1], content[:100], b"", b"nonsense"):
        with pytest.raises(ValueError, match="pixels"):
            unpack(wrong, (64, 64))
    with pytest.raises(ValueError, match="another size"):
        unpack(content, (64, 63))


def test_a_small_content_cannot_grow_without_bound() -> None:
    bomb = zlib.compress(bytes(200_000_000), 9)
    with pytest.raises(ValueError, match="another size"):
        unpack(bomb, (256, 256))


@given(st.integers(0, 700), st.integers(0, 700), st.integers(1, 600), st.integers(1, 600))
def test_tiles_of_a_stroke_hold_all_of_it(x: int, y: int, width: int, height: int) -> None:
    tiles = set(painted_tiles(Box(x, y, width, height)))
    corners = [(px, py) for px in (x, x + width - 1) for py in (y, y + height - 1)]
    for px, py in corners:
        assert RasterTile("coverage", py // SIDE, px // SIDE) in tiles
    assert len(tiles) == 2 * ((x + width - 1) // SIDE - x // SIDE + 1) * (
        (y + height - 1) // SIDE - y // SIDE + 1
    )
    assert {tile.plane for tile in tiles} == {"chrominance", "coverage"}


def test_tiles_cover_every_pixel_once(make_raster: Callable[..., Raster]) -> None:
    raster = make_raster(0, 600, 300)
    for plane in (raster.luminance, raster.chrominance, raster.coverage):
        plane[...] = 0
    for tile in all_tiles(600, 300):
        pixels = tile.of(raster)
        assert pixels.shape == tile.shape(600, 300)
        pixels += 1
    assert all((plane == 1).all() for plane in (raster.luminance, raster.chrominance, raster.coverage))


@pytest.mark.parametrize(("width", "height"), [(2048, 1536), (16, 12288), (12288, 16), (80, 64)])
def test_thumbnails_fit_their_frame(width: int, height: int) -> None:
    small = thumbnail_size(width, height)
    assert 1 <= small[0] <= 208 and 1 <= small[1] <= 144
    assert max(small[0] / 208, small[1] / 144) > 0.99


def test_thumbnail_looks_like_the_raster(make_raster: Callable[..., Raster]) -> None:
    raster = make_raster(1)
    raster.coverage[...], raster.chrominance[...] = 255, (150, 170)
    raster.luminance[...] = 120
    assert np.abs(thumbnail(raster).astype(int) - raster.rgb()[0, 0]).max() <= 1
