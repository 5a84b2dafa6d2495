from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from remaster_gui.ui.interaction import Interaction, Pointer
from remaster_gui.ui.viewer.canvas import Canvas

LEFT = Qt.MouseButton.LeftButton


class Recorder(Interaction):
    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []

    def press(self, pointer: Pointer) -> bool:
        self.calls.append(("press", pointer))
        return True

    def move(self, pointer: Pointer) -> None:
        self.calls.append(("move", pointer))

    def release(self, pointer: Pointer) -> None:
        self.calls.append(("release", pointer))

    def cancel(self) -> None:
        self.calls.append(("cancel", None))

    def names(self) -> list[str]:
        return [name for name, _ in self.calls]


@pytest.fixture
def canvas(qtbot: Any) -> Canvas:
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(420, 320)
    canvas.set_picture_size(QSize(200, 100))
    picture = QImage(200, 100, QImage.Format.Format_RGB32)
    picture.fill(QColor(10, 200, 30))
    canvas.set_picture(picture)
    with qtbot.waitExposed(canvas):
        canvas.show()
    return canvas


def wheel(canvas: Canvas, at: QPointF, notches: int) -> None:
    event = QWheelEvent(
        at,
        canvas.mapToGlobal(at),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


def test_a_fitted_picture_is_seen_whole_and_centred(canvas: Canvas) -> None:
    corners = canvas.transform(0).mapRect(canvas.view.picture_rect())
    assert corners.width() == pytest.approx(400) and corners.height() == pytest.approx(200)
    assert corners.center() == QPointF(210, 160)
    grabbed = canvas.grab().toImage()
    assert grabbed.pixelColor(210, 160) == QColor(10, 200, 30)
    around = grabbed.pixelColor(210, 20)
    assert around.red() == around.green() == around.blue()


def test_the_wheel_zooms_to_the_pointer(canvas: Canvas) -> None:
    at = QPointF(150, 140)
    before = canvas.to_picture(at)
    wheel(canvas, at, 3)
    after = canvas.to_picture(at)
    assert canvas.view.zoom == pytest.approx(2 * 1.2**3)
    assert (after.x(), after.y()) == (pytest.approx(before.x()), pytest.approx(before.y()))


def test_the_middle_button_pans_and_fit_undoes_it(canvas: Canvas) -> None:
    before = canvas.to_picture(QPointF(200, 150))
    QTest.mousePress(canvas, Qt.MouseButton.MiddleButton, pos=QPoint(200, 150))
    QTest.mouseMove(canvas, QPoint(220, 160))
    QTest.mouseRelease(canvas, Qt.MouseButton.MiddleButton, pos=QPoint(220, 160))
    assert canvas.to_picture(QPointF(220, 160)) == before
    canvas.fit()
    assert canvas.to_picture(QPointF(200, 150)) == before


def test_one_hundred_percent_is_one_pixel_on_one_pixel(canvas: Canvas) -> None:
    canvas.zoom_to(1.0)
    corners = canvas.transform(0).mapRect(canvas.view.picture_rect())
    assert corners.width() == pytest.approx(200 / canvas.devicePixelRatioF())


def test_tools_get_gestures_in_picture_pixels(canvas: Canvas) -> None:
    canvas.pointer.tool = tool = Recorder()
    QTest.mousePress(canvas, LEFT, Qt.KeyboardModifier.ControlModifier, QPoint(210, 160))
    QTest.mouseMove(canvas, QPoint(230, 160))
    QTest.mouseRelease(canvas, LEFT, pos=QPoint(230, 160))
    assert tool.names() == ["press", "move", "release"]
    pressed = tool.calls[0][1]
    assert pressed.position == QPointF(100, 50) and pressed.pressure == 1.0
    assert pressed.modifiers == Qt.KeyboardModifier.ControlModifier
    assert tool.calls[2][1].position == QPointF(110, 50)


def test_escape_takes_a_gesture_back(canvas: Canvas) -> None:
    canvas.pointer.tool = tool = Recorder()
    QTest.mousePress(canvas, LEFT, pos=QPoint(210, 160))
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas, LEFT, pos=QPoint(210, 160))
    assert tool.names() == ["press", "cancel"]


def test_grips_come_before_the_tool(canvas: Canvas) -> None:
    grip = Recorder()
    canvas.pointer.tool = tool = Recorder()
    canvas.pointer.add_grip(grip)
    QTest.mouseClick(canvas, LEFT, pos=QPoint(210, 160))
    assert grip.names() == ["press", "release"] and tool.names() == []


def test_armed_panning_keeps_the_tool_out(canvas: Canvas) -> None:
    canvas.pointer.tool = tool = Recorder()
    before = canvas.to_picture(QPointF(200, 150))
    canvas.pointer.arm_panning(True)
    QTest.mousePress(canvas, LEFT, pos=QPoint(200, 150))
    QTest.mouseMove(canvas, QPoint(190, 150))
    QTest.mouseRelease(canvas, LEFT, pos=QPoint(190, 150))
    canvas.pointer.arm_panning(False)
    assert canvas.to_picture(QPointF(190, 150)) == before
    assert tool.names() == []


def test_patches_change_only_their_pixels(canvas: Canvas) -> None:
    patch = QImage(20, 10, QImage.Format.Format_RGB32)
    patch.fill(QColor(250, 0, 0))
    canvas.patch_picture(patch, 100, 50)
    assert canvas.picture().pixelColor(100, 50) == QColor(250, 0, 0)
    assert canvas.picture().pixelColor(99, 50) == QColor(10, 200, 30)


def test_overlays_are_drawn_above_the_picture(canvas: Canvas) -> None:
    class Dot:
        def paint_marks(self, painter: QPainter, canvas: Canvas, pane: int) -> None:
            place = canvas.to_widget(QPointF(100, 50))
            painter.fillRect(int(place.x()) - 2, int(place.y()) - 2, 4, 4, QColor(0, 0, 255))

    canvas.add_overlay(Dot())
    assert canvas.grab().toImage().pixelColor(210, 160) == QColor(0, 0, 255)


def test_two_panes_show_the_same_place(canvas: Canvas) -> None:
    class Plain:
        def paint_pictures(self, painter: QPainter, canvas: Canvas, pane: int) -> None:
            painter.fillRect(canvas.view.picture_rect(), QColor(0, 0, 255) if pane else QColor(255, 0, 0))

    canvas.set_content(Plain(), panes=2)
    grabbed = canvas.grab().toImage()
    assert grabbed.pixelColor(103, 160) == QColor(255, 0, 0) and grabbed.pixelColor(315, 160) == QColor(
        0, 0, 255
    )
    left, right = canvas.to_widget(QPointF(20, 30), 0), canvas.to_widget(QPointF(20, 30), 1)
    assert canvas.to_picture(right).x() == pytest.approx(20) and canvas.to_picture(left).x() == pytest.approx(
        20
    )


def test_an_overlay_can_lie_below_the_others(canvas: Canvas) -> None:
    class Plain:
        def __init__(self, color: QColor) -> None:
            self.color = color

        def paint_marks(self, painter: QPainter, canvas: Canvas, pane: int) -> None:
            painter.fillRect(200, 150, 20, 20, self.color)

    canvas.add_overlay(Plain(QColor(0, 0, 255)))
    canvas.add_overlay(Plain(QColor(255, 0, 0)), below=True)
    assert canvas.grab().toImage().pixelColor(210, 160) == QColor(0, 0, 255)
