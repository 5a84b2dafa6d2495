"""What the status bar says of the machine: device, weights, memory; and once that there is no GPU."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from remaster_gui.base.language import tr
from remaster_gui.document.user_settings import UserSettings
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.controllers.preview_controller import PreviewController
from remaster_gui.ui.controllers.viewer_controller import ViewerController
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.widgets.message_bar import Button, Message
from remaster_gui.ui.wording import byte_size
from remaster_gui.workers.network_slot import NetworkFacts, NetworkSlot

_MEMORY_MILLISECONDS = 1000
_NO_GPU = tr(
    "No GPU was found, so colours are computed on the processor: the same pictures, only slower. "
    "Preview at a quarter of the working size for speed."
)


class NetworkController(QObject):
    """Tells of the network that was loaded, whatever film is open, and remembers that its weights may be used."""

    def __init__(self, widgets: EditorWidgets, network: NetworkSlot, settings: UserSettings) -> None:
        super().__init__(widgets)
        self._widgets, self._network, self._settings = widgets, network, settings
        network.facts_changed.connect(self._on_facts_changed)

    def _on_facts_changed(self, facts: NetworkFacts | None) -> None:
        status = self._widgets.status
        if facts is None:
            status.set_weights("")
            return
        if self._network.weights is not None:
            # What was loaded was allowed; so it is wherever the file lies next time.
            self._settings.trust_weights(facts.digest)
        status.set_weights(facts.weights, f"{facts.weights}<br>{facts.digest[:16]}")
        free = tr(
            "{device}<br>{size} were free when the weights were loaded",
            device=facts.device,
            size=byte_size(facts.free_bytes),
        )
        status.set_device(facts.device, free)
        if not facts.is_gpu and not self._settings.flag("told_no_gpu", False):
            self._settings.set_flag("told_no_gpu", True)
            self._widgets.messages.show_message(
                Message(_NO_GPU, id="no_gpu", button=Button(tr("Understood"), _nothing), lasts=True)
            )


class MemoryController(Controller):
    """Tells how much memory the film takes."""

    def __init__(
        self,
        session: QObject,
        film: OpenFilm,
        widgets: EditorWidgets,
        preview: PreviewController,
        viewer: ViewerController,
        settings: UserSettings,
    ) -> None:
        super().__init__(session, film, widgets)
        self._preview, self._viewer, self._settings = preview, viewer, settings
        telling = QTimer(self, interval=_MEMORY_MILLISECONDS)
        telling.timeout.connect(self._tell)
        telling.start()

    def _tell(self) -> None:
        stores = self._preview.stores
        previews = stores.results.nbytes + stores.luminance.nbytes + self._viewer.full_size.nbytes
        used = self.film.decoder.nbytes + previews
        self.widgets.status.set_memory(used, self._settings.memory_budget)


def _nothing() -> None:
    """Do no more: it is enough that the message goes."""
