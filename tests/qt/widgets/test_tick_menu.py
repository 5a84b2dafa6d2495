"""Menus in which several lines are ticked."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from remaster_gui.ui.widgets.tick_menu import TickMenu


def test_it_stays_open_while_lines_are_ticked(qtbot: Any) -> None:
    menu = TickMenu()
    qtbot.addWidget(menu)
    first, second, third = (menu.addAction(text) for text in ("First", "Second", "Third"))
    for action in (first, second, third):
        action.setCheckable(True)
    third.setEnabled(False)
    menu.popup(QPoint(20, 20))
    qtbot.waitUntil(menu.isVisible)
    for action in (first, second, third):
        qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
    assert [each.isChecked() for each in (first, second, third)] == [True, True, False]
    QTest.mouseRelease(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(first).center())
    assert first.isChecked(), "it was not pressed here"
    menu.setActiveAction(second)
    qtbot.keyClick(menu, Qt.Key.Key_Space)
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    assert menu.isVisible() and not second.isChecked()
    qtbot.keyClick(menu, Qt.Key.Key_Escape)
    assert not menu.isVisible() and first.isChecked()
