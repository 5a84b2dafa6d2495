"""What only POSIX has is called in one module, and where it is absent all goes on."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from .foreign_system import MODULES, NAMES

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "remaster_gui"
SYSTEM = PACKAGE / "base" / "system.py"


def _posix_only(path: Path) -> set[str]:
    """Return what a module names that is not on every system."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & set(MODULES)
        elif isinstance(node, ast.ImportFrom):
            found |= {str(node.module)} & set(MODULES)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os":
            found |= {node.attr} & set(NAMES)
    return found


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_one_module_knows_what_only_posix_has(path: Path) -> None:
    assert path == SYSTEM or _posix_only(path) == set()


def test_that_module_knows_some_of_it() -> None:
    assert _posix_only(SYSTEM) >= {"resource", "geteuid", "setpriority", "fchmod"}


@pytest.mark.skipif(
    not Path("/proc/self/fd").exists(), reason="needs a system that says which files are open"
)
def test_all_goes_on_under_the_rules_of_windows(
    tmp_path: Path, weights: Path, two_shots: Callable[..., np.ndarray], write_film: Callable[..., Path]
) -> None:
    film = write_film(tmp_path / "film.mkv", two_shots(6, 64, 80))
    folder = tmp_path / "work"
    folder.mkdir()
    run = subprocess.run(
        [sys.executable, "-m", "tests.foreign_system", folder, film, weights],
        cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    left = run.stdout.splitlines()[-12:]
    assert [name for name in left if not name.startswith(("cache/", "pictures/"))] == [
        "film.remaster", "out.mkv", "out.mkv.report.json", "pictures.report.json", "settings.json",
    ]  # fmt: skip
    assert sum(name.startswith("pictures/") for name in left) == 6
    (cached,) = (name for name in left if name.startswith("cache/"))
    assert cached.endswith(".npy")
