"""Where colours bleed: around the edges of colour of the true film that move."""

from __future__ import annotations

import cv2
import numpy as np

from remaster_gui.base.arrays import Float, Mask

_STEP = 20.0 / 255.0
"""Difference of chrominance, on the network's scale, between neighbouring pixels that makes an edge."""
_SPEED = 1.0
"""Pixels from frame to frame from which on an edge moves."""
_BAND = 1 / 50
"""How far from an edge its surroundings reach, beside the picture's shorter edge."""
_NARROWEST = 2
"""Pixels that they reach at least."""


def moving_color_edges(chrominance: Float, speed: Float) -> Mask:
    """Return the surroundings ``(H, W)`` of edges of the true chrominance ``(H, W, 2)`` that move.

    speed ``(H, W)``: pixels from the frame before. What is in front and what is behind is where something coloured
    passes, and where its colour gets onto the other.
    """
    around = np.ones((3, 3), np.uint8)
    ranges = cv2.dilate(chrominance, around) - cv2.erode(chrominance, around)
    edges = (np.hypot(ranges[..., 0], ranges[..., 1]) >= _STEP) & (speed >= _SPEED)
    reach = max(_NARROWEST, round(_BAND * min(edges.shape)))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return np.asarray(cv2.dilate(edges.astype(np.uint8), disc) > 0)
