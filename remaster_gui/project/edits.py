"""Edits of a project: pure functions from one to the next; unchanged parts are shared."""

from __future__ import annotations

import uuid
from bisect import bisect_right
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import replace

from remaster_gui.base.choices import ShotSettings
from remaster_gui.base.language import tr
from remaster_gui.base.named_colors import NamedRegion
from remaster_gui.base.timebase import FrameRange
from remaster_gui.base.validity import EVERYWHERE, Validity, joined_ranges
from remaster_gui.painting.copies import Parts
from remaster_gui.project.schema import (
    LONGEST_NAME,
    LONGEST_NOTES,
    MOST_MARKERS,
    FilmIdentity,
    FrameMarker,
    Palette,
    Project,
    ProjectSettings,
    ReferenceKind,
    ReferenceRecord,
    ShotRecord,
)

MOST_RECENT_COLORS = 16

OWN_COLORS = (
    "#f3bb2b", "#3c6c96", "#ca6163", "#85e0e6", "#a37b01", "#93b7f7", "#fbc7a5", "#915b35",
    "#eaa3ac", "#409e80", "#aaad69", "#0b7471",
)  # fmt: skip
"""Colours by which references are told apart in overlays, by those who see red or green otherwise as well.

Neighbours differ most, and none is like the magenta of what is guessed, however faint that is laid on.
"""


def with_cuts(project: Project, cuts: Iterable[int] | None) -> Project:
    """Put the cuts where they belong: sorted, within the film, 0 among them; None for not known.

    What is said of shots follows the frames that it was said of. A new shot has the settings of the one before that it
    has most frames of, so both parts of a shot have them, and of shots that are joined the longest decides. Notes go to
    the new shot that has most of their frames; those of shots that are joined follow one another.
    """
    if cuts is None:
        return replace(project, cuts=None, shot_records=())
    count = project.film.frame_count
    after = tuple(sorted({0, *(cut for cut in cuts if 0 < cut < count)}))
    if not project.shot_records:
        return replace(project, cuts=after)
    before, records = project.shots, {record.first: record for record in project.shot_records}
    shots = replace(project, cuts=after, shot_records=()).shots
    notes: dict[int, str] = {}
    for record in project.shot_records:
        if record.notes:
            home = _most_of(before[project.shot_number(record.first)], shots).start
            notes[home] = (notes[home] + "\n" if home in notes else "") + record.notes
    said = []
    for shot in shots:
        source = records.get(_most_of(shot, before).start)
        settings = ShotSettings() if source is None else source.settings
        said.append(ShotRecord(shot.start, settings, notes.get(shot.start, "")[:LONGEST_NOTES]))
    return replace(project, cuts=after, shot_records=_that_say_something(said))


def with_cut(project: Project, frame: int) -> Project:
    """Let a new shot begin with a frame."""
    return with_cuts(project, (*(project.cuts or ()), frame))


def without_cut(project: Project, cut: int) -> Project:
    """Join the shot that begins with a frame to the one before it."""
    return with_cuts(project, (each for each in project.cuts or () if each != cut))


def with_cut_moved(project: Project, cut: int, frame: int) -> Project:
    """Let the shot that begins with `cut` begin with `frame` instead, as far as it and the one before keep a frame.

    What is said of either stays with it, and references that are valid up to the cut or from there on stay so.
    """
    cuts = project.cuts or ()
    if cut not in cuts or not cut:
        return project
    number = project.shot_number(cut)
    shots = project.shots
    frame = min(max(frame, shots[number - 1].start + 1), shots[number].stop - 1)
    records = tuple(
        replace(record, first=frame) if record.first == cut else record for record in project.shot_records
    )
    moved = tuple(frame if each == cut else each for each in cuts)
    references = tuple(_with_end_moved(each, cut, frame) for each in project.references)
    return replace(project, cuts=moved, shot_records=records, references=references)


def with_shot_settings(project: Project, first: int, settings: ShotSettings) -> Project:
    """Say what the shot that begins with a frame has otherwise than the film; what is as the film's is not its own.

    Without a shot that begins there nothing happens.
    """
    film = project.settings
    same = {name: None for name, value in settings.own.items() if value == getattr(film, name)}
    settings = replace(settings, **same)
    return _with_shot(project, replace(project.shot_record(first), settings=settings))


def with_shot_notes(project: Project, first: int, notes: str) -> Project:
    """Write notes of the shot that begins with a frame, as printable lines."""
    return _with_shot(project, replace(project.shot_record(first), notes=clean_notes(notes)))


def with_markers(project: Project, markers: Iterable[FrameMarker]) -> Project:
    """Mark frames of the film, each in place of what marked it before; there are never more than `MOST_MARKERS`."""
    known = {each.frame: each for each in project.markers}
    for marker in markers:
        if marker.frame in known or (marker.frame < project.film.frame_count and len(known) < MOST_MARKERS):
            known[marker.frame] = marker
    return replace(project, markers=tuple(known[frame] for frame in sorted(known)))


