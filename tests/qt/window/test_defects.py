"""What nobody has caught, wherever it is raised, is logged and told on the GUI thread."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable, Iterator
from threading import current_thread, main_thread
from typing import Any

import pytest
from PySide6.QtCore import QObject, QRunnable, Qt, QThread, QThreadPool, QTimer, qWarning
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget

from remaster_gui.ui.defects import Defects

WAIT = 300_000


class Listener(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[str, threading.Thread]] = []

    def hear(self, name: str) -> None:
        self.heard.append((name, current_thread()))


@pytest.fixture
def listener(qapp: object) -> Iterator[Listener]:
    listener, defects = Listener(), Defects()
    defects.found.connect(listener.hear, Qt.ConnectionType.QueuedConnection)
    with defects.watching():
        yield listener


def _raise(*_: object) -> None:
    raise ZeroDivisionError("on purpose")


def _in_a_slot(_bot: Any) -> None:
    QTimer.singleShot(0, _raise)


def _on_a_thread(_bot: Any) -> None:
    thread = threading.Thread(target=_raise)
    thread.start()
    thread.join()


def _on_a_thread_of_qt(_bot: Any) -> None:
    class Thread(QThread):
        def run(self) -> None:
            _raise()

    thread = Thread()
    thread.start()
    assert thread.wait(60_000)


def _in_a_runnable(_bot: Any) -> None:
    class Run(QRunnable):
        def run(self) -> None:
            _raise()

    pool = QThreadPool()
    pool.start(Run())
    assert pool.waitForDone(30_000)


def _while_painting(bot: Any) -> QWidget:
    class Widget(QWidget):
        def paintEvent(self, event: QPaintEvent) -> None:
            _raise()

    widget = Widget()
    bot.addWidget(widget)
    widget.show()
    return widget


def _in_a_finalizer(_bot: Any) -> None:
    class Dying:
        def __del__(self) -> None:
            _raise()

    Dying()
    gc.collect()


@pytest.mark.no_qt_log
@pytest.mark.parametrize(
    "happen",
    [_in_a_slot, _on_a_thread, _on_a_thread_of_qt, _in_a_runnable, _while_painting, _in_a_finalizer],
)
def test_it_is_logged_and_told_on_the_gui_thread(
    qtbot: Any, listener: Listener, caplog: pytest.LogCaptureFixture, happen: Callable[[Any], object]
) -> None:
    with caplog.at_level(logging.ERROR):
        kept = happen(qtbot)
        qtbot.waitUntil(lambda: bool(listener.heard), timeout=WAIT)
    assert listener.heard[0] == ("ZeroDivisionError", main_thread())
    del kept
    assert "on purpose" in caplog.text and "Traceback" in caplog.text


def test_the_same_again_does_not_fill_the_log(
    qtbot: Any, listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        for _ in range(5):
            QTimer.singleShot(0, _raise)
        qtbot.waitUntil(lambda: len(listener.heard) == 5, timeout=WAIT)
    assert caplog.text.count("Traceback") == 1 and caplog.text.count("once more") == 4


@pytest.mark.no_qt_log
def test_what_qt_says_is_logged(listener: Listener, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        qWarning("a pen without a painter")
    assert "a pen without a painter" in caplog.text
    assert listener.heard == []
