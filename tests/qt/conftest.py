"""Widgets on an offscreen screen, with the editor's own look."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from remaster_gui.workers.background_tasks import BackgroundTasks

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(scope="session")
def qapp_cls() -> type[QApplication]:
    # What OpenCV says of Qt is taken back before the application is made, as the program does.
    from remaster_gui.app import forget_qt_of_opencv

    forget_qt_of_opencv()
    return QApplication


@pytest.fixture(scope="session")
def qapp(qapp: QApplication) -> QApplication:
    from remaster_gui.ui.style.theme import apply_theme

    apply_theme(qapp)
    return qapp


@pytest.fixture(scope="session")
def film(
    tmp_path_factory: pytest.TempPathFactory,
    two_shots: Callable[..., np.ndarray],
    write_film: Callable[..., Path],
) -> Path:
    """A film of 48 frames of 80x64 with a cut at 24."""
    return write_film(tmp_path_factory.mktemp("film") / "film.mkv", two_shots(48, 64, 80))


@pytest.fixture
def tasks(qapp: QApplication) -> Iterator[BackgroundTasks]:
    """Where dialogs let disks be waited for."""
    tasks = BackgroundTasks()
    yield tasks
    tasks.close()
