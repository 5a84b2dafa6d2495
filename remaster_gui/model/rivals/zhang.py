"""*Real-Time User-Guided Image Colorization with Learned Deep Priors* (R. Zhang et al., SIGGRAPH 2017).

The paper that compares with it calls it "Zhang et al. 2017a". A U-Net colours a picture on its own, by *local hints*
(colours known at some pixels) and by *global hints* (the histogram of a picture's colours, its mean saturation), and
says which colours a place is likely to have. The authors trained a network for each kind of hints; here one takes both,
34.2 M parameters at full width and 1 M more for global hints. As in the comparing paper, a reference picture is given
to it by its histogram: it learns which colours there are, not where.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from remaster_gui.base.color import NEUTRAL
from remaster_gui.model.config import MOST_WIDTH, scaled
from remaster_gui.model.lab import lab_to_rgb

SIZE_MULTIPLE = 8
GRID_STEP = 10.0
"""Units of ab from one likely colour to the next."""
_GRID_SIDE = 23
BINS = _GRID_SIDE**2
"""Likely colours, from -110 to 110 units of a and b."""
GLOBAL_HINTS = BINS + 3
"""Histogram and whether it is given; saturation and whether it is given."""

_UNITS = 255.0
_SPAN = 110.0
_NO_HINT = 0.5
"""Taken off the mask of local hints, so that nothing known reads as -0.5."""
_LEAK = 0.2


@dataclass(frozen=True, slots=True)
class ZhangConfig:
    """`width` relative to the paper's channels."""

    width: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.width <= MOST_WIDTH:
            raise ValueError(f"a width is positive and at most {MOST_WIDTH:g}")


def _group(inputs: int, outputs: int, count: int, dilation: int = 1) -> nn.Sequential:
    """Return convolutions with ReLU each, and a normalisation at the end."""
    layers: list[nn.Module] = []
    for number in range(count):
        layers += [
            nn.Conv2d(outputs if number else inputs, outputs, 3, padding=dilation, dilation=dilation),
            nn.ReLU(inplace=True),
        ]
    return nn.Sequential(*layers, nn.BatchNorm2d(outputs))


class _Upwards(nn.Module):
    """Twice as large, with what the encoder saw at that size added, then further convolutions."""

    def __init__(self, inputs: int, skipped: int, outputs: int, rest: nn.Sequential) -> None:
        super().__init__()
        self.enlarge = nn.ConvTranspose2d(inputs, outputs, 4, 2, 1)
        self.skip = nn.Conv2d(skipped, outputs, 3, padding=1)
        self.rest = rest

    def forward(self, x: Tensor, skipped: Tensor) -> Tensor:
        return cast(Tensor, self.rest(torch.relu(self.enlarge(x) + self.skip(skipped))))


