"""Small films whose motion and colours are known."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

Frames = NDArray[np.uint8]


def texture(height: int, width: int, seed: int = 0) -> Frames:
    """A colourful picture with structure at several scales, ``(H, W, 3)``."""
    rng = np.random.default_rng(seed)
    picture = np.full((height, width, 3), 127.0, np.float32)
    for sigma, amount in ((16, 3000.0), (6, 700.0), (2, 110.0)):
        picture += amount * cv2.GaussianBlur(rng.standard_normal((height, width, 3)), (0, 0), sigma).astype(
            "f4"
        )
    return np.clip(picture, 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def panned() -> Callable[..., Frames]:
    """Make a film of a camera that moves `step` pixels to the right with each frame (0: a still)."""

    def make(count: int, height: int = 64, width: int = 96, step: int = 0, seed: int = 0) -> Frames:
        wide = texture(height, width + step * count, seed)
        return np.stack([wide[:, n * step : n * step + width] for n in range(count)])

    return make


@pytest.fixture(scope="session")
def write_film() -> Callable[[Path, Frames], None]:
    """Write frames losslessly."""

    def write(path: Path, frames: Frames) -> None:
        with av.open(str(path), "w") as container:
            stream = container.add_stream("ffv1", rate=Fraction(24))
            stream.height, stream.width = frames.shape[1:3]
            stream.pix_fmt = "bgr0"
            for pixels in frames:
                container.mux(
                    stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24").reformat(format="bgr0"))
                )
            container.mux(stream.encode())

    return write


@pytest.fixture(scope="session")
def damaged() -> Callable[[NDArray[np.float32], int], NDArray[np.float32]]:
    """A simple seeded damage: noise."""

    def degrade(luminance: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
        noise = np.random.default_rng(seed).normal(0.0, 0.05, luminance.shape)
        return np.clip(luminance + noise, 0.0, 1.0).astype(np.float32)

    return degrade
