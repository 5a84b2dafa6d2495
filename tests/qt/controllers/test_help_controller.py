"""Keys that the user has changed, and what this program says of itself."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QLabel

from remaster_gui.base.paths import log_file
from remaster_gui.ui.dialogs.about import AboutDialog
from remaster_gui.ui.main_window import MainWindow


def test_changed_keys_work_at_once_and_are_kept(window: MainWindow) -> None:
    before = window.actions_["play"].shortcut()
    window.help.change_keys({"play": "F8"})
    assert window.actions_["play"].shortcut() == window.keys.tap_key == QKeySequence("F8")
    assert window.settings.changed_keys == {"play": "F8"}
    window.help.change_keys({})
    assert window.actions_["play"].shortcut() == window.keys.tap_key == before


def test_it_says_where_the_log_is(qtbot: Any, window: MainWindow) -> None:
    window.help.show_about()
    (dialog,) = window.findChildren(AboutDialog)
    told = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert str(log_file()) in told and "not loaded yet" in told
    dialog.reject()
