"""Optical flow between neighbouring frames: what carries colours, and what flicker is measured along."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Float
from remaster_gui.model.motion import dense_flow

_OCCLUSION_SHARE = 0.01
_OCCLUSION_PIXELS = 0.5
"""Forward-backward check of Sundaram et al. 2010: squared round-trip error, squared lengths."""


class FlowEstimator:
    """Dense inverse search (Kroeger et al. 2016), OpenCV's medium preset, on luminance in [0, 1]."""

    def __init__(self) -> None:
        self._search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)

    def flow(self, start: Float, end: Float) -> Float:
        """Return ``(H, W, 2)``: for each pixel of `start`, the way in pixels (x, y) to its place in `end`."""
        return dense_flow(self._search, _to_bytes(start), _to_bytes(end))


def fetch(picture: Float, flow: Float) -> Float:
    """Sample `picture` ``(H, W)`` or ``(H, W, C)`` bilinearly where `flow` leads to; borders are repeated."""
    height, width = flow.shape[:2]
    grid = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1).astype(np.float32)
    fetched = cv2.remap(picture, grid + flow, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload]
    return np.asarray(fetched, np.float32)


class FlowStep:
    """The motion from one frame to the next, and which pixels of the later frame are seen in both."""

    def __init__(self, earlier: Float, later: Float, estimator: FlowEstimator) -> None:
        """Take the luminance ``(H, W)`` of both frames."""
        self._back = estimator.flow(later, earlier)
        ahead = fetch(estimator.flow(earlier, later), self._back)
        round_trip = ((self._back + ahead) ** 2).sum(axis=-1)
        lengths = (self._back**2).sum(axis=-1) + (ahead**2).sum(axis=-1)
        height, width = earlier.shape
        grid_y, grid_x = np.mgrid[:height, :width].astype(np.float32)
        x, y = grid_x + self._back[..., 0], grid_y + self._back[..., 1]
        inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
        self._seen = inside & (round_trip <= _OCCLUSION_SHARE * lengths + _OCCLUSION_PIXELS)

    @property
    def speed(self) -> Float:
        """How many pixels each pixel ``(H, W)`` of the later frame has moved."""
        return np.hypot(self._back[..., 0], self._back[..., 1])

    def change(self, earlier: Float, later: Float) -> float:
        """Return the mean absolute difference of two pictures along the motion; 0 if none is seen twice."""
        difference = np.abs(later - fetch(earlier, self._back))[self._seen]
        return float(difference.mean(dtype=np.float64)) if difference.size else 0.0

    def followed(self, earlier: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return where pixels ``(H, W)`` of the earlier frame lie in the later one, as far as they are seen in both."""
        return np.asarray(self._seen & (fetch(earlier.astype(np.float32), self._back) > 0.5))


def _to_bytes(luminance: Float) -> NDArray[np.uint8]:
    pixels: NDArray[np.uint8] = np.rint(np.clip(luminance, 0.0, 1.0) * 255.0).astype(np.uint8)
    return pixels