def without_marker(project: Project, frame: int) -> Project:
    """Take the marker of a frame away."""
    return replace(project, markers=tuple(each for each in project.markers if each.frame != frame))


def clean_notes(notes: str) -> str:
    """Return notes as they can stand: printable lines, not too long."""
    lines = notes.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c if c.isprintable() or c in "\n\t" else " " for c in lines).strip()[:LONGEST_NOTES]


def clean_name(name: str) -> str:
    """Return a name as it can stand, which may be '': one printable line, not too long."""
    return "".join(c if c.isprintable() else " " for c in name).strip()[:LONGEST_NAME].strip()


def with_segment(project: Project, in_point: int | None, out_point: int | None) -> Project:
    """Set in and out point (exclusive), held within the film; None for the film's own ends.

    Where the two cross, both become None: there is no segment without a frame.
    """
    count = project.film.frame_count
    if in_point is not None:
        in_point = min(max(in_point, 0), count - 1)
    if out_point is not None:
        out_point = min(max(out_point, 1), count)
    if (in_point or 0) >= (count if out_point is None else out_point):
        in_point = out_point = None
    return replace(project, in_point=in_point, out_point=out_point)


def with_in_point(project: Project, frame: int) -> Project:
    """Let the segment begin with a frame; an out point that lies before it goes."""
    out_point = project.out_point
    return with_segment(project, frame, None if out_point is not None and out_point <= frame else out_point)


def with_out_point(project: Project, stop: int) -> Project:
    """Let the segment end before frame `stop`; an in point that does not lie before that goes."""
    in_point = project.in_point
    return with_segment(project, None if in_point is not None and in_point >= stop else in_point, stop)


def new_reference(
    project: Project,
    kind: ReferenceKind,
    frame: int | None,
    name: str,
    width: int,
    height: int,
    *,
    colored: bool,
    validity: Validity = EVERYWHERE,
) -> ReferenceRecord:
    """Make a record with an id of its own, a free name, its own colour and the next revision; not yet added."""
    return ReferenceRecord(
        id=uuid.uuid4().hex[:16],
        name=free_name(project, name),
        kind=kind,
        frame=frame,
        color=_own_color(project),
        enabled=True,
        colored=colored,
        width=width,
        height=height,
        revision=project.last_revision + 1,
        validity=validity,
    )


def with_reference(project: Project, record: ReferenceRecord) -> Project:
    """Add a reference behind the others, or replace the one with the same id."""
    if project.reference(record.id) is not None:
        return _changed(project, record.id, lambda _: record)
    return replace(
        project,
        references=(*project.references, record),
        last_revision=max(project.last_revision, record.revision),
    )


def with_reference_in_place(project: Project, id_: str, record: ReferenceRecord, parts: Parts) -> Project:
    """Put a reference in place of another one, whose name, colour and use it takes over.

    `parts`: which of its pixels count, and which have names, as they lie on other pixels than before.
    """
    before = project.reference(id_)
    if before is None:
        return with_reference(project, record)
    validity = replace(before.validity, region=parts.region)
    record = replace(record, name=before.name, color=before.color, enabled=before.enabled, validity=validity)
    return replace(
        project,
        references=tuple(record if r.id == id_ else r for r in project.references),
        last_revision=max(project.last_revision, record.revision),
        named=tuple(_named_in_place(project, id_, record.id, parts)),
    )


def _named_in_place(project: Project, id_: str, new: str, parts: Parts) -> Iterator[NamedRegion]:
    for each in project.named:
        if each.reference != id_:
            yield each
        elif each.name in parts.named:
            region, color = parts.named[each.name]
            yield NamedRegion(each.name, new, region, color)


def without_reference(project: Project, id_: str) -> Project:
    """Take a reference out, and what has a name on it."""
    return replace(
        project,
        references=tuple(r for r in project.references if r.id != id_),
        named=tuple(each for each in project.named if each.reference != id_),
    )


def renamed(project: Project, id_: str, name: str) -> Project:
    """Give a reference another name, made free by a number where another one has it already."""
    return _changed(project, id_, lambda r: replace(r, name=free_name(project, name, but=id_)))


def enabled(project: Project, id_: str, on: bool) -> Project:
    """Let the network draw from a reference, or not."""
    return _changed(project, id_, lambda r: replace(r, enabled=on))


def with_validity(project: Project, id_: str, validity: Validity) -> Project:
    """Say where a reference counts, and how much; frames beyond the film's are left out."""
    film = FrameRange(0, project.film.frame_count)
    ranges = joined_ranges(each.intersection(film) for each in validity.ranges)
    if ranges == (film,):
        ranges = ()
    return _changed(project, id_, lambda r: replace(r, validity=replace(validity, ranges=ranges)))


