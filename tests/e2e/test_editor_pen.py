"""Pen, focus and messages: whatever comes while one paints stays out of the way of the hand."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QInputDevice, QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from remaster_gui.ui.widgets.message_bar import Message

from .hands import Hand

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton


def _pen(number: int, kind: QPointingDevice.PointerType) -> QPointingDevice:
    abilities = QInputDevice.Capability.Position | QInputDevice.Capability.Pressure
    return QPointingDevice(f"pen {number}", number, QInputDevice.DeviceType.Stylus, kind, abilities, 1, 3)


PEN = _pen(77, QPointingDevice.PointerType.Pen)
ERASER = _pen(78, QPointingDevice.PointerType.Eraser)


def _stroke(hand: Hand, device: QPointingDevice, button: Qt.MouseButton = LEFT) -> None:
    canvas = hand.widgets.canvas
    for kind, x, held in (
        (QEvent.Type.TabletPress, 0.3, button),
        (QEvent.Type.TabletMove, 0.6, Qt.MouseButton.NoButton),
        (QEvent.Type.TabletRelease, 0.6, button),
    ):
        size = canvas.view.picture
        at = canvas.to_widget(QPointF(x * size.width(), 0.5 * size.height()))
        event = QTabletEvent(
            kind, device, at, QPointF(canvas.mapToGlobal(at)), 0.8, 0.0, 0.0, 0.0, 0.0, 0.0,
            Qt.KeyboardModifier.NoModifier, held, button,
        )  # fmt: skip
        QApplication.sendEvent(canvas, event)


def _done(hand: Hand) -> str:
    return hand.film().document.stack.undoText()


def test_the_two_ends_of_a_pen(painting: Hand) -> None:
    _stroke(painting, PEN)
    assert _done(painting).startswith("Paint on frame ")
    _stroke(painting, ERASER)
    assert _done(painting).startswith("Erase on frame ")
    _stroke(painting, PEN)
    assert _done(painting).startswith("Paint on frame ")


def test_the_middle_button_of_a_pen_pans(painting: Hand) -> None:
    canvas, steps = painting.widgets.canvas, painting.film().document.stack.count()
    before = canvas.view.transform()
    _stroke(painting, PEN, MIDDLE)
    assert canvas.view.transform() != before
    assert painting.film().document.stack.count() == steps


def test_keys_go_to_the_canvas(painting: Hand) -> None:
    canvas, time = painting.widgets.canvas, painting.widgets.transport.time
    assert QApplication.focusWidget() is canvas, "after a film was opened"
    painting.key("=")
    assert QApplication.focusWidget() is time
    _stroke(painting, PEN)
    assert QApplication.focusWidget() is canvas, "after a stroke of a pen"
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Escape):
        painting.key("=")
        QTest.keyClicks(time, "5")
        QTest.keyClick(time, key)
        painting.wait(lambda: QApplication.focusWidget() is canvas)
    assert painting.film().view.playhead == 5
    painting.key("=")
    QTest.keyClicks(time, "nonsense")
    QTest.keyClick(time, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert QApplication.focusWidget() is time, "what is wrong can be put right"
    QTest.keyClick(time, Qt.Key.Key_Escape)
    painting.wait(lambda: QApplication.focusWidget() is canvas)


def test_brushes_grow_and_shrink_by_much(painting: Hand) -> None:
    kit = painting.widgets.tool_settings
    sizes = [kit.brush.size]
    for key in ("Shift+]", "Shift+["):
        painting.key(key)
        sizes.append(kit.brush.size)
    assert sizes[1] > sizes[0] and sizes[2] < sizes[1]


def test_messages_never_move_the_picture(painting: Hand) -> None:
    canvas, messages = painting.widgets.canvas, painting.widgets.messages
    before, place = canvas.size(), canvas.mapTo(painting.window, canvas.rect().topLeft())
    messages.show_message(Message("The export is done. " * 3, "fault"))
    QApplication.processEvents()
    assert messages.isVisible() and 24 <= messages.height() < 100 and messages.width() == canvas.width()
    assert canvas.size() == before
    assert canvas.mapTo(painting.window, canvas.rect().topLeft()) == place
    assert messages.visibleRegion().contains(messages.rect().center()), "it lies above the canvas"
    messages.clear()
    QApplication.processEvents()
    assert canvas.size() == before
