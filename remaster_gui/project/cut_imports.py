"""What a project takes over from a cut list: its cuts, its markers, and notes of the shots that it says something of.

And what cut lists are given of a project beside its shots: its markers.
"""

from __future__ import annotations

from remaster_gui.cutlists import Marker, PlacedCuts
from remaster_gui.project import edits
from remaster_gui.project.schema import LONGEST_NAME, MARKER_COLORS, FrameMarker, MarkerColor, Project

_LIKE: dict[str, MarkerColor] = {"pink": "magenta", "purple": "magenta", "orange": "yellow"}
"""The nearest of our colours for some that other programs have."""


def with_placed(project: Project, placed: PlacedCuts) -> Project:
    """Give a project the cuts and markers of a list; what it notes is added to the notes of shots, each line once.

    A marker of the list stands in place of the project's own at the same frame only where it says something else.
    """
    after = edits.with_cuts(project, placed.cuts)
    for first, text in notes_of(placed).items():
        known = after.shot_record(first).notes.splitlines()
        new = [line for line in text.splitlines() if line not in known]
        if new:
            after = edits.with_shot_notes(after, first, "\n".join([*known, *new]))
    own = {marker.frame: text_of(marker) for marker in project.markers}
    marked = (marker for marker in placed.markers if own.get(marker.frame) != marker.text)
    return edits.with_markers(after, map(_taken_over, marked))


def markers_of(project: Project) -> tuple[Marker, ...]:
    """Return the markers of a project as cut lists have them."""
    return tuple(Marker(each.frame, text_of(each), each.color) for each in project.markers)


def text_of(marker: FrameMarker) -> str:
    """Say in one line what a marker says."""
    note = " ".join(marker.note.split())
    return f"{marker.name}: {note}" if marker.name and note else marker.name or note


def _taken_over(marker: Marker) -> FrameMarker:
    color = next((each for each in MARKER_COLORS if each == marker.color), _LIKE.get(marker.color, "blue"))
    if len(marker.text) <= LONGEST_NAME:
        return FrameMarker(marker.frame, edits.clean_name(marker.text), color)
    return FrameMarker(marker.frame, color=color, note=edits.clean_notes(marker.text))


def notes_of(placed: PlacedCuts) -> dict[int, str]:
    """Return what a list says of shots, by their first frames, in lines: its notes, then dissolves and other speeds."""
    lines: dict[int, list[str]] = {}
    for first, text in placed.texts:
        lines.setdefault(first, []).append(text)
    for mark in placed.marks:
        lines.setdefault(mark.shot, []).append(mark.text)
    return {first: "\n".join(said) for first, said in sorted(lines.items())}
