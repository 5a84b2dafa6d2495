"""Cuts of a film, found once and stored with the film's content hash."""

from __future__ import annotations

import json
import logging
from collections.abc import Generator
from pathlib import Path
from threading import Event

from remaster_gui.base.errors import StorageError
from remaster_gui.base.files import read_record, replace_text
from remaster_gui.base.notices import Progress
from remaster_gui.base.paths import user_folder
from remaster_gui.base.timebase import FrameRange
from remaster_gui.media import Film, find_shots
from remaster_gui.media.shots import shots_of_record

log = logging.getLogger(__name__)

_VERSION = 1
"""Raise it when detection changes, so that old results are not used."""


def shots_of(
    film: Film, digest: str, cancel: Event, *, cache: Path | None = None
) -> Generator[Progress, None, list[FrameRange]]:
    """Return the film's shots, without gaps; `digest` is the hash of its content. Yields how far a search is.

    A cache that cannot be read or written is passed over. When `cancel` is set, what was found so far comes back and is
    not stored.
    """
    try:
        folder = cache or user_folder("cache") / "shots"
    except StorageError:
        log.info("there is no place to store cuts in", exc_info=True)
        return (yield from find_shots(film, cancel))
    path = folder / f"{digest}-{_VERSION}.json"
    try:
        return shots_of_record(read_record(path), film.info.frame_count)
    except FileNotFoundError:
        pass
    except (OSError, ValueError):
        log.info("cannot use %s", path, exc_info=True)
    shots = yield from find_shots(film, cancel)
    if cancel.is_set():
        return shots
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_text(path, json.dumps([[s.start, s.stop] for s in shots]))
    except OSError:
        log.info("cannot store the cuts in %s", path, exc_info=True)
    return shots
