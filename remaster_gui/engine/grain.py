"""Grain as a film has it: how strong it is in each tone and how coarse, measured on a frame, and made anew.

What is measured is what the film's own luminance has more of than what became of it, in blocks where little else is to
be seen. New grain has that spectrum and, tone by tone, that strength; it comes from numbers drawn for the frame alone,
so every render of a frame has the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Float

BLOCK = 16
_MOST_BLOCKS = 4096
_TONES = 8
"""Steps of luminance for which strengths are measured."""
_CALM = 0.2
"""Share of the blocks of each tone that count: those with the least structure."""
_LOW = 25
"""Percentile of their variances that counts: structure that is left only ever adds to grain."""
_LEAST_BLOCKS = 4
"""Of a tone; another one decides where there are fewer."""
_COARSEST = 3.0
"""Deviation in pixels of the blur that tells grain from what it lies on."""
_KERNEL = 11
_SEED = 0x6772


@dataclass(frozen=True, slots=True, eq=False)
class GrainModel:
    """tones, strengths: ``(n,)``, rising luminance and the deviation of grain there. kernel: ``(k, k)``, its shape."""

    tones: Float
    strengths: Float
    kernel: Float

    @property
    def is_nothing(self) -> bool:
        """Whether there is no grain to speak of."""
        return not bool((self.strengths > 1e-4).any())


def measured_grain(own: Float, result: Float) -> GrainModel | None:
    """Measure the grain that `own` has and `result` lacks, ``(H, W)`` in [0, 1]; None for less than a few blocks."""
    rows, columns = own.shape[0] // BLOCK, own.shape[1] // BLOCK
    if rows * columns < _LEAST_BLOCKS:
        return None
    every = max(1, -(-rows * columns // _MOST_BLOCKS))
    fine, left = (each - _blurred(each, _COARSEST) for each in (own, result))
    plain = _blurred(result, 1.5)
    steps = cv2.magnitude(*(cv2.Sobel(plain, cv2.CV_32F, *way, scale=1 / 8) for way in ((1, 0), (0, 1))))
    here, there, tones, structure = (
        _blocks(each, rows, columns)[::every] for each in (fine, left, result, np.asarray(steps, np.float32))
    )
    brightness, busy = tones.mean((1, 2)), structure.mean((1, 2))
    missing = here.var((1, 2)) - there.var((1, 2))
    numbers = (brightness * _TONES).astype(int).clip(0, _TONES - 1)
    calm: list[NDArray[np.intp]] = []
    found: list[tuple[float, float]] = []
    for number in range(_TONES):
        members = np.flatnonzero(numbers == number)
        # Black and white that are cut off have no grain, which is no measure of what lies beside them.
        chosen = members[np.argsort(busy[members], kind="stable")][: max(1, round(_CALM * len(members)))]
        if len(chosen) >= _LEAST_BLOCKS:
            calm.append(chosen)
            found.append((float(brightness[chosen].mean()), _deviation(missing[chosen])))
    if not found:
        chosen = np.argsort(busy, kind="stable")[: max(_LEAST_BLOCKS, round(_CALM * len(busy)))]
        calm = [chosen]
        found = [(0.5, _deviation(missing[chosen]))]
    among = np.concatenate(calm)
    tones_found, strengths = np.asarray(found, np.float32).T
    return GrainModel(tones_found, strengths, _kernel(here[among], there[among]))


def new_grain(model: GrainModel, luminance: Float, frame: int) -> Float:
    """Make the grain of a frame for its luminance ``(H, W)``, which it is to be added to."""
    drawn = np.random.default_rng([_SEED, frame]).standard_normal(luminance.shape, np.float32)
    grain = np.asarray(
        cv2.filter2D(drawn, cv2.CV_32F, model.kernel, borderType=cv2.BORDER_REFLECT), np.float32
    )
    grain *= np.interp(luminance, model.tones, model.strengths).astype(np.float32)
    return grain


def _deviation(variances: Float) -> float:
    return math.sqrt(max(0.0, float(np.percentile(variances, _LOW))))


def _kernel(here: Float, there: Float) -> Float:
    """Return the filter that gives white noise of deviation 1 the spectrum of what is missing, and deviation 1."""
    window = np.hanning(BLOCK).astype(np.float32)
    spectra = [
        (np.abs(np.fft.rfft2(blocks * window[:, None] * window)) ** 2).mean(0) for blocks in (here, there)
    ]
    missing = np.maximum(spectra[0] - spectra[1], 0)
    shape = np.fft.fftshift(np.fft.irfft2(np.sqrt(missing), s=(BLOCK, BLOCK)))
    middle, reach = BLOCK // 2, _KERNEL // 2
    kernel = shape[middle - reach : middle + reach + 1, middle - reach : middle + reach + 1].astype(
        np.float32
    )
    power = float(np.sqrt((kernel * kernel).sum()))
    if power <= 0:
        kernel = np.zeros_like(kernel)
        kernel[reach, reach] = power = 1.0
    return np.ascontiguousarray(kernel / np.float32(power))


def _blocks(picture: Float, rows: int, columns: int) -> Float:
    inside = picture[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK)
    return inside.swapaxes(1, 2).reshape(-1, BLOCK, BLOCK)


def _blurred(picture: Float, deviation: float) -> Float:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), deviation), np.float32)
