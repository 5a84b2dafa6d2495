"""The whole window on an offscreen screen."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from platformdirs import user_config_path
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from remaster_gui.app import forget_qt_of_opencv
from remaster_gui.engine.shipped_weights import DEFAULT_NAME, weights_folder
from remaster_gui.model import COMPACT, RemasterNetwork, save_network
from remaster_gui.ui.main_window import MainWindow
from remaster_gui.ui.style.theme import apply_theme

from .hands import Hand


@pytest.fixture(scope="session")
def qapp_cls() -> type[QApplication]:
    forget_qt_of_opencv()
    return QApplication


@pytest.fixture(scope="session")
def qapp(qapp: QApplication) -> QApplication:
    apply_theme(qapp)
    return qapp


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
def film(tmp_path: Path, two_shots: Callable[..., np.ndarray], write_film: Callable[..., Path]) -> Path:
    """A film of 48 frames with a cut in the middle."""
    return write_film(tmp_path / "film.mkv", two_shots(48, 96, 128))


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
    write_film: Callable[..., Path],
) -> Hand:
    """A film with a marked frame and the brush in hand."""
    hand.settings.weights = weights
    hand.window.open_path(write_film(tmp_path / "film.mkv", two_shots(24, 96, 128)))
    hand.film()
    hand.shown()
    hand.key("R", "B")
    hand.wait(lambda: not hand.session.painted.blocked_reason)
    return hand


@pytest.fixture(scope="session")
def engine_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights that ship, or else those of a network of the same shape with seeded numbers."""
    shipped = weights_folder() / DEFAULT_NAME
    if shipped.is_file():
        return shipped
    torch.manual_seed(4)
    network = RemasterNetwork(COMPACT)
    for name, tensor in network.named_parameters():
        if name.endswith("gamma"):
            torch.nn.init.constant_(tensor, 0.5)
        elif tensor.ndim == 4:
            torch.nn.init.kaiming_normal_(tensor, nonlinearity="linear")
    path = tmp_path_factory.mktemp("weights") / "seeded.safetensors"
    save_network(network, path, licence="test", metrics={})
    return path
