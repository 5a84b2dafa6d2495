"""The weights of the comparison are there, whole, and no larger than they may be."""

from __future__ import annotations

import json

import torch

from remaster_gui.engine.shipped_weights import weights_folder
from remaster_gui.evaluation.comparison import FOLDER, RivalMethods, rival_names
from remaster_gui.evaluation.methods import EvaluationTask
from remaster_gui.model import weights_hash

RIVALS = weights_folder() / FOLDER
TASKS: tuple[EvaluationTask, ...] = ("restoration", "colorization", "remastering")


def test_files_are_those_of_the_manifest() -> None:
    manifest = json.loads((RIVALS / "manifest.json").read_text())
    files = sorted(RIVALS.glob("*.safetensors"))
    assert [file.name for file in files] == sorted(manifest)
    for file in files:
        said = manifest[file.name]
        assert (said["sha256"], said["bytes"]) == (weights_hash(file), file.stat().st_size)
    assert sum(file.stat().st_size for file in files) <= 45_000_000
    card = (RIVALS / "rivals.md").read_text()
    assert all(f"`{file.stem}`" in card for file in files)


def test_every_method_has_its_weights_and_its_training() -> None:
    rivals = RivalMethods(torch.device("cpu"))
    for task in TASKS:
        longer = task == "remastering"
        for name in rival_names(task):
            assert callable(rivals.method(task, name))
            assert rivals.training(task, name) == ("8 min" if longer or name == "narrow-joint" else "4 min")
