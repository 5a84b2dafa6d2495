"""How colour gets from the references to the output, beside the paper's network and apart from it.

The paper has its decoder make up chrominance from features (`ColorPath`). Here the references' colours come along with
what attention finds, tint the features on their way, are fetched once more in detail, and are what the output is made
of; the decoder adds what they leave open (`CarriedColor`). The network asks both the same things.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from remaster_gui.base.choices import Layer
from remaster_gui.base.color import NEUTRAL
from remaster_gui.model.alignment import MATCHED, Alignment, Detail, strength_at
from remaster_gui.model.attention import untokens
from remaster_gui.model.attention_layers import Attended
from remaster_gui.model.black_borders import border_widths, painted_over, shade
from remaster_gui.model.blocks import upsample
from remaster_gui.model.filling import Filling
from remaster_gui.model.followed import followed_share, judged
from remaster_gui.model.fusion import Fusion, Statistics, doubt, gather_candidates, statistics
from remaster_gui.model.labelling import FoundLabels, joined_labels
from remaster_gui.model.reference_tones import in_reference_tones
from remaster_gui.model.steadying import REACH, Sight, Steadying
from remaster_gui.model.temporal import HeldFrames, TemporalContext, join

CARRIED_GAIN = 8.0
"""Chrominance is small beside the features it joins."""
RESIDUAL_GAIN = 0.25
_TOLERANCE = 16 / 255
"""Difference between the colour that was carried and what became of it at which labels count 1/e (16 units of Lab)."""
_HINTED = 8
"""How much sooner colours cease to be hints than to be shown, as their strength goes down."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is set aside of frames until the decoder has come to their output.

    maps: colours carried at 1/8 and 1/16 size ``(B, T, 2, h, w)``, about neutral. candidates: colours to choose from,
    evidence on them, and how alike the best matches are. steadied: what steadying sees of the source. filled: its
    luminance for filling. strength: how much colours count where the best matches lie. labels: what was carried of
    labels, and the luminance that they follow. followed: colours that follow the motion, and how much of the result
    they are. None where it is not needed.
    """

    maps: tuple[Tensor, Tensor] | None = None
    candidates: tuple[HeldFrames, HeldFrames, HeldFrames | None] | None = None
    steadied: Sight | None = None
    filled: HeldFrames | None = None
    strength: HeldFrames | None = None
    labels: tuple[HeldFrames, ...] | None = None
    followed: HeldFrames | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the output starts from: chrominance about neutral and a share, and mattes ``(B, T', K, H, W)``, if any."""

    color: HeldFrames
    mattes: HeldFrames | None = None


@dataclass(frozen=True, slots=True)
class Colored:
    """Chrominance ``(B, T', 2, H, W)`` in [0, 1]; the share that references carried ``(B, T', 1, H, W)``, if known.

    mattes ``(B, T', K, H, W)`` in [0, 1]: how much of each label of the references has come along; None without any.
    """

    chrominance: Tensor
    share: Tensor | None = None
    mattes: Tensor | None = None


class ColorPath(nn.Module):
    """Interface of what makes the output's colour; this base does what the paper does."""

    @property
    def reach(self) -> int:
        """Frames to either side of a frame that influence its colour, beyond those that the network itself sees."""
        return 0

    @property
    def decodes(self) -> bool:
        """Whether the decoder's last layers influence the output."""
        return True

    def statistics(self, lab: Tensor | None, factor: int, weights: Tensor | None = None) -> Tensor | None:
        """Return what rides along with the values of references ``(B, n, 3, H, W)``, for cells of `factor` pixels.

        weights ``(B, n, 1, H, W)``: how much each pixel counts.
        """
        return None

    def detail(self, lab: Tensor | None, weights: Tensor | None = None) -> Detail | None:
        """Return what is kept of references beside keys and values."""
        return None

    def unbordered(self, luminance: Tensor, context: TemporalContext) -> tuple[Tensor, HeldFrames | None]:
        """Return luminance ``(B, T, 1, H, W)`` as colours are looked for in it, and what `finish` needs of that."""
        return luminance, None

    def tint(self, found: Attended, luminance: Tensor, layer: Layer) -> Tensor:
        """Return the features found at a layer, with what was carried along; luminance ``(B, T, 1, H, W)``."""
        return found.features

    def gather(
        self,
        luminance: Tensor,
        details: Sequence[Detail | None],
        fine: Attended,
        coarse: Attended,
        context: TemporalContext,
    ) -> Gathered:
        """Set aside what `choose` and `finish` look at; details are those of the references."""
        return Gathered()

    def choose(self, gathered: Gathered, features: Tensor, context: TemporalContext) -> Chosen | None:
        """Return what the output starts from; features ``(B, T', C, H/2, W/2)`` of the decoder."""
        return None

    def finish(
        self,
        decoded: Tensor,
        start: Chosen | None,
        gathered: Gathered,
        border: HeldFrames | None,
        context: TemporalContext,
    ) -> Colored:
        """Return the colours of T' frames from what the decoder delivers of them, at full size if `decodes`."""
        return Colored(torch.sigmoid(decoded))


