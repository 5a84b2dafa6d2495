"""How soon the editor shows a remastered frame, and how long its window is held up meanwhile: for ``bench --ui``."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer

from remaster_gui.benchmarks.memory import (
    GROUP,
    editor_window,
    wait_until,
    write_long_film,
    write_project,
)
from remaster_gui.benchmarks.scrubbing import Timing
from remaster_gui.document.user_settings import UserSettings
from remaster_gui.ui.main_window import MainWindow

REFERENCES = 4
_GROUPS = 4
_ROUND_LIMIT = "50 ms"


def measure_previewing(weights: Path | None = None, others: int = 2) -> list[Timing]:
    """Measure on a film of 768x576 with four references, with these weights (None: those that ship).

    The first preview loads network and references; `others` more are of frames elsewhere. Needs a QApplication.
    """
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder) / "film.mp4"
        write_long_film(film, _GROUPS * GROUP)
        project = write_project(film, REFERENCES, weights)
        with editor_window(UserSettings(Path(folder) / "settings.json")) as window:
            if weights is not None:
                window.network.allow(weights)
            window.open_path(project)
            wait_until(lambda: window.session is not None and window.session.viewer.shown_frame == 0)
            rounds = Rounds(window)
            times = [_first_result(window, (number * _step(others)) + 1) for number in range(others + 1)]
            rounds.stop()
    return [
        Timing.of("first preview of a session", times[:1], "in seconds"),
        Timing.of("preview of a frame elsewhere", times[1:], "in seconds"),
        Timing.of("round of the window meanwhile", rounds.times, _ROUND_LIMIT),
    ]


def _step(others: int) -> int:
    return _GROUPS * GROUP // (others + 1)


def _first_result(window: MainWindow, frame: int) -> float:
    """Return the milliseconds until `frame` is shown remastered, at first as a draft."""
    assert window.session is not None
    view, preview, viewer = window.session.film.view, window.session.preview, window.session.viewer
    preview.stop()
    wait_until(lambda: not preview.is_running)
    view.go(frame)
    wait_until(lambda: viewer.shown_frame == frame)
    began = time.perf_counter()
    preview.start("around")
    wait_until(lambda: preview.result(frame) is not None and window.widgets.compare.has_result)
    return 1000 * (time.perf_counter() - began)


class Rounds(QObject):
    """Notes how long each round of the event loop takes, in milliseconds by the wall clock."""

    def __init__(self, parent: QObject) -> None:
        """Begin."""
        super().__init__(parent)
        self.times: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer(self, interval=2, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._timer.start()

    def stop(self) -> None:
        """Note no more."""
        self._timer.stop()

    def _on_timer_timeout(self) -> None:
        now = time.perf_counter()
        self.times.append(1000 * (now - self._last))
        self._last = now
