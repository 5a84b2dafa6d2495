"""A network in memory with what identifies it, and the features of references that all its users share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from remaster_gui.engine.device import choose_device
from remaster_gui.engine.references import DEFAULT_BUDGET, ReferenceStore
from remaster_gui.engine.weights import resolve_weights
from remaster_gui.model import RemasterNetwork, load_model, weights_hash
from remaster_gui.model.precision import best_precision
from remaster_gui.model.weights import usable_device


@dataclass(frozen=True, slots=True)
class LoadedNetwork:
    """A network ready to compute. Several threads may run it at once; it never changes."""

    network: RemasterNetwork
    path: Path
    digest: str
    """Hash of the weights."""
    references: ReferenceStore

    @staticmethod
    def load(weights: Path | None, device: str | None = None, budget: int = DEFAULT_BUDGET) -> LoadedNetwork:
        """Load weights (None: those that ship); raises `WeightsError` or `DeviceError`.

        `budget`: bytes for the features of references.
        """
        path = resolve_weights(weights)
        target = usable_device(choose_device(device))
        network, digest = load_model(path, target).compute_in(best_precision(target)), weights_hash(path)
        return LoadedNetwork(network, path, digest, ReferenceStore(network, digest, budget))

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self.network.device
