"""The objective (Sec. 4.3, Eq. 3) and how each task computes it from a batch."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from remaster_gui.base.color import NEUTRAL
from remaster_gui.model import RemasterNetwork
from remaster_gui.model.blocks import pool
from remaster_gui.training.dataset import Batch
from remaster_gui.training.recipes import Objective, TrainingTask

LEAST_ERROR = 1e-3
"""Squared error that remains whatever is done to tones: grain, blur, dirt."""

Losses = dict[str, Tensor]
"""Scalars by name; ``total`` is what is minimised, the others say what it is made of."""


@dataclass(frozen=True, slots=True)
class Output:
    """What the networks made of a batch.

    luminance ``(B, 1, T, H, W)`` and chrominance ``(B, 2, T, H, W)``, None where the task does not ask for it; carried
    chrominance about neutral ``(B, T, 2, h, w)`` at 1/8 and 1/16 size, None without references.
    """

    luminance: Tensor | None
    chrominance: Tensor | None
    carried: tuple[Tensor, Tensor] | None


def run_task(network: RemasterNetwork, task: TrainingTask, batch: Batch) -> Output:
    """Correct tones, carry colours over, colour, restore, or restore and then colour what was restored."""
    if task == "tones":
        return Output(network.correct_tones(batch.degraded), None, None)
    if task == "matching":
        found = network.carry_colors(batch.degraded, batch.references) if batch.references.shape[1] else None
        return Output(None, None, found)
    luminance = None
    if task != "colorization":
        luminance = network.restore(batch.degraded)
    if task == "restoration":
        return Output(luminance, None, None)
    references = batch.references if batch.references.shape[1] else None
    source = batch.degraded if luminance is None else luminance
    colorized = network.colorize_clip(source, references)
    return Output(luminance, colorized.chrominance.transpose(1, 2), colorized.carried)


def losses_of(output: Output, batch: Batch, objective: Objective) -> Losses:
    """Return every term of the objective and their weighted sum ``total``."""
    if objective.decibels:
        assert output.luminance is not None
        errors = (output.luminance.float() - batch.luminance).square().flatten(1).mean(1)
        return {"total": 10 * (errors + LEAST_ERROR).log10().mean()}
    losses: Losses = {}
    total = batch.luminance.new_zeros(())
    planes = (
        ("luminance", output.luminance, batch.luminance, objective.luminance),
        ("chrominance", output.chrominance, batch.chrominance, objective.chrominance),
    )
    for name, result, truth, weight in planes:
        if result is None:
            continue
        difference = result.float() - truth
        losses[name] = difference.abs().mean()
        total = total + weight * losses[name]
        if objective.squared:
            losses[f"{name} squared"] = difference.square().mean()
            total = total + weight * objective.squared * losses[f"{name} squared"]
    if output.carried is not None and objective.carried:
        losses["carried"] = carried_error(output.carried, batch.chrominance)
        total = total + objective.carried * losses["carried"]
    losses["total"] = total
    return losses


def carried_error(carried: tuple[Tensor, Tensor], chrominance: Tensor) -> Tensor:
    """Return the L1 error of the carried chrominance at both sizes together; chrominance ``(B, 2, T, H, W)``."""
    truth = chrominance.transpose(1, 2) - NEUTRAL
    fine, coarse = carried
    return (fine - pool(truth, 8)).abs().mean() + (coarse - pool(truth, 16)).abs().mean()


class TrainingStep(nn.Module):
    """Network and objective as one module, so that what wraps a module (several ranks, a compiler) wraps both."""

    def __init__(
        self,
        network: RemasterNetwork,
        task: TrainingTask,
        objective: Objective,
        *,
        mixed: bool = True,
    ) -> None:
        """Hold the network, which stays the caller's.

        `mixed` allows mixed precision where the device gains from it.
        """
        super().__init__()
        self.network = network
        self._task: TrainingTask = task
        self._objective = objective
        self._mixed = mixed

    def forward(self, batch: Batch) -> Losses:
        """Return the losses of a batch; in mixed precision the networks compute in bfloat16, the losses in float32.

        Only learning is done in mixed precision: without gradients everything is computed in full.
        """
        device = batch.luminance.device.type
        mixed = self._mixed and torch.is_grad_enabled() and multiplies_bfloat16(device)
        with torch.autocast(device, torch.bfloat16, enabled=mixed):
            output = run_task(self.network, self._task, batch)
        return losses_of(output, batch, self._objective)


def multiplies_bfloat16(device: str) -> bool:
    """Whether convolutions on a device of this type gain from bfloat16; most processors only emulate it."""
    if device == "cpu":
        abilities = torch.cpu.get_capabilities()
        return bool(abilities.get("avx512_bf16") or abilities.get("amx_bf16"))
    return device == "cuda"
