"""Help: the shortcut sheet, where keys are changed, and what this program is."""

from __future__ import annotations

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices, QKeySequence

from remaster_gui.base.language import tr
from remaster_gui.base.paths import log_file
from remaster_gui.document.user_settings import UserSettings
from remaster_gui.ui.actions import Actions
from remaster_gui.ui.dialogs.about import AboutDialog
from remaster_gui.ui.dialogs.shortcuts import ShortcutSheet
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.keys import KeyFilter
from remaster_gui.workers.network_slot import NetworkSlot


class HelpController(QObject):
    """Shows what can be done and by which keys."""

    def __init__(
        self,
        widgets: EditorWidgets,
        actions: Actions,
        keys: KeyFilter,
        network: NetworkSlot,
        settings: UserSettings,
    ) -> None:
        super().__init__(widgets)
        self._widgets, self._actions, self._keys = widgets, actions, keys
        self._network, self._settings = network, settings
        self._use(settings.changed_keys)

    def show_shortcuts(self) -> None:
        """Show the sheet; changed keys work at once."""
        sheet = ShortcutSheet(self._settings.changed_keys, self._widgets.window)
        sheet.keys_changed.connect(self.change_keys)
        sheet.finished.connect(sheet.deleteLater)
        sheet.open()

    def show_about(self) -> None:
        """Say what this program is, and what it works with."""
        facts = self._network.facts
        used = (
            (tr("not loaded yet"), "")
            if facts is None
            else (facts.device, f"{facts.weights} ({facts.digest[:16]})")
        )
        details = ((tr("Device"), used[0]), (tr("Weights"), used[1] or used[0]), (tr("Log"), str(log_file())))
        dialog = AboutDialog(details, self._widgets.window)
        dialog.logs_requested.connect(_show_log)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def change_keys(self, changed: dict[str, str]) -> None:
        """Let actions have other keys from now on; those that are not named have their own."""
        self._settings.changed_keys = changed
        self._use(changed)

    def _use(self, changed: dict[str, str]) -> None:
        actions = self._actions
        actions.set_keys(changed)
        # These two do more than trigger: one is held while others are pressed, the other is tapped or held to pan.
        self._keys.hold_key = actions["shuttle_stop"].shortcut() or QKeySequence()
        self._keys.tap_key = actions["play"].shortcut() or QKeySequence()


def _show_log() -> None:
    """Open the folder of the log in the system's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(log_file().parent)))
