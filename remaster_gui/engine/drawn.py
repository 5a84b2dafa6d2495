"""What frames draw from each of their references; free of networks, so that any thread can hold it.

A frame's attention gives each reference a share of each position, which the network computes anyway. The shares say how
much of a frame's colour comes from which reference; the largest of them bound what can change with it (`repainted`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from remaster_gui.base import plain_data
from remaster_gui.base.arrays import Float

LIMITS = 4
"""Numbers that bound shares: for attention at 1/8 and at 1/16 size, the logarithms of the largest share of a position
and of how much the frame as a whole resembles the reference, beside the one that it resembles most."""

_LEAST, _MOST = -1000.0, 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """What frames draw from N references: mean shares ``(N,)``, which sum to one, and limits ``(N, LIMITS)``.

    Limits are over all frames that influence the result. Both are float32 and read-only.
    """

    shares: Float
    limits: Float


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Draws with the digests of the references that they are of, in their order."""

    references: tuple[str, ...]
    draws: Draws

    @property
    def nbytes(self) -> int:
        """Bytes of memory taken, about; digests are shared."""
        return self.draws.shares.nbytes + self.draws.limits.nbytes

    def of(self, places: Sequence[int]) -> Drawn:
        """Return the same of some of the references."""
        draws = _draws(self.draws.shares[list(places)], self.draws.limits[list(places)])
        return Drawn(tuple(self.references[each] for each in places), draws)

    def named(self, names: Mapping[str, str]) -> Drawn:
        """Return the same of references with other names; those that have none keep theirs."""
        return replace(self, references=tuple(names.get(each, each) for each in self.references))

    def shares_by(self, references: Sequence[str]) -> dict[str, float]:
        """Return the shares by the digests that the references have now.

        Where as many are left as the frame was made with, they are the same ones, maybe repainted (see `repainted`).
        """
        names = references if len(references) == len(self.references) else self.references
        return dict(zip(names, self.draws.shares.tolist(), strict=True))

    def as_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "references": list(self.references),
            "shares": [float(each) for each in self.draws.shares],
            "limits": [[float(each) for each in limits] for limits in self.draws.limits],
        }

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
        return Drawn(references, _draws(np.array(shares), np.array(limits).reshape(-1, LIMITS)))


def of_frame(noted: Sequence[Float], frame: int, around: range) -> Draws:
    """Return the draws of a frame of which, and of those `around` it, ``(6, N)`` was noted; both count from the first.

    See `ColorizationNetwork`: mean, largest and elected at 1/8 size, then at 1/16.
    """
    near = np.stack([noted[each] for each in around])
    return _draws(noted[frame][0], near[:, [1, 2, 4, 5]].max(0).T)


def among(draws: Draws, places: Sequence[int], count: int) -> Draws:
    """Return draws from references that have these places among `count`, of which the others do not guide the frame."""
    shares, limits = np.zeros(count, np.float32), np.full((count, LIMITS), _LEAST, np.float32)
    shares[list(places)], limits[list(places)] = draws.shares, draws.limits
    return _draws(shares, limits)


def together(first: Drawn | None, other: Drawn, frames: int) -> Drawn:
    """Count one more frame of results that `frames` frames have gone into so far."""
    if first is None or not frames:
        return other
    shares = (first.draws.shares * frames + other.draws.shares) / (frames + 1)
    return replace(other, draws=_draws(shares, np.maximum(first.draws.limits, other.draws.limits)))


def _draws(shares: np.ndarray[Any, Any], limits: np.ndarray[Any, Any]) -> Draws:
    arrays = [
        np.ascontiguousarray(each, np.float32) for each in (shares.clip(0, 1), limits.clip(_LEAST, _MOST))
    ]
    for each in arrays:
        each.flags.writeable = False
    return Draws(*arrays)


NO_DRAWS = _draws(np.zeros(0), np.zeros((0, LIMITS)))
"""Of frames that nothing guides."""
