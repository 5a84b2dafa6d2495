"""Weight files as files: safetensors whose metadata says what they hold, looked at before anything is built.

Which networks there are is for others to say (`remaster_gui.model.weights`, `remaster_gui.model.prior_weights`).
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from remaster_gui.base import plain_data
from remaster_gui.base.errors import StorageError, WeightsError
from remaster_gui.base.files import replace_bytes
from remaster_gui.base.language import tr
from remaster_gui.model.saved import LARGEST

log = logging.getLogger(__name__)

_FRACTIONS = frozenset({"F16", "BF16", "F32", "F64"})
_WHOLES = frozenset({"I32", "I64"})

ConfigT = TypeVar("ConfigT")
NetworkT = TypeVar("NetworkT", bound=nn.Module)


@dataclass(frozen=True, slots=True)
class Form:
    """What a file says of a tensor before it is read; `dtype` as safetensors calls it."""

    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True)
class WeightFormat(Generic[ConfigT, NetworkT]):
    """One kind of own weight files, and the networks whose training form they hold.

    `name` stands in a file's metadata, or one of `former`, whose tensors `our_name` names anew; `what` is what a
    sentence calls such a network. `as_dict` makes plain data of a network's configuration, which `read_config` reads.
    """

    name: str
    what: str
    as_dict: Callable[[ConfigT], dict[str, Any]]
    read_config: Callable[[Any], ConfigT]
    build: Callable[[ConfigT], NetworkT]
    preprocessing: Mapping[str, Any]
    former: tuple[str, ...] = ()
    our_name: Callable[[str], str] = str

    def metadata(self, path: Path) -> dict[str, Any]:
        """Return what a file says of itself: config, preprocessing, licence, metrics. Raises `WeightsError`."""
        return read_metadata(path, self.name, *self.former)

    def read(self, path: Path) -> NetworkT:
        """Read a network, on the CPU, in evaluation mode; raises `WeightsError`.

        Nothing is built before the file is known to hold exactly the tensors that its configuration needs.
        """
        check_file(path)
        if path.suffix != ".safetensors":
            raise WeightsError(
                tr("{path} is no {what}; choose a .safetensors file.", path=path.name, what=self.what)
            )
        formats = self.name, *self.former
        config, tensors = read_tensors(path, formats, self.read_config, self.build, self.our_name)
        with Unfilled():
            network = self.build(config)
        return put(tensors, network)

    def save(
        self,
        network: NetworkT,
        path: Path,
        *,
        licence: str,
        metrics: Mapping[str, Any],
        dtype: torch.dtype = torch.float16,
    ) -> None:
        """Write a network, which knows its `config`; appears only when complete. Raises `StorageError`."""
        config: Any = network.config
        metadata = {
            "config": self.as_dict(config),
            "preprocessing": self.preprocessing,
            "licence": licence,
            "metrics": dict(metrics),
        }
        write_module(network, path, metadata, format=self.name, dtype=dtype)


def put(tensors: Mapping[str, Tensor], network: NetworkT) -> NetworkT:
    """Give a network the tensors of a file, which are known to be its own; return it in evaluation mode."""
    expected = network.state_dict()
    # Copies: what is read of a file may lie in it, and files change.
    own = {key: tensor.to(expected[key].dtype, copy=True) for key, tensor in tensors.items()}
    network.load_state_dict(own, assign=True)
    return network.eval()


def write_module(
    module: nn.Module,
    path: Path,
    metadata: Mapping[str, Any],
    *,
    format: str,
    dtype: torch.dtype = torch.float16,
) -> None:
    """Write a network's tensors and what belongs to them; appears only when complete. Raises `StorageError`."""
    tensors = {
        key: tensor.to(dtype).contiguous() if tensor.is_floating_point() else tensor.contiguous()
        for key, tensor in module.state_dict().items()
        if not key.endswith("num_batches_tracked")
    }
    said = {key: json.dumps(value) for key, value in metadata.items()}
    try:
        replace_bytes(path, save(tensors, {"format": format, **said}))
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise StorageError(
            tr(
                "The weights cannot be written as {path} ({reason}); choose another place or make room.",
                path=path,
                reason=reason,
            )
        ) from error


def read_metadata(path: Path, *formats: str) -> dict[str, Any]:
    """Return what an own file of one of these formats says of itself: config, preprocessing, licence, metrics."""
    try:
        with safe_open(path, framework="pt") as file:
            raw = file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise WeightsError(
            tr("{path} is damaged or not a safetensors file; get a fresh copy of it.", path=path.name)
        ) from error
    if raw.get("format") not in formats:
        raise WeightsError(
            tr(
                "{path} holds no such network (its metadata lacks format={formats}).",
                path=path.name,
                formats=formats[0],
            )
        )
    said: dict[str, Any] = {}
    for key in raw.keys() - {"format"}:
        try:
            said[key] = plain_data.parse(raw[key])
        except ValueError as error:
            if key == "config":
                raise WeightsError(
                    tr("The metadata of {path} is damaged; get a fresh copy of the file.", path=path.name)
                ) from error
            log.warning("%s of %s cannot be read: %s", key, path.name, error)
    return said


