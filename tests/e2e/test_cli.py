"""The command line as its user meets it: in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from remaster_gui import __version__
from remaster_gui.cli import COMMANDS, with_command

SCRIPT = Path(sys.executable).with_name("remaster-gui")


def remaster_gui(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([SCRIPT, *arguments], capture_output=True, text=True, timeout=600)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def test_version() -> None:
    run = remaster_gui("--version")
    assert (run.returncode, run.stdout, run.stderr) == (0, f"remaster-gui {__version__}\n", "")


def test_the_package_runs_as_a_module() -> None:
    run = subprocess.run([sys.executable, "-m", "remaster_gui", "--version"], capture_output=True, text=True)
    assert run.stdout == f"remaster-gui {__version__}\n"


INTERRUPTED = """
import importlib.abc, os, runpy, signal, sys

class Interrupts(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "remaster_gui.cli.console":
            os.kill(os.getpid(), signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)  # shells let what they start in the background ignore it
sys.meta_path.insert(0, Interrupts())
sys.argv = ["remaster-gui", "--version"]
runpy.run_module("remaster_gui", run_name="__main__")
"""


def test_ctrl_c_at_the_very_start_ends_without_a_word() -> None:
    run = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True)
    assert (run.returncode, run.stdout, run.stderr) == (-signal.SIGINT, "", "")


def test_help_names_every_command() -> None:
    run = remaster_gui("--help")
    assert run.returncode == 0
    assert all(re.search(rf"^    {name}\s", run.stdout, re.MULTILINE) for name in COMMANDS)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ([], ["edit"]),
        (["film.mp4"], ["edit", "film.mp4"]),
        (["FOLDER", "--verbose"], ["edit", "FOLDER", "--verbose"]),
        (["rendr", "film.mp4"], ["rendr", "film.mp4"]),
        (["render", "film.mp4"], ["render", "film.mp4"]),
        (["--version"], ["--version"]),
    ],
)
def test_a_film_alone_is_edited(given: list[str], meant: list[str], tmp_path: Path) -> None:
    folder = str(tmp_path)
    found = with_command([each.replace("FOLDER", folder) for each in given])
    assert found == [each.replace("FOLDER", folder) for each in meant]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_shows_examples(name: str) -> None:
    run = remaster_gui(name, "--help")
    assert run.returncode == 0
    assert f"remaster-gui {name}" in run.stdout.partition("xample")[2]


@pytest.mark.parametrize("arguments", [("polish",), ("--frobnicate",)])
def test_wrong_usage(arguments: tuple[str, ...]) -> None:
    run = remaster_gui(*arguments)
    assert run.returncode == 2
    assert run.stdout == ""
    assert "remaster-gui: error:" in run.stderr


@pytest.mark.parametrize("arguments", [(), ("edit",)])
def test_the_editor_says_what_it_lacks(arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    run = remaster_gui(*arguments)
    assert run.returncode == 2
    assert run.stdout == ""
    (sentence,) = run.stderr.splitlines()
    assert "no display" in sentence and "remaster-gui render" in sentence


def test_a_reader_that_leaves_early_is_no_fault() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    run = subprocess.run([SCRIPT, "--help"], stdout=writer, stderr=subprocess.PIPE, env=buffered)
    os.close(writer)
    assert run.stderr == b""
