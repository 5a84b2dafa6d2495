"""Which film a project is about: told by its content, so that it is found again wherever it was moved to."""

from __future__ import annotations

from pathlib import Path
from threading import Event

from remaster_gui.base.errors import MediaError
from remaster_gui.media import content_hash
from remaster_gui.media.faults import reading
from remaster_gui.media.film import FilmInfo
from remaster_gui.media.sequences import is_pattern, list_pictures
from remaster_gui.project.schema import FilmIdentity


def identify(info: FilmInfo, digest: str = "") -> FilmIdentity:
    """Return what a project remembers of an open film; raises `MediaError` where its files are gone."""
    return FilmIdentity(
        info.path.absolute(),
        byte_count(info.path),
        digest,
        info.rate,
        info.frame_count,
        info.width,
        info.height,
    )


def byte_count(path: Path) -> int:
    """Return the size of a film file, or of all pictures of a sequence."""
    with reading(path):
        return sum(each.stat().st_size for each in (list_pictures(path) if _is_sequence(path) else [path]))


def may_be_same(one: FilmIdentity, other: FilmIdentity) -> bool:
    """Whether two films can be the same one, as far as is known without reading them."""
    facts = [(f.byte_count, f.rate, f.frame_count, f.width, f.height) for f in (one, other)]
    return facts[0] == facts[1] and len({one.digest, other.digest} - {""}) < 2


def is_same_film(film: FilmIdentity, path: Path, cancel: Event | None = None) -> bool:
    """Whether the content at `path` is that of `film`; reads all of it where sizes agree.

    Without a known hash the size decides alone. False also where `cancel` was set or nothing can be read.
    """
    try:
        if byte_count(path) != film.byte_count:
            return False
        return not film.digest or content_hash(path, cancel) == film.digest
    except MediaError:
        return False


def _is_sequence(path: Path) -> bool:
    return path.is_dir() or is_pattern(path)
