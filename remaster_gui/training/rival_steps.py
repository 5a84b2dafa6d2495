"""Objectives of the systems that the paper compares with, each its own paper's."""

from __future__ import annotations

from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from remaster_gui.model.rivals.vondrick import Vondrick, small
from remaster_gui.model.rivals.zhang import Zhang, bins_of, to_spans
from remaster_gui.training.dataset import Batch
from remaster_gui.training.losses import Losses, multiplies_bfloat16
from remaster_gui.training.rival_samples import TrackBatch, UserBatch

_LEAST_SHARE = 1e-6
_LIKELY = 4
"""Pixels to a side that share one distribution of likely colours."""
_COLOR_WEIGHT = 10.0
"""Of the colours beside the cross-entropy, as in the authors' code."""
_HUBER = 0.05
"""Where the Huber loss turns from squared to absolute, in spans of colour; beyond, it is as steep as L1 times this."""


class _Step(nn.Module):
    """A network and its objective; learning is in mixed precision where the device gains from it."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def autocast(self, like: Tensor) -> torch.autocast:
        device = like.device.type
        wanted = torch.is_grad_enabled() and multiplies_bfloat16(device)
        return torch.autocast(device, torch.bfloat16, enabled=wanted)


class RestorationStep(_Step):
    """What a restorer of single frames makes of damaged ones: half the squared error (DnCNN) or L1 (WDSR)."""

    def __init__(self, network: nn.Module, *, squared: bool) -> None:
        """Hold the network, which stays the caller's."""
        super().__init__(network)
        self._squared = squared

    def forward(self, batch: Batch) -> Losses:
        """Return the losses of a batch; its frames count as pictures of their own."""
        damaged, truth = (clip.transpose(1, 2).flatten(0, 1) for clip in (batch.degraded, batch.luminance))
        with self.autocast(damaged):
            restored = self.network(damaged)
        difference = restored.float() - truth
        error = difference.abs().mean()
        return {"luminance": error, "total": difference.square().mean() / 2 if self._squared else error}


class TrackingStep(_Step):
    """Cross-entropy of the colour that a place copies, among the clusters of colours (Eq. 3 of Vondrick et al.)."""

    def forward(self, batch: TrackBatch) -> Losses:
        """Return the losses of a batch."""
        network = cast(Vondrick, self.network)
        with self.autocast(batch.luminance):
            embeddings = network(batch.luminance)
        colors = small(batch.chrominance.flatten(0, 1))
        flat = colors.flatten(2).transpose(1, 2)
        nearest = torch.cdist(flat, network.centres.expand(len(flat), -1, -1)).argmin(-1)
        labels = nearest.unflatten(0, batch.luminance.shape[:2]).unflatten(2, colors.shape[-2:])
        known = F.one_hot(labels[:, :-1], len(network.centres)).movedim(-1, 2).float()
        shares = network.copy(embeddings.float(), known, temperature=1.0)
        likely = shares.clamp(min=_LEAST_SHARE).log().contiguous()
        error = F.nll_loss(likely, labels[:, -1])
        return {"carried": error, "total": error}


class ClassificationStep(_Step):
    """First part of Zhang et al.: which colours are likely, without any hint."""

    def forward(self, batch: UserBatch) -> Losses:
        """Return the losses of a batch; the features learn from the distribution of likely colours."""
        network = cast(Zhang, self.network)
        with self.autocast(batch.luminance):
            without = torch.zeros_like(batch.local), torch.zeros_like(batch.overall)
            _, logits = network(batch.luminance, *without, apart=False)
        error = _likely_error(logits, batch)
        return {"likely": error, "total": error}


class GuidedStep(_Step):
    """Second part: the colours themselves with hints (Huber), and still which are likely."""

    def forward(self, batch: UserBatch) -> Losses:
        """Return the losses of a batch."""
        network = cast(Zhang, self.network)
        with self.autocast(batch.luminance):
            color, logits = network(batch.luminance, batch.local, batch.overall)
        error = F.huber_loss(color.float(), to_spans(batch.chrominance), delta=_HUBER)
        likely = _likely_error(logits, batch)
        return {"chrominance": error, "likely": likely, "total": _COLOR_WEIGHT * error / _HUBER + likely}


def _likely_error(logits: Tensor, batch: UserBatch) -> Tensor:
    return F.cross_entropy(logits.float(), bins_of(F.avg_pool2d(batch.chrominance, _LIKELY)))
