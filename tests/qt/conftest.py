"""Widgets on an offscreen screen, with the editor's own look."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import cv2  # noqa: F401  # sets Qt's variables to its own plugins, so it comes before they are taken away
import numpy as np
import pytest

for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
    os.environ.pop(name, None)

from PySide6.QtWidgets import QApplication

from remaster_gui.ui.common.theme import apply_theme


@pytest.fixture(scope="session")
def qapp(qapp: QApplication) -> QApplication:
    apply_theme(qapp)
    return qapp


@pytest.fixture(scope="session")
def film(
    tmp_path_factory: pytest.TempPathFactory,
    two_shots: Callable[..., np.ndarray],
    write_film: Callable[..., Path],
) -> Path:
    """A film of 48 frames with a cut at 24."""
    return write_film(tmp_path_factory.mktemp("film") / "film.mkv", two_shots(48, 64, 80))
