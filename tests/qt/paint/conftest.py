from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from remaster_gui.painting.color_values import Lab, pick
from remaster_gui.painting.raster import Box, PixelDelta, Raster
from remaster_gui.ui.paint.tool_settings import ToolSettings
from remaster_gui.ui.paint.work import PaintWork
from remaster_gui.ui.qimage import to_array, to_qimage
from remaster_gui.ui.viewer.canvas import Canvas
from remaster_gui.workers.background_tasks import BackgroundTasks

LEFT = Qt.MouseButton.LeftButton


@dataclass
class Target:
    """A raster on a canvas, with a list for a document."""

    raster: Raster | None
    canvas: Canvas
    blocked_reason: str = ""
    commits: list[tuple[PixelDelta, str]] = field(default_factory=list)
    joined: list[bool] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    def refuse(self, reason: str) -> None:
        self.refusals.append(reason)

    def pixels_changed(self, box: Box, pixels: NDArray[np.uint8] | None = None) -> None:
        assert self.raster is not None
        patch = to_qimage(self.raster.rgb(box) if pixels is None else pixels)
        self.canvas.patch_picture(patch, box.x, box.y)

    def commit(self, delta: PixelDelta, text: str, *, joins: bool = False) -> None:
        self.commits.append((delta, text))
        self.joined.append(joins)

    def pick(self, point: QPointF) -> Lab | None:
        return None if self.raster is None else pick(self.raster, point.x(), point.y())

    def shown(self) -> NDArray[np.uint8]:
        return to_array(self.canvas.picture())


@dataclass
class Stage:
    """All that a tool needs, and hands to move it."""

    canvas: Canvas
    target: Target
    settings: ToolSettings
    work: PaintWork

    @property
    def raster(self) -> Raster:
        assert self.target.raster is not None
        return self.target.raster

    def drag(
        self,
        *places: tuple[float, float],
        keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
        release: bool = True,
    ) -> None:
        """Press at the first place (pixels of the picture), move through all, release at the last."""
        self.mouse(QEvent.Type.MouseButtonPress, places[0], keys)
        for place in places[1:]:
            self.mouse(QEvent.Type.MouseMove, place, keys)
        if release:
            self.mouse(QEvent.Type.MouseButtonRelease, places[-1], keys)

    def mouse(
        self,
        kind: QEvent.Type,
        place: tuple[float, float],
        keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
        held: Qt.MouseButton = LEFT,
    ) -> None:
        at = self.canvas.to_widget(QPointF(*place))
        button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else LEFT
        event = QMouseEvent(kind, at, self.canvas.mapToGlobal(at), button, held, keys)
        QApplication.sendEvent(self.canvas, event)


@pytest.fixture
def stage(qtbot: Any) -> Iterator[Stage]:
    """A frame of 300x200, dark at the left of column 150 and light at its right, at twice its size."""
    rng = np.random.default_rng(0)
    luma = np.full((200, 300), 80.0)
    luma[:, 150:] = 180.0
    raster = Raster.of_frame((luma + rng.normal(0, 2, luma.shape)).astype(np.uint8))
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(620, 420)
    canvas.set_picture(to_qimage(raster.rgb()))
    with qtbot.waitExposed(canvas):
        canvas.show()
    target, settings, tasks = Target(raster, canvas), ToolSettings(), BackgroundTasks()
    settings.change_brush(size=20, hardness=1.0)
    yield Stage(canvas, target, settings, PaintWork(target, settings, tasks))
    tasks.close()


def click(widget: Any, at: QPoint, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press and release the primary button."""
    for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease):
        position = QPointF(at)
        QApplication.sendEvent(
            widget, QMouseEvent(kind, position, widget.mapToGlobal(position), LEFT, LEFT, keys)
        )
