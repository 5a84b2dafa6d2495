"""The XML of Final Cut Pro 7, `xmeml`, which most editing programs export."""

from __future__ import annotations

import io
import re
from fractions import Fraction
from xml.etree import ElementTree

from remaster_gui.base.language import tr
from remaster_gui.base.notices import Notice
from remaster_gui.base.timebase import FrameRange
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
from remaster_gui.cutlists.exact_times import LATEST, counts_alike

_Element = ElementTree.Element
_WHOLE = re.compile(r"\s*([+-]?\d{1,15})(?:\.0*)?\s*", re.ASCII)
_NUMBER = re.compile(r"\s*[+-]?\d{1,9}(?:\.\d{1,9})?\s*", re.ASCII)
_DEEPEST = 200
_MOST_ELEMENTS = 1_000_000
"""A text of the largest size that is read has some 400,000 where an editing program wrote it."""


def read_fcp_xml(text: str) -> CutList:
    """Read the sequence of a file; raises `ListError` where there is none or more than one."""
    # What is defined once and short can be meant a million times, and long.
    if re.search(r"<!(ENTITY|ATTLIST)", text, re.IGNORECASE):
        raise ListError(
            tr("The XML defines entities of its own, which no editing program does; export it anew.")
        )
    try:
        root = _parsed(text)
        return _Reader().read(root)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise ListError(
            tr(
                "The XML cannot be read ({error}); export it anew as Final Cut Pro 7 XML.",
                error=tidy(str(error))[:80],
            )
        ) from error


def _parsed(text: str) -> _Element:
    # Declared encodings speak of bytes, and this is text.
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text, count=1)
    depth = count = 0
    root: _Element | None = None
    for what, element in ElementTree.iterparse(io.BytesIO(text.encode("utf-8", "replace")), ("start", "end")):
        root = element if root is None else root
        depth += 1 if what == "start" else -1
        count += what == "start"
        if depth > _DEEPEST:
            raise ValueError(f"deeper than {_DEEPEST} levels")
        if count > _MOST_ELEMENTS:
            raise ValueError(f"more than {_MOST_ELEMENTS} elements")
    if root is None:
        raise ValueError("no element")
    return root


