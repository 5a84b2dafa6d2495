"""Weights that a project names: the user is asked once before a file that came from elsewhere is loaded."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from threading import Event

from PySide6.QtCore import QObject

from remaster_gui.base.language import tr
from remaster_gui.document.user_settings import UserSettings
from remaster_gui.project.schema import Project
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.widgets.message_bar import Button, Message
from remaster_gui.workers.background_tasks import BackgroundTasks
from remaster_gui.workers.network_slot import NetworkSlot, hash_weights, unknown_weights

_ALLOW = "allow weights"


class TrustController(Controller):
    """Allows the network slot what the user has chosen, now or before; weights are known again by their content."""

    def __init__(
        self,
        session: QObject,
        film: OpenFilm,
        widgets: EditorWidgets,
        network: NetworkSlot,
        tasks: BackgroundTasks,
        settings: UserSettings,
    ) -> None:
        """Look at the weights that the project names."""
        super().__init__(session, film, widgets)
        self._network, self._tasks, self._settings = network, tasks, settings
        # What the user has named for new projects needs no question.
        if settings.weights is not None:
            network.allow(settings.weights)
        film.document.project_changed.connect(self._on_project_changed)
        self._on_project_changed(None, film.document.project)

    def _on_project_changed(self, before: Project | None, after: Project) -> None:
        weights = after.settings.weights
        if before is not None and before.settings.weights == weights:
            return
        self.widgets.messages.withdraw(_ALLOW)
        if weights is not None and not self._network.allows(weights):
            task = self._tasks.start(
                partial(_hash, weights), doing=tr("looking at the weights"), instead_of=_ALLOW
            )
            # Weights that cannot be read are told by whatever wants to load them.
            task.finished.connect(partial(self._on_hashed, weights))

    def _on_hashed(self, weights: Path, digest: str) -> None:
        if self.film.document.project.settings.weights != weights:
            return
        if self._settings.trusts_weights(digest):
            self._network.allow(weights)
            return
        button = Button(tr("Use these weights"), partial(self._allow, weights, digest))
        self.widgets.messages.show_message(Message(unknown_weights(weights), "warning", _ALLOW, button))

    def _allow(self, weights: Path, digest: str) -> None:
        self._network.allow(weights)
        self._settings.trust_weights(digest)


def _hash(weights: Path, _cancelled: Event) -> str:
    return hash_weights(weights)
