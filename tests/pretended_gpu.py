"""A graphics card that is none: tensors that say they lie on one, while a processor computes what they are.

What a real card would refuse fails here: tensors of both places in one operation, and reading from the card without
bringing it over. What a real card would be waited for is counted, with the line of the program that waits.
"""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar
from unittest.mock import patch

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

CARD = torch.device("cuda:0")
PROCESSOR = torch.device("cpu")

_aten = torch.ops.aten
_WAITS = {
    _aten._local_scalar_dense.default, _aten.is_nonzero.default, _aten.item.default, _aten.nonzero.default,
    _aten.masked_select.default, _aten.equal.default, _aten.bincount.default, _aten._unique2.default,
    _aten.repeat_interleave.Tensor,
}  # fmt: skip
_CROSSES = {_aten.copy_.default, _aten._to_copy.default}
_INDEXES = {_aten.index.Tensor, _aten.index_put_.default}


class Waits(Counter[str]):
    """How often the card was waited for, by the line of the program that did."""

    def note(self) -> None:
        """Count one more wait, of whoever asked for it."""
        stack = reversed(traceback.extract_stack())
        frame = next((each for each in stack if "/remaster_gui/" in each.filename), None)
        self["" if frame is None else f"{frame.filename.rpartition('remaster_gui/')[2]} {frame.name}"] += 1


class CardTensor(Tensor):
    """A tensor that says it lies on the card; `held` is what it is.

    To PyTorch itself it lies with the processor, which every build has; whoever asks for its device is told the card.
    """

    held: Tensor
    waits: ClassVar[Waits] = Waits()
    pinned: ClassVar[set[int]] = set()

    @staticmethod
    def __new__(cls, real: Tensor) -> CardTensor:
        made = Tensor._make_wrapper_subclass(  # type: ignore[attr-defined]
            cls, real.shape, strides=real.stride(), storage_offset=real.storage_offset(), dtype=real.dtype
        )
        made.held = real
        return made

    def __repr__(self) -> str:  # type: ignore[override]
        return f"CardTensor({self.held!r})"

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _called(func, args, kwargs or {})

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func == Tensor.device.__get__:  # type: ignore[attr-defined]
            return CARD if isinstance(args[0], CardTensor) else PROCESSOR
        if func == Tensor.is_cuda.__get__:  # type: ignore[attr-defined]
            return isinstance(args[0], CardTensor)
        if func == Tensor.cpu:
            return _moved(args[0], PROCESSOR, waits=True)
        if func == Tensor.numpy:
            raise TypeError("can't convert cuda:0 device type tensor to numpy")
        if func == Tensor.new_tensor:
            cls.waits.note()
            return CardTensor(torch.tensor(args[1], dtype=args[0].dtype, device=PROCESSOR))
        if func == Tensor.to:
            return _sent(*args, **kwargs)
        with torch._C.DisableTorchFunctionSubclass():
            return func(*args, **kwargs)


class _Factories(TorchDispatchMode):
    """Lets tensors be made on the card that are made of no other."""

    def __enter__(self) -> Any:
        self._lifted = torch._C._only_lift_cpu_tensors()
        torch._C._set_only_lift_cpu_tensors(True)
        return super().__enter__()

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)
        torch._C._set_only_lift_cpu_tensors(self._lifted)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if not any(isinstance(each, CardTensor) for each in tree_leaves((args, kwargs))):
            with self:
                made = func.decompose(*args, **(kwargs or {}))
            if made is not NotImplemented:
                return made
        return _called(func, args, kwargs or {})


