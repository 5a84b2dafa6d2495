"""Whole runs of the systems that the paper compares with, tiny and on tiny films."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest
import torch

from remaster_gui.base.errors import WeightsError
from remaster_gui.base.notices import complete
from remaster_gui.cli import main
from remaster_gui.model.rivals import systems
from remaster_gui.model.rivals.dncnn import DnCNN, DnCNNConfig
from remaster_gui.model.rivals.vondrick import Vondrick, VondrickConfig
from remaster_gui.model.rivals.wdsr import WDSRConfig
from remaster_gui.model.rivals.zhang import GLOBAL_HINTS, Zhang, ZhangConfig
from remaster_gui.training import trainer
from remaster_gui.training.augmentation import Alteration, AlterationTarget, Augmentation
from remaster_gui.training.courses import Request
from remaster_gui.training.distributed import joined_ranks
from remaster_gui.training.hint_samples import HintSettings
from remaster_gui.training.library import ClipLibrary
from remaster_gui.training.picture_store import PictureStore
from remaster_gui.training.recipe_list import RECIPES
from remaster_gui.training.recipes import Recipe
from remaster_gui.training.rival_course import common_colors
from remaster_gui.training.rival_samples import (
    TrackBatch,
    TrackMaker,
    TrackSettings,
    UserBatch,
    UserHintSettings,
    UserMaker,
)
from remaster_gui.training.rival_steps import ClassificationStep, GuidedStep, TrackingStep
from remaster_gui.training.sample_store import StoredSettings
from remaster_gui.training.samples import MatchingReferences, SampleSettings
from remaster_gui.training.trainer import BEST

FRAMES = StoredSettings(
    SampleSettings(
        2,
        32,
        32,
        MatchingReferences(),
        table=(Augmentation(Alteration.SCALING, AlterationTarget.SOURCE_AND_TARGET, 1.0, 40, 48),),
    ),
    count=2,
    length=1,
    crop=16,
)
USER = UserHintSettings(HintSettings(32, (32, 40)), hinted=0.6)
TINY = {
    "dncnn": (DnCNNConfig(0.13, 3), FRAMES),
    "wdsr": (WDSRConfig(0.25, 1), FRAMES),
    "vondrick": (VondrickConfig(0.03), TrackSettings(32, (32, 40))),
    "zhang": (ZhangConfig(0.03), USER),
}


def tiny(name: str) -> Recipe:
    config, samples = TINY[name]
    stages = tuple(
        replace(stage, iterations=2, validate_every=2, batch=2, samples=samples)
        for stage in RECIPES[name].stages
    )
    return Recipe(name, config, stages)


def train(recipe: Recipe, films: Path, out: Path, **changes: object) -> bool:
    request = replace(Request(films, out, recipe, cache=out.parent / "cache", validation_edge=32), **changes)
    with joined_ranks(torch.device("cpu")) as ranks:
        return complete(trainer.train(request, ranks, Event()))[0]


@pytest.mark.parametrize("name", TINY)
def test_a_run_leaves_weights_of_the_system(name: str, film_folder: Path, tmp_path: Path) -> None:
    recipe = tiny(name)
    assert train(recipe, film_folder, tmp_path / "run")
    network = systems.RIVAL_FORMAT.read(tmp_path / "run" / BEST)
    assert network.config == recipe.config
    assert len(list((tmp_path / "run").glob("frames-*.png"))) == 2 * len(recipe.stages)


def test_training_goes_on_from_weights_of_the_same_shape(film_folder: Path, tmp_path: Path) -> None:
    recipe, start = tiny("dncnn"), tmp_path / "start.safetensors"
    systems.RIVAL_FORMAT.save(systems.build(recipe.config), start, licence="", metrics={})  # type: ignore[arg-type]
    assert train(recipe, film_folder, tmp_path / "run", init=start)
    systems.RIVAL_FORMAT.save(DnCNN(DnCNNConfig(0.13, 4)), start, licence="", metrics={})
    with pytest.raises(WeightsError, match="another network than recipe dncnn trains"):
        train(recipe, film_folder, tmp_path / "other", init=start)


def test_a_budget_of_processor_time_ends_a_run(
    film_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RECIPES, "dncnn", tiny("dncnn"))
    exported = tmp_path / "weights.safetensors"
    arguments = [
        "--data",
        str(film_folder),
        "--out",
        str(tmp_path / "run"),
        "--cache",
        str(tmp_path / "cache"),
    ]
    learned = ["--recipe", "dncnn", "--set", "layers=4", "--processor-minutes", "0.001", "--device", "cpu"]
    assert main(["train", *arguments, *learned, "--export", str(exported)]) == 0
    assert systems.RIVAL_FORMAT.read(exported).config == DnCNNConfig(0.13, 4)
    assert systems.RIVAL_FORMAT.metadata(exported)["metrics"] == {"processor_minutes": 0.001}


def test_runs_of_frames_are_evenly_spaced(library: ClipLibrary) -> None:
    maker = TrackMaker(complete(PictureStore.read(library.clips))[0], TrackSettings(32, (32, 40)), 8, seed=1)
    batch = maker.batch(0)
    assert batch.luminance.shape == (8, 4, 1, 32, 32) and batch.chrominance.shape == (8, 4, 2, 32, 32)
    reds = batch.chrominance[:, :, 0].mean((2, 3)).double()
    steps = reds.diff(dim=1)  # every frame of these films is a little redder than the one before
    assert (steps.sign() == steps[:, :1].sign()).all() and (steps.sign()[:, 0].abs() == 1).all()
    assert {1.0, -1.0} == set(steps.sign()[:, 0].tolist())
    assert torch.equal(maker.batch(0).luminance, batch.luminance)
    assert not torch.equal(maker.batch(1).luminance, batch.luminance)


def test_hints_are_revealed_in_their_share(library: ClipLibrary) -> None:
    store = complete(PictureStore.read(library.clips))[0]
    batch = UserMaker(store, USER, 40, seed=2).batch(0)
    told = batch.overall[:, -1] == 1
    assert 0 < told.sum() < 40 and (batch.overall[~told] == 0).all()
    mask = batch.local[:, 2:]
    assert set(mask.unique().tolist()) == {0.0, 1.0}
    assert ((batch.local[:, :2] == 0) | (mask == 1)).all()
    nothing = UserMaker(store, replace(USER, hinted=0.0), 8, seed=2).batch(0)
    assert (nothing.local == 0).all() and (nothing.overall == 0).all()


def test_tracking_learns_to_copy_the_right_color() -> None:
    torch.manual_seed(0)
    network = Vondrick(VondrickConfig(0.03))
    network.centres.copy_(torch.rand(len(network.centres), 2))
    batch = TrackBatch(torch.rand(1, 4, 1, 32, 32), torch.rand(1, 4, 2, 32, 32))
    step, optimizer = TrackingStep(network), torch.optim.Adam(network.parameters(), 1e-2)
    losses = []
    for _ in range(8):
        optimizer.zero_grad()
        error = step(batch)["total"]
        error.backward()
        optimizer.step()
        losses.append(error.item())
    assert losses[-1] < 0.95 * losses[0]


def test_likely_colors_teach_features_first_and_then_only_themselves() -> None:
    torch.manual_seed(1)
    network = Zhang(ZhangConfig(0.03))
    batch = UserBatch(
        torch.rand(2, 1, 16, 16),
        torch.rand(2, 3, 16, 16),
        torch.rand(2, GLOBAL_HINTS),
        torch.rand(2, 2, 16, 16),
    )
    ClassificationStep(network)(batch)["likely"].backward()
    assert network.conv1[0].weight.grad is not None
    network.zero_grad()
    GuidedStep(network)(batch)["likely"].backward()
    assert network.conv1[0].weight.grad is None and network.likely.weight.grad is not None


def test_common_colors_are_those_of_the_films(library: ClipLibrary) -> None:
    centres = common_colors(complete(PictureStore.read(library.clips))[0], count=4)
    again = common_colors(complete(PictureStore.read(library.clips))[0], count=4)
    assert torch.equal(centres, again) and centres.shape == (4, 2)
    assert np.isfinite(centres.numpy()).all() and (centres > 0).all() and (centres < 1).all()
