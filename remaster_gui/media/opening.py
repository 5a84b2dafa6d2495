"""The one way to open a film, whatever it is made of, and to tell one film from another."""

from __future__ import annotations

import hashlib
import os
from fractions import Fraction
from pathlib import Path
from threading import Event

from remaster_gui.base.errors import MediaError, SettingsError
from remaster_gui.base.language import tr
from remaster_gui.media.container import ContainerFilm
from remaster_gui.media.faults import reading
from remaster_gui.media.film import ColorTags, Film
from remaster_gui.media.limits import LARGEST_PICTURE_FILE
from remaster_gui.media.pictures import PICTURE_SUFFIXES
from remaster_gui.media.sequences import SequenceFilm, is_sequence, list_pictures

_CHUNK = 4 * 2**20


def open_film(
    path: Path | str,
    *,
    deinterlace: bool = False,
    color: ColorTags | None = None,
    rate: Fraction | None = None,
    cancel: Event | None = None,
) -> Film:
    """Open a film for reading: a film file, a folder of pictures, ``name.%06d.ext`` or ``name.######.ext``.

    ``deinterlace`` makes one whole picture of the two fields of every frame of a film file. ``color``
    overrides what the film says of its colours (start from ``film.info.color``). ``rate`` is that of a
    sequence (default 24). Raises `MediaError` for anything that is not a film and `SettingsError` for a
    choice that does not apply. Whoever sets ``cancel``, on any thread, ends the opening of a film file soon, with
    `OpeningCancelledError`.
    """
    path = Path(path)
    with reading(path):
        has_pictures = is_sequence(path)
    if has_pictures:
        if deinterlace:
            raise SettingsError(
                tr("{path} is a sequence of whole pictures; deinterlacing is for film files only.", path=path)
            )
        return SequenceFilm(path, rate=rate, color=color)
    if rate is not None:
        raise SettingsError(
            tr("{path} has a rate of its own; a rate can be given for sequences of pictures only.", path=path)
        )
    if path.suffix.lower() in PICTURE_SUFFIXES and path.is_file():
        raise MediaError(
            tr(
                "{path} is a single picture; for a sequence name its folder or write the number as ######.",
                path=path,
            )
        )
    return ContainerFilm(path, deinterlace=deinterlace, color=color, cancel=cancel)


def content_hash(path: Path | str, cancel: Event | None = None) -> str:
    """Hash a film's content to 32 hexadecimal digits: a file, or pictures of a sequence and their names.

    Returns '' where `cancel` was set before the end.
    """
    path = Path(path)
    digest = hashlib.blake2b(digest_size=16)
    has_pictures = is_sequence(path)
    for each in list_pictures(path) if has_pictures else [path]:
        with reading(each), each.open("rb") as file:
            if has_pictures:
                size = each.stat().st_size
                digest.update(os.fsencode(each.name) + f"\0{size}\0".encode())
                if size > LARGEST_PICTURE_FILE:
                    continue  # never read as a picture either
            while chunk := file.read(_CHUNK):
                if cancel is not None and cancel.is_set():
                    return ""
                digest.update(chunk)
    return digest.hexdigest()
