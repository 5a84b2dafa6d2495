"""The window never blocks: how long its event loop is held up while a real film is worked on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .hands import Stall

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 50.0
"""Milliseconds."""
OFTEN = 0.01
"""Share of the rounds that may be late where the processors are shared."""
FAR = 4 * LIMIT
"""Milliseconds that no round may take even there."""


@pytest.fixture
def film(shared: Path, tmp_path: Path) -> Path:
    source = shared / "data" / "vintage" / "a-bomb_blast_effects_part.mp4"
    return Path(shutil.copy(source, tmp_path / "bomb.mp4"))


def test_the_window_never_stalls(film: Path, engine_weights: Path) -> None:
    """In a process of its own: what a session imports late would have been imported by other tests already."""
    command = [sys.executable, "-m", "tests.e2e.watched_session", str(film), str(engine_weights)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=900)
    assert ended.returncode == 0, ended.stderr
    print(ended.stderr)
    found = {name: [Stall(**each) for each in stalls] for name, stalls in json.loads(ended.stdout).items()}
    assert set(found) == {"opening", "scrubbing", "painting", "previewing"}
    # Beside other tests or programs, what is waited for and why cannot be told apart: rounds may be late now and then.
    is_crowded = "PYTEST_XDIST_WORKER" in os.environ or os.getloadavg()[0] > (os.cpu_count() or 1) + 1
    for name, stalls in found.items():
        times = [stall.ours for stall in stalls]
        late = sum(each >= LIMIT for each in times)
        if is_crowded:
            assert late <= OFTEN * len(times) and max(times) < FAR, f"{name}: {ended.stderr}"
        else:
            assert not late, f"{name}: {ended.stderr}"