def _called(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """Call an operation with what tensors are, and let what comes out lie where it would."""
    device, pins = kwargs.get("device"), kwargs.pop("pin_memory", False)
    to_card = device is not None and torch.device(device).type == "cuda"
    tensors = [each for each in tree_leaves((args, kwargs)) if isinstance(each, Tensor)]
    here = [each for each in tensors if isinstance(each, CardTensor)]
    elsewhere = [each for each in tensors if not isinstance(each, CardTensor)]
    if func == _aten.is_pinned.default:
        return _is_pinned(args[0])
    if func == _aten._pin_memory.default:
        return _pinned(args[0].clone())
    if here:
        _check(func, args, elsewhere)
    elif (
        to_card
        and func == _aten._to_copy.default
        and not (_is_pinned(args[0]) and kwargs.get("non_blocking"))
    ):
        CardTensor.waits.note()
    if device is not None:
        kwargs["device"] = PROCESSOR
    out = func(*tree_map(_real, args), **tree_map(_real, kwargs))
    given = next((each for each in tensors if _real(each) is out), None)
    if given is not None:
        return given
    if pins:
        return _pinned(out)
    return (
        tree_map(lambda each: CardTensor(each) if isinstance(each, Tensor) else each, out)
        if here or to_card
        else out
    )


def _check(func: Any, args: Any, elsewhere: list[Tensor]) -> None:
    """Fail where a card would, and count what it is waited for."""
    if any(each.dim() for each in elsewhere) and func not in _CROSSES | _INDEXES:
        raise RuntimeError(f"Expected all tensors to be on the same device ({func})")
    if func == _aten.copy_.default and isinstance(args[0], CardTensor) != isinstance(args[1], CardTensor):
        host = args[1] if isinstance(args[0], CardTensor) else args[0]
        if not (_is_pinned(host) and args[2:] == (True,)):
            CardTensor.waits.note()
    chosen = args[1] if func in _INDEXES else ()
    by_host = any(each is not None and not isinstance(each, CardTensor) for each in chosen)
    by_mask = any(each is not None and each.dtype == torch.bool for each in chosen)
    if func in _WAITS or by_host or by_mask:
        CardTensor.waits.note()


def _real(value: Any) -> Any:
    return value.held if isinstance(value, CardTensor) else value


def _is_pinned(tensor: Tensor) -> bool:
    return not isinstance(tensor, CardTensor) and tensor.untyped_storage().data_ptr() in CardTensor.pinned


def _pinned(tensor: Tensor) -> Tensor:
    CardTensor.pinned.add(tensor.untyped_storage().data_ptr())
    return tensor


def _sent(tensor: Tensor, *where: Any, **how: Any) -> Tensor:
    """Do what ``Tensor.to`` does."""
    if where and isinstance(where[0], Tensor):
        where = (where[0].device, where[0].dtype, *where[1:])
    device, dtype, non_blocking, form = torch._C._nn._parse_to(*where, **how)  # type: ignore[attr-defined]
    if dtype is not None and dtype != tensor.dtype:
        tensor = tensor.type(dtype)
    if form is not None:
        tensor = tensor.contiguous(memory_format=form)
    return (
        tensor if device is None else _moved(tensor, device, waits=not (non_blocking and _is_pinned(tensor)))
    )


def _moved(tensor: Tensor, device: torch.device, *, waits: bool) -> Tensor:
    is_here = isinstance(tensor, CardTensor)
    if is_here == (device.type == "cuda"):
        return tensor
    if waits:
        CardTensor.waits.note()
    return _real(tensor).clone() if is_here else CardTensor(tensor.clone())


class _Stream:
    def synchronize(self) -> None:
        CardTensor.waits.note()


@torch.inference_mode()
def put_on_card(network: nn.Module) -> None:
    """Let all numbers of a folded network lie on the card, where no convolution takes a processor's form."""
    for module in network.modules():
        if hasattr(module, "form"):
            module.form = None
        for name, numbers in list(module._parameters.items()):
            if numbers is not None:
                module._parameters[name] = nn.Parameter(
                    CardTensor(numbers.detach().clone()), requires_grad=False
                )
        for name, kept in list(module._buffers.items()):
            if kept is not None:
                module._buffers[name] = CardTensor(kept.clone())


@contextmanager
def pretended_gpu() -> Iterator[Waits]:
    """Let there be a card; returns what it is waited for."""
    CardTensor.waits.clear()
    CardTensor.pinned.clear()
    with (
        patch("torch.cuda._lazy_init", lambda: None),
        patch("torch.cuda.current_stream", lambda _device=None: _Stream()),
        _Factories(),
    ):
        yield CardTensor.waits
