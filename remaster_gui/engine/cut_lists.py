"""Cut lists and a film that is open: lists laid on it, and what is written of its shots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from remaster_gui.base import plain_data
from remaster_gui.base.errors import SettingsError
from remaster_gui.base.files import printable, read_record
from remaster_gui.base.language import tr
from remaster_gui.base.named_colors import MOST_CHROMA
from remaster_gui.base.timebase import FrameRange
from remaster_gui.cutlists import (
    By,
    FilmClock,
    Marker,
    PlacedCuts,
    ShotList,
    listed_shots,
    place,
    read_cut_list,
    reel_name,
)
from remaster_gui.engine.name_drift import NameInShot, drift_markers
from remaster_gui.media import FilmInfo

WORTH_A_LOOK = 0.5
"""Share of guessed colour from which a shot gets a marker."""

CERTAIN = 0.5
"""Mean certainty of a shot from which it gets no marker."""

GUESSED_COLOR, UNCERTAIN_COLOR = "magenta", "yellow"
"""Of markers; overlays paint in magenta what is guessed."""


def clock_of(info: FilmInfo) -> FilmClock:
    """Return how a film counts."""
    return FilmClock(info.rate, info.frame_count, info.timecode, info.numbers)


def placed_list(
    path: Path, info: FilmInfo, *, by: By = "record", reel: str | None = None, start: str | None = None
) -> PlacedCuts:
    """Read a cut list and lay it on a film, as `place` does; raises `ListError`."""
    read = read_cut_list(path, info.rate, info.timecode)
    return place(read, clock_of(info), by=by, reel=reel, start=start)


def listed_film(
    info: FilmInfo,
    cuts: Sequence[int],
    *,
    names: Mapping[int, str] | None = None,
    notes: Mapping[int, str] | None = None,
    markers: Iterable[Marker] = (),
    reel: str | None = None,
) -> ShotList:
    """Return the shots of a film as they are written; names and notes by the first frames of shots."""
    name = printable(info.path.name)
    shots = listed_shots(cuts, info.frame_count, names=names, notes=notes, markers=markers)
    return ShotList(name, reel or reel_name(name), info.rate, shots, info.timecode, info.numbers)


def doubtful_shots(
    shots: Iterable[FrameRange], guessed: Mapping[int, float], certainty: NDArray[np.float32]
) -> tuple[Marker, ...]:
    """Return markers of shots where much of the colour is guessed, or carried over with little certainty.

    guessed: which part of some frames is. certainty ``(frames,)``, NaN where it is not known.
    """
    found = []
    for shot in shots:
        parts = [guessed[frame] for frame in shot if frame in guessed] if guessed else []
        if parts and (marker := _marker_of_guesses(shot, sum(parts) / len(parts))) is not None:
            found.append(marker)
        known = certainty[shot.start : shot.stop]
        known = known[~np.isnan(known)]
        if len(known) and known.mean() < CERTAIN:
            said = f"Colour is carried over with a certainty of {100 * known.mean():.0f} %"
            found.append(Marker(shot.start, said, UNCERTAIN_COLOR, len(shot)))
    return tuple(found)


def markers_of_report(path: Path) -> tuple[Marker, ...]:
    """Return markers of what a render's report says has to be looked at; raises `SettingsError` for another file."""
    try:
        said = plain_data.table(read_record(path))
        shots, names = plain_data.listed(said["origin_of_colors"]), said.get("named_colors", [])
        guessed = (_guessed(plain_data.table(shot)) for shot in shots)
        return (
            *(marker for marker in guessed if marker is not None),
            *drift_markers([_named(plain_data.table(each)) for each in plain_data.listed(names)]),
        )
    except FileNotFoundError:
        raise SettingsError(tr("There is no report {path}; check its name.", path=printable(path))) from None
    except (OSError, ValueError) as error:
        raise SettingsError(
            tr(
                "{path} is no report of a render ({error}); give an OUTPUT.report.json.",
                path=printable(path),
                error=error,
            )
        ) from error


def _guessed(shot: Mapping[str, object]) -> Marker | None:
    share = plain_data.number(shot["guessed"], -0.01, 1.01)
    return _marker_of_guesses(_range(shot["shot"]), share)


def _named(said: Mapping[str, object]) -> NameInShot:
    a, b = (plain_data.number(each, -MOST_CHROMA, MOST_CHROMA) for each in plain_data.listed(said["color"]))
    return NameInShot(
        plain_data.text(said["name"]),
        _range(said["shot"]),
        plain_data.number(said["share"], 0.0, 1.01),
        (a, b),
        plain_data.number(said["drift"], 0.0, 1000.0),
    )


def _range(said: object) -> FrameRange:
    first, _, stop = plain_data.text(said).partition(":")
    if not (first.isdecimal() and stop.isdecimal() and int(first) < int(stop)):
        raise ValueError("shots that are no ranges")
    return FrameRange(int(first), int(stop))


def _marker_of_guesses(shot: FrameRange, share: float) -> Marker | None:
    if share < WORTH_A_LOOK:
        return None
    return Marker(shot.start, f"{100 * share:.0f} % of the colour is guessed", GUESSED_COLOR, len(shot))
