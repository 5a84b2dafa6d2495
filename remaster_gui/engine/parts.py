"""What a render is made of: parts that stand alone, and what is known of each once it is made."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from operator import itemgetter
from typing import Any

from remaster_gui.base import plain_data
from remaster_gui.base.notices import SEVERITIES, Notice
from remaster_gui.base.spot_marks import FrameMarks, marks_identity
from remaster_gui.base.timebase import FrameRange
from remaster_gui.base.validity import Validity
from remaster_gui.engine.drawn import Drawn
from remaster_gui.engine.messages import Settings
from remaster_gui.engine.origin import OriginTotals
from remaster_gui.engine.stages import STAGES, RenderStage, Work
from remaster_gui.engine.stretches import Stretch, stretches

LONGEST_PART = 600
"""Frames after which a long shot is cut into parts, so that several makers can share it."""
PIECE = 60
"""Frames of a part that are stored together, so that a broken run never loses more."""

_LONGEST = float(2**40)


@dataclass(frozen=True, slots=True)
class Part:
    """Frames `span` of `shot` that are rendered in one go, and the settings that they are rendered by.

    guided: the stretches of the shot that some of the references guide; () where all guide all of it. marks: what is
    decided about single spots of its frames.
    """

    shot: FrameRange
    span: FrameRange
    settings: Settings = field(default_factory=Settings)
    guided: tuple[Stretch, ...] = ()
    marks: FrameMarks = ()

    @property
    def name(self) -> str:
        """Name of its file or folder, without a suffix."""
        return f"{self.span.start:07d}-{self.span.stop:07d}"

    @property
    def pieces(self) -> tuple[Part, ...]:
        """What is stored of it, in order: parts of at most `PIECE` frames, which begin at fixed places in it."""
        starts = range(self.span.start, self.span.stop, PIECE)
        spans = [FrameRange(start, min(start + PIECE, self.span.stop)) for start in starts]
        return tuple(replace(self, span=each, marks=_within(self.marks, each)) for each in spans)

    @property
    def guided_by(self) -> list[list[Any]]:
        """What results depend on of the stretches, as plain data."""
        return [[str(each.frames), list(each.places)] for each in self.guided]

    @property
    def marked(self) -> list[list[Any]]:
        """What results depend on of the marks, as plain data."""
        return [[frame, marks_identity(marks)] for frame, marks in self.marks]


def parts_of(
    shots: Sequence[FrameRange],
    span: FrameRange,
    settings_of: Callable[[FrameRange], Settings],
    edges: Sequence[int] = (),
    validities: Sequence[Validity] = (),
    marks: FrameMarks = (),
) -> list[Part]:
    """Cut `span` at the shots' borders, and long shots into parts of at most `LONGEST_PART` frames.

    Parts of one shot begin at fixed places in it, so that they do not depend on how the work went; they also end at
    `edges`, which rise. `validities`: of all references. `marks`: of all frames, which count where luminance is
    restored.
    """
    guided: dict[FrameRange, tuple[Stretch, ...]] = {}
    if any(each.ranges for each in validities):
        for each in stretches(shots, validities):
            guided[each.shot] = (*guided.get(each.shot, ()), each)
    parts = []
    for shot in shots:
        settings, own = settings_of(shot), guided.get(shot, ())
        if not settings.colorization or [len(each.places) for each in own] == [len(validities)]:
            own = ()
        pieces = (piece.intersection(span) for piece in _pieces(shot, edges))
        usable = marks if settings.restored_share > 0 else ()
        parts += [Part(shot, each, settings, own, _within(usable, each)) for each in pieces if each]
    return parts


def _within(marks: FrameMarks, span: FrameRange) -> FrameMarks:
    first, last = (bisect_left(marks, end, key=itemgetter(0)) for end in (span.start, span.stop))
    return marks[first:last]


def _pieces(shot: FrameRange, edges: Sequence[int]) -> Iterator[FrameRange]:
    inside = edges[bisect_right(edges, shot.start) : bisect_left(edges, shot.stop)]
    starts = sorted({*range(shot.start, shot.stop, LONGEST_PART), *inside})
    for start, stop in pairwise((*starts, shot.stop)):
        yield FrameRange(start, stop)


@dataclass(frozen=True, slots=True)
class PartFacts:
    """What whoever made a part says of it, wherever that was; it lies in the record of the part.

    origins: where the colours of its frames come from. drawn: from which references, and what bounds that; None where
    that is not known. stages: what each stage that frames pass through has done. seconds: how long "frames" took, and
    "encode references" where that had to be done first.
    """

    origins: OriginTotals = field(default_factory=OriginTotals)
    stages: Mapping[RenderStage, Work] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()
    drawn: Drawn | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "origins": self.origins.as_dict(),
            "stages": {stage: [work.frames, work.seconds] for stage, work in self.stages.items()},
            "seconds": dict(self.seconds),
            "notices": notices_as_data(self.notices),
            "drawn": None if self.drawn is None else self.drawn.as_dict(),
        }

    @staticmethod
    def from_dict(data: Any) -> PartFacts:
        """Read what `as_dict` wrote; raises `ValueError` for anything else."""
        said = plain_data.table(data)
        return PartFacts(
            OriginTotals.from_dict(said["origins"]),
            {
                plain_data.choice(stage, STAGES): _work(work)
                for stage, work in plain_data.table(said["stages"]).items()
            },
            {
                plain_data.text(name): plain_data.number(seconds, 0.0, _LONGEST)
                for name, seconds in plain_data.table(said["seconds"]).items()
            },
            notices_of_data(said["notices"]),
            None if said["drawn"] is None else Drawn.from_dict(said["drawn"]),
        )


def notices_as_data(notices: Sequence[Notice]) -> list[list[str]]:
    """Return notices as plain data, without what a front end may offer to do about them."""
    return [[notice.kind, notice.text] for notice in notices]


def notices_of_data(data: Any) -> tuple[Notice, ...]:
    """Read what `notices_as_data` wrote; raises `ValueError` for anything else."""
    said = [plain_data.listed(each) for each in plain_data.listed(data)]
    return tuple(Notice(plain_data.choice(kind, SEVERITIES), plain_data.text(text)) for kind, text in said)


def _work(data: Any) -> Work:
    frames, seconds = plain_data.listed(data)
    return Work(plain_data.whole(frames), plain_data.number(seconds, 0.0, _LONGEST))
