"""The window never blocks: how long its event loop is held up while a real film is worked on."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .hands import Stall

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 50.0
"""Milliseconds that a round of the event loop should take."""
OFTEN = 0.01
"""Share of the rounds that may take longer where the processors are shared with other programs."""
FAR = 4 * LIMIT
"""Milliseconds that no round may take even there."""


@pytest.fixture
def film(shared: Path, tmp_path: Path) -> Path:
    source = shared / "data" / "vintage" / "a-bomb_blast_effects_part.mp4"
    return Path(shutil.copy(source, tmp_path / "bomb.mp4"))


def test_the_window_never_stalls(film: Path, engine_weights: Path, slowness: Callable[[], float]) -> None:
    """In a process of its own: what a session imports late would have been imported by other tests already.

    Only what the thread of the window computes itself is judged, which other programs do not change; the command
    ``bench --ui`` measures what a user sees.
    """
    slow = slowness()
    command = [sys.executable, "-m", "tests.e2e.watched_session", str(film), str(engine_weights)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    print(ended.stderr)
    found = {name: [Stall(**each) for each in stalls] for name, stalls in json.loads(ended.stdout).items()}
    assert set(found) == {"opening", "scrubbing", "painting", "previewing"}
    slow = max(slow, slowness())
    for name, stalls in found.items():
        late = sum(stall.cpu >= LIMIT * slow for stall in stalls)
        assert late <= OFTEN * len(stalls), f"{name}: {ended.stderr}"
        assert max(stall.cpu for stall in stalls) < FAR * slow, f"{name}: {ended.stderr}"
