"""Folders of scanned film damage as examples, beside the generated ones.

Four sorts of files are understood, by their content and not by their names: pictures with transparency (one
mark each, scattered over an example), label images (small numbers, 0 meaning undamaged), photographs of dirt
on an even ground, and animations or films (what flashes up for a single frame is damage). Split by file: 30 %
are for evaluation, as in the paper (1,812 of 6,152 examples).
"""

from __future__ import annotations

import hashlib
import warnings
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from remaster_gui.base.arrays import Bytes, Float
from remaster_gui.base.errors import MediaError, StorageError
from remaster_gui.base.timebase import FrameRange
from remaster_gui.media import open_film
from remaster_gui.media.faults import check_file, reading
from remaster_gui.media.limits import LARGEST, check_picture_file
from remaster_gui.media.picture_headers import png_chunks
from remaster_gui.media.picture_kinds import HEAD, kind_of
from remaster_gui.training.damage import EDGE, DamageSplit, Example

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"})
ANIMATIONS = frozenset({".gif", ".mp4", ".mov", ".mkv", ".avi"})

_PNG = b"\x89PNG"
_AMPLITUDE = 0.7
_EVALUATION_SHARE = 0.295
_MOST_LABELS = 32
"""A picture with only values below this is a label image."""
_MOST_FRAMES = 300
"""Frames that are looked at: an animation of examples, not a film."""
_MOST_COVERED = 0.005
"""An animation whose frames differ on more of their area than this shows movement, not damage."""
_MOST_ASPECT = 8
"""Times that an example is as wide as high at most."""
_EXAMPLES_OF_MARKS = 64
"""How many different scatterings of the single marks are made."""


@dataclass(frozen=True)
class ScannedDamage:
    """The scanned examples of one split of one folder; `index` runs from 0 to ``len() - 1``."""

    marks: tuple[Path, ...]
    fields: tuple[tuple[Path, int], ...]
    """Files that fill an example of their own, with the number of the frame."""
    split: DamageSplit

    @classmethod
    def open(cls, folder: Path, split: DamageSplit) -> ScannedDamage:
        """Look through a folder and those inside it.

        Raises `StorageError` without folder and `MediaError` when it holds nothing for this split.
        """
        return _open(folder, split)

    def __len__(self) -> int:
        return len(self.fields) + (_EXAMPLES_OF_MARKS if self.marks else 0)

    def example(self, index: int, edge: int = EDGE) -> Example:
        """Return example `index` with a shorter edge of `edge` pixels; made once, then remembered."""
        if index < len(self.fields):
            return _field_example(*self.fields[index], edge)
        return _scattered_example(self.marks, self.split, index - len(self.fields), edge)


@lru_cache(maxsize=8)
def _open(folder: Path, split: DamageSplit) -> ScannedDamage:
    if not folder.is_dir():
        raise StorageError(f"The folder of scanned damage {folder} does not exist; give another or none.")
    marks: list[Path] = []
    fields: list[tuple[Path, int]] = []
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in PICTURES | ANIMATIONS):
        if split_of(path.relative_to(folder)) is not split:
            continue
        if path.suffix.lower() in ANIMATIONS:
            fields += [(path, number) for number in _flashes(path)]
        elif _has_transparency(path):
            marks.append(path)
        else:
            fields.append((path, 0))
    if not marks and not fields:
        raise MediaError(f"The folder {folder} holds no scanned damage for {split}; add pictures of it.")
    return ScannedDamage(tuple(marks), tuple(fields), split)


def split_of(path: Path) -> DamageSplit:
    """Return the split that a scan belongs to, by its path within the folder."""
    number = int.from_bytes(
        hashlib.blake2b(path.as_posix().encode("utf-8", "surrogateescape"), digest_size=8).digest()
    )
    return DamageSplit.EVALUATION if number / 2**64 < _EVALUATION_SHARE else DamageSplit.TRAINING


