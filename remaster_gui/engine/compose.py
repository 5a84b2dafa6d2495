"""From luminance and chrominance to the picture that is written: chrominance brought to full size along the edges."""

from __future__ import annotations

import numpy as np

from remaster_gui.base import system
from remaster_gui.base.arrays import Float
from remaster_gui.base.color import NEUTRAL, lab_to_rgb
from remaster_gui.base.guided import upsample_chrominance
from remaster_gui.engine.messages import RemasteredFrame
from remaster_gui.engine.sizes import Size, resize

_BYTES = 110
"""Of memory that a pixel needs on its way to the encoder."""
_CORES, _MEMORY = 4, 8
"""One in so many cores composes, and takes no more than one in so many bytes that are free."""


def saturated(chrominance: Float, saturation: float) -> Float:
    """Return chrominance ``(h, w, 2)`` in [0, 1] `saturation` times as far from grey."""
    if saturation == 1:
        return chrominance
    color: Float = np.clip(
        NEUTRAL + np.float32(saturation) * (chrominance - NEUTRAL), 0.0, 1.0, dtype=np.float32
    )
    return color


def compose(frame: RemasteredFrame, output: Size) -> Float:
    """Return the frame as sRGB ``(H, W, 3)`` float32 in [0, 1] of `output` size."""
    luminance = resize(frame.finished_luminance(), output)
    if frame.chrominance is None:
        neutral = np.full((*luminance.shape, 2), NEUTRAL, np.float32)
        return lab_to_rgb(luminance, neutral)
    return lab_to_rgb(luminance, upsample_chrominance(frame.chrominance, luminance))


def composing_threads(output: Size) -> int:
    """Return how many threads may compose pictures of `output` size at the same time, at least 1.

    One would be what a GPU waits for as soon as pictures are large.
    """
    room = system.free_memory() // (_MEMORY * _BYTES * output.pixels)
    return max(1, min(-(-system.usable_cores() // _CORES), room))
