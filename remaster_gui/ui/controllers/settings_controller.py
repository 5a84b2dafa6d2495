"""The user's own settings: the dialog, and how they take effect."""

from __future__ import annotations

from PySide6.QtCore import QObject

from remaster_gui.base.system import total_memory
from remaster_gui.document.user_settings import UserSettings
from remaster_gui.ui.actions import Actions
from remaster_gui.ui.controllers.help_controller import HelpController
from remaster_gui.ui.dialogs.preferences_dialog import Preferences, PreferencesDialog
from remaster_gui.ui.editor_widgets import EditorWidgets


class SettingsController(QObject):
    """Shows preferences and keeps them; memory and weights count from the next film that is opened."""

    def __init__(
        self, widgets: EditorWidgets, actions: Actions, help_: HelpController, settings: UserSettings
    ) -> None:
        super().__init__(widgets)
        self._widgets, self._actions, self._help, self._settings = widgets, actions, help_, settings

    def show(self) -> None:
        """Show the dialog."""
        settings = self._settings
        present = Preferences(settings.memory_budget, settings.proxy, settings.sound, settings.weights)
        dialog = PreferencesDialog(present, total_memory=total_memory(), parent=self._widgets.window)
        dialog.preferences_requested.connect(self._take)
        dialog.keys_requested.connect(self._help.show_shortcuts)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _take(self, preferences: Preferences) -> None:
        self._settings.memory_budget = preferences.memory_budget
        self._settings.proxy = preferences.proxy
        self._settings.weights = preferences.weights
        sound = self._actions["sound"]
        self._settings.sound = preferences.sound
        if sound.isEnabled() and sound.isChecked() != preferences.sound:
            sound.trigger()
