"""Decoded films on disk: each film once, as one memory-mapped uint8 array that every process shares.

Training draws small crops from random frames; decoding H.264 for each would keep the processor busy with
anything but training. A film is therefore decoded once into ``<key>.npy``, an array ``(T, H, W, 3)`` uint8,
gamma-coded sRGB, whose shorter edge is at most `SHORTER_EDGE`. The key is the content of the film and the
settings, so a renamed film is found again and an edited one is decoded anew.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import math
import os
import re
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from threading import Event
from typing import BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Bytes
from remaster_gui.base.errors import MediaError, StorageError
from remaster_gui.base.files import read_record, replace_text, replacing
from remaster_gui.base.locks import FileLock
from remaster_gui.base.notices import Progress, Update
from remaster_gui.base.paths import user_folder
from remaster_gui.base.timebase import FrameRange
from remaster_gui.media import Film, content_hash, find_shots, open_film
from remaster_gui.media.shots import shots_of_record

SHORTER_EDGE = 400
"""Largest shorter edge that is stored, the upper end of Table 3's scaling; smaller films stay as they are."""

_LAYOUT = "rgb24-2"
"""Part of the key; raise it whenever the pixels written for the same film would differ."""

_SPARE_BYTES = 1 << 30
"""Bytes that always stay free on the disk for other programs."""

_LONGEST_HEADER = 256
_HEADER = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '\|u1', 'fortran_order': False, "
    rb"'shape': \((?P<shape>\d{1,9}, \d{1,5}, \d{1,5}, 3)\), \} *\n",
    re.DOTALL,
)
"""Of an ``.npy`` file of frames, as `_write_header` writes it; NumPy's own reader evaluates what it finds."""

_log = logging.getLogger(__name__)


def default_folder() -> Path:
    """Folder of decoded films when none is given."""
    return user_folder("cache") / "frames"


def cached_frames(
    film: Path, folder: Path | None = None, shorter_edge: int = SHORTER_EDGE
) -> Generator[Update, None, Path]:
    """Return the ``.npy`` file with the decoded frames of `film`; decode it unless that was done before.

    Uses memory for one frame at a time. The file appears under its name only when complete, so a killed run
    leaves nothing that a later one could mistake for a film; of several processes that ask for the same film
    one decodes and the others wait.

    Raises `MediaError` for a film that cannot be read and `StorageError` when the cache folder cannot be
    written.
    """
    folder = folder or default_folder()
    target = folder / f"{_key(film, shorter_edge)}.npy"
    if _is_whole(target):
        return target
    with _storing(film, folder):
        folder.mkdir(parents=True, exist_ok=True)
        with _exclusive(target.with_suffix(".lock")):
            if not _is_whole(target):
                with replacing(target) as file, open_film(film) as opened:
                    yield from _write(file, opened, shorter_edge)
                    yield from (replace(n, text=f"{film.name}: {n.text}") for n in opened.notices())
                _log.info("decoded %s into %s", film, target)
    return target


def cached_shots(film: Path, cached: Path) -> Generator[Progress, None, tuple[FrameRange, ...]]:
    """Return the shots of a film whose decoded frames are `cached`; they are searched for once and noted beside it.

    Raises as `cached_frames` does.
    """
    note, count = cached.with_suffix(".shots.json"), len(open_frames(cached))
    try:
        return tuple(shots_of_record(read_record(note), count))
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:
        _log.warning("%s cannot be used (%s); the cuts are searched for again", note, error)
    with open_film(film) as opened:
        shots = yield from find_shots(opened, Event())
        if opened.info.frame_count != count:
            raise MediaError(
                f"{cached} holds {count} frames of {film.name}, which has {opened.info.frame_count}; delete that file."
            )
    with _storing(film, cached.parent):
        replace_text(note, json.dumps([[shot.start, shot.stop] for shot in shots]))
    return tuple(shots)


@contextmanager
def _storing(film: Path, folder: Path) -> Iterator[None]:
    """Turn what the disk refuses into a sentence."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"The decoded frames of {film.name} cannot be stored in {folder} ({error.strerror or error}); "
            "choose another cache folder or make room."
        ) from error


@contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    """Have the lock that the file `path` carries, waiting for others."""
    lock = FileLock.wait_for(path)
    try:
        yield
    finally:
        lock.release()


@lru_cache(maxsize=4096)
def open_frames(path: Path) -> Bytes:
    """Map a file of `cached_frames` read-only: ``(T, H, W, 3)`` uint8; pages are read when touched."""
    return _mapped(path)


def _mapped(path: Path) -> Bytes:
    """Map a file; raises `OSError`, and `ValueError` for one that is not as `_write` leaves it."""
    with path.open("rb") as file:
        header = file.read(_LONGEST_HEADER)
        size = file.seek(0, os.SEEK_END)
    found = _HEADER.match(header)
    if found is None:
        raise ValueError("not frames of this program")
    shape = tuple(int(digits) for digits in found["shape"].split(b","))
    if found.end() + math.prod(shape) != size or not all(shape):
        raise ValueError(f"{size} bytes, which are not {shape[0]} frames")
    return np.memmap(path, np.uint8, "r", found.end(), shape)


def _is_whole(path: Path) -> bool:
    """Whether a film is in the cache; a damaged file is said to the log, and made anew in its place."""
    if not path.is_file():
        return False
    try:
        _mapped(path)
    except (OSError, ValueError) as error:
        _log.warning("%s cannot be used (%s); the film is decoded again", path, error)
        return False
    return True


def _key(film: Path, shorter_edge: int) -> str:
    digest = hashlib.blake2b(f"{content_hash(film)}|{_LAYOUT}|{shorter_edge}".encode(), digest_size=16)
    return digest.hexdigest()


def _to_bytes(pixels: NDArray[np.uint8] | NDArray[np.uint16]) -> Bytes:
    return (
        (pixels // 257).astype(np.uint8) if pixels.dtype == np.uint16 else pixels.astype(np.uint8, copy=False)
    )


def _shrink(frame: Bytes, shorter_edge: int) -> Bytes:
    scale = shorter_edge / min(frame.shape[:2])
    if scale >= 1:
        return frame
    height, width = (round(n * scale) for n in frame.shape[:2])
    return cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _write(file: BinaryIO, film: Film, shorter_edge: int) -> Generator[Progress]:
    """Write frames one by one as an ``.npy`` file whose number of frames is known only at the end.

    NumPy pads the header so that its first dimension may grow in place.
    """
    name, expected = film.info.path.name, film.info.frame_count
    count = 0
    shape: tuple[int, ...] = ()
    for decoded in film.frames(FrameRange(0, expected), "rgb"):
        yield Progress(count, expected, doing=f"Decoding {name}")
        frame = _shrink(_to_bytes(decoded.pixels), shorter_edge)
        if not count:
            shape = frame.shape
            _write_header(file, count, shape)
        elif frame.shape != shape:
            raise MediaError(f"{name} changes its picture size within the film; split it there.")
        if count % 64 == 0 and shutil.disk_usage(file.name).free < _SPARE_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        file.write(np.ascontiguousarray(frame).data)
        count += 1
    if not count:
        raise MediaError(f"{name} holds no frame that can be decoded; remove it from the folder.")
    file.seek(0)
    _write_header(file, count, shape)


def _write_header(file: BinaryIO, count: int, shape: tuple[int, ...]) -> None:
    description = {"descr": "|u1", "fortran_order": False, "shape": (count, *shape)}
    np.lib.format.write_array_header_1_0(file, description)
