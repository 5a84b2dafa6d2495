"""Films of a folder, read to the frames and the size at which they are measured."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from remaster_gui.base.arrays import Bytes
from remaster_gui.base.errors import SettingsError, StorageError
from remaster_gui.base.timebase import FrameRange
from remaster_gui.evaluation.held_out import HELD_OUT, may_be_learned
from remaster_gui.media import open_film

FilmSplit = Literal["train", "validation", "held-out", "all"]

LISTING = "clips.csv"
"""Optional list of a folder's films, columns ``name`` and ``split``; what it does not name is left out."""

SUFFIXES = frozenset(
    {".3gp", ".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf", ".ts", ".webm", ".wmv"}
)

SIZE_MULTIPLE = 16

_LONGEST_LISTING = 2**24
_LONGEST_SHOWN = 80


def films_of(folder: Path, split: FilmSplit | None = None) -> list[Path]:
    """Return the films of a folder, by name.

    `split` None: the validation films of its listing, or all films where there is none. ``held-out``: those of
    `remaster_gui.evaluation.held_out`, which belong to no other split, whatever the listing says. Raises `StorageError`
    for a missing folder or film, `SettingsError` where nothing is left or no listing tells the splits apart.
    """
    if not folder.is_dir():
        raise StorageError(f"The folder of films {folder} does not exist; give one with colour films.")
    listing = folder / LISTING
    if split == "held-out":
        films = [path for path in folder.iterdir() if path.name in HELD_OUT]
    elif listing.is_file():
        films = _listed(listing, split or "validation")
    elif split in (None, "all"):
        films = [path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES]
    else:
        raise SettingsError(
            f"{folder} has no {LISTING} that tells {split} films from others; leave out --split."
        )
    if not films:
        which = "" if split in (None, "all") else f"{split} "
        raise SettingsError(f"The folder {folder} holds no {which}films; choose another.")
    return sorted(films)


def read_frames(film: Path, count: int, size: int) -> Bytes:
    """Read the first `count` frames of a film, or all of a shorter one, scaled as `scaled` does.

    Memory holds one frame at full size. Raises `MediaError` for what is not a film.
    """
    with open_film(film) as opened:
        frames = opened.frames(FrameRange(0, min(count, opened.info.frame_count)), "rgb")
        return np.concatenate([scaled(_to_bytes(frame.pixels)[None], size) for frame in frames])


def scaled(frames: Bytes, size: int) -> Bytes:
    """Scale frames ``(T, H, W, 3)`` by area so that the shorter edge is `size`, both edges multiples of 16.

    Smaller films are not enlarged. Edges are rounded, not cropped, as the authors do.
    """
    height, width = frames.shape[1:3]
    factor = min(1.0, size / min(height, width))
    rows, columns = (max(1, round(n * factor / SIZE_MULTIPLE)) * SIZE_MULTIPLE for n in (height, width))
    if (rows, columns) == (height, width):
        return np.ascontiguousarray(frames)
    resized = [cv2.resize(frame, (columns, rows), interpolation=cv2.INTER_AREA) for frame in frames]
    return np.stack(resized).astype(np.uint8, copy=False)


def _listed(listing: Path, split: FilmSplit) -> list[Path]:
    rows = _rows(listing)
    if not rows or not {"name", "split"} <= rows[0].keys():
        raise SettingsError(f"{listing} needs a header and the columns name and split.")
    names = [row["name"] or "" for row in rows if split in ("all", row["split"])]
    if split != "all":
        names = [name for name in names if may_be_learned(name)]
    return [_listed_film(listing, name) for name in names]


def _rows(listing: Path) -> list[dict[str, str | None]]:
    """Return the rows of a table, with None for columns that a row lacks."""
    try:
        with listing.open("rb") as file:
            content = file.read(_LONGEST_LISTING + 1)
        if len(content) > _LONGEST_LISTING:
            raise SettingsError(f"{listing} is too long for a list of films; remove it or make it anew.")
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise StorageError(f"{listing} cannot be read ({reason}); check its permissions.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{listing} is not text in UTF-8; save it again as that.") from error
    except csv.Error as error:
        raise SettingsError(f"{listing} is no table ({error}); make it anew.") from error


def _listed_film(listing: Path, name: str) -> Path:
    film = listing.parent / name
    try:
        is_there = film.is_file() and ".." not in film.parts and not Path(name).is_absolute()
    except (OSError, ValueError):  # names that are too long, or are none
        is_there = False
    if not is_there:
        shown = name if len(name) <= _LONGEST_SHOWN else f"{name[:_LONGEST_SHOWN]}…"
        raise StorageError(f"{listing} names {shown!r}, which is not in the folder; remove that row.")
    return film


def _to_bytes(pixels: Bytes | np.ndarray[tuple[int, ...], np.dtype[np.uint16]]) -> Bytes:
    return (
        (pixels // 257).astype(np.uint8) if pixels.dtype == np.uint16 else pixels.astype(np.uint8, copy=False)
    )
