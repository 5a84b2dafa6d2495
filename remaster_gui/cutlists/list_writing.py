"""Writing cut lists: what editing programs read, with the shots of a film, notes and markers."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import quote

from remaster_gui.base.errors import StorageError
from remaster_gui.base.files import printable, replace_text
from remaster_gui.base.language import tr
from remaster_gui.base.timebase import format_timecode
from remaster_gui.cutlists.edl_text import edl_text
from remaster_gui.cutlists.events import ListError, Marker
from remaster_gui.cutlists.frame_tables import COLUMNS
from remaster_gui.cutlists.placing import FilmClock
from remaster_gui.cutlists.shot_list import ListedShot, ShotList

SUFFIXES_WRITTEN = (".edl", ".otio", ".csv")


def write_cut_list(path: Path, shots: ShotList) -> None:
    """Write a list of the kind that the suffix of `path` names; it appears only when it is complete.

    Raises `ListError` for another suffix and for what a kind cannot say, `StorageError` where it cannot be written.
    """
    kinds = {".edl": edl_text, ".otio": otio_text, ".csv": csv_text}
    make = kinds.get(path.suffix.lower())
    if make is None:
        raise ListError(
            tr(
                "{path} names no kind of cut list that is written; let it end in "
                "{suffixes_written} or {suffixes_written2}.",
                path=printable(path.name),
                suffixes_written=", ".join(SUFFIXES_WRITTEN[:-1]),
                suffixes_written2=SUFFIXES_WRITTEN[-1],
            )
        )
    text = make(shots)
    try:
        replace_text(path, text)
    except OSError as error:
        raise StorageError(
            tr(
                "{path} cannot be written ({reason}); choose another place.",
                path=printable(path),
                reason=error.strerror,
            )
        ) from error


def csv_text(shots: ShotList) -> str:
    """Return the text of a table, one shot to a row."""
    numbers, clock = shots.numbers, FilmClock(shots.rate, shots.frame_count, shots.timecode)
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    for number, shot in enumerate(shots.shots, 1):
        first, last = shot.span.start, shot.span.stop - 1
        named = (first, last) if numbers is None else (numbers[first], numbers[last])
        markers = " | ".join(_marker_text(marker, numbers) for marker in shot.markers)
        table.writerow((number, *named, len(shot.span), clock.label(first), shot.name, shot.note, markers))
    return out.getvalue()


def _marker_text(marker: Marker, numbers: tuple[int, ...] | None) -> str:
    last = marker.frame + marker.frames - 1
    first, last = (marker.frame, last) if numbers is None else (numbers[marker.frame], numbers[last])
    return f"{first}: {marker.text}" if first == last else f"{first} to {last}: {marker.text}"


def otio_text(shots: ShotList) -> str:
    """Return the JSON of a timeline with one track of pictures."""
    rate, clock = shots.rate, FilmClock(shots.rate, shots.frame_count, shots.timecode)
    begin = clock.first()
    media = {
        "OTIO_SCHEMA": "ExternalReference.1",
        "metadata": {},
        "name": shots.reel,
        "available_range": _range(begin, shots.frame_count, rate),
        "available_image_bounds": None,
        "target_url": quote(shots.film),
    }
    clips = [_clip(number, shot, begin, shots, media) for number, shot in enumerate(shots.shots, 1)]
    track = _composition("Track.1", "Pictures", clips) | {"kind": "Video"}
    timeline = {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": {},
        "name": shots.film,
        "global_start_time": None if shots.timecode is None else _time(begin, rate),
        "tracks": _composition("Stack.1", "tracks", [track]),
    }
    return json.dumps(timeline, indent=2, ensure_ascii=False) + "\n"


def _composition(schema: str, name: str, children: list[Any]) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": schema, "metadata": {}, "name": name, "source_range": None, "effects": [], "markers": [],
        "enabled": True, "children": children,
    }  # fmt: skip


def _clip(
    number: int, shot: ListedShot, begin: int, shots: ShotList, media: dict[str, Any]
) -> dict[str, Any]:
    start = format_timecode(shot.span.start, shots.rate, shots.timecode)
    ours = {"shot": number, "timecode": start} | ({"note": shot.note} if shot.note else {})
    return {
        "OTIO_SCHEMA": "Clip.2",
        "metadata": {"cmx_3600": {"reel": shots.reel}, "remaster": ours},
        "name": shot.name or f"Shot {number}",
        "source_range": _range(begin + shot.span.start, len(shot.span), shots.rate),
        "effects": [],
        "markers": [_marker(marker, begin, shots.rate) for marker in shot.markers],
        "enabled": True,
        "media_references": {"DEFAULT_MEDIA": media},
        "active_media_reference_key": "DEFAULT_MEDIA",
    }


def _marker(marker: Marker, begin: int, rate: Fraction) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "Marker.2",
        "metadata": {},
        "name": marker.text,
        "color": marker.color.upper() or "RED",
        "marked_range": _range(begin + marker.frame, marker.frames, rate),
        "comment": marker.text,
    }


def _range(start: int, duration: int, rate: Fraction) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "duration": _time(duration, rate),
        "start_time": _time(start, rate),
    }


def _time(frames: int, rate: Fraction) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(rate), "value": float(frames)}
