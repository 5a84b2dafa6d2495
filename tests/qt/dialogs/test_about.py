from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from remaster_gui.ui.dialogs.about import AboutDialog
from remaster_gui.ui.dialogs.file_dialogs import FILM_SUFFIXES, name_filter

LEFT = Qt.MouseButton.LeftButton


def test_about_hands_facts_to_the_clipboard(qtbot: Any) -> None:
    dialog = AboutDialog((("Device", "CPU, 2 cores"),))
    qtbot.addWidget(dialog)
    dialog.show()
    QTest.mouseClick(dialog.copy, LEFT)
    text = QGuiApplication.clipboard().text()
    assert text.startswith("Version: ") and "Device: CPU, 2 cores" in text
    with qtbot.waitSignal(dialog.logs_requested):
        QTest.mouseClick(dialog.logs, LEFT)
    for label in dialog.findChildren(QLabel):
        if label.wordWrap():
            assert label.height() >= label.heightForWidth(label.width())


def test_filters_find_suffixes_in_capitals() -> None:
    text = name_filter("Films", FILM_SUFFIXES)
    assert text.startswith("Films (") and "*.mkv " in text and "*.MKV " in text
