"""A contact sheet of pictures as old films would show them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from remaster_gui.base.arrays import Bytes
from remaster_gui.base.errors import StorageError
from remaster_gui.base.files import hand_out
from remaster_gui.training.damage import DamageSplit
from remaster_gui.training.degradation import FILM, Degradation, Strength

CELL = (240, 320)
"""Height and width of one picture on the sheet; the film is twice as large, for grain is finer than this."""

_GAP = 2
_PAPER = 24
_SETTLED = 100
"""Frame index that is shown: somewhere in the film, where scratches are under way."""


def damage_sheet(
    pictures: Sequence[Bytes],
    seeds: Sequence[int],
    strength: Strength = FILM,
    folder: Path | None = None,
) -> Bytes:
    """Lay out `pictures` (sRGB ``(H, W, 3)`` uint8) as columns: clean on top, then a row for each seed.

    Pictures are cropped to the middle and scaled to `CELL`. Returns sRGB uint8.
    """
    height, width = 2 * CELL[0], 2 * CELL[1]
    frames = [_fitted(picture, height, width) for picture in pictures]
    greys = [np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), np.uint8) for frame in frames]
    rows = [frames]
    for seed in seeds:
        film = Degradation(seed, height, width, DamageSplit.EVALUATION, strength, folder=folder)
        aged = [film.apply(grey, _SETTLED + 7 * number) for number, grey in enumerate(greys)]
        rows.append([np.repeat(grey[..., None], 3, axis=2) for grey in aged])
    return np.concatenate([np.concatenate([_cell(frame) for frame in row], axis=1) for row in rows])


def write_sheet(path: Path, sheet: Bytes) -> None:
    """Write a sheet as PNG or JPEG, by the suffix; `StorageError` where that cannot be done."""
    options = [cv2.IMWRITE_JPEG_QUALITY, 82] if path.suffix.lower() in {".jpg", ".jpeg"} else []
    try:
        known, code = cv2.imencode(path.suffix, np.ascontiguousarray(sheet[..., ::-1]), options)
    except cv2.error:
        known = False
    if not known:
        raise StorageError(f"The contact sheet cannot be written as {path.name}; name it .png or .jpg.")
    try:
        hand_out(path, code.tobytes())
    except OSError as error:
        raise StorageError(
            f"The contact sheet cannot be written to {path} ({error.strerror}); choose another place."
        ) from error


def _cell(frame: Bytes) -> Bytes:
    small = np.asarray(cv2.resize(frame, CELL[::-1], interpolation=cv2.INTER_AREA), np.uint8)
    return np.pad(small, ((_GAP, _GAP), (_GAP, _GAP), (0, 0)), constant_values=_PAPER)


def _fitted(picture: Bytes, height: int, width: int) -> Bytes:
    scale = max(height / picture.shape[0], width / picture.shape[1])
    size = (max(width, round(picture.shape[1] * scale)), max(height, round(picture.shape[0] * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    scaled = np.asarray(cv2.resize(picture, size, interpolation=how), np.uint8)
    top, left = (scaled.shape[0] - height) // 2, (scaled.shape[1] - width) // 2
    return np.ascontiguousarray(scaled[top : top + height, left : left + width])
