"""Which sizes pictures have on their way through the networks."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from remaster_gui.base.arrays import Float
from remaster_gui.base.choices import DEFAULT_EDGE
from remaster_gui.base.errors import SettingsError
from remaster_gui.base.language import tr

SIZE_MULTIPLE = 16
"""What colourisation needs widths and heights to be multiples of; known here so that the editor need not load torch."""

SMALLEST_EDGE = 64
LARGEST_EDGE = 2160


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int

    @property
    def pixels(self) -> int:
        """Area."""
        return self.width * self.height

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


def working_size(source: Size, edge: int = DEFAULT_EDGE) -> Size:
    """Scale `source` so that its shorter edge is `edge`, both edges rounded to multiples of 16.

    Raises `SettingsError` for an edge that the networks cannot work at.
    """
    if not SMALLEST_EDGE <= edge <= LARGEST_EDGE:
        raise SettingsError(
            tr(
                "A working size of {edge} is out of range; choose between {smallest_edge} and "
                "{largest_edge} for --size.",
                edge=edge,
                smallest_edge=SMALLEST_EDGE,
                largest_edge=LARGEST_EDGE,
            )
        )
    scale = edge / min(source.width, source.height)
    return Size(
        *(max(1, round(n * scale / SIZE_MULTIPLE)) * SIZE_MULTIPLE for n in (source.width, source.height))
    )


SMALLEST_HEIGHT = 16


def delivered_size(film: Size, height: int | None) -> Size:
    """Return the size of what is written: `height` lines where the film has more, its shape kept and its width even.

    Raises `SettingsError` for a height that no picture has.
    """
    if height is None:
        return film
    if height < SMALLEST_HEIGHT:
        raise SettingsError(
            tr(
                "A height of {height} lines is too small; choose {smallest_height} or more.",
                height=height,
                smallest_height=SMALLEST_HEIGHT,
            )
        )
    if height >= film.height:
        return film
    return Size(max(2, 2 * round(film.width * height / film.height / 2)), height)


def resize(image: Float, size: Size) -> Float:
    """Resize a picture ``(H, W)`` or ``(H, W, C)`` in [0, 1]: averaging when it shrinks, Lanczos when it grows."""
    height, width = image.shape[:2]
    if (width, height) == (size.width, size.height):
        return image
    method = cv2.INTER_AREA if size.pixels < width * height else cv2.INTER_LANCZOS4
    scaled = np.asarray(cv2.resize(image, (size.width, size.height), interpolation=method), np.float32)
    return scaled.clip(0.0, 1.0)
