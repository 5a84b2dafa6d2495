"""The whole window on an offscreen screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from platformdirs import user_config_path
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from remaster_gui.ui.main_window import MainWindow

from .hands import Hand


@pytest.fixture
def open_window(qtbot: QtBot) -> Iterator[Callable[[], MainWindow]]:
    """Make windows of the size of a small laptop's screen; all are closed at the end."""
    windows: list[MainWindow] = []
    (user_config_path("remaster-gui", appauthor=False) / "settings.json").unlink(missing_ok=True)

    def make() -> MainWindow:
        window = MainWindow()
        windows.append(window)
        window.resize(1366, 768)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow, timeout=300_000)
        return window

    yield make
    for window in windows:
        window.leaving.leave(discard=True)
        window.deleteLater()
    QApplication.processEvents()


@pytest.fixture
def hand(open_window: Callable[[], MainWindow], qtbot: QtBot) -> Hand:
    return Hand(open_window(), qtbot)


@pytest.fixture
def film(tmp_path: Path, two_shots: Callable[..., np.ndarray], write_quick_film: Callable[..., Path]) -> Path:
    """A film of 48 frames with a cut in the middle."""
    return write_quick_film(tmp_path / "film.mkv", two_shots(48, 96, 128))


@pytest.fixture
def project(hand: Hand, film: Path, weights: Path) -> Path:
    """The film's project with one painted reference, open and saved."""
    hand.settings.weights, hand.settings.proxy = weights, "quarter"
    return hand.paint_on_first_frame(film).document.path


@pytest.fixture
def painting(
    hand: Hand,
    tmp_path: Path,
    weights: Path,
    two_shots: Callable[..., np.ndarray],
    write_quick_film: Callable[..., Path],
) -> Hand:
    """A film with a marked frame and the brush in hand."""
    hand.settings.weights = weights
    hand.window.open_path(write_quick_film(tmp_path / "film.mkv", two_shots(24, 96, 128)))
    hand.film()
    hand.shown()
    hand.key("R", "B")
    hand.wait(lambda: not hand.session.painted.blocked_reason)
    return hand
