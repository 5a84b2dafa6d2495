"""Weight files: the project's own (safetensors) and the authors' released checkpoint, which is only ever read.

An own file holds the joint network's tensors, stored as fp16 or fp32, and in its metadata everything that belongs to
them: configuration, preprocessing, licence, measures.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from remaster_gui.base import plain_data
from remaster_gui.base.errors import DeviceError, StorageError, WeightsError
from remaster_gui.base.files import replace_bytes
from remaster_gui.model.authors import read_authors, stack_frames, stacked_shape
from remaster_gui.model.colorization import REFERENCE_MEAN
from remaster_gui.model.config import PAPER, ModelConfig
from remaster_gui.model.remaster import RemasterNetwork
from remaster_gui.model.restoration import LUMINANCE_MEAN
from remaster_gui.model.saved import LARGEST

log = logging.getLogger(__name__)

FORMAT = "remaster-weights-1"
PREPROCESSING = {
    "luminance": "L*/100",
    "chrominance": "(ab + 128) / 255",
    "luminance_mean": LUMINANCE_MEAN,
    "reference": "sRGB in [0, 1]",
    "reference_mean": REFERENCE_MEAN,
}
_AUTHORS_SUFFIXES = (".tar", ".pth", ".pt")
_FRACTIONS = frozenset({"F16", "BF16", "F32", "F64"})
_WHOLES = frozenset({"I32", "I64"})
_SHORT_NAMES = {torch.float16: "F16", torch.float32: "F32", torch.int64: "I64"}
"""What the authors' file may hold, as safetensors calls it."""


def load_model(path: str | Path, device: str | torch.device = "cpu") -> RemasterNetwork:
    """Load weights for inference onto `device`, folded (see `RemasterNetwork.fold`).

    Reads the project's ``.safetensors`` and the authors' ``remasternet.pth.tar``; nothing else is ever unpickled.
    Raises `WeightsError` for any other or damaged file, `DeviceError` for a device that this machine does not have.
    """
    network = read_network(Path(path))
    return network.to(usable_device(device)).fold()


def usable_device(device: str | torch.device) -> torch.device:
    """Return the device, or raise `DeviceError` if this machine or this build of PyTorch has no such device."""
    try:
        wanted = torch.device(device)
    except RuntimeError as error:
        raise DeviceError(f"There is no device called “{device}”; use cpu or cuda.") from error
    if wanted.type == "cuda" and not torch.cuda.is_available():
        raise DeviceError("This machine has no usable CUDA GPU; leave out --device or use --device cpu.")
    if wanted.type == "cuda" and (wanted.index or 0) >= torch.cuda.device_count():
        raise DeviceError(
            f"There is no CUDA GPU number {wanted.index}; this machine has {torch.cuda.device_count()}."
        )
    if wanted.type not in ("cpu", "cuda"):
        raise DeviceError(f"The device “{device}” is not supported; use cpu or cuda.")
    return wanted


def read_network(path: Path) -> RemasterNetwork:
    """Read a weight file into the training form, on the CPU, in evaluation mode.

    Nothing is built before the file is known to hold exactly the tensors that its configuration needs.
    """
    _check_file(path)
    if path.suffix == ".safetensors":
        config, tensors = _read_own(path)
    elif path.suffix in _AUTHORS_SUFFIXES:
        config, tensors = PAPER, _read_authors(path)
    else:
        raise WeightsError(
            f"{path.name} is not a weight file; choose a .safetensors file or the authors' remasternet.pth.tar."
        )
    network = RemasterNetwork(config)
    expected = network.state_dict()
    network.load_state_dict({key: tensor.to(expected[key].dtype) for key, tensor in tensors.items()})
    return network.eval()


def read_metadata(path: Path) -> dict[str, Any]:
    """Return what an own file says of itself: config, preprocessing, licence, metrics."""
    try:
        with safe_open(path, framework="pt") as file:
            raw = file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise WeightsError(
            f"{path.name} is damaged or not a safetensors file; get a fresh copy of it."
        ) from error
    if raw.get("format") != FORMAT:
        raise WeightsError(f"{path.name} holds no Remaster network (its metadata lacks format={FORMAT}).")
    said: dict[str, Any] = {}
    for key in raw.keys() - {"format"}:
        try:
            said[key] = plain_data.parse(raw[key])
        except ValueError as error:
            if key == "config":
                raise WeightsError(
                    f"The metadata of {path.name} is damaged; get a fresh copy of the file."
                ) from error
            log.warning("%s of %s cannot be read: %s", key, path.name, error)
    return said


