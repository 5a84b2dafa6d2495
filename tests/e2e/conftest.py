"""The whole window on an offscreen screen, and a watch over how long its event loop is held up."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QKeySequence, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from remaster_gui.app import forget_qt_of_opencv
from remaster_gui.ui.common.theme import apply_theme
from remaster_gui.ui.controllers.film import OpenFilm
from remaster_gui.ui.main_window import MainWindow
from remaster_gui.ui.timeline.view import HEADER_WIDTH

LEFT = Qt.MouseButton.LeftButton


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

    def make() -> MainWindow:
        window = MainWindow()
        windows.append(window)
        window.resize(1366, 768)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow, timeout=10_000)
        return window

    yield make
    for window in windows:
        window.close()
        window.deleteLater()
    QApplication.processEvents()


@dataclass(frozen=True, slots=True)
class Stall:
    """One time in which the event loop did not come round, in milliseconds.

    `wall` counts all of it; `ours` leaves out the time in which the thread was ready but the machine, busy with other
    programs, gave it no processor; `cpu` counts only what the thread computed.
    """

    wall: float
    ours: float
    cpu: float


class Watch(QObject):
    """Ticks in the event loop and notes how long each round took."""

    def __init__(self) -> None:
        super().__init__()
        self.stalls: list[Stall] = []
        self._timer = QTimer(self, interval=2, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._last = _clocks()

    def start(self) -> None:
        self.stalls.clear()
        self._last = _clocks()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def worst(self) -> Stall:
        return max(self.stalls, key=lambda stall: stall.ours)

    def report(self, name: str) -> str:
        worst = self.worst()
        late = sum(stall.wall > 50 for stall in self.stalls)
        return (
            f"{name}: {len(self.stalls)} rounds, worst {worst.ours:.0f} ms of ours ({worst.cpu:.0f} ms computing), "
            f"wall clock {max(stall.wall for stall in self.stalls):.0f} ms at worst, over 50 ms {late} times"
        )

    def _tick(self) -> None:
        now = _clocks()
        wall, waited, cpu = (1000 * (b - a) for a, b in zip(self._last, now, strict=True))
        self._last = now
        self.stalls.append(Stall(wall, max(0.0, wall - waited), cpu))


def _clocks() -> tuple[float, float, float]:
    """Seconds by the wall clock, waiting for a processor, and computing, of the calling thread."""
    waited = 0.0
    numbers = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
    if numbers.exists():
        waited = int(numbers.read_text().split()[1]) / 1e9
    return time.perf_counter(), waited, time.thread_time()


@pytest.fixture
def watch(qapp: QApplication) -> Iterator[Watch]:
    watch = Watch()
    yield watch
    watch.stop()


class Hand:
    """Works the window as its user does: by keys, mouse and menus."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window, self.qtbot, self.desk = window, qtbot, window.desk

    def film(self) -> OpenFilm:
        """Wait until a film is open with its project, and return it."""
        self.qtbot.waitUntil(lambda: self.window.viewing.film is not None, timeout=20_000)
        film = self.window.viewing.film
        assert film is not None
        return film

    def key(self, *keys: str) -> None:
        """Press keys where the focus is, as ``"Shift+P"`` names them."""
        for key in keys:
            QTest.keySequence(self._focus(), QKeySequence(key))

    def hold(self, held: Qt.Key, key: str) -> None:
        """Press a key while another one is down."""
        QTest.keyPress(self._focus(), held)
        self.key(key)
        QTest.keyRelease(self._focus(), held)

    def type(self, text: str) -> None:
        QTest.keyClicks(self._focus(), text)

    def menu(self, title: str, text: str) -> None:
        """Choose a line of a menu."""
        action = next(a for a in self.window.menuBar().actions() if a.text() == title)
        line = next(a for a in action.menu().actions() if a.text() == text)
        assert line.isEnabled(), f"{title} > {text} cannot be chosen"
        line.trigger()

    def scrub(self, *frames: int) -> None:
        """Drag the playhead over the ruler from the first of `frames` to the last."""
        timeline = self.desk.timeline
        places = [self._on_timeline(frame) for frame in frames]
        QTest.mousePress(timeline, LEFT, pos=places[0])
        for place in places[1:]:
            QTest.mouseMove(timeline, place)
            QApplication.processEvents()
        QTest.mouseRelease(timeline, LEFT, pos=places[-1])

    def drag(
        self, *places: tuple[float, float], modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        """Press the mouse on the picture at the first of `places` (parts of its width and height) and drag it on."""
        canvas = self.desk.canvas
        points = [self._on_picture(*place) for place in places]
        QTest.mousePress(canvas, LEFT, modifiers, points[0])
        for point in points[1:]:
            # QTest.mouseMove knows no buttons; a drag needs one.
            move = QMouseEvent(
                QMouseEvent.Type.MouseMove,
                point,
                canvas.mapToGlobal(point),
                Qt.MouseButton.NoButton,
                LEFT,
                modifiers,
            )
            QApplication.sendEvent(canvas, move)
        QTest.mouseRelease(canvas, LEFT, modifiers, points[-1])

    def wheel(self, widget: QWidget, place: QPoint, notches: int) -> None:
        event = QWheelEvent(
            QPointF(place), QPointF(widget.mapToGlobal(place)), QPoint(), QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(widget, event)

    def _focus(self) -> QWidget:
        return QApplication.focusWidget() or self.window

    def _on_timeline(self, frame: int) -> QPoint:
        timeline = self.desk.timeline
        return QPoint(round(HEADER_WIDTH + timeline.scale.x_of(frame + 0.5)), 8)

    def _on_picture(self, x: float, y: float) -> QPoint:
        canvas = self.desk.canvas
        size = canvas.view.picture
        return canvas.to_widget(QPointF(x * size.width(), y * size.height())).toPoint()


@pytest.fixture
def hand(open_window: Callable[[], MainWindow], qtbot: QtBot) -> Hand:
    return Hand(open_window(), qtbot)
