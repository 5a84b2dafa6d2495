"""Keys and the focus: nothing is typed into a field that nobody has chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from remaster_gui.ui.keys import KeyFilter


@pytest.mark.parametrize("goes", [QWidget.hide, lambda field: field.setEnabled(False)])
def test_the_focus_of_a_field_that_goes_falls_to_no_other_field(
    qtbot: Any, goes: Callable[[QWidget], None]
) -> None:
    window, home, field, other = QWidget(), QWidget(), QLineEdit(), QLineEdit()
    home.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    column = QVBoxLayout(window)
    for each in (home, field, other):
        column.addWidget(each)
    qtbot.addWidget(window)
    KeyFilter(window, home)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    goes(field)
    qtbot.waitUntil(home.hasFocus)
    field.setEnabled(True)
    field.show()
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    qtbot.waitUntil(other.hasFocus)
