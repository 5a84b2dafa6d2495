"""From luminance and chrominance to the picture that is written: chrominance brought to full size along the edges."""

from __future__ import annotations

import numpy as np

from remaster_gui.base.arrays import Float
from remaster_gui.base.color import NEUTRAL, lab_to_rgb
from remaster_gui.base.guided import upsample_chrominance
from remaster_gui.engine.messages import RemasteredFrame
from remaster_gui.engine.sizes import Size, resize


def compose(frame: RemasteredFrame, output: Size) -> Float:
    """Return the frame as sRGB ``(H, W, 3)`` float32 in [0, 1] of `output` size."""
    luminance = resize(frame.luminance, output)
    if frame.chrominance is None:
        neutral = np.full((*luminance.shape, 2), NEUTRAL, np.float32)
        return lab_to_rgb(luminance, neutral)
    return lab_to_rgb(luminance, upsample_chrominance(frame.chrominance, luminance))
