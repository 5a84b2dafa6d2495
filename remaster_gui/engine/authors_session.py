"""The authors' own way of running their networks, step for step, for comparison with published results.

Sizes, grey conversion, letterboxed references, blocks of five frames without overlap and Lab conversion are those of
their script; the references are encoded again for every block. Nothing here is better than the product's own way.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from threading import Event

import cv2
import numpy as np
import torch
from PIL import Image

from remaster_gui.base.arrays import Bytes, Float, Pixels
from remaster_gui.base.spot_marks import FrameMarks
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.device import Plan, device_faults
from remaster_gui.engine.messages import (
    Reference,
    RemasteredFrame,
    RemasteredWindow,
    Settings,
    read_only,
)
from remaster_gui.engine.session import CancelledError, FrameReader
from remaster_gui.engine.sizes import Size, working_size
from remaster_gui.engine.stages import Stages
from remaster_gui.model import RemasterNetwork
from remaster_gui.model.colorization import ReferenceFeatures

BLOCK = 5
REFERENCE_EDGE = 256
_MULTIPLE = 16


def grey_input(rgb: Pixels, size: Size) -> Bytes:
    """Scale a frame ``(H, W, 3)`` and weigh its channels in swapped order, as the authors' OpenCV calls do; uint8."""
    bgr = np.ascontiguousarray(_eight_bits(rgb)[..., ::-1])
    return np.asarray(cv2.cvtColor(cv2.resize(bgr, (size.width, size.height)), cv2.COLOR_RGB2GRAY), np.uint8)


def letterbox(pictures: Sequence[Bytes]) -> Float:
    """Scale pictures ``(H, W, 3)`` and pad them with black to one canvas of their mean aspect ratio.

    Returns sRGB ``(N, 3, h, w)`` float32 in [0, 1] whose shorter edge is 256.
    """
    aspect = sum(p.shape[1] / p.shape[0] for p in pictures) / len(pictures)
    width = int(REFERENCE_EDGE * aspect) if aspect > 1 else REFERENCE_EDGE
    height = REFERENCE_EDGE if aspect >= 1 else int(REFERENCE_EDGE / aspect)
    return np.stack([_fit(picture, width, height) for picture in pictures])


def _fit(picture: Bytes, width: int, height: int) -> Float:
    image = Image.fromarray(picture)
    if image.size != (width, height):
        scale = max(width, height) / max(image.size)
        inner = [max(1, int(n * scale / _MULTIPLE)) * _MULTIPLE for n in image.size]
        canvas = Image.new("RGB", (width, height))
        scaled = image.resize((inner[0], inner[1]), Image.Resampling.BICUBIC)
        canvas.paste(scaled, ((width - inner[0]) // 2, (height - inner[1]) // 2))
        image = canvas
    return np.asarray(image, np.float32).transpose(2, 0, 1) / np.float32(255)


class AuthorsSession:
    """Remasters a whole film in blocks of five, ignoring cuts; same results as `Session`, other numbers."""

    def __init__(
        self,
        network: RemasterNetwork,
        references: Sequence[Reference],
        *,
        film_size: Size,
        settings: Settings,
    ) -> None:
        """Prepare for a film of `film_size`."""
        self._network, self._settings = network, settings
        self.working = working_size(film_size, settings.edge)
        self.stages = Stages()
        pictures = [_eight_bits(reference.load()) for reference in references]
        self._references = torch.from_numpy(letterbox(pictures)) if pictures else None

    def begin_anew(self, plan: Plan) -> None:
        """Count from nothing; blocks are of five frames, whatever the plan."""
        self.stages = Stages()

    def remaster(
        self,
        read: FrameReader,
        shot: FrameRange,
        span: FrameRange,
        cancel: Event,
        marks: FrameMarks = (),
    ) -> Generator[RemasteredWindow]:
        """Yield the frames of `span` block by block; `read` delivers RGB. The authors' script knows no marks."""
        block: list[tuple[int, Bytes]] = []
        with closing(read(span)) as frames:
            for frame in frames:
                if cancel.is_set():
                    raise CancelledError
                with self.stages.working("prepare"):
                    block.append((frame.index, grey_input(frame.pixels, self.working)))
                if len(block) == BLOCK or frame.index + 1 == span.stop:
                    yield self._block(block)
                    block = []

    @device_faults()
    @torch.inference_mode()
    def _block(self, block: list[tuple[int, Bytes]]) -> RemasteredWindow:
        grey = np.stack([pixels for _, pixels in block]).astype(np.float32) / np.float32(255)
        luminance = torch.from_numpy(grey)[None, None]
        if self._settings.restoration:
            with self.stages.working("restoration network", len(block)):
                luminance = self._network.restore(luminance)
                restored = luminance.cpu()
        else:
            restored = luminance
        chrominance = None
        if self._settings.colorization:
            with self.stages.working("colour network", len(block)):
                features = encode_together(self._network, self._references)
                chrominance = self._network.colorize(luminance, features).cpu()
        return RemasteredWindow(
            tuple(
                RemasteredFrame(
                    index,
                    read_only(restored[0, 0, t].numpy().copy()),
                    None
                    if chrominance is None
                    else read_only(chrominance[0, :, t].numpy().transpose(1, 2, 0).copy()),
                )
                for t, (index, _) in enumerate(block)
            )
        )


def encode_together(network: RemasterNetwork, references: torch.Tensor | None) -> Sequence[ReferenceFeatures]:
    """Encode all references ``(N, 3, h, w)`` at once as one body of positions, at whatever size they have."""
    if references is None:
        return ()
    pictures = references[None].to(network.device)
    return [network.encode_references(pictures)]


def _eight_bits(picture: Pixels) -> Bytes:
    return (
        (picture // 257).astype(np.uint8)
        if picture.dtype == np.uint16
        else picture.astype(np.uint8, copy=False)
    )