def check_file(path: Path) -> None:
    """Raise `WeightsError` for what is no file, cannot be read, or is larger than weights ever are."""
    with reading(path):
        if not path.is_file():
            raise WeightsError(
                tr("There is no weight file {path}; check the path or leave out --weights.", path=path)
            )
        size = path.stat().st_size
        path.open("rb").close()
    if size > LARGEST:
        raise WeightsError(tr("{path} is larger than any weight file; choose another.", path=path.name))


def read_tensors(
    path: Path,
    formats: Sequence[str],
    read_config: Callable[[Any], ConfigT],
    build: Callable[[ConfigT], nn.Module],
    our_name: Callable[[str], str] = str,
) -> tuple[ConfigT, dict[str, Tensor]]:
    """Return the configuration and the tensors of a file, once it is known to hold just what `build` needs.

    `our_name` says what the network calls a tensor of the file.
    """
    metadata = read_metadata(path, *formats)
    if "config" not in metadata:
        raise WeightsError(
            tr(
                "The metadata of {path} lacks the network's configuration; get a fresh copy of the file.",
                path=path.name,
            )
        )
    config = read_config(metadata["config"])
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            names: dict[str, str] = {}
            for name in list(file.keys()):
                if names.setdefault(our_name(name), name) != name:
                    raise WeightsError(
                        tr(
                            "{path} holds {name} twice; get a fresh copy of the file.",
                            path=path.name,
                            name=name[:80],
                        )
                    )
            slices = {ours: file.get_slice(name) for ours, name in names.items()}
            check_forms(
                path,
                expected_tensors(build, config),
                {name: Form(tuple(each.get_shape()), each.get_dtype()) for name, each in slices.items()},
            )
            tensors = {ours: file.get_tensor(name) for ours, name in names.items()}
    except SafetensorError as error:
        raise WeightsError(tr("{path} is damaged; get a fresh copy of the file.", path=path.name)) from error
    check_values(path, tensors)
    return config, tensors


def weights_hash(path: Path) -> str:
    """Return the SHA-256 of a weight file; raises `WeightsError` where it cannot be read."""
    check_file(path)
    with reading(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what the disk has against reading `path` into a `WeightsError`."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise WeightsError(
            tr(
                "The weight file {path} cannot be read ({reason}); check its permissions and its disk.",
                path=path,
                reason=reason,
            )
        ) from error


@lru_cache(8)
def expected_tensors(build: Callable[[ConfigT], nn.Module], config: ConfigT) -> Mapping[str, Tensor]:
    """Return the tensors of a network, without memory behind them; built once for files of the same kind."""
    with torch.device("meta"), Unfilled():
        return build(config).state_dict()


class Unfilled(TorchFunctionMode):
    """Lets layers be built without random numbers: those of a file are put in their places, every one of them."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if getattr(func, "__module__", "") == nn.init.__name__:
            return args[0] if args else kwargs["tensor"]
        return func(*args, **(kwargs or {}))


def check_forms(path: Path, expected: Mapping[str, Tensor], found: Mapping[str, Form]) -> None:
    """Raise `WeightsError` unless a file holds the tensors of this network and no others."""
    missing = [key for key in expected if key not in found and not key.endswith("num_batches_tracked")]
    if missing:
        raise WeightsError(
            tr(
                "{path} is incomplete: it lacks {missing} and {count} more tensors.",
                path=path.name,
                missing=missing[0],
                count=len(missing) - 1,
            )
        )
    extra = [key for key in found if key not in expected]
    if extra:
        raise WeightsError(
            tr(
                "{path} holds {extra}, which this network does not have; it is for another version.",
                path=path.name,
                extra=extra[0][:80],
            )
        )
    for key, form in found.items():
        if form.shape != tuple(expected[key].shape):
            raise WeightsError(
                tr(
                    "{path} has the wrong shape for {key}: {shape} instead of {tuple}.",
                    path=path.name,
                    key=key,
                    shape=form.shape,
                    tuple=tuple(expected[key].shape),
                )
            )
        kinds = _FRACTIONS if expected[key].is_floating_point() else _WHOLES
        if form.dtype not in kinds:
            raise WeightsError(
                tr(
                    "{path} has numbers of another kind ({dtype}) for {key}.",
                    path=path.name,
                    dtype=form.dtype,
                    key=key,
                )
            )


def check_values(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Raise `WeightsError` for numbers that are none."""
    for key, tensor in tensors.items():
        if tensor.is_floating_point() and not torch.isfinite(tensor).all():
            raise WeightsError(
                tr(
                    "{path} is damaged: {key} holds values that are no numbers; get a fresh copy of the file.",
                    path=path.name,
                    key=key,
                )
            )
