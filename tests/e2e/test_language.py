"""All that the editor shows goes through its language, has room for longer words, and can be read from the right."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_nothing_in_the_editor_is_forgotten_cut_or_in_the_way(film: Path, tmp_path: Path) -> None:
    environment = {name: text for name, text in os.environ.items() if name != "REMASTER_LANGUAGE"}
    run = subprocess.run(
        [sys.executable, "-m", "tests.e2e.language_walk", film, tmp_path],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout.splitlines()[-1])
    assert found.pop("seen") > 500
    assert {name: each for name, each in found.items() if each} == {}