def read_scan(path: Path) -> Bytes:
    """Read a picture with its transparency, 8 bits; raises `MediaError` for anything else, before memory is taken."""
    _check_kind(path)
    picture: NDArray[Any] | None = None
    with suppress(cv2.error), reading(path):
        _check_edge(path)
        data = np.fromfile(path, np.uint8)
        _check_chunks(path, data)
        picture = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    if picture is None:
        raise MediaError(f"{path} cannot be read as a picture; remove it from the folder of scanned damage.")
    if picture.dtype == np.uint16:
        deep, picture = picture, np.empty(picture.shape, np.uint8)
        for row, values in enumerate(deep):
            picture[row] = values // 257
    elif picture.dtype != np.uint8:
        raise MediaError(
            f"{path} has neither 8 nor 16 bits a channel; convert it or remove it from the folder."
        )
    return np.asarray(picture, np.uint8)


def _check_kind(path: Path) -> None:
    """Look at the first bytes of a picture and its size on disk."""
    check_file(path)
    with reading(path), path.open("rb") as file:
        kind_of(path, file.read(HEAD))
        check_picture_file(path, path.stat().st_size)


def _check_edge(path: Path) -> None:
    """Check the size that a picture claims; a mark may be of any small size."""
    with (
        warnings.catch_warnings(action="ignore"),
        suppress(UnidentifiedImageError, ValueError, SyntaxError, Image.DecompressionBombError),
        Image.open(path) as header,
    ):
        if max(header.size) <= LARGEST:
            return
    raise MediaError(f"{path} is damaged or measures more than {LARGEST} pixels; remove it from the folder.")


def _check_chunks(path: Path, data: Bytes) -> None:
    """Look at the lengths of all parts of a PNG; OpenCV takes memory for them before it looks whether they exist."""
    if data[: len(_PNG)].tobytes() != _PNG:
        return
    try:
        for _ in png_chunks(data.data):
            pass
    except (EOFError, ValueError) as error:
        raise MediaError(
            f"{path} is damaged or cut short; remove it from the folder of scanned damage."
        ) from error


def _has_transparency(path: Path) -> bool:
    _check_kind(path)
    if path.suffix.lower() == ".png":
        with reading(path), path.open("rb") as file:
            header = file.read(26)
        # Colour types without transparency; spares reading large scans.
        if len(header) == 26 and header[25] not in (4, 6):
            return False
    picture = read_scan(path)
    return picture.ndim == 3 and picture.shape[2] == 4 and bool((picture[..., 3] < 255).any())


@lru_cache(maxsize=64)
def _field_example(path: Path, number: int, edge: int) -> Example:
    if path.suffix.lower() in ANIMATIONS:
        mask = _flash(*_grey_frames(path, FrameRange(number - 1, number + 2)))
    else:
        picture = read_scan(path)
        if picture.ndim == 2 and int(picture.max()) < _MOST_LABELS:
            mask = _labelled(picture)
        else:
            mask = _departure(_grey(picture))
    return Example.of(_sized(mask, edge), _AMPLITUDE)


@lru_cache(maxsize=_EXAMPLES_OF_MARKS)
def _scattered_example(marks: tuple[Path, ...], split: DamageSplit, number: int, edge: int) -> Example:
    """Scatter some of the single marks, turned and scaled, over an example of aspect 4:3."""
    rng = np.random.default_rng((0x5CA7, list(DamageSplit).index(split), number))
    height, width = edge, round(edge * 4 / 3)
    canvas = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(4, 40))):
        mark = _mark(marks[rng.integers(len(marks))])
        size = max(mark.shape)
        # Mostly small: log-normal about 3 % of the edge, and at most a fifth of it.
        scale = min(0.03 * np.exp(rng.normal(0, 0.7)), 0.2) * edge / size
        turn = cv2.getRotationMatrix2D((mark.shape[1] / 2, mark.shape[0] / 2), rng.uniform(0, 360), scale)
        turn[:, 2] += rng.uniform((0, 0), (width, height)) - (mark.shape[1] / 2, mark.shape[0] / 2)
        smooth = cv2.GaussianBlur(mark, (0, 0), 0.5 / scale) if scale < 1 else mark
        laid = cv2.warpAffine(smooth, turn, (width, height), flags=cv2.INTER_LINEAR)
        canvas = np.maximum(canvas, laid * np.float32(rng.uniform(0.3, 1.0)))
    return Example.of(canvas, _AMPLITUDE)


