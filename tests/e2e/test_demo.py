"""The demo from the command line, shortened and small, with a tiny network."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from remaster_gui import demo
from remaster_gui.cli import main
from remaster_gui.media import open_film

FRAMES = 3


@pytest.fixture(autouse=True)
def short_film(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    full = demo.clean_frames
    monkeypatch.setattr(demo, "clean_frames", lambda: islice(full(), FRAMES))
    monkeypatch.setattr(demo, "REFERENCE_FRAMES", (0,))
    monkeypatch.setattr(demo, "WIDTH", 160)
    monkeypatch.setattr(demo, "HEIGHT", 120)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def test_the_demo_is_made_remastered_and_kept(
    tmp_path: Path, weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--headless", "--weights", str(weights)]) == 0
    result = next((tmp_path / "data").rglob("remastered.mp4"))
    assert str(result) in capsys.readouterr().out
    with open_film(result) as film:
        assert (film.info.frame_count, film.info.width, film.info.height) == (FRAMES, demo.WIDTH, demo.HEIGHT)
        assert film.info.has_audio
    made = result.stat().st_mtime_ns

    assert main(["demo", "--headless", "--weights", str(weights)]) == 0
    assert str(result) in capsys.readouterr().out
    assert result.stat().st_mtime_ns == made

    assert main(["demo", "--headless", "--weights", str(weights), "--again"]) == 0
    assert result.stat().st_mtime_ns != made


def test_without_a_display_it_is_remastered(
    tmp_path: Path, weights: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert main(["demo", "--weights", str(weights)]) == 0
    captured = capsys.readouterr()
    assert "no display" in captured.err
    assert "remastered.mp4" in captured.out


def test_missing_weights_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = tmp_path / "missing.safetensors"
    assert main(["demo", "--headless", "--folder", str(tmp_path / "demo"), "--weights", str(missing)]) == 2
    assert "missing.safetensors" in capsys.readouterr().err
