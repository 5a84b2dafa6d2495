"""Whole runs of a tiny prior on a tiny pack of photographs."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest
import torch

from remaster_gui.base.errors import RemasterError
from remaster_gui.base.notices import Progress, Update, followed
from remaster_gui.cli import main
from remaster_gui.model.prior import ColorPrior, PriorConfig
from remaster_gui.model.prior_weights import PRIOR_FORMAT
from remaster_gui.training import hint_samples, trainer
from remaster_gui.training.courses import Request
from remaster_gui.training.distributed import joined_ranks
from remaster_gui.training.hint_samples import HintSettings
from remaster_gui.training.recipe_list import RECIPES
from remaster_gui.training.recipes import PRIOR_RECIPE, Recipe
from remaster_gui.training.run_log import LOSSES
from remaster_gui.training.trainer import BEST

SMALL = PriorConfig((16, 16, 16, 16, 16), (1, 1, 1, 1, 1), (1, 1, 1, 1), 1)
STAGE = replace(
    PRIOR_RECIPE.stages[0], iterations=4, validate_every=4, batch=2, samples=HintSettings(32, (32, 48))
)
RECIPE = Recipe("prior", SMALL, (STAGE,))
WritePack = Callable[[Path, list[np.ndarray]], Path]


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory, write_pack: WritePack) -> Path:
    rng = np.random.default_rng(0)
    pictures = [
        np.kron(rng.integers(0, 256, (4, 4, 3)), np.ones((10, 10, 1))).astype(np.uint8) for _ in range(8)
    ]
    return write_pack(tmp_path_factory.mktemp("photos") / "pack", pictures)


@pytest.fixture(autouse=True)
def few_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Colours are counted in fewer pictures: there are but eight."""
    monkeypatch.setattr(hint_samples, "LOOKS", 40)


def train(pack: Path, out: Path, stopped_in: int | None = None, **changes: object) -> bool:
    """Train; a Ctrl-C comes in an iteration."""
    stop = Event()

    def look(update: Update) -> None:
        is_step = isinstance(update, Progress) and update.unit == "iterations"
        if is_step and stopped_in is not None and update.done == stopped_in - 1:
            stop.set()

    asked = replace(Request(None, out, RECIPE, photos=(pack,), save_every_seconds=0.0), **changes)
    with joined_ranks(torch.device("cpu")) as ranks:
        return followed(trainer.train(asked, ranks, stop), look)


def rows(out: Path) -> list[list[str]]:
    return list(csv.reader((out / LOSSES).read_text().splitlines()))[1:]


def test_a_run_leaves_a_prior_and_goes_on_where_it_was_stopped(pack: Path, tmp_path: Path) -> None:
    assert train(pack, tmp_path / "whole")
    prior = PRIOR_FORMAT.read(tmp_path / "whole" / BEST)
    assert prior.config.bins == len(prior.centres) > 8
    assert not train(pack, tmp_path / "parts", 2)
    assert len(rows(tmp_path / "parts")) == 2
    assert train(pack, tmp_path / "parts", resume=True)
    assert rows(tmp_path / "parts") == rows(tmp_path / "whole")
    ours, theirs = (PRIOR_FORMAT.read(tmp_path / name / BEST).state_dict() for name in ("parts", "whole"))
    assert all(torch.equal(ours[key], theirs[key]) for key in theirs)


def test_training_goes_on_from_a_prior(pack: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    start = ColorPrior(replace(SMALL, bins=12))
    start.centres.copy_(torch.randint(-100, 100, (12, 2)).float())
    PRIOR_FORMAT.save(start, tmp_path / "start.safetensors", licence="", metrics={}, dtype=torch.float32)
    assert train(pack, tmp_path / "run", init=tmp_path / "start.safetensors")
    assert torch.equal(PRIOR_FORMAT.read(tmp_path / "run" / BEST).centres, start.centres)
    other = ColorPrior(replace(SMALL, attention=0))
    PRIOR_FORMAT.save(other, tmp_path / "other.safetensors", licence="", metrics={})
    with pytest.raises(RemasterError, match="of another shape"):
        train(pack, tmp_path / "new", init=tmp_path / "other.safetensors")


def test_the_command_trains_a_prior_from_photographs(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(RECIPES, "prior", RECIPE)
    common = ["train", "--recipe", "prior", "--device", "cpu", "--out"]
    exported = tmp_path / "prior.safetensors"
    learned = ["--photos", str(pack), "--iterations", "1", "--export", str(exported)]
    assert main([*common, str(tmp_path / "run"), *learned]) == 0
    assert PRIOR_FORMAT.read(exported).config == replace(SMALL, bins=PRIOR_FORMAT.read(exported).config.bins)
    assert main([*common, str(tmp_path / "new")]) == 2
    assert "name packs of them with --photos" in capsys.readouterr().err
    assert main([*common, str(tmp_path / "new"), "--photos", str(pack), "--set", "colorization.width=1"]) == 2
    assert "--set does not change what recipe prior trains" in capsys.readouterr().err
    assert main(["train", "--out", str(tmp_path / "other")]) == 2
    assert "name their folder with --data" in capsys.readouterr().err
