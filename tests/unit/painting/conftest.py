from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from remaster_gui.painting.raster import Raster


@pytest.fixture
def grey() -> Callable[..., Raster]:
    """Make an unpainted raster of noise around mid grey."""

    def make(height: int = 90, width: int = 140, seed: int = 0) -> Raster:
        rng = np.random.default_rng(seed)
        return Raster.of_frame(rng.normal(128, 30, (height, width)).clip(0, 255).astype(np.uint8))

    return make


@pytest.fixture
def fields() -> Raster:
    """Three fields of luma 60, 150 and 220 side by side, 60 columns each, with a little grain."""
    rng = np.random.default_rng(3)
    luma = np.repeat(np.array([60, 150, 220]), 60)[None].repeat(120, 0) + rng.normal(0, 2.0, (120, 180))
    return Raster.of_frame(luma.clip(0, 255).astype(np.uint8))
