"""Rasters in squares, so that a stroke rewrites only what it touched: compressed without loss, checked when read."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import cv2
import numpy as np

from remaster_gui.base.arrays import Bytes
from remaster_gui.painting.raster import Box, Raster

SIDE = 256
"""Pixels along the side of a tile; those at the right and lower edges are smaller."""

Plane = Literal["luminance", "chrominance", "coverage"]
PLANES: tuple[Plane, ...] = get_args(Plane)
PAINTED: tuple[Plane, ...] = ("chrominance", "coverage")
"""What painting changes."""

THUMBNAIL = (208, 144)
"""Width and height that the small pictures of references fit into."""

_LEVEL = 1
"""Film grain hardly gets smaller by trying harder, and a stroke has to be on disk soon."""


@dataclass(frozen=True, slots=True)
class RasterTile:
    """Where a tile lies: its plane, and its row and column among the tiles."""

    plane: Plane
    row: int
    column: int

    def shape(self, width: int, height: int) -> tuple[int, ...]:
        """Return the shape of its pixels in a raster of this size."""
        rows = min(SIDE, height - self.row * SIDE)
        columns = min(SIDE, width - self.column * SIDE)
        return (rows, columns, 2) if self.plane == "chrominance" else (rows, columns)

    def of(self, raster: Raster) -> Bytes:
        """Return a view of its pixels in a raster."""
        plane: Bytes = getattr(raster, self.plane)
        rows, columns = self.row * SIDE, self.column * SIDE
        return plane[rows : rows + SIDE, columns : columns + SIDE]


def all_tiles(width: int, height: int) -> Iterator[RasterTile]:
    """Yield every tile of a raster of this size."""
    return _tiles(PLANES, range(-(-height // SIDE)), range(-(-width // SIDE)))


def painted_tiles(box: Box) -> Iterator[RasterTile]:
    """Yield the tiles that painting within `box` has changed."""
    rows = range(box.y // SIDE, -(-(box.y + box.height) // SIDE))
    return _tiles(PAINTED, rows, range(box.x // SIDE, -(-(box.x + box.width) // SIDE)))


def pack(pixels: Bytes) -> bytes:
    """Compress pixels ``(h, w)`` or ``(h, w, c)`` of 8 bits; carries a checksum."""
    # Differences of neighbours, channel by channel, compress better than film itself.
    planes = np.moveaxis(pixels, 2, 0) if pixels.ndim == 3 else pixels
    steps = planes.copy(order="C")
    steps[..., 1:] -= planes[..., :-1]
    return zlib.compress(steps.tobytes(), _LEVEL)


def unpack(content: bytes, shape: tuple[int, ...]) -> Bytes:
    """Return what `pack` was given; raises `ValueError` for anything that does not have this shape."""
    size = int(np.prod(shape))
    stream = zlib.decompressobj()
    try:
        # One byte more than there should be: a small file must not grow into all of the memory.
        steps = stream.decompress(content, size + 1)
    except zlib.error as error:
        raise ValueError("damaged pixels") from error
    if len(steps) != size or not stream.eof:
        raise ValueError("pixels of another size")
    planar = (shape[2], *shape[:2]) if len(shape) == 3 else shape
    planes = np.add.accumulate(np.frombuffer(steps, np.uint8).reshape(planar), axis=-1, dtype=np.uint8)
    return np.moveaxis(planes, 0, 2) if len(shape) == 3 else planes


def thumbnail_size(width: int, height: int) -> tuple[int, int]:
    """Return width and height of the small picture of a raster."""
    scale = min(THUMBNAIL[0] / width, THUMBNAIL[1] / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def thumbnail(raster: Raster) -> Bytes:
    """Return a small picture of a raster ``(h, w, 3)`` sRGB."""
    size = thumbnail_size(raster.width, raster.height)
    planes = (cv2.resize(getattr(raster, p), size, interpolation=cv2.INTER_AREA) for p in PLANES)
    return Raster(*(np.asarray(plane, np.uint8) for plane in planes)).rgb()


def _tiles(planes: Iterable[Plane], rows: range, columns: range) -> Iterator[RasterTile]:
    return (RasterTile(plane, row, column) for plane in planes for row in rows for column in columns)
