"""Where the colour of a name is not the same from shot to shot, though it ought to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from remaster_gui.base.color_difference import delta_e_2000
from remaster_gui.base.language import tr
from remaster_gui.base.named_colors import Chroma, Recoloring
from remaster_gui.base.timebase import FrameRange
from remaster_gui.cutlists import Marker
from remaster_gui.engine.mattes import NameSums, recolored_mean

DRIFTING = 5.0
"""Difference (CIEDE2000) from which on a name is said to drift: seen at a glance, from one shot to the next."""
LEAST_SHARE = 0.01
"""Mean part of a shot's frames below which a name is hardly on it, and its colour says nothing."""
DRIFT_COLOR = "cyan"
"""Of markers."""
_LIGHTNESS = 60.0


@dataclass(frozen=True, slots=True)
class NameInShot:
    """A name in a shot: its mean share of the frames that are known, its mean a and b, and how far that is off.

    drift: CIEDE2000, at equal lightness, from the colour that the name has in the shot that has most of it.
    """

    name: str
    shot: FrameRange
    share: float
    color: Chroma
    drift: float

    @property
    def drifts(self) -> bool:
        """Whether one ought to look at it."""
        return self.drift >= DRIFTING

    @property
    def marker(self) -> Marker:
        """What a cut list says of it."""
        text = tr("The colour of “{name}” drifts by Delta E {drift:.1f}", name=self.name, drift=self.drift)
        return Marker(self.shot.start, text, DRIFT_COLOR, len(self.shot))


def names_in_shots(
    shots: Mapping[FrameRange, tuple[int, Mapping[str, NameSums]]], recolorings: Sequence[Recoloring] = ()
) -> tuple[NameInShot, ...]:
    """Return where names are, in the order of names and then of the film.

    shots: how many frames of each are known, and the sums of these, with the colours of the references, which
    `recolorings` change.
    """
    wanted = {each.name: each for each in recolorings}
    found: dict[str, list[tuple[FrameRange, float, float, Chroma]]] = {}
    for shot, (frames, sums) in shots.items():
        for name, each in sums.items():
            if frames and each.share / frames >= LEAST_SHARE:
                color = each.color if name not in wanted else recolored_mean(each.color, wanted[name])
                found.setdefault(name, []).append((shot, each.share, each.share / frames, color))
    rows = []
    for name in sorted(found):
        usual = max(found[name], key=lambda each: (each[1], -each[0].start))[3]
        for shot, _, share, color in sorted(found[name], key=lambda each: each[0].start):
            drift = delta_e_2000((_LIGHTNESS, *usual), (_LIGHTNESS, *color))
            rows.append(NameInShot(name, shot, share, color, drift))
    return tuple(rows)


def drift_markers(names: Sequence[NameInShot]) -> tuple[Marker, ...]:
    """Return markers of shots in which names drift."""
    return tuple(each.marker for each in names if each.drifts)
