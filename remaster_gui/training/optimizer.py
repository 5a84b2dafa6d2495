"""What a stage needs while it runs: which weights learn, their optimiser, the rate of each iteration."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim import Optimizer

from remaster_gui.base.errors import SettingsError
from remaster_gui.training.dataset import Batch
from remaster_gui.training.recipes import Optimization, TrainingStage

FINAL_SHARE = 0.02
"""Share of the rate that is left at the end of a cosine."""


def choose_weights(network: nn.Module, stage: TrainingStage) -> list[tuple[str, nn.Parameter]]:
    """Let exactly those parameters learn that the stage names, and return them."""
    chosen = []
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(name.startswith(stage.trains))
        if parameter.requires_grad:
            chosen.append((name, parameter))
    if not chosen:
        raise SettingsError(f"Stage {stage.name} names no weights that this network has; check its recipe.")
    return chosen


def make_optimizer(weights: list[tuple[str, nn.Parameter]], how: Optimization) -> Optimizer:
    """Return the optimiser of a stage; group 1 holds the learned scales, whose rate is multiplied."""
    groups: list[dict[str, Any]] = [
        {"params": [p for name, p in weights if not _is_scale(name)]},
        {"params": [p for name, p in weights if _is_scale(name)], "weight_decay": 0.0},
    ]
    if how.method == "adadelta":
        return torch.optim.Adadelta(groups, lr=how.rate, weight_decay=how.weight_decay)
    return torch.optim.AdamW(groups, lr=how.rate, weight_decay=how.weight_decay)


def _is_scale(name: str) -> bool:
    return name.rpartition(".")[2] in {"log_scale", "log_scales", "log_distance", "log_trust"}


def set_rate(optimizer: Optimizer, how: Optimization, iteration: int, progress: float) -> float:
    """Set the rate for `iteration` (from 0) of a stage that is as far as `progress` says; return it."""
    rate = rate_at(how, iteration, progress)
    for group, factor in zip(optimizer.param_groups, (1.0, how.scales), strict=True):
        group["lr"] = rate * factor
    return rate


def rate_at(how: Optimization, iteration: int, progress: float) -> float:
    """Return the learning rate: constant for ADADELTA; for AdamW a warm-up, then a cosine over `progress` in [0, 1]."""
    if how.method == "adadelta":
        return how.rate
    warm = min(1.0, (iteration + 1) / how.warm_up) if how.warm_up else 1.0
    fall = 0.5 * (1.0 + math.cos(math.pi * progress))
    return how.rate * warm * (FINAL_SHARE + (1.0 - FINAL_SHARE) * fall)


class WeightAverage:
    """The running mean of the weights that learn; with `keep` 0 it is the weights themselves."""

    def __init__(self, weights: list[tuple[str, nn.Parameter]], keep: float) -> None:
        self._weights, self._keep = (dict(weights) if keep else {}), keep
        self.means = {name: weight.detach().clone() for name, weight in self._weights.items()}
        self.count = 0

    @torch.no_grad()
    def update(self) -> None:
        """Take the weights of one more iteration in; the first ones count more, so that the start is forgotten."""
        self.count += 1
        keep = min(self._keep, self.count / (self.count + 9))
        for name, weight in self._weights.items():
            self.means[name].lerp_(weight, 1 - keep)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Let the network have the means for a while."""
        learning = {name: weight.detach().clone() for name, weight in self._weights.items()}
        self._put(self.means)
        try:
            yield
        finally:
            self._put(learning)

    def state(self) -> dict[str, Any]:
        """Return what `restore` needs to go on."""
        return {"means": self.means, "count": self.count}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned."""
        for name, mean in self.means.items():
            mean.copy_(state["means"][name])
        self.count = state["count"]

    @torch.no_grad()
    def _put(self, values: dict[str, Tensor]) -> None:
        for name, weight in self._weights.items():
            weight.copy_(values[name])


@torch.no_grad()
def estimate_statistics(network: nn.Module, step: nn.Module, batches: Iterable[Batch]) -> None:
    """Measure the statistics of every normalisation that learns and has none yet, as plain means over `batches`.

    Those that weights have learned with are not changed under them. `step` runs `network` on a batch. Afterwards the
    network is in evaluation mode.
    """
    network.eval()
    learning = [
        m
        for m in network.modules()
        if isinstance(m, _BatchNorm) and m.weight.requires_grad and not _has_statistics(m)
    ]
    if not learning:
        return
    kept = [{name: buffer.clone() for name, buffer in norm.named_buffers()} for norm in learning]
    momenta = [norm.momentum for norm in learning]
    for norm in learning:
        norm.reset_running_stats()
        norm.momentum = None  # the running mean of all batches
        norm.train()
    for batch in batches:
        step(batch)
    network.eval()
    for norm, momentum, before in zip(learning, momenta, kept, strict=True):
        norm.momentum = momentum
        if not norm.num_batches_tracked:  # has no part in this stage's task
            norm.load_state_dict(before, strict=False)


def _has_statistics(norm: _BatchNorm) -> bool:
    assert norm.running_mean is not None and norm.running_var is not None
    return bool((norm.running_mean != 0).any() or (norm.running_var != 1).any())