class _Reader:
    def __init__(self) -> None:
        self.files: dict[str, _Element] = {}
        self.rate = Fraction(0)
        self.notices: list[Notice] = []

    def read(self, root: _Element) -> CutList:
        if root.tag == "fcpxml":
            raise ListError(
                tr(
                    "This is the XML of Final Cut Pro X, which says times in another way; export Final Cut Pro 7 XML, "
                    "OpenTimelineIO (.otio) or an edit decision list (.edl)."
                )
            )
        sequence = self._sequence(root)
        self.rate = _rate(sequence.find("rate"))
        for each in root.iter("file"):
            if len(each) and each.get("id"):
                self.files.setdefault(each.get("id", ""), each)
        tracks = [
            track for track in sequence.findall("media/video/track") if track.find("clipitem") is not None
        ]
        if not tracks:
            raise ListError(tr("The sequence has no clip on a track of pictures; export one that has."))
        if len(tracks) > 1:
            why = tr("; the lowest track says the cuts")
            self.notices.append(passed_over(len(tracks) - 1, "upper picture track", why))
        start = 0
        counts: Counting = "timeline"
        timecode = sequence.find("timecode")
        if timecode is not None and timecode.find("frame") is not None:
            start, counts = _frame(timecode, "frame"), "timecode"
        if not 0 <= start < LATEST:
            raise ValueError(f"a sequence that begins at frame {start}")
        events = self._events(tracks[0], start)
        title = tidy(sequence.findtext("name") or "")
        return CutList(title, events, self.rate, start, counts, tuple(self.notices))

    def _sequence(self, root: _Element) -> _Element:
        if root.tag == "sequence":
            return root
        found = root.findall("sequence") or root.findall(".//children/sequence")
        if root.tag != "xmeml" or not found:
            raise ListError(tr("The file holds no sequence of Final Cut Pro 7; export one as XML."))
        if len(found) > 1:
            raise ListError(
                tr(
                    "The file holds {count} sequences; export the one that is meant by itself.",
                    count=len(found),
                )
            )
        return found[0]

    def _events(self, track: _Element, start: int) -> tuple[CutEvent, ...]:
        items = [each for each in track if each.tag in ("clipitem", "generatoritem", "transitionitem")]
        if len(items) > MOST_EVENTS:
            raise ListError(
                tr(
                    "The sequence has more than {most_events} events, which no film has.",
                    most_events=MOST_EVENTS,
                )
            )
        events = []
        for at, item in enumerate(items):
            if item.tag == "transitionitem":
                continue
            before = items[at - 1] if at and items[at - 1].tag == "transitionitem" else None
            after = items[at + 1] if at + 1 < len(items) and items[at + 1].tag == "transitionitem" else None
            event = self._event(item, before, after, start)
            if event is not None:
                events.append(event)
        if not events:
            raise ListError(tr("The sequence has no clip with a length; export one that has."))
        return tuple(events)

    def _event(
        self, item: _Element, before: _Element | None, after: _Element | None, start: int
    ) -> CutEvent | None:
        first, last = _frame(item, "start"), _frame(item, "end")
        transition = None
        if before is not None:
            begins, ends = _frame(before, "start"), _frame(before, "end")
            # -1 means: where the transition begins; it is what the clip's own in point counts from, too.
            first = begins if first == -1 else first
            kind = tidy(before.findtext("effect/name") or "dissolve").lower()
            kind = "dissolve" if "dissolve" in kind else kind[:40]
            transition = Transition(kind, max(0, first - begins), max(0, ends - first))
        if last == -1:
            last = -1 if after is None else _frame(after, "end")
        if first < 0 or last < 0 or max(first, last) > LATEST:
            raise ValueError(f"a clip from {first} to {last}")
        if last <= first:
            return None
        speed = _speed(item)
        return CutEvent(
            FrameRange(first + start, last + start),
            self._source(item, speed),
            self._reel(item),
            tidy(item.findtext("name") or ""),
            tidy(item.findtext("comments/mastercomment1") or ""),
            transition,
            speed,
            tuple(self._markers(item, first + start)),
        )

    def _source(self, item: _Element, speed: Fraction) -> FrameRange | None:
        """Return what is used of a source, by its own timecode where that is said."""
        if item.tag != "clipitem" or item.find("in") is None:
            return None
        first, last = _frame(item, "in"), _frame(item, "out")
        if not 0 <= first <= last <= LATEST:
            return None
        # The points count frames of the clip as it is seen at its speed.
        first, last = (round(each * abs(speed)) for each in (first, last))
        file = self._file(item)
        offset = 0
        if file is not None and file.find("timecode/frame") is not None:
            rate = file.find("timecode/rate")
            counted = self.rate if rate is None else _rate(rate)
            if not counts_alike(counted, self.rate):
                return None
            offset = _frame(file, "timecode/frame")
        return FrameRange(first + offset, last + offset) if offset >= 0 else None

    def _reel(self, item: _Element) -> str:
        file = self._file(item)
        if file is None:
            return ""
        return tidy(file.findtext("timecode/reel/name") or file.findtext("name") or "")

    def _file(self, item: _Element) -> _Element | None:
        file = item.find("file")
        return None if file is None else self.files.get(file.get("id", ""), file)

    def _markers(self, item: _Element, at: int) -> list[Marker]:
        start = _frame(item, "in") if item.find("in") is not None else 0
        return [
            Marker(
                max(0, at + _frame(each, "in") - max(0, start)),
                tidy(each.findtext("comment") or each.findtext("name") or ""),
                "",
                max(1, _frame(each, "out") - _frame(each, "in")) if each.find("out") is not None else 1,
            )
            for each in item.findall("marker")
        ]


def _rate(rate: _Element | None) -> Fraction:
    """Read the rate of a thing: whole frames a second, slowed down by 1000/1001 where it says `ntsc`."""
    if rate is None:
        raise ValueError("no rate")
    base = _frame(rate, "timebase")
    if not 0 < base <= 1000:
        raise ValueError(f"a rate of {base}")
    is_slow = (rate.findtext("ntsc") or "").strip().upper() == "TRUE"
    return Fraction(base * 1000, 1001) if is_slow else Fraction(base)


def _frame(parent: _Element, name: str) -> int:
    text = parent.findtext(name)
    found = _WHOLE.fullmatch(text or "")
    if found is None:
        raise ValueError(f"{tidy(name)} of a {tidy(parent.tag)[:40]} is no number: {tidy(text or '')[:40]!r}")
    return int(found[1])


def _speed(item: _Element) -> Fraction:
    for effect in item.findall("filter/effect"):
        if (effect.findtext("effectid") or "").strip() != "timeremap":
            continue
        values = {p.findtext("parameterid"): p.findtext("value") for p in effect.findall("parameter")}
        said = values.get("speed") or "100"
        if not _NUMBER.fullmatch(said):
            raise ValueError(f"a speed of {tidy(said)[:40]!r}")
        speed = Fraction(said.strip()) / 100
        return -speed if (values.get("reverse") or "").strip().upper() == "TRUE" else speed
    return Fraction(1)
