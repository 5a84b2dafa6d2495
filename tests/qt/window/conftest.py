"""Whole windows, and a film of which they make the project."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from remaster_gui.ui.main_window import MainWindow


@pytest.fixture
def window(open_window: Callable[[], MainWindow]) -> MainWindow:
    return open_window()


@pytest.fixture
def own_film(film: Path, tmp_path: Path) -> Path:
    """A copy of the film in a folder of its own, where its project is made."""
    path = tmp_path / "film.mkv"
    path.write_bytes(film.read_bytes())
    return path
