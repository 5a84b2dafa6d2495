"""Dirt that restoration has taken away: spots where it changed luminance locally."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Float, Mask

LEAST_CONTRAST = 0.025
"""Of L*/100, smoothed: what is fainter is grain rather than dirt."""
_NOISES = 5.0
"""Times the grain of the frame that dirt stands out by."""
_EDGES = 1.0
"""Share of the steps of luminance nearby that a change has to exceed: edges become sharper or softer, and move."""
_LARGEST_EDGE = 1080
"""Shorter edge of the pictures that are looked at; larger ones are shrunk."""
_LEAST_AREA = 60_000
"""One in so many parts of the square of the shorter edge; smaller specks, and those below 3 pixels, are grain."""


@dataclass(frozen=True, slots=True, eq=False)
class Spots:
    """Spots of a frame, at the size of the pictures that they were found in or below.

    dark, bright: ``(h, w)`` int32, which spot a pixel belongs to, from 1, and 0 for none. strengths: of dark and bright
    ones, how many times over each exceeds what makes it dirt, by its number; place 0 means nothing.
    """

    dark: NDArray[np.int32]
    bright: NDArray[np.int32]
    strengths: tuple[Float, Float]

    def taken(self, sensitivity: float) -> tuple[Mask, Mask]:
        """Return where the dark and the bright spots lie that are dirt by a sensitivity."""
        masks = [
            self._are_taken(strengths, sensitivity)[labels]
            for labels, strengths in zip((self.dark, self.bright), self.strengths, strict=True)
        ]
        return masks[0], masks[1]

    def count(self, sensitivity: float) -> int:
        """Return how many spots are dirt by a sensitivity."""
        return sum(int(self._are_taken(each, sensitivity).sum()) for each in self.strengths)

    @staticmethod
    def _are_taken(strengths: Float, sensitivity: float) -> Mask:
        taken = np.asarray(strengths * np.float32(sensitivity) >= 1, bool)
        taken[0] = False
        return taken


def find_spots(own: Float, restored: Float, sensitivity: float = 1.0) -> Spots:
    """Find what restoration took away of `own`, the film's luminance with restored tones; both ``(H, W)``.

    `sensitivity`: the highest that will be asked for.
    """
    scale = _LARGEST_EDGE / min(own.shape)
    if scale < 1:
        size = max(1, round(own.shape[1] * scale)), max(1, round(own.shape[0] * scale))
        own, restored = (
            np.asarray(cv2.resize(each, size, interpolation=cv2.INTER_AREA), np.float32)
            for each in (own, restored)
        )
    edge = min(own.shape)
    change = _smooth(restored - own, max(0.6, edge / 500))
    middle = float(np.median(change[::2, ::2]))
    noise = 1.48 * float(np.median(np.abs(change[::2, ::2] - middle)))
    limit = _EDGES * _steps(_smooth(restored, max(0.8, edge / 400)))
    limit += np.float32(max(LEAST_CONTRAST, _NOISES * noise))
    change /= limit
    least = max(3.0, edge * edge / _LEAST_AREA)
    found = [_labelled(sign * change, min(1.0, 1 / max(sensitivity, 0.1)), least) for sign in (1, -1)]
    return Spots(found[0][0], found[1][0], (found[0][1], found[1][1]))


def _steps(picture: Float) -> Float:
    """Return how luminance changes from pixel to pixel, the most within a pixel around each."""
    across, down = (cv2.Sobel(picture, cv2.CV_32F, *way, scale=1 / 8) for way in ((1, 0), (0, 1)))
    return np.asarray(cv2.dilate(cv2.magnitude(across, down), np.ones((3, 3), np.uint8)), np.float32)


def _labelled(strength: Float, floor: float, least: float) -> tuple[NDArray[np.int32], Float]:
    """Return connected spots that exceed `floor` somewhere and half of it everywhere, and how strong each is."""
    count, found, facts, _ = cv2.connectedComponentsWithStats(
        (strength > floor / 2).astype(np.uint8), connectivity=8
    )
    labels = np.asarray(found, np.int32)
    strongest = np.zeros(count, np.float32)
    there = labels > 0
    np.maximum.at(strongest, labels[there], strength[there])
    strongest[facts[:, cv2.CC_STAT_AREA] < least] = 0
    strongest[0] = 0
    # Numbers without a gap, of those that count.
    kept = np.flatnonzero(strongest >= floor)
    numbers = np.zeros(count, np.int32)
    numbers[kept] = np.arange(1, len(kept) + 1)
    return numbers[labels], np.concatenate([[np.float32(0)], strongest[kept]]).astype(np.float32)


def _smooth(picture: Float, deviation: float) -> Float:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), deviation), np.float32)
