"""Packs of photographs: pictures of any usual format one after another in one file, their borders in another.

``NAME.bin`` holds the pictures; ``NAME.idx`` is an ``.npy`` array of int64, N + 1 byte offsets for N pictures. A
hundred thousand small files would be slow to list and to copy.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from remaster_gui.base.arrays import Bytes
from remaster_gui.base.errors import MediaError, SettingsError
from remaster_gui.base.language import tr

LARGEST = 4096
"""Longest edge of a photograph in a pack; anything larger was not meant for training."""

_AT_A_TIME = 256
"""Pictures that are decoded side by side, so that memory holds a few of them however long the pack."""


class PhotoPack:
    """Photographs of one pack, read when they are asked for."""

    def __init__(self, path: Path) -> None:
        """Open ``NAME.bin`` (or its ``NAME.idx``); raises `SettingsError` for anything that is no pack."""
        self.path = path.with_suffix(".bin")
        index = path.with_suffix(".idx")
        try:
            offsets = np.load(index, allow_pickle=False)
            size = self.path.stat().st_size
        except (OSError, ValueError, EOFError) as error:
            raise SettingsError(
                tr(
                    "{path} is no pack of photographs ({error}); a pack is a NAME.bin with its NAME.idx beside it.",
                    path=path,
                    error=error,
                )
            ) from error
        if not _are_borders(offsets, size):
            raise SettingsError(
                tr(
                    "{index} does not fit {path}: it should hold the int64 byte offsets of its pictures.",
                    index=index,
                    path=self.path.name,
                )
            )
        self._offsets: list[int] = offsets.tolist()

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def pictures(self, numbers: range | None = None) -> Iterator[Bytes]:
        """Yield the photographs ``(H, W, 3)`` sRGB of `numbers` (None: all), decoded on all cores.

        Raises `MediaError` for one that is no picture.
        """
        wanted = range(len(self)) if numbers is None else numbers
        with self.path.open("rb") as file, ThreadPoolExecutor(os.cpu_count()) as pool:
            for start in range(0, len(wanted), _AT_A_TIME):
                part = wanted[start : start + _AT_A_TIME]
                yield from pool.map(self._decode, part, [self._read(file, number) for number in part])

    def _read(self, file: io.BufferedReader, number: int) -> bytes:
        file.seek(self._offsets[number])
        return file.read(self._offsets[number + 1] - self._offsets[number])

    def _decode(self, number: int, data: bytes) -> Bytes:
        try:
            with Image.open(io.BytesIO(data)) as image:
                if max(image.size) > LARGEST:
                    raise ValueError(f"{image.width}x{image.height} pixels; {LARGEST} is the longest edge")
                return np.asarray(image.convert("RGB"))
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise MediaError(
                tr(
                    "Photograph {number} of {path} cannot be read ({error}); make the pack anew without it.",
                    number=number,
                    path=self.path.name,
                    error=error,
                )
            ) from error


def _are_borders(offsets: NDArray[np.generic], size: int) -> bool:
    if offsets.ndim != 1 or offsets.dtype != np.int64 or len(offsets) < 2:
        return False
    return bool(offsets[0] >= 0 and offsets[-1] <= size and (np.diff(offsets) > 0).all())
