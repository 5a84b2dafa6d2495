"""The source-reference network that adds chrominance, guided by colour references (Sec. 3.3, Table 2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from remaster_gui.base.choices import Layer
from remaster_gui.model.alignment import Detail
from remaster_gui.model.attention import KeyValues, tokens
from remaster_gui.model.attention_layers import NoAttention, SelfAttention, SourceReferenceAttention
from remaster_gui.model.blocks import ConvStack, ConvUnit, pool, upsample
from remaster_gui.model.carrying import CarriedColor, ColorPath
from remaster_gui.model.config import ColorizationConfig, scaled
from remaster_gui.model.fusion import Statistics
from remaster_gui.model.lab import LUMA
from remaster_gui.model.labelling import label_statistics
from remaster_gui.model.reference_cells import cell_shares
from remaster_gui.model.restoration import LUMINANCE_MEAN
from remaster_gui.model.similarity import Queries, Similarity
from remaster_gui.model.temporal import HeldFrames, TemporalContext, WholeClip, join

REFERENCE_MEAN = 0.48
"""Taken off the references' sRGB values."""

SIZE_MULTIPLE = 16
"""Heights and widths are multiples of this."""

CONVOLUTION_REACH = 8
"""Frames to either side that influence a frame through convolutions, one for each layer that sees three."""
LAST_LAYERS = 2
"""Those of them that come after what the choice of colours looks at."""

RISE_MARGIN = 2.0
"""How many times as much as in references the share of a repainted one may rise in other frames."""

WHOLE_CLIP = WholeClip()


