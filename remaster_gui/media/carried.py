"""What an output takes over from its source beside the pictures: read and tried before the first of them is made.

Nothing here may fail a render: what cannot be taken over is left out, and a notice says so.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av

from remaster_gui.base.choices import SoundChoice
from remaster_gui.base.errors import MediaError
from remaster_gui.base.language import tr
from remaster_gui.base.notices import Notice
from remaster_gui.base.timebase import FrameRange, SlowTimecode, format_timecode
from remaster_gui.media.declaration import Declaration
from remaster_gui.media.film import Film
from remaster_gui.media.fixed_file import FixedFile
from remaster_gui.media.sound_plan import SoundPlan, plan_sound
from remaster_gui.media.streams import FilmInput

if TYPE_CHECKING:
    from av.container.core import Chapter

log = logging.getLogger(__name__)

_KEPT_METADATA = ("title", "artist", "date", "comment", "copyright", "description")
_LONGEST_TEXT = 4096
_MOST_CHAPTERS = 1000
_LATEST = 2**31
"""Milliseconds after which no chapter begins: three weeks, which is what 32 bits hold."""
_UNDECODED = "\ufffd"


@dataclass(frozen=True, eq=False)
class Carried:
    """What is taken over into one output."""

    span: FrameRange
    """Frames of the source that the output holds."""
    sound: SoundPlan | None = None
    chapters: Sequence[Chapter] = ()
    """In milliseconds of the output, in order and apart from each other."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    timecode: str | None = None
    """That of the first frame."""
    timecode_step: int = 1
    """Frames for which each of its labels stands."""
    declaration: Declaration | None = None
    """What the output says of how it was made."""


def plan_carried(
    film: Film, span: FrameRange, suffix: str, *, sound: SoundChoice = "copy", folder: Path | None = None
) -> Generator[Notice, None, Carried]:
    """Find out what an output that holds ``span`` of ``film`` can take over; yields a notice of what is not as it was.

    ``suffix``: of the container; '' for a folder of pictures, whose sound lies beside it as Matroska. ``folder``: on
    whose disk sound is converted for a trial (None: that of temporary files).
    """
    start = film.info.timecode
    timecode = None if start is None else format_timecode(span.start, film.info.rate, start)
    step = start.step if isinstance(start, SlowTimecode) else 1
    if not film.info.path.is_file():
        return Carried(span, timecode=timecode, timecode_step=step)
    plan, chapters, metadata = None, list[Any](), dict[str, str]()
    try:
        chapters, metadata = yield from _read_tables(film, span)
        if film.info.has_audio:
            plan = yield from plan_sound(film, span, suffix or ".mkv", sound, folder)
    except (MediaError, av.FFmpegError, ValueError, OSError) as error:
        log.warning("not everything can be taken over from %s", film.info.path, exc_info=True)
        yield Notice(
            "warning",
            tr("The film's sound and chapters are left out, as they cannot be read: {error}", error=error),
        )
    return Carried(span, plan, chapters, metadata, timecode, step)


def _read_tables(
    film: Film, span: FrameRange
) -> Generator[Notice, None, tuple[list[Chapter], dict[str, str]]]:
    begin = film.start_time + film.times[span.start]
    end = None if span.stop >= film.info.frame_count else film.start_time + film.times[span.stop]
    with FilmInput(FixedFile(film.info.path)) as source:
        container = source.container
        chapters = yield from clipped_chapters(container.chapters(), begin, end)
        metadata = yield from _kept_texts(container.metadata)
        kinds = {
            tr("subtitles"): len(container.streams.subtitles),
            tr("attachments"): len(container.streams.attachments),
        }
    left = tr(" and ").join(kind for kind, count in kinds.items() if count)
    if left:
        yield Notice("warning", tr("The film's {left} are not taken over.", left=left))
    return chapters, metadata


def _kept_texts(metadata: Mapping[str, str]) -> Generator[Notice, None, dict[str, str]]:
    kept = {}
    named = {key.lower(): text for key, text in metadata.items()}  # Matroska spells its tags in capitals
    for key in _KEPT_METADATA:
        text = named.get(key, "")
        clean = clean_text(text, _LONGEST_TEXT)
        if clean:
            kept[key] = clean
        if _UNDECODED in text:
            yield Notice(
                "warning",
                tr(
                    "The film's {key} is not written in UTF-8; what cannot be read of it is left out.",
                    key=key,
                ),
            )
        elif len(text) > _LONGEST_TEXT:
            yield Notice(
                "warning",
                tr(
                    "The film's {key} was cut to {longest_text} characters.",
                    key=key,
                    longest_text=_LONGEST_TEXT,
                ),
            )
    return kept


def clean_text(text: str, longest: int) -> str:
    """Return text that any file can hold: no control characters, nothing that is no text, no more than ``longest``."""
    clean = "".join(each for each in text if each.isprintable() or each in "\n\t")
    return clean.replace(_UNDECODED, "").strip()[:longest]


def clipped_chapters(
    chapters: Sequence[Chapter], begin: Fraction, end: Fraction | None
) -> Generator[Notice, None, list[Chapter]]:
    """Chapters that reach into the span, on the output's clock, in order, and cut off where they overlap."""
    places = []
    faulty = 0
    for chapter in chapters[:_MOST_CHAPTERS]:
        base = chapter["time_base"] or Fraction(0)
        start, stop = chapter["start"] * base - begin, chapter["end"] * base - begin
        if stop <= start or base <= 0 or not -_LATEST < start * 1000 < _LATEST:
            faulty += 1
            continue
        stop = min(stop, Fraction(_LATEST, 1000) if end is None else end - begin)
        start = max(start, Fraction(0))
        if start < stop:
            places.append((round(start * 1000), round(stop * 1000), dict(chapter["metadata"])))
    ordered = sorted(places, key=lambda each: each[:2])
    kept: list[Chapter] = []
    for number, (start_ms, stop_ms, texts) in enumerate(ordered):
        if number + 1 < len(ordered) and ordered[number + 1][0] < stop_ms:
            stop_ms = ordered[number + 1][0]
            faulty += 1
        if start_ms < stop_ms:
            title = clean_text(texts.get("title", ""), _LONGEST_TEXT)
            kept.append(
                {
                    "id": len(kept) + 1,
                    "start": start_ms,
                    "end": stop_ms,
                    "time_base": Fraction(1, 1000),
                    "metadata": {"title": title} if title else {},
                }
            )
    faulty += max(0, len(chapters) - _MOST_CHAPTERS)
    if faulty:
        yield Notice(
            "warning",
            tr(
                "{faulty} of the film's chapters overlap or cannot be; they are shortened or left out.",
                faulty=faulty,
            ),
        )
    return kept
