"""Shared fixtures: where the test material lies."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

# Tests share the cores among processes; threads within tiny networks would only wait for one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder beside the repository with real film and reference numbers; skips where it is absent."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("needs the folder ../shared with real film, which is not part of the repository")
    return folder


@pytest.fixture(scope="session")
def authors_checkpoint(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint with the keys and shapes of the authors' release and seeded numbers."""
    path = tmp_path_factory.mktemp("authors") / "remasternet.pth.tar"
    subprocess.run([sys.executable, shared / "official" / "make_checkpoint.py", path], check=True)
    return path
