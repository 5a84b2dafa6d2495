"""Weight files of what reads confidence from evidence; each belongs to one colouring network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from remaster_gui.base import plain_data
from remaster_gui.base.errors import WeightsError
from remaster_gui.base.language import tr
from remaster_gui.model import weight_files
from remaster_gui.model.filling import Confidence
from remaster_gui.model.weights import usable_device

FORMAT = "remaster-filling-1"
_LONGEST_HASH = 64


def read_confidence(path: Path, device: str | torch.device = "cpu") -> tuple[Confidence, str]:
    """Read a file for inference onto `device`; returns as well the SHA-256 of the network that it has learned beside.

    Raises `WeightsError`, and `DeviceError`.
    """
    weight_files.check_file(path)
    network, tensors = weight_files.read_tensors(path, (FORMAT,), _network, _unread)
    confidence = weight_files.put(tensors, Confidence()).to(usable_device(device)).requires_grad_(False)
    return confidence, network


def save_confidence(confidence: Confidence, path: Path, network: str, licence: str) -> None:
    """Write one that has learned beside the network of this SHA-256, in one go. Raises `StorageError`."""
    said = {"config": {"network": network}, "licence": licence}
    weight_files.write_module(confidence, path, said, format=FORMAT, dtype=torch.float32)


def _unread(_: str) -> Confidence:
    """Build what a file for any network is read into."""
    return Confidence()


def _network(config: Any) -> str:
    try:
        return plain_data.text(plain_data.table(config)["network"], _LONGEST_HASH)
    except ValueError as error:
        raise WeightsError(
            tr("The weight file does not say which network it is for ({error}).", error=error)
        ) from error
