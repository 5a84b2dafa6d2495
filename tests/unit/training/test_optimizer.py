from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from remaster_gui.base.errors import SettingsError
from remaster_gui.model import COMPACT, PAPER, ModelConfig, RemasterNetwork
from remaster_gui.model.prior import ColorPrior, PriorConfig
from remaster_gui.model.rivals import systems
from remaster_gui.training.augmentation import TABLE_3
from remaster_gui.training.optimizer import (
    FINAL_SHARE,
    WeightAverage,
    choose_weights,
    estimate_statistics,
    make_optimizer,
    rate_at,
    set_rate,
)
from remaster_gui.training.recipe_list import RECIPES
from remaster_gui.training.recipes import COMPACT_RECIPE, PAPER_RECIPE, Optimization, Recipe, TrainingStage
from remaster_gui.training.samples import PaperReferences

STAGES = [(recipe, stage) for recipe in RECIPES.values() for stage in recipe.stages]


@pytest.mark.parametrize(("recipe", "stage"), STAGES, ids=[f"{r.name}-{s.name}" for r, s in STAGES])
def test_every_beginning_that_a_stage_names_is_one_of_weights(recipe: Recipe, stage: TrainingStage) -> None:
    with torch.device("meta"):
        match recipe.config:
            case ModelConfig():
                network = RemasterNetwork(recipe.config)
            case PriorConfig():
                network = ColorPrior(recipe.config)
            case _:
                network = systems.build(recipe.config)
    names = [name for name, _ in network.named_parameters()]
    for beginning in stage.trains:
        assert any(name.startswith(beginning) for name in names), beginning
    assert stage.validate_every <= stage.iterations


def test_the_papers_recipe_is_section_4_5() -> None:
    assert PAPER_RECIPE.config is PAPER
    assert [stage.name for stage in PAPER_RECIPE.stages] == ["restoration", "colorization", "joint"]
    for stage in PAPER_RECIPE.stages:
        assert stage.optimization == Optimization("adadelta", 1.0)
        assert (stage.batch, stage.iterations) == (20, 500_000)
        assert (stage.objective.luminance, stage.objective.chrominance) == (1.0, 1e-4)
        assert (stage.objective.squared, stage.objective.carried) == (0.0, 0.0)
        assert stage.samples.length == 5 and stage.samples.crop == 256
        assert stage.samples.references == PaperReferences(most=6, near=5)
        assert stage.samples.table is TABLE_3


def test_weights_that_a_stage_does_not_name_stay_as_they_are() -> None:
    network = RemasterNetwork(COMPACT)
    matching = COMPACT_RECIPE.stages[0]
    chosen = dict(choose_weights(network, matching))
    before = {name: value.detach().clone() for name, value in network.named_parameters()}
    optimizer = make_optimizer(list(chosen.items()), matching.optimization)
    for parameter in chosen.values():
        parameter.grad = torch.ones_like(parameter)
    optimizer.step()
    changed = {n for n, v in network.named_parameters() if not torch.equal(v, before[n])}
    assert changed == set(chosen)
    assert "colorization.attend_fine.similarity.places.log_distance" in changed
    assert not any(name.startswith(("restoration.", "colorization.decoder.")) for name in changed)


def test_the_rate_warms_up_and_falls_as_a_cosine() -> None:
    how = Optimization("adamw", 1e-3, warm_up=10)
    rates = [rate_at(how, i, i / 100) for i in range(100)]
    assert rates[0] == pytest.approx(1e-4)
    assert max(rates) == rates[9]
    assert all(a > b for a, b in pairwise(rates[9:]))
    assert rate_at(how, 100, 1.0) == pytest.approx(FINAL_SHARE * 1e-3)
    assert rate_at(Optimization(), 7, 0.07) == 1.0


def test_the_mean_of_wandering_weights_is_where_they_wander_about() -> None:
    torch.manual_seed(0)
    weight = torch.nn.Parameter(torch.full((1000,), 5.0))
    average = WeightAverage([("w", weight)], 0.95)
    for _ in range(200):
        weight.data = 1 + torch.randn(1000)
        average.update()
    last = weight.detach().clone()
    with average.in_place():
        assert (weight - 1).abs().mean() < 0.3 * (last - 1).abs().mean()
        again = WeightAverage([("w", weight)], 0.95)
        again.restore(average.state())
    assert torch.equal(weight, last)
    assert torch.equal(again.means["w"], average.means["w"])


def test_without_averaging_weights_are_what_they_are() -> None:
    weight = torch.nn.Parameter(torch.zeros(3))
    average = WeightAverage([("w", weight)], 0.0)
    weight.data += 1
    average.update()
    with average.in_place():
        assert torch.equal(weight, torch.ones(3))


def test_learned_scales_have_a_rate_of_their_own() -> None:
    scale, weight = torch.nn.Parameter(torch.ones(1)), torch.nn.Parameter(torch.ones(1))
    how = Optimization("adamw", 1e-3, weight_decay=0.1, scales=5.0)
    optimizer = make_optimizer([("a.log_scale", scale), ("a.weight", weight)], how)
    set_rate(optimizer, how, 0, 0.0)
    rates = {id(p): g["lr"] for g in optimizer.param_groups for p in g["params"]}
    decays = {id(p): g["weight_decay"] for g in optimizer.param_groups for p in g["params"]}
    assert rates[id(scale)] == pytest.approx(5 * rates[id(weight)])
    assert (decays[id(scale)], decays[id(weight)]) == (0.0, 0.1)


def test_a_recipe_can_be_cut_down_to_some_stages() -> None:
    short = COMPACT_RECIPE.only(["restoration", "joint"], iterations=7)
    assert [(s.name, s.iterations, s.validate_every) for s in short.stages] == [
        ("restoration", 7, 7),
        ("joint", 7, 7),
    ]
    with pytest.raises(SettingsError, match="has no stage “nonsense”; choose from matching"):
        COMPACT_RECIPE.only(["nonsense"])


def test_a_stage_whose_weights_do_not_exist_says_so() -> None:
    from dataclasses import replace

    with pytest.raises(SettingsError, match="names no weights"):
        choose_weights(RemasterNetwork(COMPACT), replace(COMPACT_RECIPE.stages[0], trains=("nothing.",)))


class _Step(torch.nn.Module):
    """Normalisations of which a step uses some."""

    def __init__(self) -> None:
        super().__init__()
        self.used, self.unused, self.kept, self.settled = (torch.nn.BatchNorm2d(2) for _ in range(4))
        torch.nn.init.constant_(self.settled.running_mean, 7.0)

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        return self.used(self.kept(self.settled(batch)))


def test_statistics_are_the_means_over_all_batches_where_weights_learn_and_take_part() -> None:
    step = _Step()
    step.kept.requires_grad_(False)
    batches = [torch.full((2, 2, 4, 4), value) + torch.randn(2, 2, 4, 4) for value in (1.0, 5.0, 9.0)]
    estimate_statistics(step, step, batches)
    seen = [step.kept(step.settled(batch)) for batch in batches]
    expected = torch.stack([batch.mean((0, 2, 3)) for batch in seen]).mean(0)
    torch.testing.assert_close(step.used.running_mean, expected)
    spread = torch.stack([batch.var((0, 2, 3)) for batch in seen]).mean(0)
    torch.testing.assert_close(step.used.running_var, spread)
    assert step.unused.running_mean[0] == step.kept.running_mean[0] == 0.0
    assert step.settled.running_mean[0] == 7.0 and step.settled.running_var[0] == 1.0
    assert not step.training and not any(module.training for module in step.modules())
    assert step.used.momentum == 0.1