@lru_cache(maxsize=512)
def _mark(path: Path) -> Float:
    """Opacity of one mark, cut to where there is any."""
    opacity = read_scan(path)[..., 3]
    rows, columns = (np.flatnonzero(opacity.max(axis)) for axis in (1, 0))
    if not len(rows):
        return np.zeros((8, 8), np.float32)
    part = opacity[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.pad(part.astype(np.float32) / np.float32(255), 4)


def _labelled(labels: Bytes) -> Float:
    """Give every connected piece of damage its own density: no two grains of dust are equally dark."""
    count, pieces = cv2.connectedComponents((labels > 0).astype(np.uint8))
    density = np.random.default_rng(count).uniform(0.3, 1.0, count).astype(np.float32)
    density[0] = 0.0
    return np.asarray(density[pieces], np.float32)


def _departure(grey: Float) -> Float:
    """Distance of a photograph from its even ground, as far as it exceeds the grain."""
    ground = cv2.GaussianBlur(grey, (0, 0), max(grey.shape) / 40)
    distance = np.abs(grey - ground)
    grain = float(np.median(distance)) * 3
    above = (distance - grain) / max(float(distance.max()) - grain, 1e-3)
    return np.asarray(np.clip(above, 0.0, 1.0), np.float32)


def _grey(picture: Bytes) -> Float:
    values = picture.astype(np.float32) / np.float32(255)
    return values if values.ndim == 2 else np.asarray(values[..., :3].mean(-1), np.float32)


def _grey_frames(path: Path, span: FrameRange) -> Iterator[Float]:
    """Yield those of the frames `span` that an animation has; raises `MediaError` for what is no film."""
    with open_film(path) as film:
        for frame in film.frames(span.intersection(FrameRange(0, film.info.frame_count))):
            yield frame.pixels.astype(np.float32) / np.float32(np.iinfo(frame.pixels.dtype).max)


def _flash(before: Float, now: Float, after: Float) -> Float:
    """Mask of what a frame has brighter, or darker, than both its neighbours."""
    left, here, right = (cv2.GaussianBlur(frame, (3, 3), 0) for frame in (before, now, after))
    to_before, to_after = here - left, here - right
    spike = np.where(to_before * to_after > 0, np.minimum(np.abs(to_before), np.abs(to_after)), 0.0)
    return np.clip((spike - 0.08) * 4, 0.0, 1.0).astype(np.float32)


def _flashes(path: Path) -> list[int]:
    """Numbers of the frames of an animation that show damage rather than movement."""
    numbers = []
    neighbours: deque[Float] = deque(maxlen=3)
    for number, frame in enumerate(_grey_frames(path, FrameRange(0, _MOST_FRAMES))):
        neighbours.append(frame)
        if len(neighbours) == 3:
            covered = float((_flash(*neighbours) > 0.1).mean())
            if 1e-4 < covered < _MOST_COVERED:
                numbers.append(number - 1)
    return numbers


def _sized(mask: Float, edge: int) -> Float:
    """Scale a mask to the shorter edge; turned upright, because films are wider than high.

    Of a strip only the beginning is taken, as enlarging all of it could take any amount of memory.
    """
    if mask.shape[0] > mask.shape[1]:
        mask = mask.T
    mask = np.ascontiguousarray(mask[:, : mask.shape[0] * _MOST_ASPECT])
    scale = edge / mask.shape[0]
    size = (round(mask.shape[1] * scale), edge)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.clip(cv2.resize(mask, size, interpolation=how), 0.0, 1.0).astype(np.float32)
