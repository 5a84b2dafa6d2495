"""The command line: arguments of every sort."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from random import Random

from ..inputs import Tree
from ..mutations import strange_text
from ..seeds import tiny_weights
from .base import Seed, Target, Trial
from .films import KINDS, write_film

_RENDER = [
    "render",
    "film.mkv",
    "--output",
    "out.mkv",
    "--size",
    "64",
    "--weights",
    "tiny.safetensors",
    "--device",
    "cpu",
]
COMMANDS = {
    "render": [*_RENDER, "--no-colorization", "--range", "1:4", "--preset", "ffv1-10", "--luminance", "working"],
    "pictures": ["render", "scans/%d.png", *_RENDER[2:], "--rate", "18", "--no-colorization"],
    "references": [*_RENDER, "--references", "scans", "--range", "0:2"],
    "degrade": ["degrade", "film.mkv", "old.mkv", "--seed", "7", "--strength", "1", "--preset", "ffv1-10"],
    "evaluate": ["evaluate", "films", "--task", "restoration", "--size", "64", "--weights", "tiny.safetensors",
                 "--protocol", "90", "--csv", "table.csv", "--methods", "input", "--split", "all"],
    # There are no films there: training for hours is what it is meant to do, and no fault.
    "train": ["train", "--data", "absent", "--out", "run", "--recipe", "compact", "--stages", "matching", "--set",
              "colorization.width=0.03", "--resume"],
}  # fmt: skip
_NUMBERS = ("0", "-1", "1", "15", "16", "63", "1e3", "3:1", "2:", ":2", "0:99999999999999999999", "1:2:3",
            "00:00:00:01:00:00:00:03", "1/3", "24000/1001", "0/1", "1/0", "1000.1", "-5",
            "2.5", " 3", "3 ", "0x10", "1_0", "nan", "inf")  # fmt: skip


def _seed(name: str) -> Seed:
    def write(folder: Path) -> None:
        from .pictures import encoded

        write_film(folder / "film.mkv", KINDS["mkv"])
        shutil.copy(tiny_weights(folder.parents[1]), folder / "tiny.safetensors")
        for inner in ("scans", "films"):
            (folder / inner).mkdir()
        for number in range(3):
            (folder / "scans" / f"{number}.png").write_bytes(encoded("png", "rgb24", {}, number))
        shutil.copy(folder / "film.mkv", folder / "films")
        (folder / "arguments.json").write_text(json.dumps(COMMANDS[name]))

    return write


def _harm(rng: Random, tree: Tree) -> None:
    entry = tree["arguments.json"]
    assert isinstance(entry, bytes)
    arguments: list[str] = json.loads(entry)
    at = rng.randrange(1, len(arguments))
    match rng.randrange(7):
        case 0:
            del arguments[at]
        case 1:
            arguments.insert(at, arguments[rng.randrange(1, len(arguments))])
        case 2:
            arguments[at] = strange_text(rng).replace("\0", "0")
        case 3:
            arguments[at] += rng.choice(
                (" ", "x", "/", "\udce9", "%d", "%099999999d", "#" * 300, "." * 250, ":", "\n")
            )
        case 4:
            arguments.append(
                rng.choice(
                    ("--strict", "--deinterlace", "--compat=authors", "--verbose", "--help", "--version")
                )
            )
        case _:
            arguments[at] = rng.choice(_NUMBERS)
    tree["arguments.json"] = json.dumps(arguments).encode()


def run_command(tree: Path, trial: Trial) -> str:
    """Run a command; it must not end as a defect of ours."""
    from remaster_gui.base.paths import log_file
    from remaster_gui.cli import main

    status = main(json.loads((tree / "arguments.json").read_text()))
    if status not in (0, 2):
        raise AssertionError(f"status {status}: {_told(log_file())}")
    return "taken" if status == 0 else "refused"


def _told(log: Path) -> str:
    """Return the last traceback of the log, its end first."""
    lines = log.read_text(errors="replace").splitlines() if log.is_file() else []
    return "\n".join(lines[-1:] + lines[-40:])


ARGUMENTS = Target("arguments", {name: _seed(name) for name in COMMANDS}, run_command, harm=_harm, share=2, slow=True,
                   poor=frozenset({"train"}))  # fmt: skip
