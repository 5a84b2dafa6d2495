"""The network that preview and attention share, loaded once, when a thread first needs it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from remaster_gui.base.errors import WeightsError
from remaster_gui.base.language import tr
from remaster_gui.base.turns import FairTurns
from remaster_gui.workers.torch_import import import_torch

if TYPE_CHECKING:
    from remaster_gui.engine.loaded import LoadedNetwork

log = logging.getLogger(__name__)

_PREVIEW_SHARE = 2.0
"""Time that a preview gets beside an export for each second of it: somebody waits for the preview."""


@dataclass(frozen=True, slots=True)
class NetworkFacts:
    """What the status bar says of the network.

    `weights`: name of the file at `path`, `digest` its hash. `identity`: what results depend on.
    `guesses`: whether it can colour without references.
    `device`: as people call it. `free_bytes` of the device's memory when it was loaded.
    """

    weights: str
    digest: str
    identity: str
    guesses: bool
    device: str
    is_gpu: bool
    free_bytes: int
    path: Path


class NetworkSlot(QObject):
    """Holds one network. `loaded` may be called on any thread; all else belongs to the GUI thread."""

    facts_changed = Signal(object)
    """NetworkFacts of the network that has just been loaded; None when another one is to be loaded at the next use."""
    _known = Signal(object, object)

    def __init__(
        self, weights: Path | None = None, device: str | None = None, parent: QObject | None = None
    ) -> None:
        """Remember which weights to load (None: those that ship) on which device (None: the best there is)."""
        super().__init__(parent)
        self.turns = FairTurns({"preview": _PREVIEW_SHARE, "export": 1.0})
        """By which previews and exports share the time."""
        self._lock = Lock()
        self._wanted = (weights, device)
        self._allowed = frozenset({weights})
        self._held: tuple[tuple[Path | None, str | None], LoadedNetwork] | None = None
        self._facts: NetworkFacts | None = None
        self._known.connect(self._on_known, Qt.ConnectionType.QueuedConnection)

    @property
    def weights(self) -> Path | None:
        """Which weights are wanted; None: those that ship."""
        return self._wanted[0]

    @property
    def facts(self) -> NetworkFacts | None:
        """What is loaded; None as long as nothing is, or others are wanted."""
        return self._facts

    def allow(self, weights: Path) -> None:
        """Let these be loaded: the user has chosen them, or has said that they may be."""
        self._allowed |= {weights}

    def allows(self, weights: Path | None) -> bool:
        """Whether these may be loaded; those that ship always may."""
        return weights is None or weights in self._allowed

    def use(self, weights: Path | None, device: str | None = None) -> None:
        """Load these from the next use on."""
        if (weights, device) != self._wanted:
            self._wanted, self._facts = (weights, device), None
            self.facts_changed.emit(None)

    def loaded(self) -> LoadedNetwork:
        """Return the network, loading it first if need be; raises `WeightsError` or `DeviceError`. For worker threads.

        Weights that are not allowed are not even opened. The calling thread is told to leave a core to the window.
        """
        import_torch()
        from remaster_gui.engine.device import leave_a_core

        leave_a_core()
        with self._lock:
            wanted = self._wanted
            if wanted[0] is not None and not self.allows(wanted[0]):
                raise WeightsError(unknown_weights(wanted[0]))
            if self._held is None or self._held[0] != wanted:
                self._held = None  # both at once may not fit into memory
                self._held = (wanted, _load(*wanted))
            network = self._held[1]
            if self._facts is None:
                self._known.emit(wanted, _facts_of(network))
            return network

    def _on_known(self, wanted: tuple[Path | None, str | None], facts: NetworkFacts) -> None:
        if wanted == self._wanted and facts != self._facts:
            self._facts = facts
            log.info("%s", facts)
            self.facts_changed.emit(facts)


def unknown_weights(weights: Path) -> str:
    """Return the sentence that tells of weights which a project names and nobody has allowed."""
    return tr(
        "This project wants to be remastered with the weights {weights}, which you have not used before; use them "
        "if you trust where they come from, or choose others.",
        weights=weights,
    )


def hash_weights(weights: Path) -> str:
    """Return the content hash of a file of weights; raises `WeightsError`. For worker threads."""
    import_torch()
    from remaster_gui.model import weights_hash

    return weights_hash(weights)


def _load(weights: Path | None, device: str | None) -> LoadedNetwork:
    from remaster_gui.engine.loaded import LoadedNetwork

    return LoadedNetwork.load(weights, device)


def _facts_of(loaded: LoadedNetwork) -> NetworkFacts:
    from remaster_gui.engine.device import describe_device, free_memory

    device = loaded.device
    return NetworkFacts(
        loaded.path.name,
        loaded.digest,
        loaded.identity,
        loaded.prior is not None,
        describe_device(device),
        device.type == "cuda",
        free_memory(device),
        loaded.path,
    )
