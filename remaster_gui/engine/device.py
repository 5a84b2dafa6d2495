"""The computing device, its memory, and how much of a film may be on it at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch

from remaster_gui.base import system
from remaster_gui.base.counting import counted
from remaster_gui.base.errors import DeviceError, is_out_of_memory
from remaster_gui.base.language import tr
from remaster_gui.engine.messages import Settings
from remaster_gui.engine.sizes import Size
from remaster_gui.model import ModelConfig
from remaster_gui.model.precision import best_precision
from remaster_gui.model.restoration import SIZE_MULTIPLE, SPATIAL_REACH
from remaster_gui.model.temporal import Limits

WINDOW_LENGTHS = (16, 8, 5, 3, 2, 1)
"""Temporal windows that a plan may choose; long ones serve a GPU, a processor gains nothing beyond five."""

CPU_LONGEST_WINDOW = 5
SMALLEST_TILE = 64
LARGEST_TILE = 1024
_SHARE = 0.6
"""Part of the free memory that a plan may use; the rest is for decoding, encoding and other programs."""

# Bytes per pixel at width 1 and four bytes a number, from the layers' sizes: activations of the frames at hand, and
# what is remembered of the last ones.
_RESTORATION_ACTIVE = 1400
_RESTORATION_STATE = 2000
_COLORIZATION_ACTIVE = 700
_COLORIZATION_STATE = 900


# Numbers per pixel of the largest tensor at width 1: the last enlargement, three frames stacked; and the least of them
# in the narrowest network. Some operations on GPUs cannot count further than `_MOST_NUMBERS`.
_RESTORATION_NUMBERS = 192
_COLORIZATION_NUMBERS = 48
_LEAST_NUMBERS = 24
_MOST_NUMBERS = 2**31 - 1

# Beyond these no plan that was made here can be.
_MOST_FRAMES = 256
_MOST_BYTES = 2**48
_MOST_THREADS = 512


@dataclass(frozen=True, slots=True)
class Plan:
    """How work is cut so that it fits.

    `window`: frames run together. `tile_edge`: of restoration tiles, None for whole pictures. `attention_bytes`: how
    much of an attention map exists at a time. `threads`: by which a processor computes, as sums over a picture come out
    otherwise, in the last place, with every number of them; None on a graphics card and where that is left open.
    """

    window: int
    tile_edge: int | None
    attention_bytes: int
    threads: int | None = None

    def __post_init__(self) -> None:
        """Raise `ValueError` for numbers that no film can be cut by, as a damaged record may hold them."""
        tile = SMALLEST_TILE if self.tile_edge is None else self.tile_edge
        threads = 1 if self.threads is None else self.threads
        numbers = (
            (self.window, 1, _MOST_FRAMES),
            (tile, SMALLEST_TILE, _MOST_NUMBERS),
            (self.attention_bytes, 1, _MOST_BYTES),
            (threads, 1, _MOST_THREADS),
        )
        for number, least, most in numbers:
            if type(number) is not int or not least <= number <= most:
                raise ValueError(f"no plan to work by: {self}")

    @property
    def limits(self) -> Limits:
        """What the networks' layers keep to."""
        return Limits(self.window, self.attention_bytes)

    def halved(self) -> Plan:
        """Return the next smaller plan; raises `DeviceError` when there is none."""
        if self.window == 1 and self.tile_edge is not None and self.tile_edge <= SMALLEST_TILE:
            raise DeviceError(
                tr(
                    "The device has too little free memory even for single frames; "
                    "close other programs or choose a smaller --size."
                )
            )
        tile = LARGEST_TILE if self.tile_edge is None else max(SMALLEST_TILE, self.tile_edge // 2)
        return dataclasses.replace(
            self,
            window=max(1, self.window // 2),
            tile_edge=tile,
            attention_bytes=max(2**20, self.attention_bytes // 2),
        )


def choose_device(name: str | None) -> str:
    """Return `name`, or the first GPU, or the processor where there is none."""
    return name or ("cuda" if torch.cuda.is_available() else "cpu")


def free_memory(device: torch.device) -> int:
    """Bytes that can still be had on a device."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    return system.free_memory()


def to_device(frames: torch.Tensor, device: torch.device) -> torch.Tensor:
    """Bring a tensor in ordinary memory to a device; to a GPU while this thread goes on with other things.

    The copy begins at once, from memory that stays in place for it; work on the GPU waits for it by itself.
    """
    if device.type != "cuda":
        return frames.to(device)
    return frames.pin_memory().to(device, non_blocking=True)


def to_host(frames: torch.Tensor) -> torch.Tensor:
    """Bring a tensor from a device to ordinary memory, and wait for it."""
    if frames.device.type != "cuda":
        return frames.cpu()
    # Into memory that stays in place: a GPU writes there several times as fast.
    kept = torch.empty(frames.shape, dtype=frames.dtype, pin_memory=True)
    kept.copy_(frames, non_blocking=True)
    torch.cuda.current_stream(frames.device).synchronize()
    return kept


def leave_a_core() -> None:
    """Let the calling thread compute with all cores but one, which stays free for the window."""
    torch.set_num_threads(max(1, min(torch.get_num_threads(), system.usable_cores() - 1)))


@contextmanager
def computing_with(threads: int | None) -> Iterator[None]:
    """Let the calling thread compute with so many threads (None: as many as it does)."""
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(threads or before)
        yield
    finally:
        torch.set_num_threads(before)


def make_plan(
    config: ModelConfig, size: Size, working: Size, settings: Settings, device: torch.device, free: int
) -> Plan:
    """Choose the longest window and the largest tiles for which both networks fit into `free` bytes.

    `size` is the size at which restoration works, `working` that of colourisation.
    """
    number = best_precision(device).convolutions.itemsize / 4
    budget = free * _SHARE
    if settings.restoration:
        budget -= _RESTORATION_STATE * config.restoration.width * number * size.pixels
    if settings.colorization:
        budget -= _COLORIZATION_STATE * config.colorization.width * number * working.pixels
    longest = CPU_LONGEST_WINDOW if device.type == "cpu" else WINDOW_LENGTHS[0]
    attention = (16 if device.type == "cpu" else 256) * 2**20
    for window in (n for n in WINDOW_LENGTHS if n <= longest):
        color = _COLORIZATION_ACTIVE * config.colorization.width * number * working.pixels * window
        if settings.colorization and color > budget:
            continue
        if settings.colorization and working.pixels > _countable(
            _COLORIZATION_NUMBERS, config.colorization.width, window
        ):
            continue
        if not settings.restoration:
            return Plan(window, None, attention)
        pixels = budget / (_RESTORATION_ACTIVE * config.restoration.width * number * window)
        countable = _countable(_RESTORATION_NUMBERS, config.restoration.width, window)
        if min(pixels, countable) >= size.pixels and max(size.width, size.height) <= LARGEST_TILE:
            return Plan(window, None, attention)
        # What is computed of a tile is larger than what is kept of it.
        edge = min(
            LARGEST_TILE, int(max(0, pixels) ** 0.5), int(countable**0.5) - 2 * SPATIAL_REACH - SIZE_MULTIPLE
        )
        if edge >= 4 * SMALLEST_TILE:
            return Plan(window, edge, attention)
    if budget > 0:
        return Plan(1, 2 * SMALLEST_TILE, attention)
    raise DeviceError(
        tr(
            "Pictures of {size} need more memory than the {free:.1f} GiB that are free; "
            "use --luminance working, a smaller --size, or close other programs.",
            size=size,
            free=free / 2**30,
        )
    )


def _countable(numbers: int, width: float, window: int) -> int:
    """Return of how many pixels `window` frames together can be, so that every tensor can be counted through."""
    return int(_MOST_NUMBERS / (max(_LEAST_NUMBERS, numbers * width) * window))


def is_device_lost(error: BaseException) -> bool:
    """Whether an exception means that a GPU or its driver failed, after which it computes nothing more for us."""
    text = str(error)
    return (
        isinstance(error, RuntimeError)
        and not is_out_of_memory(error)
        and text.startswith(("CUDA error", "cuDNN error", "CUDA driver error"))
        and "out of memory" not in text
        and "ALLOC_FAILED" not in text
    )


@contextmanager
def device_faults() -> Iterator[None]:
    """Turn the failure of a GPU or its driver into `DeviceError`."""
    try:
        yield
    except RuntimeError as error:
        if not is_device_lost(error):
            raise
        raise DeviceError(
            tr(
                "The GPU stopped working amid the film. Start the computer again, or use --device cpu: "
                "the same command goes on after the shots that are finished."
            )
        ) from error


def describe_device(device: torch.device) -> str:
    """Name a device for reports and the status line."""
    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)} (CUDA)"
    return tr("processor, {threads}", threads=counted(torch.get_num_threads(), "thread"))
