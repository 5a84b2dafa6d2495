"""The editable pixels of a reference, and the smallest undoable change of them."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Bytes, Pixels
from remaster_gui.base.color import luma_to_lightness
from remaster_gui.base.guided import upsample_chrominance
from remaster_gui.painting.gamut import prepare, within_gamut
from remaster_gui.painting.imported_pictures import aligned, lab_bytes
from remaster_gui.painting.registration import Registration

TILE = 64
"""Edge of the squares in which changes are found and kept, in pixels."""
NEUTRAL_BYTE = 128
PAINTED = 255
SPREAD = 254
LAID = 253
"""Coverage is odd where it was painted and even where it was spread: the eye sees no difference, but spreading again
tells what the user meant from what grew out of it. What came with a picture or a result is `LAID`: odd, as it is meant
as well, but not what a stroke has painted. All three show their colour in full."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of pixels from (x, y) on, half-open."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """First column beyond."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """First row beyond."""
        return self.y + self.height

    @property
    def is_empty(self) -> bool:
        """Whether there is no pixel inside."""
        return self.width <= 0 or self.height <= 0

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns, to index an array with."""
        return slice(self.y, self.y + self.height), slice(self.x, self.x + self.width)

    def united(self, other: Box) -> Box:
        """Return the smallest box around both."""
        x, y = min(self.x, other.x), min(self.y, other.y)
        return Box(x, y, max(self.right, other.right) - x, max(self.bottom, other.bottom) - y)

    def clipped(self, width: int, height: int) -> Box:
        """Return the part that lies within a picture of this size; may be empty."""
        x, y = max(0, self.x), max(0, self.y)
        return Box(x, y, max(0, min(self.right, width) - x), max(0, min(self.bottom, height) - y))

    def tiles(self, width: int, height: int) -> Iterator[Box]:
        """Yield the tiles of a picture of this size that the box touches, whole, row by row."""
        for y in range(self.y // TILE * TILE, self.bottom, TILE):
            for x in range(self.x // TILE * TILE, self.right, TILE):
                yield Box(x, y, TILE, TILE).clipped(width, height)


class Raster:
    """The pixels of one reference at the film's size, or at a picture's own size when free-standing.

    `luminance`: (H, W) uint8, L* * 255/100; painting never changes it. `chrominance`: (H, W, 2) uint8, ab + 128.
    `coverage`: (H, W) uint8 from 0 (unpainted, shown grey) to 255 (painted); odd where painted, even where spread, and
    `LAID` where the colour came with a picture or a result.
    Where coverage is 0 chrominance is neutral. The arrays belong to the raster and are changed in place, on one thread
    at a time; `changes` counts that, so that work on a copy can tell whether it still fits.
    """

    def __init__(self, luminance: Bytes, chrominance: Bytes, coverage: Bytes) -> None:
        assert luminance.ndim == 2, luminance.shape
        assert chrominance.shape == (*luminance.shape, 2), chrominance.shape
        assert coverage.shape == luminance.shape, coverage.shape
        self.luminance = luminance
        self.chrominance = chrominance
        self.coverage = coverage
        self.changes = 0
        # Rasters are made on workers; the first to be shown should not wait for tables on the GUI thread.
        prepare()

    @classmethod
    def of_frame(cls, luma: Pixels) -> Raster:
        """Take a decoded frame (H, W), gamma-coded and full range, as yet unpainted."""
        luminance = luminance_of(luma)
        return cls(
            luminance, np.full((*luma.shape, 2), NEUTRAL_BYTE, np.uint8), np.zeros(luma.shape, np.uint8)
        )

    @classmethod
    def of_result(cls, luma: Pixels, chrominance: NDArray[np.uint16]) -> Raster:
        """Take a remastered frame: the frame's luminance with the network's chrominance.

        `chrominance`: (h, w, 2), (ab + 128) / 255 over 0..65535 at working size; brought to the frame's size along
        the edges of luminance.
        """
        luminance = luminance_of(luma)
        guide = np.multiply(luminance, np.float32(1 / 255), dtype=np.float32)
        unit = np.multiply(chrominance, np.float32(1 / 65535), dtype=np.float32)
        full = np.rint(upsample_chrominance(unit, guide) * 255.0).astype(np.uint8)
        return cls(luminance, full, np.full(luma.shape, LAID, np.uint8))

    @classmethod
    def of_picture(cls, rgb: Pixels, luma: Pixels | None = None) -> Raster:
        """Take a coloured sRGB picture (h, w, 3).

        With the luma of a frame the picture is registered to it: see `laid`. Without, the raster is free-standing: the
        picture's own size and luminance.
        """
        if luma is None:
            luminance, chrominance = lab_bytes(rgb)
            return cls(luminance, chrominance, np.full(luminance.shape, LAID, np.uint8))
        return cls.laid(rgb, luminance_of(luma))

    @classmethod
    def laid(cls, rgb: Pixels, luminance: Bytes, registration: Registration | None = None) -> Raster:
        """Lay a coloured picture (h, w, 3) over a frame of `luminance` (H, W), registering it first if need be.

        Chrominance comes from the picture, and what it does not reach stays unpainted.
        """
        chrominance, coverage = aligned(rgb, luminance, registration)
        return cls(luminance, chrominance, np.minimum(coverage, np.uint8(LAID)))

    @property
    def width(self) -> int:
        """Columns."""
        return int(self.luminance.shape[1])

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.luminance.shape[0])

    @property
    def bounds(self) -> Box:
        """All of it."""
        return Box(0, 0, self.width, self.height)

    @property
    def is_colored(self) -> bool:
        """Whether anything is painted."""
        return bool(self.coverage.any())

    def copy(self) -> Raster:
        """Return a raster of its own."""
        copied = Raster(self.luminance.copy(), self.chrominance.copy(), self.coverage.copy())
        copied.changes = self.changes
        return copied

    def faded(self, box: Box | None = None) -> Bytes:
        """Return the chrominance that shows, (h, w, 2) uint8: nearer to neutral the less is covered."""
        rows = (box or self.bounds).slices
        coverage = self.coverage[rows]
        if coverage.size and int(coverage.min()) >= LAID:
            return self.chrominance[rows]
        place = (coverage.astype(np.uint16) << 8)[..., None] | self.chrominance[rows]
        return _fading().take(place)

    def strokes(self) -> Bytes:
        """Return how much of each pixel strokes have painted, (H, W) uint8: neither spread nor come with a picture."""
        strokes: Bytes = self.coverage * (self.coverage & 1)
        strokes[self.coverage == LAID] = 0
        return strokes

    def grey(self) -> Bytes:
        """Return what it looks like without colours, sRGB grey (h, w) uint8."""
        return np.asarray(cv2.LUT(self.luminance, _greys()), np.uint8)

    def rgb(self, box: Box | None = None) -> Bytes:
        """Return what it looks like, sRGB (h, w, 3) uint8, of all or of a box that lies inside.

        Colours beyond sRGB lose chroma until they fit; their luminance and hue stay (`painting.gamut`).
        """
        rows = (box or self.bounds).slices
        luminance = self.luminance[rows]
        grey = np.asarray(cv2.cvtColor(cv2.LUT(luminance, _greys()), cv2.COLOR_GRAY2RGB), np.uint8)
        if not self.coverage[rows].any():
            return grey
        chrominance = within_gamut(luminance, self.faded(box))
        lab = cv2.merge([luminance, chrominance[..., 0], chrominance[..., 1]])
        rgb = np.asarray(cv2.cvtColor(lab, cv2.COLOR_Lab2RGB), np.uint8)
        # Conversion of bytes misses neutral grey by a level now and then.
        neutral = np.array([NEUTRAL_BYTE, NEUTRAL_BYTE], np.float64)
        return np.asarray(cv2.copyTo(grey, cv2.inRange(chrominance, neutral, neutral), rgb), np.uint8)


@dataclass(frozen=True, slots=True)
class PixelDelta:
    """The smallest undoable change of pixels: chrominance and coverage of the tiles that changed, before and after.

    `box`: around all changes. `old`, `new`: the tiles' pixels one after the other, compressed. Independent of any
    raster; applying and reverting are each other's inverse on the raster that it was made for.
    """

    box: Box
    tiles: tuple[Box, ...]
    old: bytes
    new: bytes

    @classmethod
    def between(
        cls, before: tuple[Bytes, Bytes], after: tuple[Bytes, Bytes], tiles: Iterable[Box]
    ) -> PixelDelta | None:
        """Return the change from `before` to `after`, each (chrominance, coverage), or None if there is none.

        Only `tiles` are looked at.
        """
        changed, old, new = [], [], []
        for tile in tiles:
            was, now = (_pixels(arrays, tile) for arrays in (before, after))
            if was != now:
                changed.append(tile)
                old.append(was)
                new.append(now)
        if not changed:
            return None
        box = changed[0]
        for tile in changed:
            box = box.united(tile)
        return cls(box, tuple(changed), zlib.compress(b"".join(old), 1), zlib.compress(b"".join(new), 1))

    @property
    def nbytes(self) -> int:
        """Memory that it takes."""
        return len(self.old) + len(self.new)

    def apply(self, raster: Raster) -> None:
        """Write the new pixels, in place."""
        self._write(raster, self.new)

    def revert(self, raster: Raster) -> None:
        """Write the old pixels, in place."""
        self._write(raster, self.old)

    def _write(self, raster: Raster, packed: bytes) -> None:
        values = np.frombuffer(zlib.decompress(packed), np.uint8)
        start = 0
        for tile in self.tiles:
            count = tile.width * tile.height
            planes = values[start : start + 3 * count].reshape(3, tile.height, tile.width)
            raster.chrominance[tile.slices] = planes[:2].transpose(1, 2, 0)
            raster.coverage[tile.slices] = planes[2]
            start += 3 * count
        raster.changes += 1


def rounded(coverage: NDArray[np.float32], marks: Bytes) -> Bytes:
    """Round coverage of 0 to 255 to bytes that are odd where `marks` are, else even; below a half it becomes 0.

    It becomes `LAID` only where `marks` are.
    """
    level = (coverage + np.float32(0.5)).astype(np.uint8)
    level &= np.uint8(254)
    level |= marks & np.uint8(1)
    level[(level == LAID) & (marks != LAID)] = PAINTED
    level[coverage < 0.5] = 0
    return level


def luminance_of(luma: Pixels) -> Bytes:
    """Map gamma-coded luma to luminance of a raster, L* * 255/100, same shape."""
    if luma.dtype == np.uint8:
        return np.asarray(cv2.LUT(np.ascontiguousarray(luma), _lightness(256)), np.uint8)
    return np.asarray(_lightness(65536)[luma], np.uint8)


@lru_cache(maxsize=2)
def _lightness(steps: int) -> Bytes:
    """L* * 255/100 of every luma value."""
    luma: NDArray[Any] = np.arange(steps).astype(np.uint8 if steps == 256 else np.uint16)
    return np.asarray(np.rint(luma_to_lightness(luma) * 255.0), np.uint8)


@lru_cache(maxsize=1)
def _greys() -> Bytes:
    """Grey of sRGB for every luminance."""
    lab = np.full((1, 256, 3), NEUTRAL_BYTE, np.uint8)
    lab[..., 0] = np.arange(256)
    return np.array(cv2.cvtColor(lab, cv2.COLOR_Lab2RGB)[0, :, 1], np.uint8)


@lru_cache(maxsize=1)
def _fading() -> Bytes:
    """Chrominance that shows, by coverage * 256 + chrominance."""
    coverage, value = np.arange(256)[:, None], np.arange(256)[None] - NEUTRAL_BYTE
    coverage = np.where(coverage >= LAID, PAINTED, coverage)
    return np.asarray(np.rint(value * coverage / 255.0 + NEUTRAL_BYTE).ravel(), np.uint8)


def _pixels(arrays: tuple[Bytes, Bytes], tile: Box) -> bytes:
    """Return a tile plane by plane, which compresses better than pixel by pixel."""
    chrominance, coverage = arrays
    return chrominance[tile.slices].transpose(2, 0, 1).tobytes() + coverage[tile.slices].tobytes()
