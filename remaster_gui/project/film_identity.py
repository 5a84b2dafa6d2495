"""Which film a project is about: told by its content, so that it is found again wherever it was moved to."""

from __future__ import annotations

from pathlib import Path
from threading import Event

from remaster_gui.base.errors import MediaError
from remaster_gui.media import content_hash
from remaster_gui.media.faults import reading
from remaster_gui.media.film import FilmInfo
from remaster_gui.media.sequences import is_sequence, list_pictures
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
        info.deinterlaced,
    )


def byte_count(path: Path) -> int:
    """Return the size of a film file, or of all pictures of a sequence."""
    with reading(path):
        return sum(each.stat().st_size for each in (list_pictures(path) if is_sequence(path) else [path]))


def may_be_same(one: FilmIdentity, other: FilmIdentity) -> bool:
    """Whether two films can be the same one, as far as is known without reading them.

    Pictures have no rate of their own; that of `one`, of which a project is, may be what the user has said.
    """
    rates = (other.rate if is_sequence(other.path) else one.rate, other.rate)
    facts = [
        (f.byte_count, rate, f.frame_count, f.width, f.height)
        for f, rate in zip((one, other), rates, strict=True)
    ]
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
