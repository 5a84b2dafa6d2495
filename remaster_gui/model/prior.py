"""What colours a black-and-white picture is likely to have: a prior learned from photographs, which takes hints.

In the spirit of *Real-Time User-Guided Image Colorization with Learned Deep Priors* (Zhang et al., SIGGRAPH 2017), to
which the paper compares (its Sec. 5): luminance goes in, with *hints*, chrominance that is known at some
places, and a *palette*, the colours of the picture as a whole; out come chrominance and, at 1/4 size, the
distribution of likely colours. One network serves an untouched frame, one with a few strokes, and one to
which references have carried most colours.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from remaster_gui.base import plain_data
from remaster_gui.base.color import NEUTRAL
from remaster_gui.base.errors import SettingsError, WeightsError
from remaster_gui.base.language import tr

LUMINANCE_MEAN = 0.45
SIZE_MULTIPLE = 32
"""Frames are extended to multiples of this."""
LOGITS_FACTOR = 4
"""How much smaller the distribution is than the picture."""
UNITS = 255.0
"""Units of ab in the network's scale of chrominance."""

_SPAN = 110.0
"""Units of ab that the network counts as one."""
_STEM = 2  # pixels to a side that the first layer sees as channels
_HEADS = 8
_LEVELS = 5
_MOST_CHANNELS = 1024
_MOST_UNITS = 32
_MOST_BINS = 1024


@dataclass(frozen=True, slots=True)
class PriorConfig:
    """Shape of the network, from 1/2 to 1/32 size.

    `widths`: channels of the five sizes; `encoder` and `decoder`: bottlenecks at each, the decoder's from 1/16 to 1/2;
    `attention`: layers at 1/32; `bins`: likely colours.
    """

    widths: tuple[int, ...] = (40, 112, 224, 416, 416)
    encoder: tuple[int, ...] = (1, 2, 3, 6, 2)
    decoder: tuple[int, ...] = (2, 2, 2, 1)
    attention: int = 3
    bins: int = 210

    def __post_init__(self) -> None:
        if (len(self.widths), len(self.encoder), len(self.decoder)) != (_LEVELS, _LEVELS, _LEVELS - 1):
            raise ValueError("a prior has five sizes")
        if self.widths[-1] % _HEADS:
            raise ValueError(f"the smallest size has a multiple of {_HEADS} channels")

    def as_dict(self) -> dict[str, Any]:
        """Return plain data for a file's metadata."""
        return dataclasses.asdict(self)

    @staticmethod
    def from_dict(data: Any) -> PriorConfig:
        """Read what `as_dict` wrote; raise `WeightsError` for anything else."""
        try:
            said = plain_data.table(data)
            return PriorConfig(
                widths=_wholes(said["widths"], 8, _MOST_CHANNELS),
                encoder=_wholes(said["encoder"], 0, _MOST_UNITS),
                decoder=_wholes(said["decoder"], 0, _MOST_UNITS),
                attention=plain_data.whole(said["attention"], 0, _MOST_UNITS),
                bins=plain_data.whole(said["bins"], 1, _MOST_BINS),
            )
        except ValueError as error:
            raise WeightsError(
                tr(
                    "The weight file describes a prior unknown to this version ({error}); update the application.",
                    error=error,
                )
            ) from error


def _wholes(value: Any, least: int, most: int) -> tuple[int, ...]:
    return tuple(plain_data.whole(each, least, most) for each in plain_data.listed(value))


PRIOR = PriorConfig()
"""The prior that ships."""


@dataclass(frozen=True, slots=True)
class Hints:
    """Colours that are known at some places of a picture.

    `chrominance` ``(B, 2, H, W)`` on the network's scale; `confidence` ``(B, 1, H, W)`` in [0, 1], 0 where nothing is
    known (then it does not matter what `chrominance` says).
    """

    chrominance: Tensor
    confidence: Tensor


@dataclass(frozen=True, slots=True)
class Guess:
    """What the prior thinks of a picture: its mean opinion and the likely colours.

    `chrominance` ``(B, 2, H, W)`` on the network's scale; `logits` ``(B, bins, H/4, W/4)``, rounded up, of the colours
    `ColorPrior.centres`.
    """

    chrominance: Tensor
    logits: Tensor


class _Unit(nn.Module):
    """Convolution, batch normalisation, SiLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        self.norm: nn.Module = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return F.silu(self.norm(self.conv(x)), inplace=True)

    def fold(self) -> None:
        self.conv, self.norm = _folded(self.conv, self.norm), nn.Identity()


class _Merge(_Unit):
    """A unit over each pixel of a picture and of the one that skips to it, which is twice as large."""

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:  # type: ignore[override]
        # Each by itself, and the smaller one before it is enlarged: the same sums by fewer multiplications.
        first, second = self.conv.weight.split([x.shape[1], skip.shape[1]], dim=1)
        below = F.conv2d(x, first)
        below = F.interpolate(below, size=skip.shape[-2:], mode="bilinear", align_corners=False)
        return F.silu(self.norm(F.conv2d(skip, second, self.conv.bias) + below), inplace=True)


class _Bottleneck(nn.Module):
    """A residual unit that looks around with half of its channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.narrow, self.look = _Unit(channels, half, 1), _Unit(half, half)
        self.widen = nn.Conv2d(half, channels, 1, bias=False)
        norm = nn.BatchNorm2d(channels)
        nn.init.zeros_(norm.weight)
        self.norm: nn.Module = norm

    def forward(self, x: Tensor) -> Tensor:
        return F.silu(x + self.norm(self.widen(self.look(self.narrow(x)))))

    def fold(self) -> None:
        self.widen, self.norm = _folded(self.widen, self.norm), nn.Identity()


