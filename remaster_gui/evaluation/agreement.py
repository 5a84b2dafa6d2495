"""How well a network in one precision, on one device, agrees with float32 on the processor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import skimage.data
import torch
from torch import Tensor

from remaster_gui.base.arrays import Float
from remaster_gui.base.color import rgb_to_lab, to_unit
from remaster_gui.engine.references import encode_reference
from remaster_gui.engine.sizes import Size
from remaster_gui.engine.stream import SELF_ATTENTION_SPAN
from remaster_gui.evaluation.metrics import psnr
from remaster_gui.model import RemasterNetwork
from remaster_gui.model.temporal import WholeClip

LEAST_LUMINANCE_DB = 50.0
LEAST_CHROMINANCE_DB = 45.0
"""What the compact network has to reach on every device."""
LEAST_PAPER_DB = 40.0
"""What the paper's network has to reach, and every single frame of either."""

_SIZE = Size(208, 160)
_ASTRONAUT, _STEP = (40, 20), 2
"""Upper left corner of the first frame in the photograph, and how far the camera moves with each."""
_REFERENCES = ((30, 40), (60, 10), (10, 60), (90, 30))
_CUT = Size(416, 320)
"""What a frame shows of the photograph, in its pixels."""


@dataclass(frozen=True, slots=True)
class ClipResult:
    """What a network makes of a clip: luminance ``(T, H, W)`` and chrominance ``(T, 2, H, W)``, float32, processor."""

    luminance: Tensor
    chrominance: Tensor


@dataclass(frozen=True, slots=True)
class Agreement:
    """PSNR of one result against another, in dB with a peak of 1: over all frames, and of the frame with the least."""

    luminance: float
    chrominance: float
    worst_frame: float

    def suffices(self, network: str) -> bool:
        """Whether the difference is too small to be seen, for the network of that name."""
        luminance, chrominance = (
            (LEAST_PAPER_DB, LEAST_PAPER_DB)
            if network == "paper"
            else (LEAST_LUMINANCE_DB, LEAST_CHROMINANCE_DB)
        )
        return (
            self.luminance >= luminance
            and self.chrominance >= chrominance
            and self.worst_frame >= LEAST_PAPER_DB
        )


@torch.inference_mode()
def remaster(network: RemasterNetwork, clip: Float, references: Sequence[Float]) -> ClipResult:
    """Remaster luminance ``(T, H, W)`` of one shot at once, from sRGB pictures ``(h, w, 3)``, all in [0, 1]."""
    features = [encode_reference(network, picture) for picture in references]
    luminance = network.restore(torch.from_numpy(clip)[None, None])
    chrominance = network.colorize(luminance, features, WholeClip(SELF_ATTENTION_SPAN))
    return ClipResult(luminance[0, 0].cpu(), chrominance[0].transpose(0, 1).cpu())


def agreement(result: ClipResult, truth: ClipResult) -> Agreement:
    """Compare two results for the same clip."""
    luminance, chrominance = (
        (ours.double() - theirs.double()).square().flatten(1).mean(1)
        for ours, theirs in (
            (result.luminance, truth.luminance),
            (result.chrominance, truth.chrominance),
        )
    )
    worst = max(float(luminance.max()), float(chrominance.max()))
    return Agreement(psnr(float(luminance.mean())), psnr(float(chrominance.mean())), psnr(worst))


def built_in_clip(frames: int, size: Size = _SIZE) -> tuple[Float, list[Float]]:
    """Return a short grey film and four colour references of it: moves over a photograph that everybody has."""
    photograph = to_unit(skimage.data.astronaut())  # type: ignore[no-untyped-call]

    def view(left: int, top: int) -> Float:
        part = photograph[top : top + _CUT.height, left : left + _CUT.width]
        small = cv2.resize(part, (size.width, size.height), interpolation=cv2.INTER_AREA)
        return np.asarray(small, np.float32).clip(0, 1)

    left, top = _ASTRONAUT
    moves = [view(left + _STEP * index, top + _STEP * index // 2) for index in range(frames)]
    return np.stack([rgb_to_lab(rgb)[0] for rgb in moves]), [view(*corner) for corner in _REFERENCES]
