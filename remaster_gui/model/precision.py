"""Which part of a network computes in which numbers.

Half the digits suffice for what convolutions make of pictures, and cost too much wherever pictures are compared:

| part | numbers |
| --- | --- |
| convolutions of `ConvUnit`s, and what flows from one into the next | `Precision.convolutions` |
| frames, tones, motion, repair from neighbours, steadying | float32 |
| projections to queries, keys and values; all terms of the similarity (`similarity.py`) | float32 |
| products of attention and of refined matches | float32, or TF32 where `Precision.rounded_products` |
| colours and statistics that are carried, alignment, weights of the fusion (`carrying.py`) | float32 |

Chrominance against float32 throughout, compact network, 16 frames of a film of 1952 at 208x160: 27.5 dB with everything
in bfloat16, 43.1 in float16; with the convolutions alone in bfloat16 55.1, in float16 63.4; products in TF32 leave 50.4
of either. Convolutions reach 6400 on that film, a tenth of what float16 can hold, which is why it is not used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar

import torch

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Precision:
    """What the parts of a network that may differ compute in."""

    convolutions: torch.dtype
    rounded_products: bool
    """Large products of float32 matrices may round their factors to TF32's eleven digits, where a GPU can."""

    @property
    def name(self) -> str:
        """What reports call it."""
        convolutions = str(self.convolutions).removeprefix("torch.")
        return convolutions + (" and TF32" if self.rounded_products else "")


FULL = Precision(torch.float32, rounded_products=False)
"""Float32 throughout: what processors compute in, and GPUs older than bfloat16."""

MIXED = Precision(torch.bfloat16, rounded_products=True)
"""What GPUs compute in."""


def best_precision(device: torch.device) -> Precision:
    """Return the precision in which a device is fast and right."""
    if device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        return MIXED
    return FULL


def allow_rounded_products(allowed: bool) -> None:
    """Let this process's GPUs round the factors of float32 matrix products, or not; never those of convolutions.

    What is convolved in float32 are patches, whose descriptions are differences of nearly equal sums.
    """
    torch.backends.cuda.matmul.fp32_precision = "tf32" if allowed else "ieee"
    torch.backends.cudnn.conv.fp32_precision = "ieee"  # type: ignore[attr-defined]


def in_full_precision(function: Callable[P, R]) -> Callable[P, R]:
    """Keep autocast out of `function`: differences of bfloat16 numbers are too coarse to compare pictures by."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        with torch.autocast("cpu", enabled=False), torch.autocast("cuda", enabled=False):
            return function(*args, **kwargs)

    return call