class Zhang(nn.Module):
    """conv1 to conv4, three groups at 1/8 size (two of them dilated), conv8 to conv10 back to full size."""

    def __init__(self, config: ZhangConfig | None = None) -> None:
        """Build the network with random weights."""
        super().__init__()
        self.config = config = config or ZhangConfig()
        c64, c128, c256, c512 = (scaled(n, config.width) for n in (64, 128, 256, 512))
        self.conv1, self.conv2 = _group(4, c64, 2), _group(c64, c128, 2)
        self.conv3, self.conv4 = _group(c128, c256, 3), _group(c256, c512, 3)
        self.middle = nn.Sequential(
            _group(c512, c512, 3, dilation=2), _group(c512, c512, 3, dilation=2), _group(c512, c512, 3)
        )
        self.conv8 = _Upwards(c512, c256, c256, _group(c256, c256, 2))
        self.conv9 = _Upwards(c256, c128, c128, _group(c128, c128, 1))
        last = nn.Sequential(nn.Conv2d(c128, c128, 3, padding=1), nn.LeakyReLU(_LEAK, inplace=True))
        self.conv10 = _Upwards(c128, c64, c128, last)
        self.color = nn.Conv2d(c128, 2, 1)
        self.likely = nn.Conv2d(c256, BINS, 1)
        self.histogram, self.saturation = nn.Linear(BINS + 1, c512), nn.Linear(2, c512)
        layers: list[nn.Module] = []
        for _ in range(3):
            layers += [nn.ReLU(inplace=True), nn.BatchNorm1d(c512), nn.Linear(c512, c512)]
        self.globally = nn.Sequential(*layers)

    def forward(
        self, luminance: Tensor, local: Tensor, overall: Tensor, *, apart: bool = True
    ) -> tuple[Tensor, Tensor]:
        """Return chrominance about neutral ``(B, 2, H, W)`` in spans of 110 units of ab, and logits at 1/4 size.

        luminance ``(B, 1, H, W)`` in [0, 1], H and W multiples of 8; local ``(B, 3, H, W)``: chrominance in the same
        spans where it is known, and a mask; overall ``(B, GLOBAL_HINTS)``. Logits ``(B, BINS, H/4, W/4)``; `apart`:
        what they learn from stays in their own layer and does not reach those that the colours come from.
        """
        seen = torch.cat([luminance - 0.5, local[:, :2], local[:, 2:] - _NO_HINT], dim=1)
        x1 = self.conv1(seen)
        x2 = self.conv2(x1[..., ::2, ::2])
        x3 = self.conv3(x2[..., ::2, ::2])
        x4 = self.conv4(x3[..., ::2, ::2])
        hints = self.histogram(overall[:, : BINS + 1]) + self.saturation(overall[:, BINS + 1 :])
        x8 = self.conv8(self.middle(x4 + self.globally(hints)[:, :, None, None]), x3)
        color = torch.tanh(self.color(self.conv10(self.conv9(x8, x2), x1)))
        return color, self.likely(x8.detach() if apart else x8)

    def color_of(
        self, luminance: Tensor, overall: Tensor | None = None, local: Tensor | None = None
    ) -> Tensor:
        """Return the chrominance ``(B, 2, H, W)`` on the network's scale of luminance ``(B, 1, H, W)``, any size.

        overall: see `global_hints`; local ``(B, 3, H, W)``: known chrominance on the network's scale, and a mask of 0
        and 1. Without either the network decides alone.
        """
        height, width = luminance.shape[-2:]
        border = (0, -width % SIZE_MULTIPLE, 0, -height % SIZE_MULTIPLE)
        padded = F.pad(luminance, border, mode="replicate")
        known = F.pad(luminance.new_zeros(len(luminance), 3, height, width), border)
        if local is not None:
            known = F.pad(local_hints(local[:, :2], local[:, 2:]), border)
        if overall is None:
            overall = luminance.new_zeros(len(luminance), GLOBAL_HINTS)
        color, _ = self(padded, known, overall)
        return (color[..., :height, :width].float() * (_SPAN / _UNITS) + NEUTRAL).clamp(0.0, 1.0)


def local_hints(chrominance: Tensor, mask: Tensor) -> Tensor:
    """Join chrominance ``(B, 2, H, W)`` on the network's scale and where it is known, 0 or 1, as `Zhang` takes it."""
    return torch.cat([to_spans(chrominance) * mask, mask], dim=1)


def to_spans(chrominance: Tensor) -> Tensor:
    """Turn chrominance on the network's scale into spans of 110 units of ab about neutral."""
    return (chrominance - NEUTRAL) * (_UNITS / _SPAN)


def bins_of(chrominance: Tensor) -> Tensor:
    """Return which likely colour is next to each pixel of ``(B, 2, H, W)``: ``(B, H, W)`` int64."""
    middle = _GRID_SIDE // 2
    steps = ((chrominance - NEUTRAL) * (_UNITS / GRID_STEP)).round().clamp(-middle, middle).long() + middle
    return steps[:, 0] * _GRID_SIDE + steps[:, 1]


def global_hints(luminance: Tensor, chrominance: Tensor) -> Tensor:
    """Describe pictures as a whole: ``(B, GLOBAL_HINTS)`` from luminance ``(B, 1, H, W)`` and chrominance.

    The histogram of the colours at 1/4 size and the mean saturation (of HSV), both marked as given.
    """
    colors = F.avg_pool2d(chrominance, 4)
    rgb = lab_to_rgb(torch.cat([F.avg_pool2d(luminance, 4), colors], dim=1))
    largest, least = rgb.amax(1), rgb.amin(1)
    saturation = ((largest - least) / largest.clamp(min=1e-3)).mean((1, 2))
    shares = F.one_hot(bins_of(colors).flatten(1), BINS).to(luminance.dtype).mean(1)
    given = luminance.new_ones(len(luminance), 1)
    return torch.cat([shares, given, saturation[:, None], given], dim=1)


def grid() -> Tensor:
    """Return the likely colours ``(BINS, 2)`` on the network's scale."""
    steps = (torch.arange(_GRID_SIDE) - _GRID_SIDE // 2) * (GRID_STEP / _UNITS) + NEUTRAL
    return torch.cartesian_prod(steps, steps)
