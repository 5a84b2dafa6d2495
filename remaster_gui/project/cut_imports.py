"""What a project takes over from a cut list: its cuts, and notes of the shots that it says something of."""

from __future__ import annotations

from bisect import bisect_right

from remaster_gui.cutlists import PlacedCuts
from remaster_gui.project import edits
from remaster_gui.project.schema import Project


def with_placed(project: Project, placed: PlacedCuts) -> Project:
    """Give a project the cuts of a list; what the list notes is added to the notes of shots, each line once."""
    after = edits.with_cuts(project, placed.cuts)
    for first, text in notes_of(placed).items():
        known = after.shot_record(first).notes.splitlines()
        new = [line for line in text.splitlines() if line not in known]
        if new:
            after = edits.with_shot_notes(after, first, "\n".join([*known, *new]))
    return after


def notes_of(placed: PlacedCuts) -> dict[int, str]:
    """Return what a list says of shots, by their first frames, in lines: its notes, then dissolves and other speeds."""
    lines: dict[int, list[str]] = {}
    for first, text in placed.texts:
        lines.setdefault(first, []).append(text)
    for mark in placed.marks:
        lines.setdefault(mark.shot, []).append(mark.text)
    for marker in placed.markers:
        first = placed.cuts[bisect_right(placed.cuts, marker.frame) - 1]
        if marker.text:
            lines.setdefault(first, []).append(f"{marker.text} (frame {marker.frame})")
    return {first: "\n".join(said) for first, said in sorted(lines.items())}