@dataclass(frozen=True, slots=True)
class ReferenceFeatures:
    """A reference after both encoders: what the two source-reference attentions need of it, at 1/8 and 1/16 size."""

    fine: KeyValues
    coarse: KeyValues
    size: tuple[int, int]
    """Height and width at which the picture was encoded, multiples of 16."""
    detail: Detail | None = None

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of positions at 1/8 size."""
        return self.size[0] // 8, self.size[1] // 8

    @property
    def is_single(self) -> bool:
        """Whether it is of one picture; the authors' scheme has all references in one."""
        rows, columns = self.grid
        return self.fine.keys.shape[1] == rows * columns

    def nbytes(self) -> int:
        """Bytes of memory taken."""
        return self.fine.nbytes() + self.coarse.nbytes() + (self.detail.nbytes() if self.detail else 0)

    def weighed(self, strength: float) -> ReferenceFeatures:
        """Return the same of a reference whose colours count so much: others, or the guess, have the rest."""
        if strength == 1:
            return self
        detail = self.detail and replace(self.detail, strength=self.detail.strength * strength)
        return replace(
            self, fine=self.fine.weighed(strength), coarse=self.coarse.weighed(strength), detail=detail
        )

    @torch.no_grad()
    def labelled(self, masks: Tensor) -> ReferenceFeatures:
        """Return the same of one picture with labels: masks ``(K, H, W)`` in [0, 1] at the size that it has.

        All references that are asked together need as many. Networks that carry no colours carry no labels: theirs
        stay as they are.
        """
        if self.detail is None:
            return self
        detail = self.detail
        labels = torch.zeros(1, 1, len(masks), detail.height, detail.width, device=detail.lab.device)
        labels[0, 0, :, : masks.shape[1], : masks.shape[2]] = masks.to(labels.device)
        counted = None
        if detail.weights is not None:
            counted = detail.weights.reshape(1, 1, 1, detail.height // 4, detail.width // 4)

        def of_cells(factor: int) -> Tensor:
            there = counted if counted is None or factor == 4 else pool(counted, factor // 4)
            return tokens(label_statistics(labels, detail.luminance, factor, there))

        return replace(
            self,
            fine=self.fine.labelled(of_cells(8)),
            coarse=self.coarse.labelled(of_cells(16)),
            detail=detail.labelled(of_cells(4), tokens(labels)),
        )


@dataclass(frozen=True, slots=True)
class Colorized:
    """Chrominance ``(B, T', 2, H, W)`` in [0, 1], and the carried maps at 1/8 and 1/16 size, judged in training.

    share ``(B, T', 1, H, W)``: how much of a pixel's colour references carried; the rest is guessed. None where a
    network does not tell them apart. mattes ``(B, T', K, H, W)`` in [0, 1]: how much of each label of the references
    has come along; None where they have none.
    """

    chrominance: Tensor
    carried: tuple[Tensor, Tensor] | None
    share: Tensor | None = None
    mattes: Tensor | None = None


@dataclass(frozen=True, slots=True)
class SourceQueries:
    """The queries of a source at one size, with the keys and values that they are compared with.

    features: those of the source that the queries come from ``(B, T, C, h, w)``.
    """

    queries: Queries
    sources: Sequence[KeyValues]
    features: Tensor


class _SourceFeatures(NamedTuple):
    half: Tensor
    quarter: Tensor
    eighth: Tensor


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
    """Source and reference encoders, attention between them at 1/8 and 1/16 size, self-attention, decoder (Table 2).

    What departs from the paper is beside it: terms of the similarity (`Similarity`), and the way of the references'
    colours to the output (`ColorPath`).
    """

    def __init__(self, config: ColorizationConfig | None = None) -> None:
        """Build the network; weights are random, except what `config`'s departures from the paper start from."""
        super().__init__()
        self.config = config = config or ColorizationConfig()
        c8, c16, c32, c64 = (scaled(n, config.width) for n in (8, 16, 32, 64))
        c128, c256, c512 = (scaled(n, config.width) for n in (128, 256, 512))
        self.source = _encoder(1, config.width, padded=True)
        self.flat = ConvStack([ConvUnit(c512, c512), ConvUnit(c512, c512)])
        self.source_coarse = ConvStack([ConvUnit(c512, c512, stride=2), ConvUnit(c512, c512)])
        self.reference = _encoder(3, config.width, padded=False)
        self.reference_coarse = ConvStack(
            [ConvUnit(c512, c512, stride=2), ConvUnit(c512, c512), ConvUnit(c512, c512)]
        )
        self.attend_fine = _attention(config, c512, stride=8, matches=config.carried_color)
        self.attend_coarse = _attention(config, c512, stride=16)
        self.middle_coarse = ConvUnit(c512, c512)
        self.self_coarse = _self_attention(config, c512)
        self.self_fine = _self_attention(config, c512)
        frames = 3 if config.temporal else 1
        self.merge = ConvUnit(2 * c512, c512, frames=frames)
        self.middle_fine = ConvUnit(c512, c256, frames=frames)
        quarter, half = (c256, c128) if config.decoder_skips else (0, 0)
        self.decoder = nn.ModuleList(
            [
                ConvUnit(c256, c128, frames=frames, upsampled=True),
                ConvUnit(c128 + quarter, c64, frames=frames),
                ConvUnit(c64, c32, frames=frames, upsampled=True),
                ConvUnit(c32 + half, c16, frames=frames),
                ConvUnit(c16, c8, frames=frames, upsampled=True),
                ConvUnit(c8, 2, frames=frames, plain=True),
            ]
        )
        self.color_path = ColorPath()
        if config.carried_color:
            self.color_path = CarriedColor(c512, c16, steady=config.steady_color)
            for parameter in cast(ConvUnit, self.decoder[-1]).conv.parameters():
                nn.init.zeros_(parameter)
        # On the meta device there is nothing to begin with; calculating there would import PyTorch's compiler.
        if config.attention == "cosine" and not next(self.parameters()).is_meta:
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
        convolutions = CONVOLUTION_REACH if self.color_path.decodes else CONVOLUTION_REACH - LAST_LAYERS
        own = convolutions * self.config.temporal + self.color_path.reach
        return own + (2 * span if self.config.self_attention else 0)

    def encode_references(
        self, references: Tensor, lab: Tensor | None = None, weights: Tensor | None = None
    ) -> ReferenceFeatures:
        """Encode references ``(B, n, 3, H, W)``, sRGB in [0, 1], all of one size (multiples of 16).

        `lab` ``(B, n, 3, H, W)`` on the network's scale is needed by networks that carry colour or compare patches.
        weights ``(B, n, 1, H, W)``: how much each pixel counts.
        """
        fine = self.reference(references - REFERENCE_MEAN, WHOLE_CLIP)
        coarse = self.reference_coarse(fine, WHOLE_CLIP)
        luminance = None if lab is None else lab[:, :, :1]
        path = self.color_path

        def bodies(attention: SourceReferenceAttention, features: Tensor, factor: int) -> KeyValues:
            counted = None if weights is None else pool(weights, factor)
            return attention.key_values(features, luminance, path.statistics(lab, factor, weights), counted)

        return ReferenceFeatures(
            bodies(self.attend_fine, fine, 8),
            bodies(self.attend_coarse, coarse, 16),
            (references.shape[-2], references.shape[-1]),
            path.detail(lab, weights),
        )

    def forward(
        self, luminance: Tensor, references: Sequence[ReferenceFeatures], context: TemporalContext
    ) -> Colorized:
        """Colour luminance ``(B, T, 1, H, W)`` in [0, 1]; without references the network decides alone (Sec. 5.4).

        H and W are multiples of 16. T' in the result is what `context` can deliver.
        """
        path = self.color_path
        luminance, border = path.unbordered(luminance, context)
        source = self._source_features(luminance, context)
        piece = context.limits.attention_bytes
        found_fine = self.attend_fine(source.eighth, [r.fine for r in references], luminance, piece)
        fine = path.tint(found_fine, luminance, "fine")
        coarse = self.source_coarse(fine, context)
        found_coarse = self.attend_coarse(coarse, [r.coarse for r in references], luminance, piece)
        coarse = self.middle_coarse(path.tint(found_coarse, luminance, "coarse"), context)
        flat = context.hold(self, "flat", self.flat(fine, context))
        quarter, half = (
            self._skip("quarter", source.quarter, context),
            self._skip("half", source.half, context),
        )
        if found_fine.drawn is not None and found_coarse.drawn is not None:
            drawn = [found_fine.drawn, found_coarse.drawn]
            if found_fine.best is not None and all(r.is_single for r in references):
                grids = [r.grid for r in references]
                drawn.append(cell_shares(found_fine.best, luminance.shape[1], grids))
            context.note(join(drawn, dim=2))
        gathered = path.gather(luminance, [r.detail for r in references], found_fine, found_coarse, context)

        coarse = upsample(self.self_coarse.attended(coarse, context))
        clip = self.merge(join([coarse, flat.take(coarse.shape[1])], dim=2), context)
        clip = self.middle_fine(self.self_fine.attended(clip, context), context)
        to_quarter, at_quarter, to_half, at_half, to_full, at_full = self.decoder
        clip = at_quarter(_joined(to_quarter(clip, context), quarter), context)
        clip = at_half(_joined(to_half(clip, context), half), context)
        start = path.choose(gathered, clip, context)
        if path.decodes:
            clip = at_full(to_full(clip, context), context)
        colored = path.finish(clip, start, gathered, border, context)
        return Colorized(colored.chrominance, gathered.maps, colored.share, colored.mattes)

    @torch.no_grad()
    def largest_shifts(
        self, before: ReferenceFeatures, after: ReferenceFeatures, frames: Sequence[ReferenceFeatures]
    ) -> tuple[float, float] | None:
        """Return by how much scores at 1/8 and 1/16 size rise, at most, when a reference becomes another one.

        `frames`: references, which are frames like any other, that show by how much what a frame has of this one rises.
        That is `RISE_MARGIN` times as much elsewhere at most, and no more than keys and queries allow. None where
        nothing can be said.
        """
        attentions = (self.attend_fine.similarity, self.attend_coarse.similarity)
        if before.size != after.size or not all(each.bounded for each in attentions):
            return None
        layers: tuple[Layer, ...] = ("fine", "coarse")
        found = []
        for similarity, layer in zip(attentions, layers, strict=True):
            one, other = (each.fine if layer == "fine" else each.coarse for each in (before, after))
            allowed = similarity.largest_shift(one, other)
            pictures = [each.detail.luminance for each in frames if each.detail is not None]
            queries = [self.queries_of(picture, frames, layer).queries for picture in pictures]
            rises = [
                float((similarity.reached(each, other) - similarity.reached(each, one)).amax())
                for each in queries
            ]
            rise = max(rises, default=allowed)
            found.append(max(0.0, min(RISE_MARGIN * rise, allowed)))
        return found[0], found[1]

    def carry(self, luminance: Tensor, references: Sequence[ReferenceFeatures]) -> tuple[Tensor, Tensor]:
        """Return what `forward` gives as `Colorized.carried`, without the decoder's work: for learning to match."""
        luminance, _ = self.color_path.unbordered(luminance, WHOLE_CLIP)
        fine = self.attend_fine(
            self._source_features(luminance).eighth, [r.fine for r in references], luminance
        )
        features = self.source_coarse(self.color_path.tint(fine, luminance, "fine"), WHOLE_CLIP)
        coarse = self.attend_coarse(features, [r.coarse for r in references], luminance)
        assert fine.carried is not None and coarse.carried is not None
        return Statistics.of(fine.carried).color, Statistics.of(coarse.carried).color

    def queries_of(
        self, luminance: Tensor, references: Sequence[ReferenceFeatures], layer: Layer
    ) -> SourceQueries:
        """Return the queries of a source ``(B, T, 1, H, W)`` at a layer, for at least one reference.

        The 1/16 queries depend on what the 1/8 attention found.
        """
        luminance, _ = self.color_path.unbordered(luminance, WHOLE_CLIP)
        fine, sources = self._source_features(luminance).eighth, [r.fine for r in references]
        if layer == "fine":
            return SourceQueries(*self.attend_fine.query_references(fine, sources, luminance), fine)
        tinted = self.color_path.tint(self.attend_fine(fine, sources, luminance), luminance, "fine")
        features = self.source_coarse(tinted, WHOLE_CLIP)
        return SourceQueries(
            *self.attend_coarse.query_references(features, [r.coarse for r in references], luminance),
            features,
        )

    def _source_features(self, luminance: Tensor, context: TemporalContext = WHOLE_CLIP) -> _SourceFeatures:
        """Return the source encoder's features at 1/2, 1/4 and 1/8 size, of luminance ``(B, T, 1, H, W)``."""
        clip, sizes = luminance - LUMINANCE_MEAN, []
        for index, unit in enumerate(self.source):
            clip = unit(clip, context)
            if index % 3 == 2:
                sizes.append(clip)
        return _SourceFeatures(*sizes)

    def _skip(self, name: str, features: Tensor, context: TemporalContext) -> HeldFrames | None:
        """Set features of the source encoder aside for the decoder, where that sees them."""
        return context.hold(self, name, features) if self.config.decoder_skips else None


def _attention(
    config: ColorizationConfig, channels: int, *, stride: int, matches: bool = False
) -> SourceReferenceAttention:
    similarity = Similarity(
        config.attention,
        stride=stride,
        patches=config.patch_keys,
        places=config.position_keys,
        votes=config.reference_votes,
    )
    gamma = 1.0 if similarity.bounded else 0.0
    return SourceReferenceAttention(channels, config.key_channels, similarity, gamma=gamma, matches=matches)


def _self_attention(config: ColorizationConfig, channels: int) -> SelfAttention | NoAttention:
    if not config.self_attention:
        return NoAttention()
    return SelfAttention(channels, config.key_channels, Similarity(config.attention))


def _joined(clip: Tensor, skip: HeldFrames | None) -> Tensor:
    return clip if skip is None else join([clip, skip.take(clip.shape[1])], dim=2)
