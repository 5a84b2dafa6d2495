"""Full-size restoration in tiles whose borders cannot be seen: each tile is computed with all that influences it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from remaster_gui.model.restoration import SIZE_MULTIPLE, SPATIAL_REACH


@dataclass(frozen=True, slots=True)
class RestorationTile:
    """A rectangle that is computed (`outer`) and the part of it that is kept (`inner`), in picture coordinates."""

    outer: tuple[slice, slice]
    inner: tuple[slice, slice]

    @property
    def kept(self) -> tuple[slice, slice]:
        """Where `inner` lies inside the computed rectangle."""
        rows, columns = (
            slice(i.start - o.start, i.stop - o.start) for i, o in zip(self.inner, self.outer, strict=True)
        )
        return rows, columns


def _spans(length: int, edge: int) -> Iterator[tuple[slice, slice]]:
    """Cut `length` into about equal parts of at most `edge`, beginning at multiples of the stride; outer and inner."""
    count = ceil(length / edge)
    step = ceil(length / count / SIZE_MULTIPLE) * SIZE_MULTIPLE
    for start in range(0, length, step):
        stop = min(length, start + step)
        yield slice(max(0, start - SPATIAL_REACH), min(length, stop + SPATIAL_REACH)), slice(start, stop)


def tile_picture(height: int, width: int, edge: int) -> list[RestorationTile]:
    """Cover a picture (both sides multiples of 4) with tiles that keep at most `edge` x `edge` pixels each."""
    return [
        RestorationTile((outer_rows, outer_columns), (rows, columns))
        for outer_rows, rows in _spans(height, edge)
        for outer_columns, columns in _spans(width, edge)
    ]
