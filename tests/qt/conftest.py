"""Widgets on an offscreen screen, with the editor's own look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from remaster_gui.document.user_settings import UserSettings
from remaster_gui.ui.main_window import MainWindow
from remaster_gui.workers.background_tasks import BackgroundTasks


@pytest.fixture(scope="session")
def film(
    tmp_path_factory: pytest.TempPathFactory,
    two_shots: Callable[..., np.ndarray],
    write_quick_film: Callable[..., Path],
) -> Path:
    """A film of 48 frames of 80x64 with a cut at 24."""
    return write_quick_film(tmp_path_factory.mktemp("film") / "film.mkv", two_shots(48, 64, 80))


@pytest.fixture
def tasks(qapp: QApplication) -> Iterator[BackgroundTasks]:
    """Where dialogs let disks be waited for."""
    tasks = BackgroundTasks()
    yield tasks
    tasks.close()


@pytest.fixture
def open_window(qtbot: Any, tmp_path: Path) -> Iterator[Callable[[], MainWindow]]:
    """Makes windows with the same settings."""
    windows: list[MainWindow] = []

    def make() -> MainWindow:
        window = MainWindow(UserSettings(tmp_path / "settings.json"))
        windows.append(window)
        window.resize(1200, 700)
        with qtbot.waitExposed(window):
            window.show()
        return window

    yield make
    for window in windows:
        # Whatever a test has left undone, nobody is asked.
        window.leaving.leave(discard=True)
        window.deleteLater()
    QApplication.processEvents()
