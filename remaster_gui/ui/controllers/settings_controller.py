"""The user's own settings: the dialog, and how they take effect."""

from __future__ import annotations

from functools import partial
from threading import Event

from PySide6.QtCore import QObject

from remaster_gui.base.language import tr
from remaster_gui.base.system import total_memory
from remaster_gui.document.user_settings import UserSettings
from remaster_gui.engine.kept_previews import clear, kept_bytes, previews_folder
from remaster_gui.ui.actions import Actions
from remaster_gui.ui.controllers.help_controller import HelpController
from remaster_gui.ui.dialogs.preferences_dialog import Preferences, PreferencesDialog
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.workers.background_tasks import BackgroundTasks


class SettingsController(QObject):
    """Shows preferences and keeps them; memory, disk and weights count from the next film that is opened."""

    def __init__(
        self,
        widgets: EditorWidgets,
        actions: Actions,
        help_: HelpController,
        settings: UserSettings,
        tasks: BackgroundTasks,
    ) -> None:
        super().__init__(widgets)
        self._tasks = tasks
        self._widgets, self._actions, self._help, self._settings = widgets, actions, help_, settings

    def show(self) -> None:
        """Show the dialog."""
        settings = self._settings
        present = Preferences(
            settings.memory_budget, settings.proxy, settings.sound, settings.weights, settings.preview_disk,
            settings.farm, settings.signing, settings.language,
        )  # fmt: skip
        dialog = PreferencesDialog(present, total_memory=total_memory(), parent=self._widgets.window)
        dialog.preferences_requested.connect(self._take)
        dialog.keys_requested.connect(self._help.show_shortcuts)
        dialog.clear_requested.connect(partial(self._look_at_disk, dialog, clears=True))
        dialog.finished.connect(dialog.deleteLater)
        self._look_at_disk(dialog, clears=False)
        dialog.open()

    def _take(self, preferences: Preferences) -> None:
        self._settings.memory_budget = preferences.memory_budget
        self._settings.preview_disk = preferences.preview_disk
        self._settings.proxy = preferences.proxy
        self._settings.weights = preferences.weights
        self._settings.farm = preferences.farm
        self._settings.signing = preferences.signing
        self._settings.language = preferences.language
        sound = self._actions["sound"]
        self._settings.sound = preferences.sound
        if sound.isEnabled() and sound.isChecked() != preferences.sound:
            sound.trigger()

    def _look_at_disk(self, dialog: PreferencesDialog, *, clears: bool) -> None:
        """Say how much previews take on the disk, after they are removed if it `clears`."""

        def work(_cancelled: Event) -> int:
            folder = previews_folder()
            if clears:
                clear(folder)
            return kept_bytes(folder)

        task = self._tasks.start(
            work, doing=tr("looking at the previews on the disk"), instead_of="previews on disk"
        )
        task.finished.connect(dialog.set_kept)
