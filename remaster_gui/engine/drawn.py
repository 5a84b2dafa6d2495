"""What frames draw from each of their references; free of networks, so that any thread can hold it.

A frame's attention gives each reference a share of each position, which the network computes anyway. The shares say how
much of a frame's colour comes from which reference; the largest of them bound what can change with it (`repainted`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remaster_gui.base import plain_data
from remaster_gui.base.arrays import Bytes, Float
from remaster_gui.base.reference_grid import CELLS

LIMITS = 4
"""Numbers that bound shares: for attention at 1/8 and at 1/16 size, the logarithms of the largest share of a position
and of how much the frame as a whole resembles the reference, beside the one that it resembles most."""

_SUMS = 6
"""Numbers that are noted of a frame and a reference before its cells."""
MOST_CELLS = 256
"""Cells that are noted of a frame, whatever the number of references: those from which it draws most."""

_LEAST, _MOST = -1000.0, 1.0


@dataclass(frozen=True, slots=True, eq=False)
class CellShares:
    """From which cells of references a frame draws: what part of its places finds its best match there.

    places ``(K,)`` int32, rising: the number of the reference times `CELLS`, and the cell, row by row. shares ``(K,)``
    uint8: parts of 255, none of them 0. Both are read-only.
    """

    places: NDArray[np.int32]
    shares: Bytes

    @property
    def nbytes(self) -> int:
        """Bytes of memory taken."""
        return self.places.nbytes + self.shares.nbytes

    def of_reference(self, number: int) -> Bytes:
        """Return the shares of the cells of one reference ``(CELLS,)``, parts of 255."""
        cells = np.zeros(CELLS, np.uint8)
        first, stop = np.searchsorted(self.places, (number * CELLS, (number + 1) * CELLS))
        cells[self.places[first:stop] - number * CELLS] = self.shares[first:stop]
        return cells

    def renumbered(self, numbers: Mapping[int, int]) -> CellShares:
        """Return the same of references with other numbers, which rise as these do; others are left out."""
        reference = self.places // CELLS
        kept = np.isin(reference, list(numbers))
        moved = np.array([numbers[each] for each in reference[kept].tolist()], np.int32)
        return _cell_shares(moved * CELLS + self.places[kept] % CELLS, self.shares[kept])

    def as_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {"places": self.places.tolist(), "shares": self.shares.tolist()}

    @staticmethod
    def from_dict(data: Any, references: int) -> CellShares:
        """Read what `as_dict` wrote of so many references; raises `ValueError` for anything else."""
        said = plain_data.table(data)
        places = [plain_data.whole(each) for each in plain_data.listed(said["places"])]
        shares = [plain_data.whole(each) for each in plain_data.listed(said["shares"])]
        rising = all(a < b for a, b in pairwise(places))
        within = not places or (places[0] >= 0 and places[-1] < references * CELLS)
        if len(shares) != len(places) or len(places) > MOST_CELLS or not (rising and within):
            raise ValueError("cells that do not fit the references")
        if not all(0 < share <= 255 for share in shares):
            raise ValueError("shares of cells that are none")
        return _cell_shares(np.array(places), np.array(shares))

    @staticmethod
    def of_noted(cells: Float) -> CellShares:
        """Take shares ``(CELLS, N)`` as the network notes them."""
        levels = np.rint(cells.T.ravel() * np.float32(255)).clip(0, 255)
        places = np.flatnonzero(levels)
        if len(places) > MOST_CELLS:
            places = np.sort(places[np.argsort(-levels[places], kind="stable")[:MOST_CELLS]])
        return _cell_shares(places, levels[places])


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """What frames draw from N references: mean shares ``(N,)``, which sum to one, and limits ``(N, LIMITS)``.

    Limits are over all frames that influence the result. Both are float32 and read-only. cells: of a single frame,
    where a network tells.
    """

    shares: Float
    limits: Float
    cells: CellShares | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Draws with the digests of the references that they are of, in their order."""

    references: tuple[str, ...]
    draws: Draws

    @property
    def nbytes(self) -> int:
        """Bytes of memory taken, about; digests are shared."""
        cells = 0 if self.draws.cells is None else self.draws.cells.nbytes
        return self.draws.shares.nbytes + self.draws.limits.nbytes + cells

    def of(self, places: Sequence[int]) -> Drawn:
        """Return the same of some of the references."""
        cells = self.draws.cells and self.draws.cells.renumbered({old: new for new, old in enumerate(places)})
        draws = _draws(self.draws.shares[list(places)], self.draws.limits[list(places)], cells)
        return Drawn(tuple(self.references[each] for each in places), draws)

    def named(self, names: Mapping[str, str]) -> Drawn:
        """Return the same of references with other names; those that have none keep theirs."""
        return replace(self, references=tuple(names.get(each, each) for each in self.references))

    def shares_by(self, references: Sequence[str]) -> dict[str, float]:
        """Return the shares by the digests that the references have now.

        Where as many are left as the frame was made with, they are the same ones, maybe repainted (see `repainted`).
        """
        return dict(zip(self._names(references), self.draws.shares.tolist(), strict=True))

    def cells_of(self, is_meant: Callable[[str], bool], references: Sequence[str]) -> Bytes | None:
        """Return the shares of the cells ``(CELLS,)`` of the reference whose digest is meant.

        None where none is, or that is not known; for `references` see `shares_by`.
        """
        numbers = (n for n, name in enumerate(self._names(references)) if is_meant(name))
        number, cells = next(numbers, None), self.draws.cells
        return None if number is None or cells is None else cells.of_reference(number)

    def _names(self, references: Sequence[str]) -> Sequence[str]:
        return references if len(references) == len(self.references) else self.references

    def as_dict(self) -> dict[str, Any]:
        """Return plain data."""
        said: dict[str, Any] = {
            "references": list(self.references),
            "shares": [float(each) for each in self.draws.shares],
            "limits": [[float(each) for each in limits] for limits in self.draws.limits],
        }
        if self.draws.cells is not None:
            said["cells"] = self.draws.cells.as_dict()
        return said

    @staticmethod
    def from_dict(data: Any) -> Drawn:
        """Read what `as_dict` wrote; raises `ValueError` for anything else."""
        said = plain_data.table(data)
        references = tuple(plain_data.text(each) for each in plain_data.listed(said["references"]))
        shares = [plain_data.number(each, 0.0, _MOST) for each in plain_data.listed(said["shares"])]
        limits = [
            [plain_data.number(each, _LEAST, _MOST) for each in plain_data.listed(row)]
            for row in plain_data.listed(said["limits"])
        ]
        if len(shares) != len(references) or [len(row) for row in limits] != [LIMITS] * len(references):
            raise ValueError("numbers that do not fit the references")
        cells = CellShares.from_dict(said["cells"], len(references)) if "cells" in said else None
        return Drawn(references, _draws(np.array(shares), np.array(limits).reshape(-1, LIMITS), cells))


