"""Networks to render with: our own, or with one of the paper's rivals in the place of a half."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from remaster_gui.engine.loaded import LoadedNetwork
from remaster_gui.engine.references import ReferenceStore
from remaster_gui.model import weights_hash
from remaster_gui.model.precision import Precision
from remaster_gui.model.rivals.halves import take_half
from remaster_gui.model.rivals.systems import is_rival, load_rival


def load_with_rivals(weights: Path, device: torch.device, precision: Precision) -> LoadedNetwork:
    """Load a network for inference; a rival does its own half, and the network that ships the other.

    Raises `WeightsError` or `DeviceError`.
    """
    if not is_rival(weights):
        return LoadedNetwork.load(weights, device, precision=precision)
    loaded = LoadedNetwork.load(None, device, precision=precision)
    network = take_half(loaded.network, load_rival(weights, device))
    digest = f"{weights_hash(weights)}+{loaded.digest}"
    return replace(loaded, path=weights, digest=digest, references=ReferenceStore(network, digest))
