"""The one way to open a film, whatever it is made of."""

from __future__ import annotations

from pathlib import Path

from remaster_gui.media.container import ContainerFilm
from remaster_gui.media.film import ColorTags, Film


def open_film(path: Path | str, *, deinterlace: bool = False, color: ColorTags | None = None) -> Film:
    """Open a film file for reading.

    ``deinterlace`` makes one whole picture of the two fields of every frame. ``color`` overrides what the file says of its
    colours (start from ``film.info.color``). Raises `MediaError` for anything that is not a film.
    """
    return ContainerFilm(Path(path), deinterlace=deinterlace, color=color)