class _Attention(nn.Module):
    """Self-attention over the whole picture at 1/32 size, with a convolution that tells places apart."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.position = nn.Conv2d(channels, channels, 3, padding=1, groups=channels)
        self.norm, self.norm_mlp = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)
        self.qkv, self.out = nn.Conv2d(channels, 3 * channels, 1), nn.Conv2d(channels, channels, 1)
        self.mlp = nn.Sequential(
            nn.Conv2d(channels, 2 * channels, 1),
            nn.SiLU(inplace=True),
            nn.Conv2d(2 * channels, channels, 1),
        )
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.mlp[2].weight)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.position(x)
        heads = self.qkv(self.norm(x)).flatten(2).unflatten(1, (3, _HEADS, -1)).transpose(-1, -2)
        found = F.scaled_dot_product_attention(*heads.unbind(1))
        x = x + self.out(found.transpose(-1, -2).reshape(x.shape))
        return x + self.mlp(self.norm_mlp(x))


class ColorPrior(nn.Module):
    """A U-Net from 1/2 to 1/32 size; `guess` is its public form, `forward` the one that learns."""

    centres: Tensor
    """Likely colours ``(bins, 2)``, in units of ab."""

    def __init__(self, config: PriorConfig = PRIOR) -> None:
        """Build the network with random weights."""
        super().__init__()
        self.config = config
        widths = config.widths
        self.register_buffer("centres", torch.zeros(config.bins, 2))
        self.stem = _Unit(4 * _STEM**2, widths[0])
        self.encoder = nn.ModuleList(
            nn.Sequential(*(_Bottleneck(width) for _ in range(count)))
            for width, count in zip(widths, config.encoder, strict=True)
        )
        self.shrink = nn.ModuleList(
            _Unit(width, smaller, stride=2) for width, smaller in itertools.pairwise(widths)
        )
        self.palette = nn.Sequential(
            nn.Linear(config.bins + 1, widths[-1]), nn.SiLU(), nn.Linear(widths[-1], widths[-1])
        )
        nn.init.zeros_(self.palette[2].weight)  # type: ignore[arg-type]
        self.attention = nn.Sequential(*(_Attention(widths[-1]) for _ in range(config.attention)))
        self.dropout = nn.Dropout2d(0.1)
        upwards = list(range(_LEVELS - 2, -1, -1))
        self.merge = nn.ModuleList(_Merge(widths[i + 1] + widths[i], widths[i], 1) for i in upwards)
        self.decoder = nn.ModuleList(
            nn.Sequential(*(_Bottleneck(widths[i]) for _ in range(count)))
            for i, count in zip(upwards, config.decoder, strict=True)
        )
        self.likely = nn.Conv2d(widths[1], config.bins, 1)
        self.color = nn.Conv2d(widths[0], 2 * _STEM**2, 3, padding=1)
        nn.init.zeros_(self.color.weight)

    def fold(self) -> ColorPrior:
        """Turn into the inference form: normalisation merged into the convolutions, channels-last memory."""
        self.eval()
        for module in list(self.modules()):
            if isinstance(module, _Unit | _Bottleneck):
                module.fold()
        self.requires_grad_(False)
        return self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, luminance: Tensor, hints: Tensor, palette: Tensor) -> tuple[Tensor, Tensor]:
        """Compute from ``(B, 1, H, W)`` about `LUMINANCE_MEAN`, hints ``(B, 3, H, W)`` and palette ``(B, bins + 1)``.

        Hints are chrominance about neutral, in spans of `_SPAN` units and multiplied by the confidence, then the
        confidence. The last place of a palette says whether there is one. H and W are multiples of `SIZE_MULTIPLE`.
        Returns chrominance ``(B, 2, H, W)``, in the same spans, and logits.
        """
        x = self.stem(F.pixel_unshuffle(torch.cat([luminance, hints], dim=1), _STEM))
        skips = []
        for encode, shrink in zip(self.encoder[:-1], self.shrink, strict=True):
            x = encode(x)
            skips.append(x)
            x = shrink(x)
        x = self.encoder[-1](x) + self.palette(palette)[:, :, None, None].to(x.dtype)
        x = self.dropout(self.attention(x))
        logits = x
        for merge, decode, skip in zip(self.merge, self.decoder, reversed(skips), strict=True):
            x = decode(merge(x, skip))
            if x.shape[-1] * LOGITS_FACTOR == luminance.shape[-1]:
                logits = self.likely(x)
        return F.pixel_shuffle(self.color(x), _STEM), logits

    def guess(self, luminance: Tensor, hints: Hints | None = None, palette: Tensor | None = None) -> Guess:
        """Guess the colours of luminance ``(B, 1, H, W)`` in [0, 1], of any size, on the device of the network.

        palette: shares of the colours `centres` in the whole picture ``(B, bins)``. Raises `SettingsError` for hints
        and palettes that do not fit.
        """
        luminance = luminance.to(self.centres.device)
        if hints is not None:
            _check_hints(hints, luminance)
        if palette is not None:
            self._check_palette(palette, len(luminance))
        return self.unchecked_guess(luminance, hints, palette)

    @torch.no_grad()
    def unchecked_guess(
        self, luminance: Tensor, hints: Hints | None = None, palette: Tensor | None = None
    ) -> Guess:
        """Do the same with what is known to fit, and be where the network is: a GPU is not waited for."""
        height, width = luminance.shape[-2:]
        known = luminance.new_zeros(len(luminance), 3, height, width)
        if hints is not None:
            confidence = hints.confidence.to(luminance)
            chrominance = (hints.chrominance.to(luminance) - NEUTRAL) * (UNITS / _SPAN)
            known = torch.cat([torch.where(confidence > 0, chrominance, 0.0) * confidence, confidence], dim=1)
        border = (0, -width % SIZE_MULTIPLE, 0, -height % SIZE_MULTIPLE)
        seen = F.pad(luminance, border, mode="replicate") - LUMINANCE_MEAN
        color, logits = self(seen, F.pad(known, border), self._palette(palette, len(luminance), luminance))
        kept = (-(-height // LOGITS_FACTOR), -(-width // LOGITS_FACTOR))
        chrominance = color[..., :height, :width].float() * (_SPAN / UNITS) + NEUTRAL
        return Guess(chrominance.clamp(0.0, 1.0), logits[..., : kept[0], : kept[1]].float())

    def shares(self, chrominance: Tensor) -> Tensor:
        """Return the palette of pictures: which share of ``(B, 2, H, W)`` has each colour, ``(B, bins)``.

        Every pixel counts for the colour next to its own.
        """
        units = (chrominance - NEUTRAL) * UNITS
        nearest = torch.cdist(units.flatten(2).transpose(1, 2), self.centres.to(units)[None]).argmin(-1)
        return F.one_hot(nearest, self.config.bins).float().mean(1)

    def _palette(self, shares: Tensor | None, count: int, like: Tensor) -> Tensor:
        if shares is None:
            return like.new_zeros(count, self.config.bins + 1)
        weights = shares.to(like) * math.sqrt(self.config.bins)
        return torch.cat([weights, weights.new_ones(count, 1)], dim=1)

    def _check_palette(self, shares: Tensor, count: int) -> None:
        if shares.shape != (count, self.config.bins) or not _within_unit(shares):
            raise SettingsError(
                tr(
                    "A palette is {bins} shares between 0 and 1 for each picture; this one is not.",
                    bins=self.config.bins,
                )
            )


def annealed_mean(guess: Guess, centres: Tensor, temperature: float) -> Tensor:
    """Return chrominance ``(B, 2, H/4, W/4)`` on the network's scale: the mean of the sharpened distribution.

    Sec. 2.3 of *Colorful Image Colorization* (Zhang et al., ECCV 2016): a temperature of 1 gives the mean, pale where
    much is possible; 0.38, theirs, is more vivid.
    """
    likely = F.softmax(guess.logits / temperature, dim=1)
    units = torch.einsum("bqhw,qc->bchw", likely, centres.to(likely))
    return units / UNITS + NEUTRAL


def _check_hints(hints: Hints, luminance: Tensor) -> None:
    count, _, height, width = luminance.shape
    wanted = ((count, 2, height, width), (count, 1, height, width))
    if (tuple(hints.chrominance.shape), tuple(hints.confidence.shape)) != wanted:
        raise SettingsError(
            tr(
                "Hints are as large as the picture, {width}x{height} pixels; give chrominance and "
                "confidence of that size.",
                width=width,
                height=height,
            )
        )
    if not _within_unit(hints.confidence):
        raise SettingsError(
            tr("The confidence of hints lies between 0 and 1 everywhere; these have other values.")
        )
    if not torch.where(hints.confidence > 0, hints.chrominance, 0.0).isfinite().all():
        raise SettingsError(tr("Hints hold values that are no numbers; leave those places out."))


def _within_unit(values: Tensor) -> bool:
    return bool(((values >= 0) & (values <= 1)).all())


def _folded(conv: nn.Conv2d, norm: nn.Module) -> nn.Conv2d:
    assert isinstance(norm, nn.BatchNorm2d)
    return fuse_conv_bn_eval(conv.eval(), norm.eval())
