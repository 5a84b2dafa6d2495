"""What the status bar says of the machine: device, weights, memory; and once, kindly, that there is no GPU."""

from __future__ import annotations

from PySide6.QtCore import QTimer

from remaster_gui.document.user_settings import UserSettings
from remaster_gui.ui.common.message_bar import Button, Message
from remaster_gui.ui.common.wording import byte_size
from remaster_gui.ui.controllers.film import Controller, OpenFilm
from remaster_gui.ui.controllers.previewing import PreviewingController
from remaster_gui.ui.desk import Desk
from remaster_gui.workers.network import NetworkFacts, NetworkSlot

_MEMORY_MILLISECONDS = 1000
_NO_GPU = (
    "No GPU was found, so colours are computed on the processor: the same pictures, only slower. "
    "Preview at a quarter of the working size for speed."
)


class StatusController(Controller):
    """Keeps the right side of the status bar up to date."""

    def __init__(
        self, desk: Desk, preview: PreviewingController, network: NetworkSlot, settings: UserSettings
    ) -> None:
        super().__init__(desk)
        self._preview, self._settings = preview, settings
        self._telling = QTimer(self, interval=_MEMORY_MILLISECONDS)
        self._telling.timeout.connect(self._tell_memory)
        network.facts_changed.connect(self._on_facts_changed)
        desk.status.jobs_requested.connect(lambda: desk.panel_requested.emit("jobs"))
        desk.status.preferences_requested.connect(desk.actions["preferences"].trigger)

    def begin(self, film: OpenFilm) -> None:
        """Tell of this film's memory."""
        super().begin(film)
        self._telling.start()

    def end(self) -> None:
        """Tell of no film."""
        super().end()
        self._telling.stop()

    def _tell_memory(self) -> None:
        if self.film is not None:
            stores = self._preview.stores
            used = self.film.decoder.nbytes + stores.results.nbytes + stores.luminance.nbytes
            self.desk.status.set_memory(used, self._settings.memory_budget)

    def _on_facts_changed(self, facts: NetworkFacts | None) -> None:
        status = self.desk.status
        if facts is None:
            status.set_weights("")
            return
        status.set_weights(facts.weights, f"{facts.weights}<br>{facts.digest[:16]}")
        free = f"{facts.device}<br>{byte_size(facts.free_bytes)} were free when the weights were loaded"
        status.set_device(facts.device, free)
        if not facts.is_gpu and not self._settings.flag("told_no_gpu", False):
            self._settings.set_flag("told_no_gpu", True)
            self.desk.messages.show_message(
                Message(_NO_GPU, id="no_gpu", button=Button("Understood", _nothing), lasts=True)
            )


def _nothing() -> None:
    """Do no more: it is enough that the message goes."""