class CarriedColor(ColorPath):
    """Statistics that ride along, tints, alignment, the fusion of what was found, filling and steadying.

    With `filling` the colour prior decides what references leave open, else the decoder does.
    """

    def __init__(self, channels: int, half_channels: int, *, steady: bool) -> None:
        """Make the path beside features of `channels`, whose decoder has `half_channels` at 1/2 size."""
        super().__init__()
        self.tint_of_fine, self.tint_of_coarse = (nn.Conv2d(4, channels, 1) for _ in range(2))
        self.alignment, self.fusion = Alignment(), Fusion(half_channels)
        self.steadying = Steadying() if steady else None
        self.filling: Filling | None = None

    @property
    def decodes(self) -> bool:
        """Whether the decoder's last layers influence the output."""
        return self.filling is None

    @property
    def reach(self) -> int:
        """Frames that steadying sees."""
        return REACH if self.steadying else 0

    def statistics(self, lab: Tensor | None, factor: int, weights: Tensor | None = None) -> Tensor | None:
        """Let the statistics of the references' colours ride along."""
        return statistics(_known(lab), factor, weights)

    def detail(self, lab: Tensor | None, weights: Tensor | None = None) -> Detail | None:
        """Keep what matches are refined by, and the references' pixels."""
        return self.alignment.encode(_known(lab), weights)

    def unbordered(self, luminance: Tensor, context: TemporalContext) -> tuple[Tensor, HeldFrames | None]:
        """Paint over the black border of scans, and tell how much of its colour is left to each pixel there."""
        painted = painted_over(luminance, border_widths(luminance))
        return painted, context.hold(self, "border", shade(luminance, painted))

    def tint(self, found: Attended, luminance: Tensor, layer: Layer) -> Tensor:
        """Add the colours carried along, and the doubts about them."""
        if found.carried is None:
            return found.features
        color = CARRIED_GAIN * Statistics.of(found.carried).color
        seen = torch.cat([doubt(found.carried, luminance), color], dim=2)
        tint = self.tint_of_fine if layer == "fine" else self.tint_of_coarse
        return found.features + tint(seen.flatten(0, 1)).unflatten(0, seen.shape[:2])

    def gather(
        self,
        luminance: Tensor,
        details: Sequence[Detail | None],
        fine: Attended,
        coarse: Attended,
        context: TemporalContext,
    ) -> Gathered:
        """Refine the matches, fetch the references' pixels, and set aside the colours found at all sizes."""
        steadied = self.steadying.look(luminance, context) if self.steadying else None
        filled = context.hold(self, "filled", luminance) if self.filling else None
        if fine.carried is None or coarse.carried is None or fine.best is None:  # there are no references
            return Gathered(steadied=steadied, filled=filled)
        maps = Statistics.of(fine.carried).color, Statistics.of(coarse.carried).color
        kept = [detail for detail in details if detail is not None]
        compared = in_reference_tones(luminance, Statistics.of(fine.carried).luminance)
        quarter, warped = self.alignment(compared, fine.best, kept)
        labels = None
        if fine.labels is not None and coarse.labels is not None:
            found = FoundLabels(fine.labels, coarse.labels, quarter, warped[:, :, 3:])
            labels = tuple(
                context.hold(self, f"labels {number}", part)
                for number, part in enumerate((*found.parts, compared))
            )
            quarter, warped = quarter[:, :, :7], warped[:, :, :3]
        candidates, evidence = gather_candidates(compared, fine.carried, coarse.carried, quarter, warped)
        likeness = None
        if self.filling is not None and fine.likeness is not None:
            likeness = context.hold(self, "likeness", fine.likeness)
        held = (
            context.hold(self, "candidates", candidates),
            context.hold(self, "evidence", evidence),
            likeness,
        )
        strength = None
        if fine.believed is not None or any(detail.strength != 1 for detail in kept):
            counted = strength_at(fine.best, kept)
            counted = counted if fine.believed is None else counted * fine.believed
            strength = context.hold(self, "strength", untokens(counted[..., None], fine.features))
        followed = None
        if context.brought is not None:
            known = judged(context.brought, compared)
            share = followed_share(known, (warped[:, :, :1] - compared).abs())
            followed = context.hold(self, "followed", join([known.color, share], dim=2))
        return Gathered(maps, held, steadied, filled, strength, labels, followed)

    def choose(self, gathered: Gathered, features: Tensor, context: TemporalContext) -> Chosen | None:
        """Choose among the colours found, and fill; the third channel is the share that is left to the decoder.

        With filling it is the share that references carried.
        """
        count = features.shape[1]
        if gathered.candidates is None:
            if self.filling is None or gathered.filled is None:
                return None
            luminance = gathered.filled.take(count)
            nothing = luminance.new_zeros(*luminance.shape[:2], 2, *luminance.shape[-2:])
            return Chosen(context.hold(self, "chosen", self.filling(luminance, nothing, nothing)))
        held_candidates, held_evidence, held_likeness = gathered.candidates
        candidates, evidence = held_candidates.take(count), held_evidence.take(count)
        logits = self.fusion(evidence, features, context)
        chosen = self.fusion.join(candidates, logits)
        strength = None
        if gathered.strength is not None:
            strength = upsample(gathered.strength.take(count), MATCHED)
        carried = chosen
        if self.filling is not None and gathered.filled is not None and held_likeness is not None:
            likeness = held_likeness.take(count)
            sure = upsample(self.filling.confidence(evidence, torch.softmax(logits, dim=2), likeness))
            if strength is not None:
                # The prior makes much of a hint, however little it counts; half the strength is to look half.
                sure = sure * torch.cat([strength**_HINTED, strength], dim=2)
            chosen = self.filling(gathered.filled.take(count), chosen[:, :, :2], sure)
        elif strength is not None:
            color, left = chosen.split([2, 1], dim=2)
            chosen = torch.cat([strength * color, 1 - strength * (1 - left)], dim=2)
        mattes = self._label(gathered, logits, carried, chosen, context)
        if gathered.followed is not None:
            color, share = gathered.followed.take(count).to(chosen.dtype).split([2, 1], dim=2)
            whole = torch.full_like(share, 0.0 if self.filling is None else 1.0)
            chosen = torch.lerp(chosen, join([color, whole], dim=2), share)
        return Chosen(context.hold(self, "chosen", chosen), mattes)

    def _label(
        self, gathered: Gathered, logits: Tensor, carried: Tensor, final: Tensor, context: TemporalContext
    ) -> HeldFrames | None:
        """Let labels come along as colours do; carried and final: as they were chosen, and what became of them."""
        if gathered.labels is None:
            return None
        *parts, luminance = (held.take(logits.shape[1]) for held in gathered.labels)
        mattes = joined_labels(FoundLabels(*parts), luminance, logits)
        if self.filling is None:
            mattes = mattes * (1 - final[:, :, 2:])
        # What ends up in another colour is something else, whatever it was likened to; a guess may well agree.
        off = (final[:, :, :2] - carried[:, :, :2]).square().sum(2, keepdim=True)
        return context.hold(self, "mattes", mattes * (-off / _TOLERANCE**2).exp())

    def finish(
        self,
        decoded: Tensor,
        start: Chosen | None,
        gathered: Gathered,
        border: HeldFrames | None,
        context: TemporalContext,
    ) -> Colored:
        """Let the decoder add what is left to it, steady the result along the motion, and leave borders grey."""
        colored = self._steadied(decoded, start, gathered, context)
        if border is None:
            return colored
        left = border.take(colored.chrominance.shape[1])
        return replace(colored, chrominance=NEUTRAL + (colored.chrominance - NEUTRAL) * left)

    def _steadied(
        self, decoded: Tensor, start: Chosen | None, gathered: Gathered, context: TemporalContext
    ) -> Colored:
        mattes = None
        if start is None:
            color, share = RESIDUAL_GAIN * decoded, torch.zeros_like(decoded[:, :, :1])
        else:
            color, share = start.color.take(decoded.shape[1]).split([2, 1], dim=2)
            if start.mattes is not None:
                mattes = start.mattes.take(decoded.shape[1])
            if self.decodes:
                color, share = color + share * (RESIDUAL_GAIN * decoded), 1 - share
        chrominance = torch.clamp(NEUTRAL + color, 0.0, 1.0)
        if self.steadying is None or gathered.steadied is None:
            return Colored(chrominance, share, mattes)
        shares = context.hold(self, "share", share)
        together = chrominance if mattes is None else join([chrominance, mattes], dim=2)
        steady = self.steadying(together, gathered.steadied, context)
        shared = shares.take(steady.shape[1])
        if mattes is None:
            return Colored(steady, shared)
        return Colored(steady[:, :, :2], shared, steady[:, :, 2:])


def _known(lab: Tensor | None) -> Tensor:
    assert lab is not None, "whoever carries colour needs the references' Lab"
    return lab
