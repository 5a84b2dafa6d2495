"""OpenTimelineIO's own files, `.otio`: JSON, in which times are numbers of frames at a rate that stands beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any
from urllib.parse import unquote

from remaster_gui.base import plain_data
from remaster_gui.base.counting import counted
from remaster_gui.base.language import tr
from remaster_gui.base.notices import Notice
from remaster_gui.cutlists.events import (
    MOST_EVENTS,
    Counting,
    CutEvent,
    CutList,
    ListError,
    Marker,
    Transition,
    passed_over,
    tidy,
)
from remaster_gui.cutlists.exact_times import (
    are_between,
    counts_alike,
    exact_frames,
    exact_rate,
    nearest,
    span_of,
)

_MOST_EFFECTS = 1000
"""Of one clip: each that changes its speed makes the number longer that says it."""

_Table = Mapping[str, Any]
_Range = tuple[Fraction, Fraction]
"""Start and duration."""


def read_otio(text: str) -> CutList:
    """Read the timeline of a file; raises `ListError` where there is none or more than one."""
    try:
        return _Reader().read(plain_data.table(plain_data.parse(text)))
    except ValueError as error:
        raise ListError(
            tr(
                "The timeline cannot be read ({error}); export it anew as OpenTimelineIO (.otio).",
                error=error,
            )
        ) from error


def _schema(value: Any) -> str:
    """Return the name of the schema of a thing, without its version."""
    return plain_data.text(plain_data.table(value)["OTIO_SCHEMA"]).partition(".")[0]


def _children(value: _Table) -> list[_Table]:
    return [plain_data.table(child) for child in plain_data.listed(value["children"])]


class _Reader:
    def __init__(self) -> None:
        self.rate: Fraction | None = None
        self.times: list[Fraction] = []
        self.notices: list[Notice] = []

    def read(self, root: _Table) -> CutList:
        timeline = self._timeline(root)
        tracks = _children(plain_data.table(timeline["tracks"]))
        pictures = [track for track in tracks if _schema(track) == "Track" and track.get("kind") == "Video"]
        filled = [track for track in map(_children, pictures) if any(_schema(c) == "Clip" for c in track)]
        if not filled:
            raise ListError(tr("The timeline has no clip on a track of pictures; export one that has."))
        if len(filled) > 1:
            why = tr("; the lowest track says the cuts")
            self.notices.append(passed_over(len(filled) - 1, "upper picture track", why))
        events = self._events(filled[0])
        start = 0
        counts: Counting = "timeline"
        if timeline.get("global_start_time") is not None:
            start, counts = nearest(self._frames(timeline["global_start_time"])), "timecode"
        if start < 0:
            raise ListError(
                tr("The timeline begins before midnight; give it a start time that timecode can say.")
            )
        if between := are_between(self.times):
            text = f"Between frames: {counted(between, 'time')}; the nearest frame is taken."
            self.notices.append(Notice("note", text))
        shifted = tuple(_moved(event, start) for event in events)
        title = tidy(plain_data.text(timeline.get("name") or ""))
        return CutList(title, shifted, self.rate, start, counts, tuple(self.notices))

    def _timeline(self, root: _Table) -> _Table:
        if _schema(root) == "Timeline":
            return root
        if _schema(root) == "SerializableCollection":
            found = [child for child in _children(root) if _schema(child) == "Timeline"]
            if len(found) == 1:
                return found[0]
            raise ListError(
                tr(
                    "The file holds {count} timelines; export the one that is meant by itself.",
                    count=len(found),
                )
            )
        raise ListError(tr("The file holds no timeline but something else; export a timeline (.otio)."))

    def _events(self, children: Sequence[_Table]) -> list[CutEvent]:
        if len(children) > MOST_EVENTS:
            raise ListError(
                tr(
                    "The timeline has more than {most_events} events, which no film has.",
                    most_events=MOST_EVENTS,
                )
            )
        events: list[CutEvent] = []
        position, pending = Fraction(0), None
        for child in children:
            kind = _schema(child)
            if kind == "Transition":
                before = nearest(self._frames(child["in_offset"]))
                after = nearest(self._frames(child["out_offset"]))
                pending = Transition(_kind(child), max(0, before), max(0, after))
                continue
            seen, start = self._seen(child)
            self.times.append(position)
            end = position + seen
            if kind in ("Clip", "Stack", "Track") and seen > 0:
                events.append(self._clip(child, position, end, start, pending))
            position, pending = end, None
        if not events:
            raise ListError(tr("The timeline has no clip with a length; export one that has."))
        return events

    def _clip(
        self,
        clip: _Table,
        position: Fraction,
        end: Fraction,
        start: Fraction | None,
        pending: Transition | None,
    ) -> CutEvent:
        speed = _speed(clip)
        source = None
        if start is not None:
            used = start + (end - position) * speed
            source = span_of(min(start, used), max(start, used))
        span = span_of(position, end)
        markers = [
            self._marker(plain_data.table(each), start or Fraction(0), span.start, speed)
            for each in plain_data.listed(clip.get("markers") or [])
        ]
        return CutEvent(
            span,
            source,
            _reel(clip),
            tidy(plain_data.text(clip.get("name") or "")),
            _note(clip),
            pending,
            speed,
            tuple(markers),
        )

    def _marker(self, marker: _Table, start: Fraction, at: int, speed: Fraction) -> Marker:
        marked, frames = self._range(marker["marked_range"])
        text = plain_data.text(marker.get("comment") or marker.get("name") or "")
        into = (marked - start) / abs(speed) if speed else Fraction(0)
        color = plain_data.text(marker.get("color") or "")
        return Marker(max(0, at + nearest(into)), tidy(text), color.lower(), max(1, nearest(frames)))

    def _seen(self, child: _Table) -> tuple[Fraction, Fraction | None]:
        """Return how long a thing is seen, and where in its source that begins, if that is known."""
        if child.get("source_range") is not None:
            start, duration = self._range(child["source_range"])
            return max(Fraction(0), duration), max(Fraction(0), start)
        media = _media(child)
        if media is not None and media.get("available_range") is not None:
            start, duration = self._range(media["available_range"])
            return max(Fraction(0), duration), max(Fraction(0), start)
        if _schema(child) in ("Stack", "Track"):
            inner = [self._seen(each)[0] for each in _children(child) if _schema(each) != "Transition"]
            return (
                max(inner, default=Fraction(0)) if _schema(child) == "Stack" else sum(inner, Fraction(0))
            ), None
        raise ValueError(f"{tidy(str(child.get('name')))[:40]!r} has no length")

    def _range(self, value: Any) -> _Range:
        said = plain_data.table(value)
        return self._frames(said["start_time"]), self._frames(said["duration"])

    def _frames(self, value: Any) -> Fraction:
        """Read a time as frames of the timeline's rate, which is that of the first time with a length."""
        said = plain_data.table(value)
        rate, frames = exact_rate(said["rate"]), exact_frames(said["value"])
        if self.rate is None:
            self.rate = rate
        return frames if counts_alike(rate, self.rate) else frames * self.rate / rate


