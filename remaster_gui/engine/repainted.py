"""What a reference that becomes another picture can change, found out without running the network on any frame.

A result depends on a reference only through the reference's share in its attention (`drawn`): carried colours are
averaged by these shares, details are fetched where they are largest, and tones are compared by them. Where the shares
of a reference stay below `TOLERANCE` in every position of all frames that influence a result, that result is kept when
only this reference changes. It may differ from what would be made anew by about `TOLERANCE` of the difference between
two colours, which is not seen.

For a reference that was removed this is a bound. For one that was repainted its new shares are not known; they are
estimated from the references themselves, which serve as frames here: twice the largest rise that is found in them, but
no more than keys and queries allow (`largest_shifts`). So there it is an estimate with a margin: colours of a reference
also influence what frames are compared by, and its own pictures need not show the largest such effect.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from remaster_gui.base.arrays import Float
from remaster_gui.engine.drawn import Drawn
from remaster_gui.model import RemasterNetwork
from remaster_gui.model.colorization import ColorizationNetwork, ReferenceFeatures
from remaster_gui.model.similarity import LEAST_ELECTED, VOTE_GAIN

TOLERANCE = 1 / 256
"""Share of a reference in a position's colour, up to which the reference counts as not drawn from."""
MOST_ELECTED = 0.1
"""Of what the reference that a frame resembles most has: with less, who else is elected hardly changes."""

Shifts = tuple[float, float]
"""By how much scores at 1/8 and 1/16 size can rise, at most."""

_NO_SHIFT: Shifts = (0.0, 0.0)


class ShiftBook:
    """By how much scores rise where references become others; found out once for each pair, for one thread."""

    def __init__(self, network: RemasterNetwork) -> None:
        """Ask `network`."""
        half = network.colorization
        self._half = half if isinstance(half, ColorizationNetwork) else None
        self._found: dict[tuple[str, str], Shifts | None] = {}

    def of(
        self, drawn: Drawn, references: Sequence[str], features: Callable[[str], ReferenceFeatures | None]
    ) -> Mapping[tuple[str, str], Shifts]:
        """Return what is known of those that have changed; `features` of a digest are None where they are not known."""
        given = [found for each in references if (found := features(each)) is not None]
        for one, other in (changes(drawn.references, references) or {}).values():
            if other is not None and (one, other) not in self._found:
                before, after = features(one), features(other)
                if self._half is None or before is None or after is None:
                    self._found[one, other] = None
                else:
                    self._found[one, other] = self._half.largest_shifts(before, after, given)
        return {pair: found for pair, found in self._found.items() if found is not None}


def is_unaffected(drawn: Drawn, references: Sequence[str], shifts: Mapping[tuple[str, str], Shifts]) -> bool:
    """Whether the result is kept when it is `references` that guide it, all limits considered.

    shifts: for a former digest and the one in its place, how much scores can rise; what is missing is not known. A
    reference may have become another one, or have gone; where one has come, nothing is kept.
    """
    changed = changes(drawn.references, references)
    if changed is None:
        return False
    for place, (before, after) in changed.items():
        by = _NO_SHIFT if after is None else shifts.get((before, after))
        if by is None or _may_draw(drawn.draws.limits[place], by):
            return False
    return True


def changes(before: Sequence[str], after: Sequence[str]) -> dict[int, tuple[str, str | None]] | None:
    """Return by place which references have become others, or have gone (None); None where one has come or moved.

    Where as many are left, one in the place of another is taken for the same one repainted.
    """
    if len(before) == len(after):
        pairs = enumerate(zip(before, after, strict=True))
        found: dict[int, tuple[str, str | None]] = {
            n: (one, other) for n, (one, other) in pairs if one != other
        }
        moved = {one for one, _ in found.values()} & {other for _, other in found.values()}
        return None if moved else found
    left = iter(after)
    expected, gone = next(left, None), dict[int, tuple[str, str | None]]()
    for place, each in enumerate(before):
        if each == expected:
            expected = next(left, None)
        else:
            gone[place] = each, None
    return gone if expected is None and after else None


def retied(before: Iterable[tuple[str, int | None]], after: Iterable[tuple[str, int | None]]) -> set[int]:
    """Return the frames that references have come to show, or have ceased to: pairs of digest and frame, in order.

    Colours that follow the motion are others in the shots of these frames, whatever references draw. Only of those that
    have neither gone nor become others; see `changes` for these.
    """
    one, other = list(before), list(after)
    pairs = zip(one, other, strict=True) if len(one) == len(other) else _left(one, other)
    moved = (frame for first, second in pairs if first[1] != second[1] for frame in (first[1], second[1]))
    return {frame for frame in moved if frame is not None}


def _left(
    before: Sequence[tuple[str, int | None]], after: Sequence[tuple[str, int | None]]
) -> Iterator[tuple[tuple[str, int | None], tuple[str, int | None]]]:
    """Yield what is left of references of which some have gone, each as it was and as it is."""
    left = iter(after)
    expected = next(left, None)
    for each in before:
        if expected is not None and each[0] == expected[0]:
            yield each, expected
            expected = next(left, None)


def _may_draw(limits: Float, shifts: Shifts) -> bool:
    """Whether a position may draw more than `TOLERANCE` from a reference when scores have risen by so much at most."""
    for (log, elected), by in zip(limits.astype(float).reshape(-1, 2), shifts, strict=True):
        risen = elected + by
        votes = VOTE_GAIN * (max(risen, LEAST_ELECTED) - max(elected, LEAST_ELECTED))
        share = min(math.exp(min(log, 0.0)), 1 - 1e-9)
        odds = math.log(max(share, 1e-300)) - math.log1p(-share) + by + votes
        if odds > math.log(TOLERANCE) or risen > math.log(MOST_ELECTED):
            return True
    return False
