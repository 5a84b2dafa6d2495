"""The window never blocks: while a real film is worked on, its thread leaves all long work to others."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from remaster_gui.base.timebase import FrameRange
from remaster_gui.media import open_film

from .long_work import LONG_WORK, PACKAGE, LongWorkWatch

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def film(shared: Path, tmp_path: Path) -> Path:
    source = shared / "data" / "vintage" / "a-bomb_blast_effects_part.mp4"
    return Path(shutil.copy(source, tmp_path / "bomb.mp4"))


def test_the_thread_of_the_window_leaves_long_work_to_others(film: Path, full_weights: Path) -> None:
    """In a process of its own: what a session imports late would have been imported by other tests already.

    How long the window is held up depends on the machine and on whoever shares it; ``bench --ui`` measures that. So the
    network may be tiny, as long as it has every part.
    """
    command = [sys.executable, "-m", "tests.e2e.watched_session", str(film), str(full_weights)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["found"] == {"opening": [], "scrubbing": [], "painting": [], "previewing": []}
    # The watch was there: the window's own work went through it.
    assert told["calls"]["ui/viewer/canvas.py"] > 0 and told["calls"]["painting/stroke.py"] > 0


def test_long_work_on_the_thread_of_the_window_would_be_seen(film: Path) -> None:
    watch = LongWorkWatch()
    with watch.over("here"), open_film(film) as opened:
        next(opened.frames(FrameRange(0, 1)))
    assert any(name.startswith("media/opening.py: ") for name in watch.found["here"])
    assert any(name.startswith("media/pixels.py: ") for name in watch.found["here"])


@pytest.mark.parametrize("place", LONG_WORK)
def test_what_is_watched_is_there(place: str) -> None:
    assert (PACKAGE / place).exists()
