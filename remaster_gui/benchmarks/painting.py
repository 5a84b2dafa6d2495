"""How much work painting is: the timings of strokes and spreading that ``remaster-gui bench --ui`` prints."""

from __future__ import annotations

import time
from collections.abc import Iterator

import cv2
import numpy as np
import skimage.data
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from remaster_gui.benchmarks.scrubbing import Timing
from remaster_gui.engine.colorist import Colorist
from remaster_gui.painting.color_values import Lab, pick
from remaster_gui.painting.raster import Box, PixelDelta, Raster
from remaster_gui.ui.paint.tool_settings import ToolSettings
from remaster_gui.ui.paint.tools import StrokeTool
from remaster_gui.ui.paint.work import PaintWork
from remaster_gui.ui.qimage import to_qimage
from remaster_gui.ui.viewer.canvas import Canvas
from remaster_gui.workers.background_tasks import BackgroundTasks

WIDTH, HEIGHT = 2048, 1536
SPREAD_WIDTH, SPREAD_HEIGHT = 1024, 768
_WINDOW = (1366, 600)
_SIZES = (60, 200)
_LEFT = Qt.MouseButton.LeftButton


class _Target:
    """Shows a raster on a canvas, and keeps nothing."""

    blocked_reason = ""

    def __init__(self, raster: Raster, canvas: Canvas) -> None:
        self._raster, self._canvas = raster, canvas
        canvas.set_picture(to_qimage(raster.rgb()))

    @property
    def raster(self) -> Raster:
        return self._raster

    def refuse(self, reason: str) -> None:
        raise AssertionError(reason)

    def pixels_changed(self, box: Box, pixels: NDArray[np.uint8] | None = None) -> None:
        patch = to_qimage(self._raster.rgb(box) if pixels is None else pixels)
        self._canvas.patch_picture(patch, box.x, box.y)

    def commit(self, delta: PixelDelta, text: str, *, joins: bool = False) -> None:
        pass

    def pick(self, point: QPointF) -> Lab | None:
        return pick(self._raster, point.x(), point.y())


def measure_painting(moves: int = 120, spreads: int = 3) -> list[Timing]:
    """Measure strokes on a frame of 2048x1536 and spreading on one of 1024x768; needs a QApplication."""
    timings = []
    for size in _SIZES:
        work, seen = _stroke_times(size, moves)
        timings.append(Timing.of(f"pen move, brush of {size} px", work, "16 ms"))
        timings.append(Timing.of(f"... and drawn ({size} px)", seen, "two screen refreshes"))
    colorist = Colorist.load("cpu")
    spread = [_spread_time(colorist, number) for number in range(spreads)]
    timings.append(Timing.of(f"spread strokes, {SPREAD_WIDTH}x{SPREAD_HEIGHT}", spread, "500 ms"))
    return timings


def film_frame(width: int, height: int) -> NDArray[np.uint8]:
    """Return a frame (height, width) of a film: a photograph in grey, with grain."""
    coffee: NDArray[np.uint8] = skimage.data.coffee()  # type: ignore[no-untyped-call]
    photograph = cv2.cvtColor(coffee, cv2.COLOR_RGB2GRAY)
    seen = photograph[:, : round(photograph.shape[0] * width / height)]
    picture = cv2.resize(seen, (width, height), interpolation=cv2.INTER_CUBIC)
    grain = np.random.default_rng(2).normal(0, 4, (height, width))
    return np.asarray((picture + grain).clip(0, 255), np.uint8)


def _stroke_times(size: int, moves: int) -> tuple[list[float], list[float]]:
    """Return the milliseconds that moves took until they were dealt with, and until they were on the screen."""
    canvas, settings, tasks = Canvas(), ToolSettings(), BackgroundTasks()
    canvas.resize(*_WINDOW)
    canvas.show()
    target = _Target(Raster.of_frame(film_frame(WIDTH, HEIGHT)), canvas)
    settings.change_brush(size=size, flow=0.5)
    canvas.pointer.tool = StrokeTool(canvas, target, settings, PaintWork(target, settings, tasks))
    QApplication.processEvents()
    work, seen = [], []
    places = _places(moves)
    send(canvas, QEvent.Type.MouseButtonPress, next(places))
    for place in places:
        began = time.perf_counter()
        send(canvas, QEvent.Type.MouseMove, place)
        work.append((time.perf_counter() - began) * 1000)
        QApplication.processEvents()
        seen.append((time.perf_counter() - began) * 1000)
    send(canvas, QEvent.Type.MouseButtonRelease, QPointF(WIDTH / 2, HEIGHT / 2))
    tasks.close()
    canvas.close()
    canvas.deleteLater()
    return work, seen


def _places(moves: int) -> Iterator[QPointF]:
    """Yield places 25 pixels of the picture apart, as a brisk hand leaves them, along a curve."""
    angles = np.cumsum(np.full(moves + 1, 25.0) / np.linspace(250, 600, moves + 1))
    for angle, radius in zip(angles, np.linspace(250, 600, moves + 1), strict=True):
        yield QPointF(WIDTH / 2 + radius * np.cos(angle), HEIGHT / 2 + radius * np.sin(angle))


def send(canvas: Canvas, kind: QEvent.Type, place: QPointF) -> None:
    """Let the mouse do something at a place of the picture, with its left button."""
    at = canvas.to_widget(place)
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else _LEFT
    event = QMouseEvent(kind, at, canvas.mapToGlobal(at), button, _LEFT, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(canvas, event)


def _spread_time(colorist: Colorist, number: int) -> float:
    """Return the milliseconds that strokes took to spread; others each time, as what was asked last is kept."""
    raster = Raster.of_frame(film_frame(SPREAD_WIDTH, SPREAD_HEIGHT))
    rng = np.random.default_rng((4, number))
    for _ in range(12):
        x, y = int(rng.integers(0, SPREAD_WIDTH - 80)), int(rng.integers(0, SPREAD_HEIGHT - 12))
        raster.chrominance[y : y + 12, x : x + 80] = rng.integers(90, 170, 2)
        raster.coverage[y : y + 12, x : x + 80] = 255
    began = time.perf_counter()
    colorist.spread(raster)
    return (time.perf_counter() - began) * 1000
