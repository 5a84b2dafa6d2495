"""Importing the program runs nothing else: no other program, whatever lies on the PATH."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np

IMPORT_ALL = """
import importlib, pkgutil, sys

RUNNING = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "pty.spawn"}

def refuse(event, arguments):
    if event in RUNNING:
        print(event, arguments, flush=True)

sys.addaudithook(refuse)
import remaster_gui
for module in pkgutil.walk_packages(remaster_gui.__path__, "remaster_gui."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""

FIND_CUTS = """
import sys
from pathlib import Path
from threading import Event
from remaster_gui.media import find_shots, open_film

with open_film(Path(sys.argv[1])) as film:
    assert [step.done for step in find_shots(film, Event())]
"""


def _run(code: str, *arguments: str | Path, path: Path) -> str:
    environment = os.environ | {
        "PATH": f"{path}{os.pathsep}{os.environ.get('PATH', '')}",
        "QT_QPA_PLATFORM": "offscreen",
    }
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], env=environment, check=True, capture_output=True, text=True
    ).stdout


def test_no_program_is_run(tmp_path: Path) -> None:
    trace = tmp_path / "was-run"
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("ffmpeg", "ffprobe", "mkvmerge", "git", "nvidia-smi", "uname", "gcc", "cc", "ldconfig"):
        (programs / name).write_text(f"#!/bin/sh\necho {name} >> '{trace}'\n")
        (programs / name).chmod(0o755)
    assert _run(IMPORT_ALL, path=programs) == ""
    film = tmp_path / "film"
    film.mkdir()
    for number in range(12):
        cv2.imwrite(str(film / f"{number:04d}.png"), np.full((24, 32), 20 if number < 6 else 220, np.uint8))
    assert _run(FIND_CUTS, film, path=programs) == ""
    assert not trace.exists()
