"""Films for `check_gpu.py`, made of photographs that everybody has."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import skimage.data

from remaster_gui.base.arrays import Float
from remaster_gui.base.color import to_unit
from remaster_gui.engine.sizes import Size
from remaster_gui.media import PRESETS, SegmentWriter


def make_film(folder: Path, size: Size, frames: int, *, tied: bool) -> tuple[Path, Path]:
    """Write a grey film that moves over a photograph, and a folder of four colour references of it.

    `tied`: their names say which of its frames they show, so that they are followed from there.
    """
    references = folder / "references"
    references.mkdir(parents=True)
    seen = list(views(skimage.data.astronaut(), size, frames))
    for index in range(0, frames, max(1, frames // 4))[:4]:
        picture = np.rint(255 * seen[index][..., ::-1]).astype(np.uint8)
        number = index if tied else frames + index
        cv2.imwrite(str(references / f"ref_{number:06d}.png"), picture)
    weights = np.float32([0.2126, 0.7152, 0.0722])
    film = folder / "film.mp4"
    write_pictures(film, (np.repeat((view @ weights)[..., None], 3, axis=2) for view in seen))
    return film, references


def views(photograph: np.ndarray, size: Size, frames: int) -> Iterator[Float]:
    """Yield views ``(H, W, 3)`` in [0, 1] that move to and fro over a photograph, with grain of their own."""
    picture, rng = to_unit(photograph), np.random.default_rng(0)
    height, width = picture.shape[:2]
    tall = min(height, width * size.height // size.width) * 4 // 5
    wide = tall * size.width // size.height
    for index in range(frames):
        at = abs((index + 40) % 80 - 40)
        left, top = at * (width - wide) // 40, at * (height - tall) // 40
        part = picture[top : top + tall, left : left + wide]
        view = cv2.resize(part, (size.width, size.height), interpolation=cv2.INTER_CUBIC)
        yield (view + rng.normal(0, 0.02, (*view.shape[:2], 1))).clip(0, 1).astype(np.float32)


def write_pictures(path: Path, pictures: Iterator[Float]) -> None:
    """Write pictures as a film of H.264."""
    first = next(pictures)
    height, width = first.shape[:2]
    with SegmentWriter(path, PRESETS["h264-8"], width, height, Fraction(24)) as writer:
        for index, picture in enumerate(itertools.chain([first], pictures)):
            writer.write(picture, Fraction(index, 24))
