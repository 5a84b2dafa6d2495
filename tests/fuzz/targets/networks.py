"""What networks are made of and trained from: weights, training states, listings of films, decoded frames."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from random import Random

import numpy as np

from remaster_gui.base.notices import complete

from ..inputs import Tree
from ..mutations import text_lines
from ..seeds import tiny_weights
from .base import Target, Trial
from .films import KINDS, write_film


def _weights(folder: Path) -> None:
    shutil.copy(tiny_weights(folder.parents[1]), folder / "weights.safetensors")


def _authors(folder: Path) -> None:
    """A checkpoint of the authors' kind, of which most is missing."""
    import torch

    tables = {
        "modelR": {
            "layers.1.conv3d.weight": torch.zeros(4, 1, 1, 3, 3),
            "layers.1.bn.weight": torch.zeros(4),
        },
        "modelC": {"down1.1.conv3d.weight": torch.zeros(4, 1, 1, 3, 3), "stattn1.gamma": torch.zeros(1)},
    }
    torch.save(tables, folder / "remasternet.pth.tar")


def read_weights(tree: Path, trial: Trial) -> None:
    """Build a network from a weight file."""
    from remaster_gui.model import load_model
    from remaster_gui.model.weights import read_metadata, weights_hash

    path = sorted(tree.iterdir())[0] if any(tree.iterdir()) else tree / "weights.safetensors"
    load_model(path)
    weights_hash(path)
    if path.suffix == ".safetensors":
        read_metadata(path)


WEIGHTS = Target(
    "weights", {"own": _weights, "authors": _authors}, read_weights, share=8, poor=frozenset({"authors"})
)


@cache
def _recipe() -> object:
    from dataclasses import replace

    from remaster_gui.model import COMPACT, ModelConfig
    from remaster_gui.training.augmentation import Alteration, Augmentation
    from remaster_gui.training.augmentation import AlterationTarget as Part
    from remaster_gui.training.recipes import Objective, Optimization, Recipe, TrainingStage
    from remaster_gui.training.samples import MatchingReferences, SampleSettings

    tiny = ModelConfig(
        "tiny", reference_edge=None, restoration=replace(COMPACT.restoration, width=0.03),
        colorization=replace(COMPACT.colorization, width=0.03, key_channels=8),
    )  # fmt: skip
    table = (Augmentation(Alteration.SCALING, Part.SOURCE_AND_TARGET, 1.0, 48, 64),)
    samples = SampleSettings(1, 32, 32, MatchingReferences(distractors=1), degraded=False, table=table)
    pace = Optimization("adamw", 1e-3, warm_up=1, clip=1.0, averaging=0.9)
    learning = ("colorization.source.", "colorization.attend_fine.")
    objective = Objective(0.0, 0.0, carried=1.0)
    stage = TrainingStage("matching", "matching", learning, 3, 1, samples, objective, pace, validate_every=3)
    return Recipe("tiny", tiny, (stage,))


def _films(folder: Path) -> None:
    write_film(folder / "films" / "train.mkv", KINDS["mkv"]) if (folder / "films").mkdir() is None else None
    (folder / "films" / "clips.csv").write_text("name,split\ntrain.mkv,train\n")


def _train(folder: Path, *, resume: bool, seconds: float | None) -> None:
    from threading import Event

    from remaster_gui.training.distributed import Ranks
    from remaster_gui.training.trainer import Request, train

    request = Request(
        folder / "films", folder / "run", _recipe(), cache=folder / "cache", resume=resume, seconds=seconds,  # type: ignore[arg-type]
        validation_edge=64, contact_sheets=False, save_every_seconds=0.0,
    )  # fmt: skip
    import torch

    complete(train(request, Ranks(0, 1, torch.device("cpu")), Event()))


def _run(folder: Path) -> None:
    """A training run that was stopped after its first iteration."""
    _films(folder)
    _train(folder, resume=False, seconds=0.0)


def resume_training(tree: Path, trial: Trial) -> None:
    """Go on with a training run."""
    _train(tree, resume=True, seconds=None)


CHECKPOINT = Target(
    "checkpoint",
    {"run": _run},
    resume_training,
    touches=lambda name: name.startswith("run/"),
    share_of_names=0.1,
)


def _harm_listing(rng: Random, tree: Tree) -> None:
    entry = tree.get("clips.csv")
    tree["clips.csv"] = text_lines(rng, entry if isinstance(entry, bytes) else b"")


def _listing(folder: Path) -> None:
    for name in ("a.mkv", "b.mkv"):
        (folder / name).write_bytes(b"")
    (folder / "clips.csv").write_text("name,split\na.mkv,train\nb.mkv,validation\n")


def list_films(tree: Path, trial: Trial) -> None:
    """Find the films of a folder that has a listing."""
    from remaster_gui.evaluation.film_frames import films_of

    split = trial.random.choice((None, "train", "validation", "all"))
    for film in films_of(tree, split):
        assert film.is_file()


LISTING = Target("listing", {"listing": _listing}, list_films, harm=_harm_listing, share=2)


def _cache(folder: Path) -> None:
    from remaster_gui.training.library import ClipLibrary

    _films(folder)
    complete(ClipLibrary.open(folder / "films", None, folder / "cache"))


def use_cache(tree: Path, trial: Trial) -> None:
    """Take frames from a cache of decoded films."""
    from remaster_gui.training.library import ClipLibrary

    library, _ = complete(ClipLibrary.open(tree / "films", None, tree / "cache"))
    for clip in library.at_least(1).clips:
        frames = np.asarray(clip.frames)
        assert frames.ndim == 4 and frames.dtype == np.uint8 and len(frames) == len(clip.span)


CACHE = Target(
    "cache",
    {"cache": _cache},
    use_cache,
    share=2,
    touches=lambda name: name.startswith("cache/"),
    share_of_names=0.1,
)