def repainted(project: Project, id_: str, revision: int, colored: bool) -> Project:
    """Say that a reference has other pixels."""
    return _changed(project, id_, lambda r: replace(r, revision=revision, colored=colored))


def with_palettes(project: Project, palettes: Iterable[Palette]) -> Project:
    """Replace the palettes."""
    return replace(project, palettes=tuple(palettes))


def with_recent_color(project: Project, color: str) -> Project:
    """Put a colour that was used before the others."""
    color = color.lower()
    others = (other for other in project.recent_colors if other != color)
    return replace(project, recent_colors=(color, *others)[:MOST_RECENT_COLORS])


def with_settings(project: Project, settings: ProjectSettings) -> Project:
    """Replace the settings."""
    return replace(project, settings=settings)


def relinked(project: Project, film: FilmIdentity) -> Project:
    """Say where the film lies now, or what else has become known of it."""
    return replace(project, film=film)


def with_past(project: Project, past: Project, anew: Container[str]) -> Project:
    """Return the project as it was in the `past`, but for where the film lies and recent colours.

    References whose ids are in `anew` get ids and revisions of their own: their pixels are those of the past.
    """
    revision, references = max(project.last_revision, past.last_revision), []
    ids: dict[str, str] = {}
    for each in past.references:
        record = each
        if each.id in anew:
            revision += 1
            record = replace(each, id=uuid.uuid4().hex[:16], revision=revision)
            ids[each.id] = record.id
        references.append(record)
    return replace(
        past,
        film=project.film,
        references=tuple(references),
        recent_colors=project.recent_colors,
        last_revision=revision,
        named=tuple(replace(one, reference=ids.get(one.reference, one.reference)) for one in past.named),
    )


def brought_back(past: Project, present: Project, found_cuts: tuple[int, ...] | None = None) -> Project:
    """Return `past` as undo brings it back: with what is known at present and never undone.

    That is where the film lies, its hash, recent colours and the count of revisions; and `found_cuts` where `past` is
    of a time before cuts had been searched for.
    """
    return replace(
        past,
        film=present.film,
        cuts=past.cuts if past.cuts is not None else found_cuts,
        recent_colors=present.recent_colors,
        last_revision=max(past.last_revision, present.last_revision),
    )


def free_name(project: Project, name: str, *, but: str = "") -> str:
    """Return `name` as it can stand: one printable line, with a number behind it where it is taken."""
    name = "".join(c if c.isprintable() else " " for c in name).strip() or tr("Reference")
    name = name[: LONGEST_NAME - 8]
    taken = {r.name for r in project.references if r.id != but}
    number, free = 2, name
    while free in taken:
        number, free = number + 1, f"{name} {number}"
    return free


def _changed(project: Project, id_: str, change: Callable[[ReferenceRecord], ReferenceRecord]) -> Project:
    references = tuple(change(r) if r.id == id_ else r for r in project.references)
    if references == project.references:
        return project
    revision = max(project.last_revision, *(r.revision for r in references))
    return replace(project, references=references, last_revision=revision)


def _with_end_moved(record: ReferenceRecord, cut: int, frame: int) -> ReferenceRecord:
    """Let ranges that begin or end at a cut begin or end at another frame."""
    if not any(cut in (each.start, each.stop) for each in record.validity.ranges):
        return record
    ends = (
        (frame if each.start == cut else each.start, frame if each.stop == cut else each.stop)
        for each in record.validity.ranges
    )
    moved = joined_ranges(FrameRange(start, stop) for start, stop in ends if start < stop)
    return replace(record, validity=replace(record.validity, ranges=moved or record.validity.ranges))


def _with_shot(project: Project, record: ShotRecord) -> Project:
    if project.cuts is None or record.first not in (0, *project.cuts):
        return project
    others = (each for each in project.shot_records if each.first != record.first)
    return replace(project, shot_records=_that_say_something((*others, record)))


def _that_say_something(records: Iterable[ShotRecord]) -> tuple[ShotRecord, ...]:
    return tuple(sorted((r for r in records if not r.says_nothing), key=lambda record: record.first))


def _most_of(shot: FrameRange, others: Sequence[FrameRange]) -> FrameRange:
    """Return which of the shots that cover a film has most of the frames of `shot`; the first of several."""
    first = bisect_right(others, shot.start, key=lambda each: each.start) - 1
    last = bisect_right(others, shot.stop - 1, key=lambda each: each.start)
    return max(others[first:last], key=lambda each: len(each.intersection(shot)))


def _own_color(project: Project) -> str:
    """Return the colour that fewest references have."""
    used = [r.color for r in project.references]
    return min(OWN_COLORS, key=used.count)
