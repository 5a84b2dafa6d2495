"""The source-reference network that adds chrominance, guided by colour references (Sec. 3.3, Table 2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

import torch
from torch import Tensor, nn

from remaster_gui.base.color import NEUTRAL
from remaster_gui.model.alignment import Alignment, Detail
from remaster_gui.model.attention import KeyValues, SelfAttention, SourceReferenceAttention
from remaster_gui.model.blocks import ConvStack, ConvUnit, upsample
from remaster_gui.model.config import ColorizationConfig, scaled
from remaster_gui.model.fusion import Fusion, gather_candidates, hint, statistics
from remaster_gui.model.patches import EIGHTH, PatchDescriptor
from remaster_gui.model.restoration import LUMINANCE_MEAN
from remaster_gui.model.steadying import REACH as STEADYING_REACH
from remaster_gui.model.steadying import Steadying
from remaster_gui.model.temporal import Held, Timeline, Whole, join

REFERENCE_MEAN = 0.48
"""Taken off the references' sRGB values."""

SIZE_MULTIPLE = 16
"""Heights and widths are multiples of this."""

CONVOLUTION_REACH = 8
"""Frames to either side that influence a frame through convolutions."""

PATCH_CHANNELS = 24
"""Numbers that describe a patch of one scale: more than this hardly match better."""
CARRIED_GAIN = 8.0
"""Chrominance is small beside the features it joins."""
RESIDUAL_GAIN = 0.25
HALF_SIZE = 3
"""Decoder unit whose output the fusion of carried colours looks at."""
WHOLE = Whole()
LUMA = (0.299, 0.587, 0.114)


@dataclass(frozen=True, slots=True)
class ReferenceFeatures:
    """A reference after both encoders: what the two source-reference attentions need of it, at 1/8 and 1/16 size."""

    fine: KeyValues
    coarse: KeyValues
    size: tuple[int, int]
    """Height and width at which the picture was encoded, multiples of 16."""
    detail: Detail | None = None

    def nbytes(self) -> int:
        """Bytes of memory taken."""
        return self.fine.nbytes() + self.coarse.nbytes() + (self.detail.nbytes() if self.detail else 0)


@dataclass(frozen=True, slots=True)
class Colorized:
    """Chrominance ``(B, T', 2, H, W)`` in [0, 1], and the carried maps at 1/8 and 1/16 size, judged in training."""

    chrominance: Tensor
    carried: tuple[Tensor, Tensor] | None


@dataclass(frozen=True, slots=True)
class _CarriedColors:
    """Carried maps of these frames, and held back: colours and evidence (or the maps again, without alignment)."""

    maps: tuple[Tensor, Tensor]
    held: tuple[Held, Held]


def _encoder(inputs: int, width: float, *, padded: bool) -> ConvStack:
    c64, c128, c256, c512 = (scaled(n, width) for n in (64, 128, 256, 512))
    return ConvStack(
        [
            ConvUnit(inputs, c64, stride=2, edge="replicate" if padded else "zeros"),
            ConvUnit(c64, c128),
            ConvUnit(c128, c128),
            ConvUnit(c128, c256, stride=2),
            ConvUnit(c256, c256),
            ConvUnit(c256, c256),
            ConvUnit(c256, c512, stride=2),
            ConvUnit(c512, c512),
            ConvUnit(c512, c512),
        ]
    )