def save_network(
    network: RemasterNetwork,
    path: Path,
    *,
    licence: str,
    metrics: Mapping[str, Any],
    dtype: torch.dtype = torch.float16,
) -> None:
    """Write the training form of a network as an own file; appears only when complete. Raises `StorageError`."""
    tensors = {
        key: tensor.to(dtype).contiguous() if tensor.is_floating_point() else tensor.contiguous()
        for key, tensor in network.state_dict().items()
        if not key.endswith("num_batches_tracked")
    }
    metadata = {
        "format": FORMAT,
        "config": json.dumps(network.config.as_dict()),
        "preprocessing": json.dumps(PREPROCESSING),
        "licence": json.dumps(licence),
        "metrics": json.dumps(dict(metrics)),
    }
    try:
        replace_bytes(path, save(tensors, metadata))
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise StorageError(
            f"The weights cannot be written as {path} ({reason}); choose another place or make room."
        ) from error


def weights_hash(path: Path) -> str:
    """Return the SHA-256 of a weight file; raises `WeightsError` where it cannot be read."""
    _check_file(path)
    with _reading(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_file(path: Path) -> None:
    """Raise `WeightsError` for what is no file, cannot be read, or is larger than weights ever are."""
    with _reading(path):
        if not path.is_file():
            raise WeightsError(f"There is no weight file {path}; check the path or leave out --weights.")
        size = path.stat().st_size
        path.open("rb").close()
    if size > LARGEST:
        raise WeightsError(f"{path.name} is larger than any weight file; choose another.")


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Turn what the disk has against reading `path` into a `WeightsError`."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise WeightsError(
            f"The weight file {path} cannot be read ({reason}); check its permissions and its disk."
        ) from error


def _read_own(path: Path) -> tuple[ModelConfig, dict[str, Tensor]]:
    metadata = read_metadata(path)
    if "config" not in metadata:
        raise WeightsError(
            f"The metadata of {path.name} lacks the network's configuration; get a fresh copy of the file."
        )
    config = ModelConfig.from_dict(metadata["config"])
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            names = list(file.keys())
            slices = {name: file.get_slice(name) for name in names}
            _check(
                path,
                config,
                {name: _Form(tuple(each.get_shape()), each.get_dtype()) for name, each in slices.items()},
            )
            tensors = {name: file.get_tensor(name) for name in names}
    except SafetensorError as error:
        raise WeightsError(f"{path.name} is damaged; get a fresh copy of the file.") from error
    _check_values(path, tensors)
    return config, tensors


def _read_authors(path: Path) -> dict[str, Tensor]:
    with _reading(path):
        found = read_authors(path)
    _check(
        path,
        PAPER,
        {
            key: _Form(stacked_shape(tensor.shape), _SHORT_NAMES.get(tensor.dtype, ""))
            for key, tensor in found.items()
        },
    )
    tensors = {
        key: stack_frames(tensor) if tensor.ndim == 5 else tensor.contiguous()
        for key, tensor in found.items()
    }
    _check_values(path, tensors)
    return tensors


@dataclass(frozen=True, slots=True)
class _Form:
    """What a file says of a tensor before it is read; `dtype` as safetensors calls it."""

    shape: tuple[int, ...]
    dtype: str


def _expected(config: ModelConfig) -> dict[str, Tensor]:
    """Return the tensors of a network of this configuration, without memory behind them."""
    with torch.device("meta"):
        return RemasterNetwork(config).state_dict()


def _check(path: Path, config: ModelConfig, found: Mapping[str, _Form]) -> None:
    """Raise `WeightsError` unless a file holds the tensors of this network and no others."""
    expected = _expected(config)
    missing = [key for key in expected if key not in found and not key.endswith("num_batches_tracked")]
    if missing:
        raise WeightsError(
            f"{path.name} is incomplete: it lacks {missing[0]} and {len(missing) - 1} more tensors."
        )
    extra = [key for key in found if key not in expected]
    if extra:
        raise WeightsError(
            f"{path.name} holds {extra[0][:80]}, which this network does not have; it is for another version."
        )
    for key, form in found.items():
        if form.shape != tuple(expected[key].shape):
            raise WeightsError(
                f"{path.name} has the wrong shape for {key}: "
                f"{form.shape} instead of {tuple(expected[key].shape)}."
            )
        kinds = _FRACTIONS if expected[key].is_floating_point() else _WHOLES
        if form.dtype not in kinds:
            raise WeightsError(f"{path.name} has numbers of another kind ({form.dtype}) for {key}.")


def _check_values(path: Path, tensors: Mapping[str, Tensor]) -> None:
    for key, tensor in tensors.items():
        if tensor.is_floating_point() and not torch.isfinite(tensor).all():
            raise WeightsError(
                f"{path.name} is damaged: {key} holds values that are no numbers; get a fresh copy of the file."
            )
