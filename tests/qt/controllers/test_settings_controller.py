"""Preferences: shown as they are, kept as they are chosen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QDialogButtonBox

from remaster_gui.engine.farm_address import FarmPlace
from remaster_gui.engine.kept_previews import kept_bytes, previews_folder
from remaster_gui.engine.signing_files import SigningFiles
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
    dialog.farm.setText(" local:2 ")
    dialog.certificates.edit.setText("/keys/chain.pem")
    dialog.signing_key.edit.setText("/keys/own.key")
    most = dialog.preferences().memory_budget
    dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).click()
    assert (settings.memory_budget, settings.sound, settings.proxy) == (most, False, "quarter")
    assert settings.farm == FarmPlace("local:2")
    assert settings.signing == SigningFiles(Path("/keys/chain.pem"), Path("/keys/own.key"))


def test_previews_on_disk_are_counted_and_cleared(qtbot: Any, window: MainWindow) -> None:
    folder = previews_folder()
    folder.mkdir(parents=True)
    (folder / "some.previews").write_bytes(bytes(2_000_000))
    window.preferences.show()
    (dialog,) = window.findChildren(PreferencesDialog)
    qtbot.waitUntil(lambda: dialog.disk_text.text() == "2.0 MB now")
    dialog.clear_disk.click()
    qtbot.waitUntil(lambda: dialog.disk_text.text() == "0 bytes now")
    assert kept_bytes(folder) == 0
    dialog.disk.setCurrentText("8 GB")
    dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).click()
    assert window.settings.preview_disk == 8 * 2**30
