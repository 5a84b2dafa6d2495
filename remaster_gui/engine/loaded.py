"""A network in memory with what identifies it, and the features of references that all its users share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from remaster_gui.base.notices import Notice
from remaster_gui.engine.device import choose_device
from remaster_gui.engine.prior_loading import fill_in
from remaster_gui.engine.references import DEFAULT_BUDGET, ReferenceStore
from remaster_gui.engine.shipped_weights import resolve_weights
from remaster_gui.model import RemasterNetwork, load_model, weights_hash
from remaster_gui.model.carrying import CarriedColor
from remaster_gui.model.colorization import ColorizationNetwork
from remaster_gui.model.precision import Precision, best_precision
from remaster_gui.model.prior import ColorPrior
from remaster_gui.model.weights import usable_device


@dataclass(frozen=True, slots=True)
class LoadedNetwork:
    """A network ready to compute. Several threads may run it at once; it never changes."""

    network: RemasterNetwork
    path: Path
    digest: str
    """Hash of the weights."""
    references: ReferenceStore
    filling: str = ""
    """What identifies the prior that fills what references leave open; "" where there is none."""
    notices: tuple[Notice, ...] = ()
    """What the user should know of it."""

    @staticmethod
    def load(
        weights: Path | None,
        device: str | torch.device | None = None,
        budget: int = DEFAULT_BUDGET,
        precision: Precision | None = None,
    ) -> LoadedNetwork:
        """Load weights (None: those that ship); raises `WeightsError` or `DeviceError`.

        `budget`: bytes for the features of references. `precision`: None for what the device is fast and right in.
        """
        path = resolve_weights(weights)
        target = usable_device(device or choose_device(None))
        network, digest = load_model(path, target), weights_hash(path)
        filling, notice = fill_in(network, digest)
        network.compute_in(precision or best_precision(target))
        notices = () if notice is None else (notice,)
        return LoadedNetwork(network, path, digest, ReferenceStore(network, digest, budget), filling, notices)

    @property
    def prior(self) -> ColorPrior | None:
        """The colour prior that fills what references leave open, if there is one."""
        half = self.network.colorization
        path = half.color_path if isinstance(half, ColorizationNetwork) else None
        return path.filling.prior if isinstance(path, CarriedColor) and path.filling is not None else None

    @property
    def regards_strengths(self) -> bool:
        """Whether references may count more or less than others: not to a rival in the place of colourisation."""
        return isinstance(self.network.colorization, ColorizationNetwork)

    @property
    def identity(self) -> str:
        """What results depend on."""
        return f"{self.digest}+{self.filling}" if self.filling else self.digest

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self.network.device
