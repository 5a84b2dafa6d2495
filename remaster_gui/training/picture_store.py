"""Pictures that stay on the device as bytes: frames of films and photographs, from which samples are cut there.

Moving pictures to a graphics card for every sample, or cutting samples on processor cores, lets the card wait.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import Self

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from remaster_gui.base.errors import SettingsError
from remaster_gui.base.notices import Progress
from remaster_gui.media.photo_packs import PhotoPack
from remaster_gui.training.library import Clip

SHORTER_EDGE = 288
"""Shorter edge up to which frames are kept."""

HOST_BUDGET = 3 << 30
"""Bytes of pictures in the machine's own memory; on a graphics card it is a third of what is free."""

_CHUNK = 64 << 20

_log = logging.getLogger(__name__)


class PictureStore:
    """Pictures ``(3, H, W)`` uint8 sRGB of any sizes on one device.

    ``films[c]`` are the numbers of the frames of clip c, in order; ``photos`` those of the photographs. Within the
    budget of bytes: where all do not fit, every second frame (third, ...) and photograph is kept.
    """

    def __init__(self, device: torch.device, step: int) -> None:
        """Begin without pictures; one of `step` will be kept (see `read`)."""
        self.device, self._step = device, step
        self._pictures: list[Tensor] = []
        self.films: list[range] = []
        self.photos = range(0)

    @classmethod
    def read(
        cls,
        clips: Sequence[Clip],
        packs: Sequence[PhotoPack] = (),
        device: torch.device | str = "cpu",
        budget: int | None = None,
        last: int | None = None,
    ) -> Generator[Progress, None, Self]:
        """Read everything; of the last pack only the first `last` photographs, where that is given.

        Raises `SettingsError` where there is nothing to read and `MediaError` for a damaged pack.
        """
        if not clips and not packs:
            raise SettingsError("There is no film to learn from; name a folder that holds some.")
        device = torch.device(device)
        step = _step_within(_budget_of(device) if budget is None else budget, clips, packs)
        if step > 1:
            _log.info("one of %d frames and photographs fits the memory for pictures", step)
        store = cls(device, step)
        for number, clip in enumerate(clips):
            yield Progress(number, len(clips), doing=f"Reading {clip.name}", unit="clips")
            first = len(store)
            store._keep(clip.frames[::step])
            store.films.append(range(first, len(store)))
        first = len(store)
        for number, pack in enumerate(packs):
            yield Progress(number, len(packs), doing=f"Reading {pack.path.name}", unit="packs")
            count = len(pack) if last is None or pack is not packs[-1] else last
            store._keep(pack.pictures(range(0, count, step)))
        store.photos = range(first, len(store))
        return store

    def __len__(self) -> int:
        return len(self._pictures)

    def __getitem__(self, number: int) -> Tensor:
        """Return a picture ``(3, H, W)`` uint8 on the device."""
        return self._pictures[number]

    def shape(self, number: int) -> tuple[int, int]:
        """Return height and width of a picture."""
        _, height, width = self._pictures[number].shape
        return height, width

    def frames_around(self, film: int, first: int, last: int, within: int | None) -> range:
        """Return the numbers of a film's frames at most `within` frames of the film from `first` to `last`."""
        frames = self.films[film]
        if within is None:
            return frames
        reach = max(0, within // self._step)
        return range(max(frames.start, first - reach), min(frames.stop, last + 1 + reach))

    def _keep(self, pictures: Iterable[NDArray[np.uint8]]) -> None:
        """Move pictures to the device, many in one piece."""
        for chunk in _chunks(_shrunk(picture) for picture in pictures):
            flat = torch.from_numpy(np.concatenate([picture.reshape(-1) for picture in chunk])).to(
                self.device
            )
            sizes = [picture.shape for picture in chunk]
            parts = flat.split([int(np.prod(size)) for size in sizes])
            self._pictures += [part.view(size) for part, size in zip(parts, sizes, strict=True)]


def _shrunk(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return ``(3, H, W)`` with a shorter edge of at most `SHORTER_EDGE`."""
    height, width = picture.shape[:2]
    scale = SHORTER_EDGE / min(height, width)
    if scale < 1:
        size = (round(width * scale), round(height * scale))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    return np.ascontiguousarray(np.moveaxis(picture, -1, 0))


def _chunks(pictures: Iterable[NDArray[np.uint8]]) -> Iterator[list[NDArray[np.uint8]]]:
    chunk: list[NDArray[np.uint8]] = []
    held = 0
    for picture in pictures:
        chunk.append(picture)
        held += picture.nbytes
        if held >= _CHUNK:
            yield chunk
            chunk, held = [], 0
    if chunk:
        yield chunk


def _step_within(budget: int, clips: Sequence[Clip], packs: Sequence[PhotoPack]) -> int:
    """Return 1 where all fits `budget`, else the distance of the frames that are kept."""
    needed = sum(len(clip.frames) * _bytes_of(clip.frames.shape[1:3]) for clip in clips)
    for pack in packs:
        first = next(pack.pictures(range(1)))
        needed += len(pack) * _bytes_of(first.shape[:2])
    return max(1, -(-needed // budget))


def _bytes_of(size: tuple[int, ...]) -> int:
    scale = min(1.0, SHORTER_EDGE / min(size))
    return round(3 * size[0] * size[1] * scale * scale)


def _budget_of(device: torch.device) -> int:
    if device.type != "cuda":
        return HOST_BUDGET
    free, _ = torch.cuda.mem_get_info(device)
    return free // 3
