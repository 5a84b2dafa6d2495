"""Pages that scroll: the wheel changes nothing that it passes."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QSlider, QSpinBox, QVBoxLayout, QWidget

from remaster_gui.ui.widgets.scrolling import scrolling


def _takes_wheel(field: QWidget) -> bool:
    """Turn the wheel over a field; what it does not take, its page does."""
    at = QPointF(field.rect().center())
    turned = QWheelEvent(
        at, field.mapToGlobal(at), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(field, turned)
    return turned.isAccepted()


@pytest.mark.parametrize("kind", [QComboBox, QSlider, QSpinBox])
def test_the_wheel_scrolls_the_page_and_changes_only_what_was_chosen(qtbot: Any, kind: type[QWidget]) -> None:
    page = QWidget()
    column = QVBoxLayout(page)
    field = kind()
    if isinstance(field, QComboBox):
        field.addItems([str(number) for number in range(9)])
        field.setCurrentIndex(4)
    elif isinstance(field, QSlider | QSpinBox):
        field.setValue(4)
    column.addWidget(field)
    area = scrolling(page)
    qtbot.addWidget(area)
    area.resize(200, 150)
    with qtbot.waitActive(area):
        area.show()
        area.activateWindow()

    field.clearFocus()

    def value() -> int:
        return field.currentIndex() if isinstance(field, QComboBox) else field.value()  # type: ignore[attr-defined,no-any-return]

    assert not _takes_wheel(field) and value() == 4 and field.focusPolicy() == Qt.FocusPolicy.StrongFocus
    field.setFocus()
    assert _takes_wheel(field) is (value() != 4) is (kind is not QComboBox)
