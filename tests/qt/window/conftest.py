"""Whole windows, and a film of which they make the project."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from remaster_gui.document.user_settings import UserSettings
from remaster_gui.ui.main_window import MainWindow


@pytest.fixture
def open_window(qtbot: Any, tmp_path: Path) -> Iterator[Callable[[], MainWindow]]:
    """Makes windows with the same settings."""
    windows: list[MainWindow] = []

    def make() -> MainWindow:
        window = MainWindow(UserSettings(tmp_path / "settings.json"))
        windows.append(window)
        window.resize(1200, 700)
        window.show()
        qtbot.waitExposed(window)
        return window

    yield make
    for window in windows:
        window.close()
        window.deleteLater()
    QApplication.processEvents()


@pytest.fixture
def window(open_window: Callable[[], MainWindow]) -> MainWindow:
    return open_window()


@pytest.fixture
def own_film(film: Path, tmp_path: Path) -> Path:
    """A copy of the film in a folder of its own, where its project is made."""
    path = tmp_path / "film.mkv"
    path.write_bytes(film.read_bytes())
    return path
