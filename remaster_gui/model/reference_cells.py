"""Which part of which reference a frame draws from, on a coarse grid: counted from matches that are found anyway."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import torch
from torch import Tensor

from remaster_gui.base.reference_grid import CELLS, COLUMNS, ROWS


def cell_shares(best: Tensor, frames: int, grids: Sequence[tuple[int, int]]) -> Tensor:
    """Return the share of each frame's positions that match best in each cell of each reference ``(B, T, CELLS, N)``.

    best ``(B, T*h*w)``: indices into the positions of all references, one after another; `grids`: how many rows and
    columns of positions each of the N has.
    """
    count = CELLS * len(grids)
    cells = _cells(tuple(grids), best.device)[best.unflatten(1, (frames, -1))]
    each = torch.arange(best.shape[0] * frames, device=best.device).view(best.shape[0], frames, 1)
    numbers = (cells + each * count).flatten()
    # A GPU waits for `bincount`, which asks how many there are.
    counted = torch.zeros(best.shape[0] * frames * count, device=best.device)
    counted.index_add_(0, numbers, torch.ones_like(numbers, dtype=counted.dtype))
    shares = counted.view(best.shape[0], frames, len(grids), CELLS) / cells.shape[-1]
    return shares.transpose(2, 3)


@lru_cache(maxsize=8)
def _cells(grids: tuple[tuple[int, int], ...], device: torch.device) -> Tensor:
    """Return the number of the cell of each position of all references."""
    found = []
    for number, (rows, columns) in enumerate(grids):
        down = torch.arange(rows, device=device) * ROWS // rows
        across = torch.arange(columns, device=device) * COLUMNS // columns
        found.append((number * CELLS + down[:, None] * COLUMNS + across).flatten())
    return torch.cat(found)
