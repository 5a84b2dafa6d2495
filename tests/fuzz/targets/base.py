"""Targets, and how the inputs of a target are made."""

from __future__ import annotations

import functools
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from ..inputs import Tree, gather
from ..mutations import step

Seed = Callable[[Path], None]
"""Writes a good input into an empty folder."""

_COUNTS = (1, 1, 1, 2, 2, 3, 5)
"""Steps of damage that inputs get."""


@dataclass(frozen=True, eq=False)
class Target:
    """One part of the product that takes what others made."""

    name: str
    seeds: Mapping[str, Seed]
    call: Callable[[Path, Trial], str | None]
    """Hands the folder with an input to the product; returns a word for what became of it, None for the usual."""
    touches: Callable[[str], bool] = lambda name: True
    """Which files may be damaged."""
    share_of_names: float = 0.06
    """How often a file as a whole is damaged: its name, or what is under it."""
    more_names: Sequence[str] = ()
    """Names of files that are not there and may be put there."""
    harm: Callable[[Random, Tree], None] | None = None
    """One step of damage of its own sort; None: the usual ones."""
    share: int = 1
    """How often the target is tried, in relation to others."""
    slow: bool = False
    """Whether the short run tries a part of the seeds only."""
    poor: frozenset[str] = field(default_factory=frozenset)
    """Seeds that are refused even where they are whole."""


@dataclass(frozen=True)
class Trial:
    """An input that was made; `random` is for choices of the call."""

    target: Target
    seed: str
    steps: int
    tree: Tree
    random: Random
    made: Path
    """Folder of all seeds, for what belongs to them."""


def make(target: Target, number: int, kept: Sequence[int] | None, folder: Path) -> Trial:
    """Make input `number` with the steps `kept` (None: all). Negative numbers are the seeds as they are, from -1."""
    rng = Random(f"{target.name}:{number}")
    names = sorted(target.seeds)
    seed = rng.choice(names) if number >= 0 else names[-1 - number]
    steps = rng.choice(_COUNTS) if number >= 0 else 0
    tree = dict(seed_tree(target, seed, folder))
    for at in range(steps):
        if kept is None or at in kept:
            _harm(target, Random(f"{target.name}:{number}:{at}"), tree)
    return Trial(target, seed, steps, tree, rng, folder)


def _harm(target: Target, rng: Random, tree: Tree) -> None:
    if target.harm is not None:
        target.harm(rng, tree)
        return
    choices = [name for name in tree if target.touches(name)]
    if target.more_names and rng.random() < target.share_of_names:
        name = rng.choice(target.more_names)
        tree[name] = rng.randbytes(100)
        step(rng, tree, [name], 1.0)
    else:
        step(rng, tree, choices, target.share_of_names)


@functools.lru_cache(maxsize=256)
def seed_tree(target: Target, seed: str, folder: Path) -> Tree:
    """Make a seed, or take the one that another process has made; it must not be changed."""
    place = folder / target.name / seed
    if not place.is_dir():
        place.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=place.parent, prefix=".making-"))
        target.seeds[seed](made)
        try:
            made.rename(place)
        except OSError:  # somebody else was faster
            shutil.rmtree(made)
    return gather(place)


def first_file(tree: Path, *names: str) -> Path:
    """Return what stands for the file `names[0]`: itself, or the first of what damage has made of its name."""
    for name in names:
        if os.path.lexists(tree / name):
            return tree / name
    found = sorted(each for each in tree.iterdir() if not each.name.startswith("."))
    return found[0] if found else tree / names[0]