def _note(clip: _Table) -> str:
    """Return the note that this program has written with a clip."""
    metadata = clip.get("metadata")
    ours = metadata.get("remaster") if isinstance(metadata, dict) else None
    return tidy(plain_data.text(ours.get("note", ""))) if isinstance(ours, dict) else ""


def _moved(event: CutEvent, by: int) -> CutEvent:
    if not by:
        return event
    markers = tuple(replace(marker, frame=marker.frame + by) for marker in event.markers)
    span = span_of(Fraction(event.record.start + by), Fraction(event.record.stop + by))
    return replace(event, record=span, markers=markers)


def _kind(transition: _Table) -> str:
    said = tidy(plain_data.text(transition.get("transition_type") or "")).lower()
    return "dissolve" if "dissolve" in said or not said else said[:40]


def _media(clip: _Table) -> _Table | None:
    """Return what a clip says of its source; both ways of saying it."""
    if clip.get("media_references") is not None:
        key = plain_data.text(clip.get("active_media_reference_key") or "DEFAULT_MEDIA")
        media = plain_data.table(clip["media_references"]).get(key)
    else:
        media = clip.get("media_reference")
    return None if media is None else plain_data.table(media)


def _reel(clip: _Table) -> str:
    """Return the name of a clip's source: the reel that it was given elsewhere, else the name of its file."""
    media = _media(clip)
    for about in (clip, media or {}):
        metadata = about.get("metadata")
        for each in (metadata, metadata.get("cmx_3600") if isinstance(metadata, dict) else None):
            if isinstance(each, dict) and isinstance(each.get("reel"), str) and each["reel"].strip():
                return tidy(each["reel"])
    target = None if media is None else media.get("target_url")
    if isinstance(target, str) and target:
        return tidy(unquote(target).rstrip("/").replace("\\", "/").rpartition("/")[2])
    return ""


def _speed(clip: _Table) -> Fraction:
    speed = Fraction(1)
    effects = plain_data.listed(clip.get("effects") or [])
    if len(effects) > _MOST_EFFECTS:
        raise ValueError(f"{len(effects)} effects on one clip")
    for effect in map(plain_data.table, effects):
        if _schema(effect) == "FreezeFrame":
            return Fraction(0)
        if _schema(effect) == "LinearTimeWarp":
            scalar = plain_data.number(effect["time_scalar"], -1000.0, 1000.0)
            speed *= Fraction(scalar).limit_denominator(10_000)
    return speed
