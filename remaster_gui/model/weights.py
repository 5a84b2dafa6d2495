"""Weight files: the project's own (safetensors) and the authors' released checkpoint, which is only ever read.

An own file holds the joint network's tensors, stored as fp16 or fp32, and in its metadata everything that belongs to
them: configuration, preprocessing, licence, measures.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from remaster_gui.base.errors import DeviceError, WeightsError
from remaster_gui.base.language import tr
from remaster_gui.model import weight_files
from remaster_gui.model.authors_checkpoint import read_authors, stack_frames, stacked_shape
from remaster_gui.model.colorization import REFERENCE_MEAN
from remaster_gui.model.config import PAPER, ModelConfig
from remaster_gui.model.remaster import RemasterNetwork
from remaster_gui.model.restoration import LUMINANCE_MEAN
from remaster_gui.model.weight_files import (
    Form,
    WeightFormat,
    check_forms,
    check_values,
    expected_tensors,
    weights_hash,
)

__all__ = [
    "NETWORK_FORMAT",
    "load_model",
    "read_metadata",
    "read_network",
    "save_network",
    "usable_device",
    "weights_hash",
]

_FORMER_NAMES = {
    "log_distance": "similarity.places.log_distance",
    "log_scale": "similarity.features.log_scale",
    "patch_log_scale": "similarity.patches.log_scales",
    "color_fine.": "color_path.tint_of_fine.",
    "color_coarse.": "color_path.tint_of_coarse.",
    "alignment.": "color_path.alignment.",
    "fusion.": "color_path.fusion.",
}
_FORMER_PLACES = {
    f"colorization.{part}" for part in ("", "attend_fine.", "attend_coarse.", "self_fine.", "self_coarse.")
}
_AUTHORS_SUFFIXES = (".tar", ".pth", ".pt")
_SHORT_NAMES = {torch.float16: "F16", torch.float32: "F32", torch.int64: "I64"}
"""What the authors' file may hold, as safetensors calls it."""


def our_name(stored: str) -> str:
    """Return the name of a tensor of the colourisation that a file of a former version calls `stored`."""
    for former, name in _FORMER_NAMES.items():
        start, found, rest = stored.partition(former)
        if found and start in _FORMER_PLACES:
            return start + name + rest
    return stored


NETWORK_FORMAT = WeightFormat(
    "remaster-weights-2",
    tr("weight file"),
    ModelConfig.as_dict,
    ModelConfig.from_dict,
    RemasterNetwork,
    {
        "luminance": "L*/100",
        "chrominance": "(ab + 128) / 255",
        "luminance_mean": LUMINANCE_MEAN,
        "reference": "sRGB in [0, 1]",
        "reference_mean": REFERENCE_MEAN,
    },
    former=("remaster-weights-1",),
    our_name=our_name,
)
"""The project's own files; those of the former version have the same tensors by other names."""
read_metadata = NETWORK_FORMAT.metadata
save_network = NETWORK_FORMAT.save


def load_model(path: str | Path, device: str | torch.device = "cpu") -> RemasterNetwork:
    """Load weights for inference onto `device`, folded (see `RemasterNetwork.fold`).

    Reads the project's ``.safetensors`` and the authors' ``remasternet.pth.tar``; nothing else is ever unpickled.
    Raises `WeightsError` for any other or damaged file, `DeviceError` for a device that this machine does not have.
    """
    network, target = read_network(Path(path)), usable_device(device)
    if target != network.device:
        network.to(target)
    return network.fold()


def usable_device(device: str | torch.device) -> torch.device:
    """Return the device, or raise `DeviceError` if this machine or this build of PyTorch has no such device."""
    try:
        wanted = torch.device(device)
    except RuntimeError as error:
        raise DeviceError(
            tr("There is no device called “{device}”; use cpu or cuda.", device=device)
        ) from error
    if wanted.type == "cuda" and not torch.cuda.is_available():
        raise DeviceError(tr("This machine has no usable CUDA GPU; leave out --device or use --device cpu."))
    if wanted.type == "cuda" and (wanted.index or 0) >= torch.cuda.device_count():
        raise DeviceError(
            tr(
                "There is no CUDA GPU number {index}; this machine has {device_count}.",
                index=wanted.index,
                device_count=torch.cuda.device_count(),
            )
        )
    if wanted.type not in ("cpu", "cuda"):
        raise DeviceError(tr("The device “{device}” is not supported; use cpu or cuda.", device=device))
    return wanted


def read_network(path: Path) -> RemasterNetwork:
    """Read a weight file, of either kind, into the training form, on the CPU, in evaluation mode."""
    weight_files.check_file(path)
    if path.suffix == ".safetensors":
        return NETWORK_FORMAT.read(path)
    if path.suffix in _AUTHORS_SUFFIXES:
        tensors = _read_authors(path)
        with weight_files.Unfilled():
            network = RemasterNetwork(PAPER)
        return weight_files.put(tensors, network)
    raise WeightsError(
        tr(
            "{path} is not a weight file; choose a .safetensors file or the authors' remasternet.pth.tar.",
            path=path.name,
        )
    )


def _read_authors(path: Path) -> dict[str, Tensor]:
    with weight_files.reading(path):
        found = read_authors(path)
    check_forms(
        path,
        expected_tensors(RemasterNetwork, PAPER),
        {
            key: Form(stacked_shape(tensor.shape), _SHORT_NAMES.get(tensor.dtype, ""))
            for key, tensor in found.items()
        },
    )
    tensors = {
        key: stack_frames(tensor) if tensor.ndim == 5 else tensor.contiguous()
        for key, tensor in found.items()
    }
    check_values(path, tensors)
    return tensors
