"""The authors' released checkpoint: which of its tensors is which of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from torch import Tensor

from remaster_gui.base.errors import WeightsError
from remaster_gui.base.language import tr
from remaster_gui.model.saved import load_saved

_RESTORATION = "modelR"
_COLORIZATION = "modelC"

_MODULES = {
    # theirs: (ours, index of our first layer minus theirs)
    "layers": ("layers", -1),
    "down1": ("source", -1),
    "flat": ("flat", 0),
    "down2": ("source_coarse", 0),
    "reffeatnet1": ("reference", 0),
    "reffeatnet2": ("reference_coarse", 0),
    "up2": ("decoder", 0),
    "up3": ("decoder", 2),
    "up4": ("decoder", 4),
}
_SINGLES = {
    "stattn1": "attend_fine",
    "stattn2": "attend_coarse",
    "selfattn1": "self_coarse",
    "selfattn2": "self_fine",
    "conv1": "middle_coarse",
    "up1.conv3d": "merge",
    "conv2": "middle_fine",
}
_PARTS = {
    "conv3d": "conv",
    "bn": "norm",
    "query_conv": "query",
    "key_conv": "key",
    "value_conv": "value",
}


def our_key(theirs: str) -> str:
    """Translate a key of the authors' state dicts (without the network's name) into ours."""
    numbered = re.fullmatch(r"(\w+?)\.(\d+)\.(?:(conv3d|bn)\.)?(\w+)", theirs)
    if numbered and numbered[1] in _MODULES:
        name, shift = _MODULES[numbered[1]]
        part = _PARTS[numbered[3]] if numbered[3] else "conv"
        return f"{name}.{int(numbered[2]) + shift}.{part}.{numbered[4]}"
    for prefix, name in _SINGLES.items():
        if theirs.startswith(f"{prefix}."):
            first, _, rest = theirs.removeprefix(f"{prefix}.").partition(".")
            return f"{name}.{_PARTS.get(first, first)}" + (f".{rest}" if rest else "")
    raise KeyError(theirs)


def stack_frames(kernel: Tensor) -> Tensor:
    """Turn a 3-D kernel ``(O, I, frames, h, w)`` into a 2-D one over the stacked frames ``(O, frames * I, h, w)``."""
    return kernel.permute(0, 2, 1, 3, 4).flatten(1, 2).contiguous()


def stacked_shape(shape: Sequence[int]) -> tuple[int, ...]:
    """Return the shape that `stack_frames` gives a kernel; that of any other tensor stays."""
    if len(shape) != 5:
        return tuple(shape)
    outputs, inputs, frames, *size = shape
    return outputs, frames * inputs, *size


def read_authors(path: Path) -> dict[str, Tensor]:
    """Read the authors' ``.pth.tar`` and return its tensors under our keys, kernels as they are.

    Raises `OSError`, and `WeightsError` with one sentence that says what is missing.
    """
    try:
        content = load_saved(path)
    except ValueError as error:
        raise WeightsError(
            tr(
                "{path} is not the authors' checkpoint or is damaged: it holds no plain dictionary of tensors.",
                path=path.name,
            )
        ) from error
    if not isinstance(content, Mapping):
        raise WeightsError(
            tr("{path} is not the authors' checkpoint: it holds no dictionary.", path=path.name)
        )
    tensors: dict[str, Tensor] = {}
    for network, ours in ((_RESTORATION, "restoration"), (_COLORIZATION, "colorization")):
        table = content.get(network)
        if not isinstance(table, Mapping):
            raise WeightsError(
                tr(
                    "{path} is not the authors' checkpoint: it lacks the network “{network}”.",
                    path=path.name,
                    network=network,
                )
            )
        for key, tensor in table.items():
            try:
                name = f"{ours}.{our_key(str(key))}"
            except KeyError as error:
                raise WeightsError(
                    tr(
                        "{path} is not the authors' checkpoint: its key {key!r} is unknown.",
                        path=path.name,
                        key=str(key)[:60],
                    )
                ) from error
            if not isinstance(tensor, Tensor):
                raise WeightsError(
                    tr(
                        "{path} is not the authors' checkpoint: {network}.{key} is no tensor.",
                        path=path.name,
                        network=network,
                        key=key,
                    )
                )
            tensors[name] = tensor
    return tensors
