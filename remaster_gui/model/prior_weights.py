"""Weight files of the colour prior."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from remaster_gui.base.errors import WeightsError
from remaster_gui.model import weight_files
from remaster_gui.model.prior import LUMINANCE_MEAN, ColorPrior, PriorConfig
from remaster_gui.model.weights import put, usable_device

FORMAT = "remaster-prior-1"
PREPROCESSING = {
    "luminance": "L*/100",
    "chrominance": "(ab + 128) / 255",
    "luminance_mean": LUMINANCE_MEAN,
    "centres": "units of ab",
}


def load_prior(path: Path, device: str | torch.device = "cpu") -> ColorPrior:
    """Load a prior for inference onto `device`, folded; raises as `read_prior`, and `DeviceError`."""
    return read_prior(path).to(usable_device(device)).fold()


def read_prior(path: Path) -> ColorPrior:
    """Read a prior in its training form, on the CPU, in evaluation mode; raises `WeightsError`."""
    weight_files.check_file(path)
    if path.suffix != ".safetensors":
        raise WeightsError(f"{path.name} is no prior; choose a .safetensors file.")
    config, tensors = weight_files.read_tensors(path, (FORMAT,), PriorConfig.from_dict, ColorPrior)
    return put(tensors, ColorPrior(config))


def read_metadata(path: Path) -> dict[str, Any]:
    """Return what a prior's file says of itself: config, preprocessing, licence, metrics."""
    return weight_files.read_metadata(path, FORMAT)


def save_prior(
    prior: ColorPrior,
    path: Path,
    *,
    licence: str,
    metrics: Mapping[str, Any],
    dtype: torch.dtype = torch.float16,
) -> None:
    """Write the training form of a prior; appears only when complete. Raises `StorageError`."""
    metadata = {
        "config": prior.config.as_dict(),
        "preprocessing": PREPROCESSING,
        "licence": licence,
        "metrics": dict(metrics),
    }
    weight_files.write_module(prior, path, metadata, format=FORMAT, dtype=dtype)
