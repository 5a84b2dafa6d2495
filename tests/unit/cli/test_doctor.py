"""``remaster-gui doctor`` looks at everything and never fails, whatever is missing."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from remaster_gui.cli import main
from remaster_gui.engine import shared_prior
from remaster_gui.evaluation import checkup
from remaster_gui.model import PAPER
from remaster_gui.model.carrying import CarriedColor

PARTS = {
    "Remaster",
    "system",
    "libraries",
    "driver",
    "processor memory",
    "precision",
    "weights",
    "authors' weights",
    "codecs",
    "display",
    "sound",
    "disk of the cache",
    "disk of films",
}


def _findings(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, dict[str, Any]]:
    assert main(["doctor", "--json", *map(str, arguments)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert all(set(f) == {"part", "verdict", "text", "value"} for f in found)
    assert all(f["verdict"] in ("good", "note", "missing") and "\n" not in f["text"] for f in found)
    return {finding["part"]: finding for finding in found}


def test_every_part_is_looked_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = _findings(capsys, tmp_path, "--device", "cpu", "--quick")
    assert set(found) == PARTS | {"device"}
    assert found["precision"]["text"] == "float32"
    assert "as shipped" in found["weights"]["text"]
    assert found["disk of films"]["value"] > 0 and str(tmp_path) in found["disk of films"]["text"]
    assert torch.__version__ in found["libraries"]["text"]


def test_networks_are_tried(
    full_weights: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The paper's in small here: `test_parity` computes all of it."""
    thin = PAPER.changed(["restoration.width=0.06", "colorization.width=0.06"])
    monkeypatch.setattr(checkup, "PAPER", thin)
    found = _findings(capsys, "--device", "cpu", "--weights", full_weights)
    assert found["compact time"]["value"] > 0 and found["paper time"]["value"] > 0
    assert found["weights"]["verdict"] == "note" and found["colour prior"]["verdict"] == "note"


def test_what_ships_is_tried_as_films_are_rendered(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the colour prior, and once more without it; how long either takes is not what is tried here."""
    tried: dict[str, bool] = {}

    def tried_network(name: str, make: checkup.Make, device: torch.device) -> checkup.Findings:
        path = make(device).colorization.color_path
        tried[name] = isinstance(path, CarriedColor) and path.filling is not None
        yield checkup.Finding(f"{name} time", "good", "")

    monkeypatch.setattr(checkup, "try_network", tried_network)
    found = _findings(capsys, "--device", "cpu")
    assert found["colour prior"]["verdict"] == "good"
    assert tried == {"compact": True, "compact without prior": False, "paper": False}


def test_a_prior_that_is_missing_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checkup, "try_network", lambda *_: iter(()))
    monkeypatch.setattr(shared_prior, "PRIOR_NAME", "no-prior.safetensors")
    prior = _findings(capsys, "--device", "cpu")["colour prior"]
    assert prior["verdict"] == "missing" and "no-prior" in prior["text"]


@pytest.mark.cuda
def test_the_gpu_agrees_with_the_processor(cuda: torch.device, capsys: pytest.CaptureFixture[str]) -> None:
    found = _findings(capsys, "--device", cuda)
    for name in ("compact", "compact without prior", "paper"):
        assert found[f"{name} agreement"]["verdict"] == "good"
        assert found[f"{name} agreement"]["value"] >= 40


def test_what_is_missing_is_told_and_nothing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "no-python"))
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    found = _findings(
        capsys,
        tmp_path / "no" / "film.mov",
        "--device",
        "toaster",
        "--weights",
        tmp_path / "no.safetensors",
        "--quick",
    )
    missing = {part for part, finding in found.items() if finding["verdict"] == "missing"}
    assert {"device", "weights", "display", "sound"} <= missing
    assert str(tmp_path) in found["disk of films"]["text"]


def test_a_table_is_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--quick", "--device", "cpu", str(tmp_path)]) == 0
    table = capsys.readouterr().out
    assert all(part in table for part in ("device", "precision", "codecs", "disk of films"))


def test_a_library_that_cannot_be_used_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "PySide6.py").write_text("raise OSError('libEGL.so.1 is missing')")
    monkeypatch.delitem(sys.modules, "PySide6", raising=False)
    monkeypatch.setattr("sys.path", [str(tmp_path), *sys.path])
    found = _findings(capsys, "--quick")
    assert found["libraries"]["verdict"] == "missing" and "PySide6" in found["libraries"]["text"]
