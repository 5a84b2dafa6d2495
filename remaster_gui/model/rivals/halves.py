"""The paper's rivals in the place of one half of the remastering network, for rendering films with them.

They take the half's place as it is asked there: windows of a shot, references without their places in the film.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast
from weakref import WeakKeyDictionary

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from remaster_gui.model.colorization import Colorized
from remaster_gui.model.lab import rgb_to_lab
from remaster_gui.model.remaster import RemasterNetwork
from remaster_gui.model.rivals.dncnn import DnCNN
from remaster_gui.model.rivals.systems import RivalNetwork
from remaster_gui.model.rivals.vondrick import MEMORY, Propagation, Vondrick
from remaster_gui.model.rivals.wdsr import WDSR
from remaster_gui.model.rivals.zhang import Zhang, global_hints
from remaster_gui.model.temporal import TemporalContext

_THUMBNAIL = 16


def take_half(network: RemasterNetwork, rival: RivalNetwork) -> RemasterNetwork:
    """Let `rival` do its half of the work of a folded network, in float32; returns the same network."""
    half: nn.Module
    match rival:
        case DnCNN() | WDSR():
            half = _Restoration(rival)
            network.add_module("restoration", half)
        case Zhang():
            half = _Guided(rival)
            network.add_module("colorization", half)
        case _:
            half = _Propagated(rival)
            network.add_module("colorization", half)
    half.requires_grad_(False).eval()
    return network


class _Restoration(nn.Module):
    """Restores every frame for itself; what it sees around a pixel lies within a tile's margin."""

    reach = 0

    def __init__(self, rival: DnCNN | WDSR) -> None:
        super().__init__()
        self.rival = rival

    def begin(self, luminance: Tensor, context: TemporalContext) -> Callable[[], Tensor]:
        return lambda: luminance

    def repair(self, luminance: Tensor, context: TemporalContext) -> Tensor:
        """Restore luminance ``(B, T, 1, H, W)`` in [0, 1]."""
        restored = cast(Tensor, self.rival(luminance.flatten(0, 1)))
        return restored.clamp(0.0, 1.0).unflatten(0, luminance.shape[:2])

    def forward(self, luminance: Tensor, context: TemporalContext) -> Tensor:
        return self.repair(luminance, context)


@dataclass(frozen=True, slots=True)
class _Reference:
    """A reference as it is: ``(1, 3, h, w)`` on the network's scale."""

    lab: Tensor

    def nbytes(self) -> int:
        return self.lab.nbytes

    def weighed(self, _strength: float) -> _Reference:
        """Return the same: rivals know no strength."""
        return self


class _Colorization(nn.Module):
    """What both colourers have in common: no frame depends on a later one, and references stay pictures."""

    def reach(self, span: int) -> int:
        return 0

    def encode_references(
        self, references: Tensor, _lab: Tensor | None = None, _weights: Tensor | None = None
    ) -> _Reference:
        """Keep one reference ``(1, 1, 3, h, w)``, sRGB in [0, 1]; colours that do not count are no longer in it."""
        return _Reference(rgb_to_lab(references[:, 0]))


class _Guided(_Colorization):
    """Zhang et al.: the histograms of all references together say which colours there are."""

    def __init__(self, rival: Zhang) -> None:
        super().__init__()
        self.rival = rival

    def forward(
        self, luminance: Tensor, references: Sequence[_Reference], context: TemporalContext
    ) -> Colorized:
        overall = None
        if references:
            hints = [global_hints(each.lab[:, :1], each.lab[:, 1:]) for each in references]
            overall = torch.stack(hints).mean(0).expand(luminance.shape[1], -1)
        colors = [self.rival.color_of(clip, overall) for clip in luminance]
        return Colorized(torch.stack(colors), None)


class _Propagated(_Colorization):
    """Vondrick et al.: every shot starts from the references that resemble its first frame most."""

    def __init__(self, rival: Vondrick) -> None:
        super().__init__()
        self.rival = rival
        self._shots: WeakKeyDictionary[TemporalContext, Propagation] = WeakKeyDictionary()

    def forward(
        self, luminance: Tensor, references: Sequence[_Reference], context: TemporalContext
    ) -> Colorized:
        clip = luminance[0]
        if context not in self._shots:
            self._shots[context] = self._begun(clip[:1], references)
        propagation = self._shots[context]
        return Colorized(torch.cat([propagation.color(frame[None]) for frame in clip])[None], None)

    def _begun(self, frame: Tensor, references: Sequence[_Reference]) -> Propagation:
        """Return a shot before its first frame ``(1, 1, H, W)``, with up to `MEMORY` references, the likest last."""
        propagation = Propagation(self.rival)
        here = F.adaptive_avg_pool2d(frame, _THUMBNAIL)
        fitted = [
            F.interpolate(each.lab, frame.shape[-2:], mode="bilinear", antialias=True) for each in references
        ]
        distances = [
            float((F.adaptive_avg_pool2d(lab[:, :1], _THUMBNAIL) - here).abs().mean()) for lab in fitted
        ]
        likest = sorted(range(len(fitted)), key=distances.__getitem__)[:MEMORY][::-1]
        propagation.remember(*((fitted[n][:, :1], fitted[n][:, 1:]) for n in likest))
        return propagation
