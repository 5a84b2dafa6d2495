"""The references of a render: those that are given, or guesses in their place."""

from __future__ import annotations

import logging
from collections.abc import Generator, Sequence
from pathlib import Path
from threading import Event

from remaster_gui.base.language import tr
from remaster_gui.base.notices import Notice, Update
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.automatic import automatic_references
from remaster_gui.engine.loaded import LoadedNetwork
from remaster_gui.engine.messages import Reference, Settings, most_demanding
from remaster_gui.engine.references import find_references
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.engine.searching import searched
from remaster_gui.engine.suggestions import suggest_frames
from remaster_gui.media import Film

log = logging.getLogger(__name__)


def given_references(request: RenderRequest, film: Film) -> Generator[Notice, None, list[Reference]]:
    """Return the references that a request gives, those of a folder in the order of their names."""
    given = request.references
    if given is None or not most_demanding(request.settings, request.own).colorization:
        return []
    if isinstance(given, Path):
        references = yield from find_references(given, film.info.frame_count, film.info.numbers)
    else:
        references = list(given)
    free = [reference.name for reference in references if reference.frame is None]
    log.info("%d references, not tied to a frame: %s", len(references), ", ".join(free) or "none")
    return references


def guesses(
    source: tuple[Film, str],
    shots: Sequence[FrameRange],
    loaded: LoadedNetwork,
    settings: Settings,
    waiting: int,
    cancel: Event,
    said: Notice,
) -> Generator[Update, None, list[Reference]]:
    """Return guesses in the place of references, for frames that stand for the looks of a film; () without a prior.

    source: the film, and what tells its content from others; `waiting`: how many frames wait for them meanwhile;
    `said`: what is said of them.
    """
    prior, (film, digest) = loaded.prior, source
    if prior is None:
        return []
    search = suggest_frames(film, shots, cancel=cancel)
    found = yield from searched(search, tr("Choosing frames to begin with"), waiting, cancel)
    yield said
    return list(
        automatic_references(
            (each.frame for each in found),
            digest,
            loaded.filling,
            settings.vividness,
            lambda frame: film.read(frame).pixels,
            lambda: prior,
        )
    )
