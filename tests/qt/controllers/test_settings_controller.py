"""Preferences: shown as they are, kept as they are chosen."""

from __future__ import annotations

from PySide6.QtWidgets import QDialogButtonBox

from remaster_gui.ui.dialogs.preferences_dialog import PreferencesDialog
from remaster_gui.ui.main_window import MainWindow


def test_what_is_chosen_is_kept(window: MainWindow) -> None:
    settings = window.settings
    settings.proxy = "quarter"
    window.preferences.show()
    (dialog,) = window.findChildren(PreferencesDialog)
    assert dialog.preferences().proxy == "quarter"
    dialog.memory.setValue(dialog.memory.maximum())
    dialog.sound.setChecked(False)
    most = dialog.preferences().memory_budget
    dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).click()
    assert (settings.memory_budget, settings.sound, settings.proxy) == (most, False, "quarter")
