"""Solving for values that change little where luminance does: conjugate gradients, preconditioned by multigrid.

The unknowns lie on a grid of pixels. Neighbours are tied by weights, and some pixels to given values:

    minimise  sum_rs w_rs (u_r - u_s)^2  +  sum_r d_r (u_r - g_r)^2

Every coarser grid is of the same kind (blocks of 2x2 pixels become one), so all steps are sums of shifted arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event

import numpy as np

from remaster_gui.base.arrays import Float

_SMALLEST = 6
"""Edge of the grid that is relaxed rather than made coarser."""
_DAMPING = np.float32(0.8)
_SWEEPS = 2
_COARSEST_SWEEPS = 24


@dataclass(frozen=True, slots=True)
class Ties:
    """The quadratic form on a grid (H, W): weights to the right (H, W-1) and below (H-1, W), and data term (H, W)."""

    right: Float
    below: Float
    data: Float
    diagonal: Float

    @classmethod
    def of(cls, right: Float, below: Float, data: Float) -> Ties:
        """Add the diagonal."""
        diagonal = data.copy()
        diagonal[:, :-1] += right
        diagonal[:, 1:] += right
        diagonal[:-1] += below
        diagonal[1:] += below
        return cls(right, below, data, np.maximum(diagonal, np.float32(1e-12)))

    def applied(self, values: Float) -> Float:
        """Return the form's gradient (halved, without the given values) at `values` (C, H, W)."""
        result = values * self.diagonal
        result[:, :, :-1] -= self.right * values[:, :, 1:]
        result[:, :, 1:] -= self.right * values[:, :, :-1]
        result[:, :-1] -= self.below * values[:, 1:]
        result[:, 1:] -= self.below * values[:, :-1]
        return result

    def coarser(self) -> Ties:
        """Return the form on blocks of 2x2 pixels; their weights are halved, as blocks are twice as far apart."""
        half = np.float32(0.5)
        right, below = self.right[:, 1::2], self.below[1::2]
        return Ties.of(
            _paired(right, axis=0) * half,
            _paired(below, axis=1) * half,
            _paired(_paired(self.data, axis=0), axis=1),
        )


def solve(
    ties: Ties, given: Float, start: Float, tolerance: float, cancel: Event | None = None
) -> Float | None:
    """Return the minimiser (C, H, W), near `start`; None when cancelled.

    `given`: (C, H, W), what the data term pulls towards. Ends when an iteration changes values by less than
    `tolerance`, root mean square: islands of a pixel or two, which hang by next to nothing, come last and are not
    waited for.
    """
    levels = [ties]
    while min(levels[-1].data.shape) > _SMALLEST:
        levels.append(levels[-1].coarser())
    values = start.astype(np.float32, copy=True)
    residual = given * ties.data - ties.applied(values)
    direction: Float | None = None
    before = np.ones((values.shape[0], 1, 1), np.float32)
    for _ in range(_MOST_ITERATIONS):
        if cancel is not None and cancel.is_set():
            return None
        corrected = _cycle(levels, 0, residual)
        product = _dot(residual, corrected)
        direction = corrected if direction is None else corrected + direction * (product / before)
        before = np.maximum(product, np.float32(1e-30))
        image = ties.applied(direction)
        step = product / np.maximum(_dot(direction, image), np.float32(1e-30))
        direction_step = direction * step
        values += direction_step
        residual -= image * step
        if float(np.square(direction_step).mean()) < tolerance**2:
            break
    return values


_MOST_ITERATIONS = 80


def _cycle(levels: list[Ties], depth: int, residual: Float) -> Float:
    """Return roughly what `residual` is the image of: relax, correct from the coarser grid, relax (a V-cycle)."""
    ties = levels[depth]
    inverse = _DAMPING / ties.diagonal
    values = residual * inverse
    if depth == len(levels) - 1:
        for _ in range(_COARSEST_SWEEPS):
            values += (residual - ties.applied(values)) * inverse
        return values
    for _ in range(_SWEEPS - 1):
        values += (residual - ties.applied(values)) * inverse
    remaining = residual - ties.applied(values)
    coarse = _cycle(levels, depth + 1, _paired(_paired(remaining, axis=1), axis=2))
    height, width = residual.shape[1:]
    values += coarse.repeat(2, axis=1)[:, :height].repeat(2, axis=2)[:, :, :width]
    for _ in range(_SWEEPS):
        values += (residual - ties.applied(values)) * inverse
    return values


def _paired(values: Float, axis: int) -> Float:
    """Add neighbours 0 and 1, 2 and 3, and so on; an odd last one stays alone."""
    even = values.take(range(0, values.shape[axis], 2), axis=axis)
    odd = values.take(range(1, values.shape[axis], 2), axis=axis)
    where = [slice(None)] * values.ndim
    where[axis] = slice(0, odd.shape[axis])
    even[tuple(where)] += odd
    return even


def _dot(first: Float, second: Float) -> Float:
    """Return the inner product of each channel, (C, 1, 1)."""
    sums = np.einsum("chw,chw->c", first, second, dtype=np.float64)
    return np.asarray(sums.reshape(-1, 1, 1), np.float32)
