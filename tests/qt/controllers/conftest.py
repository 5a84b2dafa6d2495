"""A film that is open in a window, and hands for its controllers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from remaster_gui.document.user_settings import UserSettings
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow

WAIT = 300_000


@pytest.fixture(scope="module", autouse=True)
def plain_look(qapp: QApplication) -> Iterator[None]:
    """Spare windows the editor's own look: giving each part its style wherever it is put takes half of making one."""
    own = qapp.styleSheet()
    qapp.setStyleSheet("")
    yield
    qapp.setStyleSheet(own)


@pytest.fixture
def window(qtbot: Any, tmp_path: Path) -> Iterator[MainWindow]:
    window = MainWindow(UserSettings(tmp_path / "settings.json"))
    yield window
    # Whatever a test has left undone, nobody is asked.
    window.leaving.leave(discard=True)
    window.deleteLater()
    QApplication.processEvents()


@pytest.fixture
def session(qtbot: Any, window: MainWindow, film: Path, tmp_path: Path) -> FilmSession:
    """A film of 48 frames with a known cut at 24, whose first frame is shown."""
    own = tmp_path / "film.mkv"
    own.write_bytes(film.read_bytes())
    window.open_path(own)
    qtbot.waitUntil(
        lambda: (
            window.session is not None
            and window.session.viewer.shown_frame == 0
            and window.session.film.document.project.cuts is not None
        ),
        timeout=WAIT,
    )
    assert window.session is not None
    return window.session
