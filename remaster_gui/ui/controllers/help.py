"""Help: the shortcut sheet, where keys are changed, and what this program is."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMessageBox

from remaster_gui import __version__
from remaster_gui.document.user_settings import UserSettings
from remaster_gui.ui.common.icons import icon
from remaster_gui.ui.desk import Desk
from remaster_gui.ui.dialogs.shortcuts import ShortcutSheet
from remaster_gui.ui.keys import KeyFilter

_ABOUT = """<b>Remaster {version}</b><br><br>
Restores and colours vintage film from a few references that you paint.<br><br>
After “DeepRemaster: Temporal Source-Reference Attention Networks for Comprehensive Video Enhancement”,
Satoshi Iizuka and Edgar Simo-Serra, ACM Transactions on Graphics (SIGGRAPH Asia), 2019.<br><br>
MIT licence; the weights have licences of their own, which their model cards tell."""


class HelpController(QObject):
    """Shows what can be done and by which keys."""

    def __init__(self, desk: Desk, keys: KeyFilter, settings: UserSettings) -> None:
        super().__init__(desk)
        self._desk, self._keys, self._settings = desk, keys, settings
        desk.actions.connect_to("shortcuts", self.show_shortcuts)
        desk.actions.connect_to("about", self.show_about)
        self._use(settings.changed_keys)

    def show_shortcuts(self) -> None:
        """Show the sheet; changed keys work at once."""
        sheet = ShortcutSheet(self._settings.changed_keys, self._desk.window)
        sheet.keys_changed.connect(self._on_keys_changed)
        sheet.finished.connect(sheet.deleteLater)
        sheet.open()

    def show_about(self) -> None:
        """Say what this program is."""
        box = QMessageBox(self._desk.window)
        box.setWindowTitle("About Remaster")
        box.setIconPixmap(icon("film").pixmap(48, 48))
        box.setText(_ABOUT.format(version=__version__))
        box.finished.connect(box.deleteLater)
        box.open()

    def _on_keys_changed(self, changed: dict[str, str]) -> None:
        self._settings.changed_keys = changed
        self._use(changed)

    def _use(self, changed: dict[str, str]) -> None:
        actions = self._desk.actions
        actions.set_keys(changed)
        # These two do more than trigger: one is held while others are pressed, the other is tapped or held to pan.
        self._keys.hold_key = actions["shuttle_stop"].shortcut() or QKeySequence()
        self._keys.tap_key = actions["play"].shortcut() or QKeySequence()