class ColorizationNetwork(nn.Module):
    """Source and reference encoders, attention between them at 1/8 and 1/16 size, self-attention, decoder (Table 2)."""

    def __init__(self, config: ColorizationConfig | None = None) -> None:
        """Build the network; weights are random, except what `config`'s departures from the paper start from."""
        super().__init__()
        self.config = config = config or ColorizationConfig()
        c16, c32, c64, c128, c256, c512 = (scaled(n, config.width) for n in (16, 32, 64, 128, 256, 512))
        c8 = scaled(8, config.width)
        learned = config.attention == "cosine"
        keys, kind = config.key_channels, config.attention
        self.source = _encoder(1, config.width, padded=True)
        self.flat = ConvStack([ConvUnit(c512, c512), ConvUnit(c512, c512)])
        self.source_coarse = ConvStack([ConvUnit(c512, c512, stride=2), ConvUnit(c512, c512)])
        self.reference = _encoder(3, config.width, padded=False)
        self.reference_coarse = ConvStack(
            [ConvUnit(c512, c512, stride=2), ConvUnit(c512, c512), ConvUnit(c512, c512)]
        )
        attention = partial(
            SourceReferenceAttention,
            c512,
            keys,
            kind=kind,
            patches=config.patch_keys,
            positions=config.position_keys,
            votes=config.reference_votes,
            gamma=1.0 if learned else 0.0,
        )
        self.attend_fine = attention()
        self.attend_coarse = attention()
        self.middle_coarse = ConvUnit(c512, c512)
        if config.self_attention:
            self.self_coarse = SelfAttention(c512, keys, kind=kind)
            self.self_fine = SelfAttention(c512, keys, kind=kind)
        self.merge = ConvUnit(2 * c512, c512, frames=3)
        self.middle_fine = ConvUnit(c512, c256, frames=3)
        quarter, half = (c256, c128) if config.decoder_skips else (0, 0)
        self.decoder = nn.ModuleList(
            [
                ConvUnit(c256, c128, frames=3, upsampled=True),
                ConvUnit(c128 + quarter, c64, frames=3),
                ConvUnit(c64, c32, frames=3, upsampled=True),
                ConvUnit(c32 + half, c16, frames=3),
                ConvUnit(c16, c8, frames=3, upsampled=True),
                ConvUnit(c8, 2, frames=3, plain=True),
            ]
        )
        self.steadying = Steadying() if config.steady_color else None
        if config.patch_keys:
            self.descriptor = PatchDescriptor(EIGHTH, PATCH_CHANNELS)
        if config.carried_color:
            self.color_fine = nn.Conv2d(4, c512, 1)
            self.color_coarse = nn.Conv2d(4, c512, 1)
            for parameter in cast(ConvUnit, self.decoder[-1]).conv.parameters():
                nn.init.zeros_(parameter)
            if config.aligned_color:
                self.alignment, self.fusion = Alignment(), Fusion(c16)
            else:
                self.gate = nn.Conv2d(c512, 1, 3, padding=1)
        # On the meta device there is nothing to begin with; calculating there would import PyTorch's compiler.
        if learned and not next(self.parameters()).is_meta:
            self._start_encoders_alike()
            self._start_frame_by_frame()

    @torch.no_grad()
    def _start_encoders_alike(self) -> None:
        """Let both encoders see luminance the same way at first; half of the reference's first layer is for colour."""
        mine, other = self.source.state_dict(), self.reference.state_dict()
        self.reference.load_state_dict(
            {k: v if mine[k].shape != v.shape else mine[k] for k, v in other.items()}
        )
        first, plain = (cast(ConvUnit, encoder[0]).conv.weight for encoder in (self.reference, self.source))
        luma = torch.tensor(LUMA).view(1, 3, 1, 1)
        half = first.shape[0] // 2
        first[:half] = (plain * luma)[:half]
        for attention in (self.attend_fine, self.attend_coarse):
            attention.key.load_state_dict(attention.query.state_dict())

    @torch.no_grad()
    def _start_frame_by_frame(self) -> None:
        """Let neighbouring frames have no influence at first, so that learning may begin with single frames.

        A layer that only ever saw a frame without neighbours would meet them with weights that never learned.
        """
        for unit in self.modules():
            if isinstance(unit, ConvUnit):
                unit.forget_neighbours()

    def reach(self, span: int) -> int:
        """Frames to either side that influence a frame, where self-attention sees `span` of them."""
        own = CONVOLUTION_REACH + (STEADYING_REACH if self.config.steady_color else 0)
        return own + (2 * span if self.config.self_attention else 0)

    def encode_references(self, references: Tensor, lab: Tensor | None = None) -> ReferenceFeatures:
        """Encode references ``(B, n, 3, H, W)``, sRGB in [0, 1], all of one size (multiples of 16).

        `lab` ``(B, n, 3, H, W)`` on the network's scale is needed by networks that carry colour or compare patches.
        """
        fine = self.reference(references - REFERENCE_MEAN, WHOLE)
        coarse = self.reference_coarse(fine, WHOLE)
        luminance = None if lab is None else lab[:, :, :1]
        return ReferenceFeatures(
            self.attend_fine.key_values(fine, self._patches(luminance, 8), self._palette(lab, 8)),
            self.attend_coarse.key_values(coarse, self._patches(luminance, 16), self._palette(lab, 16)),
            (references.shape[-2], references.shape[-1]),
            self.alignment.encode(lab) if self.config.aligned_color and lab is not None else None,
        )

    def source_features(self, luminance: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """Return the source encoder's features at 1/2, 1/4 and 1/8 size, and the patches at 1/8 and 1/16 size.

        luminance ``(B, T, 1, H, W)``.
        """
        clip, sizes = luminance - LUMINANCE_MEAN, []
        for index, unit in enumerate(self.source):
            clip = unit(clip, WHOLE)
            if index % 3 == 2:
                sizes.append(clip)
        return sizes, [*self._patches(luminance, 8), *self._patches(luminance, 16)]

    def forward(
        self, luminance: Tensor, references: Sequence[ReferenceFeatures], timeline: Timeline
    ) -> Colorized:
        """Colour luminance ``(B, T, 1, H, W)`` in [0, 1]; without references the network decides alone (Sec. 5.4).

        H and W are multiples of 16. T' in the result is what `timeline` can deliver.
        """
        (half, quarter, fine), patches = self.source_features(luminance)
        seen = timeline.hold(self, "luminance", luminance) if self.steadying else None
        colors: _CarriedColors | None = None
        if references:
            fine, carried_fine, matches = self._match(fine, references, patches[: len(patches) // 2])
            fine = self._tint("color_fine", fine, carried_fine, luminance)
        coarse = self.source_coarse(fine, WHOLE)
        if references:
            sources = [r.coarse for r in references]
            coarse, carried_coarse = self.attend_coarse(coarse, sources, patches[len(patches) // 2 :])
            coarse = self._tint("color_coarse", coarse, carried_coarse, luminance)
            if self.config.carried_color:
                colors = self._carry(luminance, references, matches, carried_fine, carried_coarse, timeline)
        if self.config.decoder_skips:
            skips = {1: timeline.hold(self, "quarter", quarter), 3: timeline.hold(self, "half", half)}
        flat = timeline.hold(self, "flat", self.flat(fine, WHOLE))
        coarse = self.middle_coarse(coarse, WHOLE)
        if self.config.self_attention:
            coarse = self.self_coarse.attended(coarse, timeline)
        coarse = upsample(coarse)
        clip = self.merge(join([coarse, flat.take(coarse.shape[1])], dim=2), timeline)
        if self.config.self_attention:
            clip = self.self_fine.attended(clip, timeline)
        if colors is not None and not self.config.aligned_color:
            base = timeline.hold(self, "base", self._gated(clip, colors))
        clip = self.middle_fine(clip, timeline)
        for index, unit in enumerate(self.decoder):
            if self.config.decoder_skips and index in skips:
                clip = join([clip, skips[index].take(clip.shape[1])], dim=2)
            clip = unit(clip, timeline)
            if index == HALF_SIZE and colors is not None and self.config.aligned_color:
                first, second = (held.take(clip.shape[1]) for held in colors.held)
                base = timeline.hold(self, "base", self.fusion(first, second, clip))
        if not self.config.carried_color:
            chrominance = torch.sigmoid(clip)
        else:
            clip = RESIDUAL_GAIN * clip
            if colors is not None:
                chosen, doubt = base.take(clip.shape[1]).split([2, 1], dim=2)
                clip = chosen + doubt * clip
            chrominance = torch.clamp(NEUTRAL + clip, 0.0, 1.0)
        if self.steadying and seen:
            chrominance = self.steadying(chrominance, seen, timeline)
        return Colorized(chrominance, colors.maps if colors else None)

    def carry(self, luminance: Tensor, references: Sequence[ReferenceFeatures]) -> tuple[Tensor, Tensor]:
        """Return what `forward` gives as `Colorized.carried`, without the decoder's work: for learning to match."""
        (_, _, fine), patches = self.source_features(luminance)
        fine, carried_fine, _ = self._match(fine, references, patches[: len(patches) // 2])
        coarse = self.source_coarse(self._tint("color_fine", fine, carried_fine, luminance), WHOLE)
        sources = [r.coarse for r in references]
        _, carried_coarse = self.attend_coarse(coarse, sources, patches[len(patches) // 2 :])
        return carried_fine[:, :, 1:3], carried_coarse[:, :, 1:3]

    def attention_queries(
        self, luminance: Tensor, references: Sequence[ReferenceFeatures], *, coarse: bool
    ) -> tuple[Tensor, Sequence[KeyValues], Tensor]:
        """Return the queries of the source ``(B, T, 1, H, W)``, whom they ask, and features of their size.

        The 1/16 queries depend on what the 1/8 attention found.
        """
        (_, _, fine), patches = self.source_features(luminance)
        fine_patches, coarse_patches = patches[: len(patches) // 2], patches[len(patches) // 2 :]
        if not coarse:
            return *self.attend_fine.ask(fine, [r.fine for r in references], fine_patches), fine
        fine, carried = self.attend_fine(fine, [r.fine for r in references], fine_patches)
        features = self.source_coarse(self._tint("color_fine", fine, carried, luminance), WHOLE)
        return *self.attend_coarse.ask(features, [r.coarse for r in references], coarse_patches), features

    def _match(
        self, fine: Tensor, references: Sequence[ReferenceFeatures], patches: list[Tensor]
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        sources = [r.fine for r in references]
        if self.config.aligned_color:
            return self.attend_fine.match(fine, sources, patches)
        return *self.attend_fine(fine, sources, patches), None

    def _carry(
        self,
        luminance: Tensor,
        references: Sequence[ReferenceFeatures],
        matches: Tensor | None,
        fine: Tensor,
        coarse: Tensor,
        timeline: Timeline,
    ) -> _CarriedColors:
        """Set aside what the output's base is made of, until the decoder's features are there to choose."""
        maps = fine[:, :, 1:3], coarse[:, :, 1:3]
        first, second = maps
        if matches is not None:
            details = [r.detail for r in references if r.detail is not None]
            quarter, warped = self.alignment(luminance, matches, details)
            first, second = gather_candidates(luminance, fine, coarse, quarter, warped)
        return _CarriedColors(
            maps, (timeline.hold(self, "first", first), timeline.hold(self, "second", second))
        )

    def _patches(self, luminance: Tensor | None, stride: int) -> list[Tensor]:
        if not self.config.patch_keys:
            return []
        assert luminance is not None
        return cast(list[Tensor], self.descriptor(luminance, stride // 8))

    def _palette(self, lab: Tensor | None, factor: int) -> Tensor | None:
        """Return what rides along with the values: statistics of the reference's colour in cells of `factor` pixels."""
        if not self.config.carried_color:
            return None
        assert lab is not None
        return statistics(lab, factor)

    def _tint(self, layer: str, features: Tensor, carried: Tensor, luminance: Tensor) -> Tensor:
        """Add what the attention carried over to the features."""
        if not self.config.carried_color:
            return features
        hints = torch.cat([hint(carried, luminance), CARRIED_GAIN * carried[:, :, 1:3]], dim=2)
        return features + getattr(self, layer)(hints.flatten(0, 1)).unflatten(0, features.shape[:2])

    def _gated(self, features: Tensor, colors: _CarriedColors) -> Tensor:
        """Join the colours carried at both sizes, at full size; what the decoder adds counts wholly (third channel)."""
        fine, coarse = (held.take(features.shape[1]) for held in colors.held)
        gate = torch.sigmoid(self.gate(features.flatten(0, 1).float())).unflatten(0, features.shape[:2])
        chosen = upsample(gate * fine + (1 - gate) * upsample(coarse), 8)
        return join([chosen, torch.ones_like(chosen[:, :, :1])], dim=2)
