"""The joint network (Sec. 3): restoration, then colourisation of what it restored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from remaster_gui.model import colorization, restoration
from remaster_gui.model.black_borders import border_widths, painted_over
from remaster_gui.model.blocks import ConvUnit
from remaster_gui.model.colorization import ColorizationNetwork, Colorized, ReferenceFeatures
from remaster_gui.model.config import ModelConfig
from remaster_gui.model.lab import rgb_to_lab
from remaster_gui.model.partial import without_other_colors
from remaster_gui.model.precision import FULL, Precision, allow_rounded_products
from remaster_gui.model.restoration import RestorationNetwork
from remaster_gui.model.temporal import TemporalContext, WholeClip


def _pad_to(clip: Tensor, multiple: int) -> Tensor:
    """Extend ``(B, T, C, H, W)`` to the right and below, by its border pixels, to multiples of `multiple`."""
    height, width = clip.shape[-2:]
    below, right = -height % multiple, -width % multiple
    if not below and not right:
        return clip
    return F.pad(clip.flatten(0, 1), (0, right, 0, below), mode="replicate").unflatten(0, clip.shape[:2])


class RemasterNetwork(nn.Module):
    """Both networks with one configuration; trained jointly in the last stage (Sec. 4.5).

    `restore` and `colorize` are the public form with channels before time, as the paper writes it. Training calls them
    with gradients; for inference `fold` first, and see `stream` for films longer than a few frames.
    """

    def __init__(self, config: ModelConfig) -> None:
        """Build both networks with random weights."""
        super().__init__()
        self.config = config
        self.precision = FULL
        self.restoration = RestorationNetwork(config.restoration)
        self.colorization = ColorizationNetwork(config.colorization)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.parameters()).device

    def fold(self) -> RemasterNetwork:
        """Turn into the inference form: normalisation merged into the convolutions, channels-last memory.

        On the processor wide convolutions take another form, so move to the device before.
        """
        self.eval()
        for unit in self.modules():
            if isinstance(unit, ConvUnit):
                unit.fold()
        self.requires_grad_(False)
        for parameter in self.parameters():
            if parameter.ndim == 4:
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
        return self

    def compute_in(self, precision: Precision) -> RemasterNetwork:
        """Choose what the parts of the folded network compute in; on a GPU, products of the whole process with it.

        Frames and references go in, and luminance and chrominance come out, as float32 all the same.
        """
        self.precision = precision
        for unit in self.modules():
            if isinstance(unit, ConvUnit):
                unit.compute_in(precision.convolutions)
        if self.device.type == "cuda":
            allow_rounded_products(precision.rounded_products)
        return self

    def restore(self, frames: Tensor, context: TemporalContext | None = None) -> Tensor:
        """Restore damaged luminance ``(B, 1, T, H, W)`` in [0, 1]; same shape and range, any H and W."""
        clip = frames.to(self.device, torch.float32).transpose(1, 2)
        padded = _pad_to(clip, restoration.SIZE_MULTIPLE)
        out = self.restoration(padded, context or WholeClip())
        return cast(Tensor, out[..., : frames.shape[-2], : frames.shape[-1]].transpose(1, 2))

    def colorize(
        self,
        luminance: Tensor,
        references: Tensor | Sequence[ReferenceFeatures] | None,
        context: TemporalContext | None = None,
    ) -> Tensor:
        """Colour luminance ``(B, 1, T, H, W)`` in [0, 1].

        references: sRGB pictures ``(B, N, 3, h, w)`` in [0, 1], or what `encode_references` made of each, or None for
        automatic colourisation. Returns chrominance ``(B, 2, T, H, W)`` in [0, 1].
        """
        return self.colorize_clip(luminance, references, context).chrominance.transpose(1, 2)

    def colorize_clip(
        self,
        luminance: Tensor,
        references: Tensor | Sequence[ReferenceFeatures] | None,
        context: TemporalContext | None = None,
    ) -> Colorized:
        """Do the work of `colorize`; chrominance is ``(B, T', 2, H, W)``, with the carried colours for training."""
        clip = _pad_to(luminance.to(self.device, torch.float32).transpose(1, 2), colorization.SIZE_MULTIPLE)
        result = self.colorization(clip, self._features(references), context or WholeClip())
        height, width = luminance.shape[-2:]
        share, mattes = (
            None if each is None else each[..., :height, :width] for each in (result.share, result.mattes)
        )
        return Colorized(result.chrominance[..., :height, :width], result.carried, share, mattes)

    def correct_tones(self, frames: Tensor) -> Tensor:
        """Correct the tones of whole damaged frames ``(B, 1, T, H, W)`` and stop there: for learning to."""
        clip = frames.to(self.device, torch.float32).transpose(1, 2)
        return self.restoration.correct_tones(clip, WholeClip()).transpose(1, 2)

    def carry_colors(self, luminance: Tensor, references: Tensor) -> tuple[Tensor, Tensor]:
        """Carry the references' chrominance over and stop there; luminance ``(B, 1, T, H, W)``, multiples of 16.

        Returns chrominance about neutral ``(B, T, 2, h, w)`` at 1/8 and 1/16 size, for networks that carry colour.
        """
        clip = luminance.to(self.device, torch.float32).transpose(1, 2)
        return self.colorization.carry(clip, self._features(references))

    def encode_references(self, references: Tensor, weights: Tensor | None = None) -> ReferenceFeatures:
        """Encode pictures of one size ``(B, n, 3, h, w)``, sRGB in [0, 1], as one body of reference positions.

        weights ``(B, n, 1, h, w)`` in [0, 1]: how much each pixel counts (None: all altogether). The colours of those
        that do not are not even looked at.
        """
        pictures = references.to(self.device, torch.float32)
        if weights is not None:
            counted = weights.to(self.device, torch.float32)
            pictures = without_other_colors(pictures, counted)
            weights = _pad_to(counted, colorization.SIZE_MULTIPLE)
        if self._reads_lab or weights is not None:  # the paper's encoders take any size as it is
            pictures = _pad_to(pictures, colorization.SIZE_MULTIPLE)
        lab = rgb_to_lab(pictures) if self._reads_lab else None
        if lab is not None and self.config.colorization.carried_color:
            widths = border_widths(lab[:, :, :1])
            pictures, lab = painted_over(pictures, widths), painted_over(lab, widths)
        return self.colorization.encode_references(pictures, lab, weights)

    def _features(
        self, references: Tensor | Sequence[ReferenceFeatures] | None
    ) -> Sequence[ReferenceFeatures]:
        if references is None:
            return ()
        if isinstance(references, Tensor):
            return [self.encode_references(references[:, n : n + 1]) for n in range(references.shape[1])]
        return references

    @property
    def _reads_lab(self) -> bool:
        return self.config.colorization.carried_color or self.config.colorization.patch_keys
