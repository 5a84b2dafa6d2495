"""Menus whose lines are chosen by letters."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from remaster_gui.ui.mnemonics import plain, with_letters


def give_letters(menu: QMenu) -> None:
    """Give each line of a menu, and of the menus in it, a letter that no other line of the same menu has."""
    lines = [line for line in menu.actions() if not line.isSeparator()]
    for line, text in zip(lines, with_letters([plain(line.text()) for line in lines]), strict=True):
        line.setText(text)
    for below in menu.findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly):
        give_letters(below)
