"""Which references guide which frames: within a shot, for as long as the same ones are valid.

Where another set begins amid a shot, colours begin anew as at a cut; the restoration of luminance goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from remaster_gui.base.timebase import FrameRange
from remaster_gui.base.validity import Validity

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Frames of a shot that the same references guide; `places`: which of all that there are, rising."""

    shot: FrameRange
    frames: FrameRange
    places: tuple[int, ...]

    def of(self, items: Sequence[Item]) -> tuple[Item, ...]:
        """Return those of `items`, of which there is one for each reference, whose references guide these frames."""
        return tuple(items[place] for place in self.places)


def stretches(shots: Sequence[FrameRange], validities: Sequence[Validity]) -> Iterator[Stretch]:
    """Yield the stretches of shots, which rise; `validities`: of all references."""
    edges = sorted(
        (edge, begins, place)
        for place, each in enumerate(validities)
        for span in each.ranges
        for edge, begins in ((span.start, True), (span.stop, False))
    )
    valid = {place for place, each in enumerate(validities) if not each.ranges}
    at = 0
    for shot in shots:
        start, places = shot.start, tuple[int, ...]()
        while at < len(edges) and edges[at][0] <= shot.start:
            _pass(edges[at], valid)
            at += 1
        places = tuple(sorted(valid))
        while at < len(edges) and (edge := edges[at][0]) < shot.stop:
            while at < len(edges) and edges[at][0] == edge:
                _pass(edges[at], valid)
                at += 1
            after = tuple(sorted(valid))
            if after != places:
                yield Stretch(shot, FrameRange(start, edge), places)
                start, places = edge, after
        yield Stretch(shot, FrameRange(start, shot.stop), places)


def _pass(edge: tuple[int, bool, int], valid: set[int]) -> None:
    _, begins, place = edge
    (valid.add if begins else valid.discard)(place)
