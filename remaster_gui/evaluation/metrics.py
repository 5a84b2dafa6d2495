"""Measures of a restored or coloured film against the film as it was.

Planes are float32 on the network's scale (`remaster_gui.base.color`): luminance ``L*/100`` and chrominance
``(ab + 128) / 255``. Sums run in float64.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Float

PSNR_CAP = 100.0
"""What identical films score in dB, so that a mean over clips stays a number."""

_WINDOW = (11, 11)
_SIGMA = 1.5
_C1 = 0.01**2
_C2 = 0.03**2


def psnr(mean_squared_error: float) -> float:
    """Peak signal-to-noise ratio in dB for a peak of 1, at most `PSNR_CAP`."""
    if mean_squared_error <= 10 ** (-PSNR_CAP / 10):
        return PSNR_CAP
    return -10.0 * math.log10(mean_squared_error)


class SquaredError:
    """One mean squared error over all pixels, planes and frames added (Sec. 5.1: per clip, not per frame)."""

    def __init__(self) -> None:
        self._sum = 0.0
        self._count = 0

    def add(self, result: Float, truth: Float) -> None:
        """Add planes of one frame; both arrays have the same shape."""
        difference = (result - truth).ravel()
        self._sum += float(np.dot(difference, difference.astype(np.float64)))
        self._count += difference.size

    @property
    def count(self) -> int:
        """Numbers added so far."""
        return self._count

    @property
    def psnr(self) -> float:
        """PSNR of everything added so far, in dB."""
        return psnr(self._sum / self._count)


def ssim(result: Float, truth: Float) -> float:
    """Structural similarity (Wang et al. 2004) of two planes ``(H, W)`` with a peak of 1; at most 1.

    Gaussian window 11x11 with sigma 1.5; as usual, the border where it does not fit does not count.
    """
    x, y = result.astype(np.float64), truth.astype(np.float64)
    mean_x, mean_y = _blur(x), _blur(y)
    variance_x = _blur(x * x) - mean_x**2
    variance_y = _blur(y * y) - mean_y**2
    covariance = _blur(x * y) - mean_x * mean_y
    structure = (2 * covariance + _C2) / (variance_x + variance_y + _C2)
    similarity = (2 * mean_x * mean_y + _C1) / (mean_x**2 + mean_y**2 + _C1) * structure
    border = _WINDOW[0] // 2
    return float(similarity[border:-border, border:-border].mean())


def _blur(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(cv2.GaussianBlur(plane, _WINDOW, _SIGMA))


def detail_kept(result: Float, truth: Float) -> float:
    """Return how much of the true detail of a plane ``(H, W)`` a result still has: 1 for all of it, 0 for none.

    Detail is what the Laplacian shows. Only what agrees with the truth counts, so noise and dust do not make up for
    what was blurred. 1 where there is no detail to lose.
    """
    found, true = (cv2.Laplacian(plane, cv2.CV_32F).ravel().astype(float) for plane in (result, truth))
    whole = float(np.dot(true, true))
    return float(np.dot(found, true)) / whole if whole > 0 else 1.0


def sharpness(result: Float, truth: Float) -> float:
    """Return the variance of the Laplacian of a plane ``(H, W)`` as part of the truth's; 1 where that has none.

    What noise and dust add counts as well: below 1 a result is softer than the truth, whatever is in it.
    """
    found, true = (float(cv2.Laplacian(plane, cv2.CV_32F).astype(float).var()) for plane in (result, truth))
    return found / true if true > 0 else 1.0


def colorfulness(rgb: Float) -> float:
    """Colourfulness M3 of Hasler and Suesstrunk (2003) of one sRGB picture ``(H, W, 3)`` in [0, 1].

    On the scale of the article (8-bit values): 0 is grey, 15 slightly, 45 averagely, 82 highly colourful.
    """
    red, green, blue = (rgb[..., n].astype(np.float64) * 255.0 for n in range(3))
    red_green, yellow_blue = red - green, 0.5 * (red + green) - blue
    spread = math.hypot(float(red_green.std()), float(yellow_blue.std()))
    centre = math.hypot(float(red_green.mean()), float(yellow_blue.mean()))
    return spread + 0.3 * centre


CONSISTENCY_LAGS = (1, 2, 4)
"""Frames apart that colour distributions are compared at."""


class ColorConsistency:
    """How much the distribution of colours changes over a shot: CDC of Liu et al. (2024), 0 where it never does.

    The Jensen-Shannon divergence (natural logarithm) of the histograms of red, green and blue between frames 1, 2 and 4
    apart, its mean over frames and channels, then over the three. Of several measures it follows most closely what
    viewers call steady; but it is the true film's own value that is right, not 0.
    """

    def __init__(self) -> None:
        self._changes: dict[int, list[float]] = {lag: [] for lag in CONSISTENCY_LAGS}
        self._shot: list[NDArray[np.float64]] = []

    def begin_shot(self) -> None:
        """Compare the frames to come with none before."""
        self._shot.clear()

    def add(self, rgb: Float) -> None:
        """Take in the next frame ``(H, W, 3)``, sRGB in [0, 1]."""
        levels = np.rint(rgb * 255.0).astype(np.uint8)
        counts = [np.bincount(levels[..., channel].ravel(), minlength=256) for channel in range(3)]
        shares = np.stack(counts) / (levels.size / 3)
        for lag in CONSISTENCY_LAGS:
            if len(self._shot) >= lag:
                self._changes[lag].append(_divergence(self._shot[-lag], shares))
        self._shot = [*self._shot, shares][-max(CONSISTENCY_LAGS) :]

    @property
    def value(self) -> float:
        """The measure over all shots so far; 0 for a single frame."""
        means = [float(np.mean(changes)) for changes in self._changes.values() if changes]
        return float(np.mean(means)) if means else 0.0


def _divergence(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Return the mean Jensen-Shannon divergence of distributions ``(channels, levels)``."""
    middle = (first + second) / 2
    return float(np.mean((_relative(first, middle) + _relative(second, middle)) / 2))


def _relative(shares: NDArray[np.float64], to: NDArray[np.float64]) -> NDArray[np.float64]:
    ratio = np.divide(shares, to, out=np.ones_like(shares), where=shares > 0)
    return np.asarray((shares * np.log(ratio)).sum(axis=1))
