"""One shot through both networks, window after window, with nothing computed twice and no seam between windows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from remaster_gui.engine.sizes import Size
from remaster_gui.engine.tiles import tile_picture
from remaster_gui.model import RemasterNetwork
from remaster_gui.model.colorization import ReferenceFeatures
from remaster_gui.model.restoration import SIZE_MULTIPLE
from remaster_gui.model.temporal import Carry, MoreFramesNeededError

SELF_ATTENTION_SPAN = 2


def reach(network: RemasterNetwork, *, restoration: bool, colorization: bool) -> int:
    """Frames to either side of a frame that influence its result, inside the shot."""
    return (network.restoration.reach if restoration else 0) + (
        network.colorization.reach(SELF_ATTENTION_SPAN) if colorization else 0
    )


@dataclass(frozen=True, slots=True)
class StreamedFrames:
    """Consecutive frames of a shot; `start` counts from the first frame that was pushed.

    luminance ``(T, H, W)`` at the size pushed, chrominance ``(T, 2, h, w)`` at working size (None when colourisation is
    off), both in [0, 1], float32 on the CPU.
    """

    start: int
    luminance: Tensor
    chrominance: Tensor | None

    def __len__(self) -> int:
        return self.luminance.shape[0]


class _TiledRestoration:
    """The restoration network over a picture in tiles, each with its own memory of the shot."""

    def __init__(self, network: RemasterNetwork, size: Size, tile_edge: int | None) -> None:
        self._network = network
        self._below, self._right = -size.height % SIZE_MULTIPLE, -size.width % SIZE_MULTIPLE
        height, width = size.height + self._below, size.width + self._right
        self._size = size
        self._tiles = tile_picture(height, width, tile_edge or max(height, width))
        self._whole = Carry()
        self._carries = [Carry() for _ in self._tiles]

    def push(self, luminance: Tensor, last: bool, check: Callable[[], None]) -> Tensor | None:
        """Map ``(1, T, 1, H, W)`` to ``(1, T', 1, H, W)``, or None while the network waits for more frames."""
        padded = F.pad(luminance[0], (0, self._right, 0, self._below), mode="replicate")[None]
        self._whole.last = last
        try:
            padded = self._network.restoration.correct(padded, self._whole)
        except MoreFramesNeededError:
            return None
        out: Tensor | None = None
        for tile, carry in zip(self._tiles, self._carries, strict=True):
            check()
            carry.last = last
            try:
                part = self._network.restoration.repair(padded[..., tile.outer[0], tile.outer[1]], carry)
            except MoreFramesNeededError:
                continue
            if out is None:
                out = part.new_empty(1, part.shape[1], 1, *padded.shape[-2:])
            out[..., tile.inner[0], tile.inner[1]] = part[..., tile.kept[0], tile.kept[1]]
        return None if out is None else out[..., : self._size.height, : self._size.width]


class ShotStream:
    """Both networks over one shot (or any run of neighbouring frames).

    Push luminance windows of any length in order, the final one with ``last=True``; each push returns the frames that
    have become ready, `delay` frames behind at most. However the shot is cut into windows, the result is the same.
    """

    def __init__(
        self,
        network: RemasterNetwork,
        references: Sequence[ReferenceFeatures],
        *,
        size: Size,
        working: Size,
        restoration: bool = True,
        colorization: bool = True,
        tile_edge: int | None = None,
    ) -> None:
        """Prepare for frames of `size`; colourisation happens at `working` size (multiples of 16)."""
        self._network, self._references = network, references
        self._working = working
        self._restoration = _TiledRestoration(network, size, tile_edge) if restoration else None
        self._carry = Carry(SELF_ATTENTION_SPAN) if colorization else None
        self._luminance: list[Tensor] = []  # restored frames whose colours are not there yet
        self._delivered = 0

    @torch.inference_mode()
    def push(
        self, luminance: Tensor, last: bool, check: Callable[[], None] = lambda: None
    ) -> StreamedFrames | None:
        """Take luminance ``(T, H, W)`` in [0, 1], T at least 1; return what is ready, or None.

        `check` is called every now and then meanwhile and may raise, which ends this stream: the end of a shot sets
        many frames free at once, and large pictures have many tiles.
        """
        clip = luminance[None, :, None].to(self._network.device)
        if self._restoration is not None:
            restored = self._restoration.push(clip, last, check)
            if restored is None:
                return None
            clip = restored
        if self._carry is None:
            return self._deliver(clip[0, :, 0].cpu(), None)
        self._luminance.append(clip[0, :, 0].cpu())
        colored = []
        # Restored frames that were set free at once go on in windows of the usual length.
        pieces = clip.split(len(luminance), dim=1)
        for number, piece in enumerate(pieces, start=1):
            check()
            self._carry.last = last and number == len(pieces)
            try:
                result = self._network.colorization(
                    self._at_working_size(piece), self._references, self._carry
                )
            except MoreFramesNeededError:
                continue
            colored.append(result.chrominance[0].cpu())
        if not colored:
            return None
        chrominance = torch.cat(colored)
        waiting = torch.cat(self._luminance)
        self._luminance = [waiting[len(chrominance) :]]
        return self._deliver(waiting[: len(chrominance)], chrominance)

    def _at_working_size(self, clip: Tensor) -> Tensor:
        size = (self._working.height, self._working.width)
        if clip.shape[-2:] == size:
            return clip
        flat = clip[0]
        scaled = F.interpolate(flat, size, mode="bilinear", antialias=True, align_corners=False)
        return scaled.clamp_(0.0, 1.0)[None]

    def _deliver(self, luminance: Tensor, chrominance: Tensor | None) -> StreamedFrames:
        frames = StreamedFrames(self._delivered, luminance, chrominance)
        self._delivered += len(luminance)
        return frames
