"""What one list of cuts has that another has not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from remaster_gui.base.counting import counted
from remaster_gui.base.language import tr

NEAR = 12
"""Frames up to which a cut counts as moved; farther off, one has gone and another one has come."""
_KINDS = {"added": tr("added"), "removed": tr("removed")}


@dataclass(frozen=True, slots=True)
class Difference:
    """One cut that is other than before: `frame` is its place now, or was its place where it is removed."""

    kind: Literal["added", "removed", "moved"]
    frame: int
    by: int = 0
    """Frames by which it was moved, later ones above 0."""

    def __str__(self) -> str:
        """Say it in a few words."""
        if self.kind != "moved":
            return _KINDS[self.kind]
        frames = counted(abs(self.by), "frame")
        return (
            tr("moved {frames} later", frames=frames)
            if self.by > 0
            else tr("moved {frames} earlier", frames=frames)
        )


def differences(before: Sequence[int], after: Sequence[int], near: int = NEAR) -> list[Difference]:
    """List how cuts `after` differ from those `before`, in the order of the film.

    Cuts that lie closest belong together first, and never one with two.
    """
    gone, come = sorted(set(before) - set(after)), sorted(set(after) - set(before))
    pairs = sorted((abs(new - old), old, new) for old, new in _close(gone, come, near))
    moved: dict[int, int] = {}
    taken: set[int] = set()
    for _, old, new in pairs:
        if old not in moved and new not in taken:
            moved[old] = new
            taken.add(new)
    found = [Difference("moved", new, new - old) for old, new in moved.items()]
    found += [Difference("removed", old) for old in gone if old not in moved]
    found += [Difference("added", new) for new in come if new not in taken]
    return sorted(found, key=lambda each: (each.frame, each.kind))


def _close(gone: Sequence[int], come: Sequence[int], near: int) -> list[tuple[int, int]]:
    """Return all pairs within `near` frames of each other; both are sorted."""
    pairs, begin = [], 0
    for old in gone:
        while begin < len(come) and come[begin] < old - near:
            begin += 1
        at = begin
        while at < len(come) and come[at] <= old + near:
            pairs.append((old, come[at]))
            at += 1
    return pairs
