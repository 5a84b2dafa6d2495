"""A field for a path."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from remaster_gui.ui.widgets.file_field import FileField


def test_a_path_is_told_at_every_letter_whatever_stands_there(qtbot: QtBot) -> None:
    field = FileField(lambda path: None)
    qtbot.addWidget(field)
    told: list[Path] = []
    field.path_changed.connect(told.append)
    QTest.keyClicks(field.edit, "~nobody-there/a")
    assert told[0] == Path.home() and told[-1] == Path("~nobody-there/a") and len(told) == 15
