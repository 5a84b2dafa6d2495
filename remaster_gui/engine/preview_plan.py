"""Which frames to remaster next: the nearest to the playhead first, in runs within shots that waste little work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.choices import PROXIES, OwnSettings, Proxy, effective_settings
from remaster_gui.base.spot_marks import FrameMarks
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.messages import Reference, Settings, guiding
from remaster_gui.engine.sizes import SMALLEST_EDGE, Size, working_size
from remaster_gui.engine.stretches import stretches

FIRST_RUN = 16
"""Frames before the playhead that are remastered as one run; each earlier run is twice as long.

Every run needs its neighbours' luminance and so pays for frames that it does not deliver; long runs pay less.
"""


@dataclass(frozen=True, slots=True)
class Guides:
    """Frames of a shot, and the references that guide them."""

    frames: FrameRange
    references: tuple[Reference, ...]
    places: tuple[int, ...] = ()
    """Which of all references of the shot they are."""


@dataclass(frozen=True, slots=True)
class Guidance:
    """What a film is remastered by: all that a frame's picture depends on, but for the film and the network.

    `shots` cover the film. `references` are those that the network is given, in the order of their names, as in an
    export. `settings.luminance` of "restored" is previewed as "working": restoring at full size is for the export.
    `own` says which shots are remastered by other settings, `marks` what is decided about single spots of frames.
    """

    shots: tuple[FrameRange, ...]
    references: tuple[Reference, ...] = ()
    settings: Settings = field(default_factory=Settings)
    proxy: Proxy = "full"
    own: OwnSettings = ()
    marks: FrameMarks = ()

    def settings_of(self, shot: FrameRange) -> Settings:
        """Return the settings by which one of `shots` is remastered."""
        return effective_settings(self.settings, self.own, shot.start)

    def guides_of(self, shot: FrameRange) -> list[Guides]:
        """Return what the network is given for one of `shots`, stretch by stretch."""
        references = guiding(self.references, self.settings_of(shot))
        found = stretches([shot], [each.validity for each in references])
        return [Guides(each.frames, each.of(references), each.places) for each in found]

    @property
    def all_guides(self) -> set[Reference]:
        """All references that the network is given for any of the shots, guesses as vivid as each wants them."""
        settings = {self.settings_of(shot) for shot in self.shots}
        return {each for chosen in settings for each in guiding(self.references, chosen)}

    def references_at(self, frame: int) -> tuple[Reference, ...]:
        """Return the references that the network is given for a frame."""
        references = guiding(self.references, self.settings_of(shot_at(self.shots, frame)))
        return tuple(each for each in references if each.validity.holds_at(frame))


@dataclass(frozen=True, slots=True)
class PreviewRequest:
    """Frames `span` that are to be previewed by `guidance`, those nearest to `playhead` first."""

    guidance: Guidance
    span: FrameRange
    playhead: int


@dataclass(frozen=True, slots=True)
class Run:
    """Frames `span` of `shot` that are remastered in order, without a pause in the network's memory."""

    shot: FrameRange
    span: FrameRange

    def distance(self, playhead: int) -> int:
        """Return how far from the playhead the run is at its nearest."""
        if playhead < self.span.start:
            return self.span.start - playhead
        return max(0, playhead - self.span.stop + 1)


def proxy_size(film: Size, edge: int, proxy: Proxy) -> Size:
    """Return the working size of a preview, not below what the networks can work at."""
    return working_size(film, max(SMALLEST_EDGE, edge // PROXIES[proxy]))


def plan_runs(
    shots: Sequence[FrameRange], span: FrameRange, playhead: int, done: NDArray[np.bool_]
) -> list[Run]:
    """Cut what is missing of `span` into runs, the nearest to the playhead first.

    `done` ``(frames,)`` says which frames need no work. After the playhead a run goes on to the end of what is missing
    in its shot, as frames come in the order of their distance anyway; before it runs are short at first.
    """
    runs: list[Run] = []
    for shot in shots:
        inside = shot.intersection(span)
        for missing in _missing(inside, done):
            if missing.stop <= playhead:
                runs += [Run(shot, part) for part in _backwards(missing)]
            elif missing.start >= playhead:
                runs.append(Run(shot, missing))
            else:
                runs += [Run(shot, part) for part in _backwards(FrameRange(missing.start, playhead))]
                runs.append(Run(shot, FrameRange(playhead, missing.stop)))
    # Of two runs equally near the later one comes first: films are watched forwards.
    return sorted(runs, key=lambda run: (run.distance(playhead), run.span.start < playhead))


def shot_at(shots: Sequence[FrameRange], frame: int) -> FrameRange:
    """Return the shot that `frame` lies in."""
    return next(shot for shot in shots if frame in shot)


def _missing(span: FrameRange, done: NDArray[np.bool_]) -> list[FrameRange]:
    """Return the maximal ranges of `span` that are not done."""
    wanted = np.concatenate([[False], ~done[span.start : span.stop], [False]])
    edges = (np.flatnonzero(wanted[1:] != wanted[:-1]) + span.start).tolist()
    return [FrameRange(start, stop) for start, stop in zip(edges[::2], edges[1::2], strict=True)]


def _backwards(missing: FrameRange) -> list[FrameRange]:
    """Cut a range that ends at the playhead into runs that grow with their distance."""
    parts, stop, length = [], missing.stop, FIRST_RUN
    while stop > missing.start:
        start = max(missing.start, stop - length)
        parts.append(FrameRange(start, stop))
        stop, length = start, 2 * length
    return parts
