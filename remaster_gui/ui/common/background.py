"""Questions that dialogs ask on a thread of their own, so that a slow drive never holds the window."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Thread
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

log = logging.getLogger(__name__)

_POLL_MILLISECONDS = 15


class Background(QObject):
    """Runs one function after the other away from the GUI thread; only the answer to the newest is heard.

    Answers are fetched by polling, so no QObject is ever touched by the other thread, and a dialog may go at any time:
    what still runs then ends unheard.
    """

    answered = Signal(object)
    """What the newest function returned, or the exception that it raised."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._answers: list[Any] = []
        self._timer = QTimer(self, interval=_POLL_MILLISECONDS)
        self._timer.timeout.connect(self._poll)

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return self._timer.isActive()

    def ask(self, function: Callable[[], Any]) -> None:
        """Run `function` on another thread; earlier ones are no longer waited for."""
        answers: list[Any] = []
        self._answers = answers
        Thread(target=_run, args=(function, answers), daemon=True).start()
        self._timer.start()

    def forget(self) -> None:
        """Wait no longer."""
        self._timer.stop()
        self._answers = []

    def _poll(self) -> None:
        if self._answers:
            self._timer.stop()
            self.answered.emit(self._answers.pop())


def _run(function: Callable[[], Any], answers: list[Any]) -> None:
    try:
        answers.append(function())
    except Exception as error:
        log.info("a question in the background failed", exc_info=True)
        answers.append(error)
