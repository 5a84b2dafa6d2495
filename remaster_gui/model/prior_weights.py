"""Weight files of the colour prior."""

from __future__ import annotations

from pathlib import Path

import torch

from remaster_gui.base.language import tr
from remaster_gui.model.prior import LUMINANCE_MEAN, ColorPrior, PriorConfig
from remaster_gui.model.weight_files import WeightFormat
from remaster_gui.model.weights import usable_device

PRIOR_FORMAT = WeightFormat(
    "remaster-prior-1",
    tr("prior"),
    PriorConfig.as_dict,
    PriorConfig.from_dict,
    ColorPrior,
    {
        "luminance": "L*/100",
        "chrominance": "(ab + 128) / 255",
        "luminance_mean": LUMINANCE_MEAN,
        "centres": "units of ab",
    },
)


def load_prior(path: Path, device: str | torch.device = "cpu") -> ColorPrior:
    """Load a prior for inference onto `device`, folded; raises `WeightsError`, and `DeviceError`."""
    return PRIOR_FORMAT.read(path).to(usable_device(device)).fold()
