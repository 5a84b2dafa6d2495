"""Weights that a project names: the user is asked once before a file that came from elsewhere is loaded."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from threading import Event

from remaster_gui.document.user_settings import UserSettings
from remaster_gui.project.schema import Project
from remaster_gui.ui.common.message_bar import Button, Message
from remaster_gui.ui.controllers.film import Controller, OpenFilm
from remaster_gui.ui.desk import Desk
from remaster_gui.workers.background import BackgroundTasks
from remaster_gui.workers.network import NetworkFacts, NetworkSlot, hash_weights, unknown_weights

_ALLOW = "allow weights"


class TrustingController(Controller):
    """Allows the network slot what the user has chosen, now or before; weights are known again by their content."""

    def __init__(
        self, desk: Desk, network: NetworkSlot, tasks: BackgroundTasks, settings: UserSettings
    ) -> None:
        super().__init__(desk)
        self._network, self._tasks, self._settings = network, tasks, settings
        network.facts_changed.connect(self._on_facts_changed)

    def begin(self, film: OpenFilm) -> None:
        """Look at the weights that the project names."""
        super().begin(film)
        # What the user has named for new projects needs no question.
        if self._settings.weights is not None:
            self._network.allow(self._settings.weights)
        film.document.project_changed.connect(self._on_project_changed)
        self._on_project_changed(None, film.document.project)

    def end(self) -> None:
        """Ask nothing any more."""
        self.desk.messages.withdraw(_ALLOW)
        super().end()

    def _on_project_changed(self, before: Project | None, after: Project) -> None:
        weights = after.settings.weights
        if before is not None and before.settings.weights == weights:
            return
        self.desk.messages.withdraw(_ALLOW)
        if weights is not None and not self._network.allows(weights):
            task = self._tasks.start(
                partial(_hash, weights), doing="looking at the weights", instead_of=_ALLOW
            )
            # Weights that cannot be read are told by whatever wants to load them.
            task.finished.connect(partial(self._on_hashed, weights))

    def _on_hashed(self, weights: Path, digest: str) -> None:
        if self.film is None or self.film.document.project.settings.weights != weights:
            return
        if self._settings.trusts_weights(digest):
            self._network.allow(weights)
            return
        button = Button("Use these weights", partial(self._allow, weights, digest))
        self.desk.messages.show_message(Message(unknown_weights(weights), "warning", _ALLOW, button))

    def _allow(self, weights: Path, digest: str) -> None:
        self._network.allow(weights)
        self._settings.trust_weights(digest)

    def _on_facts_changed(self, facts: NetworkFacts | None) -> None:
        """Remember what was loaded, which was allowed; so it is wherever the file lies next time."""
        if facts is not None and self._network.weights is not None:
            self._settings.trust_weights(facts.digest)


def _hash(weights: Path, _cancelled: Event) -> str:
    return hash_weights(weights)
