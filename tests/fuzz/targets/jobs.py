"""Planned renders in their work folders, which other machines and users see: their parts made, and joined."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

from ..inputs import Tree
from ..mutations import json_value, names
from .base import Target, Trial
from .states import request_of, write_source

_FOLDER = ".out.mkv.remaster"
_JOB = f"{_FOLDER}/job.json"
_CUBE = "LUT_1D_SIZE 3\n0 0 0\n0.4 0.5 0.6\n1 1 1\n"


def _planned(folder: Path) -> None:
    from dataclasses import replace
    from threading import Event

    from remaster_gui.base.notices import complete
    from remaster_gui.base.spot_marks import SpotMark
    from remaster_gui.engine.render import plan_render
    from remaster_gui.engine.workplace import Workplace

    write_source(folder / "film.mkv")
    (folder / "look.cube").write_text(_CUBE)
    request = request_of(folder, "out.mkv", folder.parents[1])
    mark = SpotMark("repair", 3, 3, 9, 5)
    complete(plan_render(replace(request, lut=folder / "look.cube", marks=((1, (mark,)),)), Event()))
    with Workplace() as place:
        complete(place.make(folder / _FOLDER, 0, Event()))
    # Seeds are made elsewhere than they are tried.
    said = json.loads((folder / _JOB).read_text())
    said["task"]["film"] = "film.mkv"
    (folder / _JOB).write_text(_sealed(said))


def _sealed(said: Any) -> str:
    """Return a description with the digest that it should have."""
    from remaster_gui.engine.sealed_records import digest_of

    if isinstance(said, dict):
        said.pop("digest", None)
        said["digest"] = digest_of(said)
    return json.dumps(said)


def _harm(rng: Random, tree: Tree) -> None:
    """Damage a file as a whole, or a value of the job, whose digest is right again as who made it can make it."""
    entry = tree.get(_JOB)
    if rng.random() < 0.15 or not isinstance(entry, bytes):
        inside = [name for name in tree if name.startswith(_FOLDER)]
        names(rng, tree, inside) if inside else None
        return
    try:
        tree[_JOB] = _sealed(json.loads(json_value(rng, entry))).encode()
    except (ValueError, RecursionError):
        tree[_JOB] = json_value(rng, entry)


def make_parts(tree: Path, trial: Trial) -> None:
    """Make a part of a job that somebody has planned, look at the others, and join them."""
    from threading import Event

    from remaster_gui.base.errors import RemasterError
    from remaster_gui.base.notices import complete
    from remaster_gui.engine.render import assemble_job
    from remaster_gui.engine.workplace import Workplace

    with Workplace() as place:
        for number in range(3):
            try:
                complete(place.make(tree / _FOLDER, number, Event()))
            except RemasterError:
                if trial.steps == 0:
                    raise
    complete(assemble_job(tree / _FOLDER, Event()))


JOBS = Target("job", {"planned": _planned}, make_parts, harm=_harm, slow=True)
