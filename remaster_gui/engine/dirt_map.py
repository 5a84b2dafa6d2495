"""What restoration has taken away of a previewed frame, to be looked at and to be decided on spot by spot."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Mask, Pixels
from remaster_gui.base.choices import MOST_SENSITIVITY
from remaster_gui.base.color import luma_to_lightness
from remaster_gui.base.packed_regions import pack_region, unpack_region
from remaster_gui.base.spot_marks import MarkKind, SpotMark
from remaster_gui.engine.dirt import Spots, find_spots
from remaster_gui.engine.preview_results import PreviewedFrame, to_float
from remaster_gui.engine.sizes import Size, resize
from remaster_gui.engine.toned import with_restored_tones
from remaster_gui.painting.region import grid_of, laid_over

_NEAR = 3
"""Pixels of the preview within which a click means a spot."""


@dataclass(frozen=True, slots=True, eq=False)
class DirtMap:
    """The spots of one frame of a film of size `film`; those that count as dirt are `dark` and `bright`, ``(h, w)``."""

    frame: int
    film: Size
    spots: Spots
    dark: Mask
    bright: Mask
    count: int

    def spot_at(self, x: float, y: float, kind: MarkKind) -> SpotMark | None:
        """Return a mark over the spot at, or next to, a place in pixels of the film.

        Repairs that are to be rejected are of spots that count as dirt; for one to be forced any spot will do. None
        where there is none.
        """
        height, width = self.dark.shape
        column, row = int(x * width / self.film.width), int(y * height / self.film.height)
        if not (0 <= column < width and 0 <= row < height):
            return None
        best: tuple[float, Mask] | None = None
        for labels, taken in ((self.spots.dark, self.dark), (self.spots.bright, self.bright)):
            usable = np.where(taken, labels, 0) if kind == "reject" else labels
            top, left = max(0, row - _NEAR), max(0, column - _NEAR)
            near = usable[top : row + _NEAR + 1, left : column + _NEAR + 1]
            places = np.argwhere(near > 0)
            if len(places):
                ways = np.hypot(places[:, 0] + top - row, places[:, 1] + left - column)
                nearest = int(ways.argmin())
                if best is None or ways[nearest] < best[0]:
                    best = float(ways[nearest]), labels == near[tuple(places[nearest])]
        return None if best is None else self._mark(best[1], kind)

    def _mark(self, spot: Mask, kind: MarkKind) -> SpotMark:
        """Return a mark over a spot and its faint rim."""
        side = 2 * max(1, round(min(spot.shape) / 200)) + 1
        grown = np.asarray(cv2.dilate(spot.astype(np.uint8), np.ones((side, side), np.uint8)), bool)
        rows, columns = np.flatnonzero(grown.any(1)), np.flatnonzero(grown.any(0))
        top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
        across, down = self.film.width / spot.shape[1], self.film.height / spot.shape[0]
        x0, y0 = int(left * across), int(top * down)
        x1, y1 = (
            min(self.film.width, int(np.ceil(right * across))),
            min(self.film.height, int(np.ceil(bottom * down))),
        )
        return mark_of(kind, x0, y0, x1 - x0, y1 - y0, grown[top:bottom, left:right])


def dirt_map(frame: PreviewedFrame, source: Pixels, sensitivity: float) -> DirtMap | None:
    """Find the spots of a previewed frame, whose luma is `source` ``(H, W)``; None where nothing is restored."""
    if frame.finish.share == 0:
        return None
    restored = to_float(frame.restored)
    own = resize(luma_to_lightness(source), Size(restored.shape[1], restored.shape[0]))
    spots = find_spots(with_restored_tones(own, restored), restored, MOST_SENSITIVITY)
    dark, bright = spots.taken(sensitivity)
    film = Size(source.shape[1], source.shape[0])
    return DirtMap(frame.index, film, spots, dark, bright, spots.count(sensitivity))


def mark_of(kind: MarkKind, left: int, top: int, width: int, height: int, shape: Mask) -> SpotMark:
    """Return a mark over a box of the film; its shape may be of any size and is kept no finer than a region."""
    columns, rows = grid_of(width, height)
    columns, rows = min(columns, shape.shape[1]), min(rows, shape.shape[0])
    return SpotMark(kind, left, top, width, height, pack_region(laid_over(shape, columns, rows)))


def covers(mark: SpotMark, x: float, y: float) -> bool:
    """Whether a place in pixels of the film lies within a mark."""
    across, down = (x - mark.left) / mark.width, (y - mark.top) / mark.height
    if not (0 <= across < 1 and 0 <= down < 1):
        return False
    if not mark.shape:
        return True
    shape = unpack_region(mark.shape)
    return bool(shape[int(down * shape.shape[0]), int(across * shape.shape[1])])


def marked(mark: SpotMark, film: Size, size: Size) -> Mask:
    """Return what a mark covers of a picture of the whole film, at any size ``(h, w)``."""
    shape: NDArray[np.bool_] = np.ones((1, 1), bool) if not mark.shape else unpack_region(mark.shape)
    across, down = size.width / film.width, size.height / film.height
    x0, y0 = int(mark.left * across), int(mark.top * down)
    x1 = min(size.width, max(x0 + 1, round((mark.left + mark.width) * across)))
    y1 = min(size.height, max(y0 + 1, round((mark.top + mark.height) * down)))
    whole = np.zeros((size.height, size.width), bool)
    if x1 > x0 and y1 > y0:
        whole[y0:y1, x0:x1] = laid_over(shape, x1 - x0, y1 - y0)
    return whole
