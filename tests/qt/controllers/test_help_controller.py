"""Keys that the user has changed, and what this program says of itself."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QKeySequence

from remaster_gui.base.paths import log_file
from remaster_gui.ui.dialogs.about import AboutDialog
from remaster_gui.ui.main_window import MainWindow
from remaster_gui.ui.panels.fact_list import FactList


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
    told = dict(dialog.findChild(FactList).facts())
    assert told["Log"] == str(log_file()) and told["Device"] == "not loaded yet"
    dialog.reject()
