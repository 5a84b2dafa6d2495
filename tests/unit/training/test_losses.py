from __future__ import annotations

import math

import pytest
import torch

from remaster_gui.base.color import NEUTRAL
from remaster_gui.model import ModelConfig, RemasterNetwork
from remaster_gui.model.blocks import pool
from remaster_gui.model.config import COMPACT
from remaster_gui.training.dataset import Batch
from remaster_gui.training.losses import LEAST_ERROR, Output, TrainingStep, carried_error, losses_of, run_task
from remaster_gui.training.recipes import BETA, Objective

TINY = ModelConfig(
    "tiny",
    restoration=type(COMPACT.restoration)(width=0.03, skips=True, shot_tones=True),
    colorization=type(COMPACT.colorization)(
        width=0.03,
        key_channels=8,
        attention="cosine",
        patch_keys=True,
        position_keys=True,
        carried_color=True,
        decoder_skips=True,
    ),
    reference_edge=None,
)


def make_batch(references: int = 1, size: int = 32, rows: int = 2, frames: int = 2) -> Batch:
    generator = torch.Generator().manual_seed(3)

    def rand(*shape: int) -> torch.Tensor:
        return torch.rand(*shape, generator=generator)

    return Batch(
        rand(rows, 1, frames, size, size),
        rand(rows, 2, frames, size, size),
        rand(rows, 1, frames, size, size),
        rand(rows, references, 3, size, size),
    )


def test_the_default_objective_is_equation_3() -> None:
    batch = make_batch()
    output = Output(batch.luminance + 0.25, batch.chrominance - 0.5, None)
    losses = losses_of(output, batch, Objective())
    assert losses["total"].item() == pytest.approx(0.25 + BETA * 0.5, rel=1e-5)
    assert set(losses) == {"total", "luminance", "chrominance"}


def test_squared_errors_and_carried_colour_join_the_objective_by_their_weights() -> None:
    batch = make_batch()
    truth = batch.chrominance.transpose(1, 2) - NEUTRAL
    carried = pool(truth, 8) + 0.1, pool(truth, 16) - 0.2
    output = Output(None, batch.chrominance + 0.5, carried)
    losses = losses_of(output, batch, Objective(1.0, 2.0, squared=3.0, carried=4.0))
    assert losses["total"].item() == pytest.approx(2 * 0.5 + 2 * 3 * 0.25 + 4 * 0.3, rel=1e-4)


def test_carrying_the_true_colours_costs_nothing() -> None:
    batch = make_batch()
    truth = batch.chrominance.transpose(1, 2) - NEUTRAL
    assert carried_error((pool(truth, 8), pool(truth, 16)), batch.chrominance).item() == pytest.approx(0)


@pytest.mark.parametrize("references", [0, 2])
def test_every_task_delivers_the_planes_it_is_judged_by(references: int) -> None:
    network, batch = RemasterNetwork(TINY).eval(), make_batch(references)
    torch.nn.init.normal_(network.restoration.layers[-1].conv.weight)  # untrained, it leaves a film as it is
    with torch.no_grad():
        restored = run_task(network, "restoration", batch)
        colored = run_task(network, "colorization", batch)
        both = run_task(network, "remastering", batch)
    assert restored.luminance is not None and restored.chrominance is None
    assert restored.luminance.shape == batch.luminance.shape
    assert colored.luminance is None and colored.chrominance is not None
    assert colored.chrominance.shape == batch.chrominance.shape
    assert (colored.carried is None) == (references == 0)
    assert both.luminance is not None and both.chrominance is not None
    assert torch.equal(both.luminance, restored.luminance)
    assert not torch.equal(both.chrominance, colored.chrominance) or references == 0


def test_errors_in_decibels_weigh_each_sample_by_how_good_it_is() -> None:
    batch = make_batch()
    wrong = torch.tensor([0.1, 0.01])[:, None, None, None, None]
    losses = losses_of(Output(batch.luminance + wrong, None, None), batch, Objective(decibels=True))
    expected = sum(10 * math.log10(error**2 + LEAST_ERROR) for error in (0.1, 0.01)) / 2
    assert losses["total"].item() == pytest.approx(expected, rel=1e-4)


def test_tones_alone_learn_from_tones() -> None:
    network, batch = RemasterNetwork(TINY).eval(), make_batch(size=64)
    TrainingStep(network, "tones", Objective(decibels=True), mixed=False)(batch)["total"].backward()
    touched = {name for name, p in network.named_parameters() if p.grad is not None}
    assert touched and all(name.startswith("restoration.shot_tones.") for name in touched)


def test_learning_lowers_the_loss() -> None:
    torch.manual_seed(0)
    batch = make_batch()
    step = TrainingStep(RemasterNetwork(TINY).train(), "remastering", Objective(1.0, 1.0, 5.0, 0.3))
    optimizer = torch.optim.AdamW(step.parameters(), 5e-3)
    totals = []
    for _ in range(16):
        optimizer.zero_grad()
        total = step(batch)["total"]
        total.backward()
        optimizer.step()
        totals.append(total.item())
    assert totals[-1] < 0.9 * totals[0]


def test_matching_is_judged_by_what_the_attention_carries_over() -> None:
    torch.manual_seed(0)
    network, batch = RemasterNetwork(TINY).eval(), make_batch()
    losses = TrainingStep(network, "matching", Objective(0.0, 0.0, carried=2.0), mixed=False)(batch)
    whole = run_task(network, "colorization", batch)
    assert whole.carried is not None
    expected = carried_error(whole.carried, batch.chrominance)
    assert losses["carried"].item() == pytest.approx(expected.item(), rel=1e-5)
    assert losses["total"].item() == pytest.approx(2 * losses["carried"].item(), rel=1e-5)
    losses["total"].backward()
    touched = {name for name, p in network.named_parameters() if p.grad is not None}
    assert "colorization.attend_coarse.query.weight" in touched
    assert not any(".decoder." in name or name.startswith("restoration.") for name in touched)
    without = TrainingStep(network, "matching", Objective(carried=2.0))(make_batch(references=0))
    assert not without["total"].requires_grad