def of_frame(noted: Sequence[Float], frame: int, around: range) -> Draws:
    """Return the draws of a frame of which, and those `around` it, ``(., N)`` was noted; both count from the first.

    See `ColorizationNetwork`: mean, largest and elected at 1/8 size, then at 1/16; then the cells, if they are known.
    """
    near = np.stack([noted[each][:_SUMS] for each in around])
    here = noted[frame]
    cells = CellShares.of_noted(here[_SUMS:]) if len(here) > _SUMS else None
    return _draws(here[0], near[:, [1, 2, 4, 5]].max(0).T, cells)


def among(draws: Draws, places: Sequence[int], count: int) -> Draws:
    """Return draws from references that have these places among `count`, of which the others do not guide the frame."""
    shares, limits = np.zeros(count, np.float32), np.full((count, LIMITS), _LEAST, np.float32)
    shares[list(places)], limits[list(places)] = draws.shares, draws.limits
    cells = draws.cells and draws.cells.renumbered(dict(enumerate(places)))
    return _draws(shares, limits, cells)


def taken_whole(draws: Draws, places: Sequence[int]) -> Draws:
    """Return draws of frames that may have all of a pixel's colour from the references with these places."""
    limits = draws.limits.copy()
    limits[list(places)] = 0.0
    return _draws(draws.shares, limits, draws.cells)


def together(first: Drawn | None, other: Drawn, frames: int) -> Drawn:
    """Count one more frame of results that `frames` frames have gone into so far; cells are of single frames alone."""
    if first is None or not frames:
        return replace(other, draws=replace(other.draws, cells=None))
    shares = (first.draws.shares * frames + other.draws.shares) / (frames + 1)
    return replace(other, draws=_draws(shares, np.maximum(first.draws.limits, other.draws.limits)))


def _cell_shares(places: np.ndarray[Any, Any], shares: np.ndarray[Any, Any]) -> CellShares:
    found = CellShares(places.astype(np.int32), shares.astype(np.uint8))
    for each in (found.places, found.shares):
        each.flags.writeable = False
    return found


def _draws(
    shares: np.ndarray[Any, Any], limits: np.ndarray[Any, Any], cells: CellShares | None = None
) -> Draws:
    kept = np.ascontiguousarray(shares.clip(0, 1), np.float32)
    bounds = np.ascontiguousarray(limits.clip(_LEAST, _MOST), np.float32)
    for each in (kept, bounds):
        each.flags.writeable = False
    return Draws(kept, bounds, cells)


NO_DRAWS = _draws(np.zeros(0), np.zeros((0, LIMITS)))
"""Of frames that nothing guides."""
