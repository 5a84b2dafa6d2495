"""A session in a process of its own, as the user's is: nothing is imported before the window needs it.

Run as ``python -m tests.e2e.watched_session FILM WEIGHTS``; prints the long work that the window's thread did, as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QTimer

from remaster_gui.app import make_application, show_window
from remaster_gui.workers.worker import wait_for_left_behind

from .hands import Hand
from .long_work import LongWorkWatch


class _Clock:
    """Waits as `qtbot` does."""

    TimeoutError = TimeoutError

    def waitUntil(self, callback: Callable[[], bool], *, timeout: int = 5000) -> None:
        until = time.monotonic() + timeout / 1000
        while not callback():
            if time.monotonic() > until:
                raise TimeoutError
            pause(10)


def pause(milliseconds: int) -> None:
    """Let the window live for a while, as it does without a test: `QTest.qWait` keeps Python to itself as it sleeps."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def main(film: Path, weights: Path) -> None:
    """Open, scrub, paint and preview."""
    assert "torch" not in sys.modules
    application = make_application()
    window = show_window(application)
    window.resize(1366, 768)
    window.activateWindow()
    hand, watch = Hand(window, _Clock()), LongWorkWatch()
    hand.settings.weights, hand.settings.proxy = weights, "quarter"
    pause(300)
    work(hand, watch, film)
    print(json.dumps({"found": watch.found, "calls": watch.calls}))
    window.close()
    application.quit()
    # As the editor does at its end: Python cannot be ended under a preview that is still at its last window.
    assert wait_for_left_behind(600)


def work(hand: Hand, watch: LongWorkWatch, film: Path) -> None:
    """Do what a colourist does, with the watch over each part."""
    with watch.over("opening"):
        hand.window.open_path(film)
        hand.wait(lambda: hand.film().document.project.cuts is not None)
    with watch.over("scrubbing"):
        for start in (300, 200, 100, 5):
            hand.scrub(*range(start, start + 55, 2))
        hand.key("Space")
        pause(1000)
        hand.key("Space")
    hand.key("Home", "R", "B")
    hand.wait(lambda: not hand.session.painted.blocked_reason)
    with watch.over("painting"):
        for y in (0.3, 0.5, 0.7):
            hand.drag(*((0.1 + 0.02 * step, y) for step in range(40)), live=True)
        hand.key("Ctrl+Z", "Ctrl+Shift+Z", "S")
        hand.wait(lambda: hand.film().document.stack.undoText().startswith("Spread strokes on frame "))
    hand.key("V")
    with watch.over("previewing"):
        hand.key("P")
        hand.wait(lambda: hand.widgets.compare.has_result, 300)
        hand.scrub(*range(0, 60, 2))
        hand.key("W", "A")
        hand.wait(lambda: hand.widgets.overlay.has_map)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
