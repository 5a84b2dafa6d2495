"""What a project holds: frozen values that share their parts, so that a snapshot for every edit costs little.

Pixels stay outside; a reference names them by its id and revision. Values that make no sense raise `ValueError`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from typing import Literal, get_args

from remaster_gui.base.choices import (
    GRAINS,
    LUMINANCES,
    MOST_SATURATION,
    MOST_SENSITIVITY,
    PROXIES,
    OwnSettings,
    Proxy,
    RemasterSettings,
    ShotSettings,
    effective_settings,
)
from remaster_gui.base.named_colors import (
    MOST_NAMES,
    MOST_REGIONS,
    Chroma,
    NamedRegion,
    Recoloring,
    check_chroma,
    names_of,
)
from remaster_gui.base.spot_marks import FrameMarks, Marks, marks_size
from remaster_gui.base.timebase import FrameRange
from remaster_gui.base.validity import EVERYWHERE, Validity
from remaster_gui.media.limits import LARGEST

ReferenceKind = Literal["painted", "imported", "promoted"]
"""Where the first pixels of a reference came from: the film itself, a picture, or a remastered frame."""

MarkerColor = Literal["red", "yellow", "green", "cyan", "blue", "magenta"]
"""Those that editing programs know by these names."""
MARKER_COLORS: tuple[MarkerColor, ...] = get_args(MarkerColor)

MOST_FRAMES = 50_000_000
"""A month of film at 18 frames a second; more comes from a damaged file."""
LONGEST_NAME = 200
LONGEST_NOTES = 4000
MOST_MARKERS = 10_000
MOST_MARK_BYTES = 2**20
"""Of all marks of a project as they are kept: some ten thousand spots, or a thousand large strokes."""
LARGEST_NUMBER = 2**53

_COLOR = re.compile(r"#[0-9a-f]{6}")
_DIGEST = re.compile(r"(?:[0-9a-f]{32})?")
_ID = re.compile(r"[0-9a-z]{1,32}")


@dataclass(frozen=True, slots=True)
class FilmIdentity:
    """Which film a project is about, so that it is found again when it was moved.

    `digest` is `media.content_hash`, '' while it is not yet known. `width` and `height` are those of the frames as
    shown. `byte_count` counts all pictures of a sequence. `deinterlace`: whether the two fields of every frame
    are joined as it is read, which is the user's choice.
    """

    path: Path
    byte_count: int
    digest: str
    rate: Fraction
    frame_count: int
    width: int
    height: int
    deinterlace: bool = False

    def __post_init__(self) -> None:
        _check(0 <= self.byte_count <= LARGEST_NUMBER, "a byte count", self.byte_count)
        _check(bool(_DIGEST.fullmatch(self.digest)), "a content hash", self.digest)
        _check(0 < self.rate <= 1000 and self.rate.denominator <= LARGEST_NUMBER, "a rate", self.rate)
        _check(0 < self.frame_count <= MOST_FRAMES, "a count of frames", self.frame_count)
        _check_size(self.width, self.height)


@dataclass(frozen=True, slots=True)
class ReferenceRecord:
    """A colour reference, apart from its pixels.

    `frame`: the frame that it shows; None for one that stands free. `color`: its own colour in overlays and lanes.
    `colored`: whether any pixel has been coloured; only then the network is given it. `id` and `revision` together
    name its pixels: a revision is never given to other pixels. `validity`: where it counts, and how much.
    """

    id: str
    name: str
    kind: ReferenceKind
    frame: int | None
    color: str
    enabled: bool
    colored: bool
    width: int
    height: int
    revision: int
    validity: Validity = EVERYWHERE

    def __post_init__(self) -> None:
        _check(bool(_ID.fullmatch(self.id)), "an id", self.id)
        _check_name(self.name)
        _check(self.kind in get_args(ReferenceKind), "a kind of reference", self.kind)
        _check(self.frame is None or 0 <= self.frame < MOST_FRAMES, "a frame", self.frame)
        _check_color(self.color)
        _check_size(self.width, self.height)
        _check(0 <= self.revision <= LARGEST_NUMBER, "a revision", self.revision)
        ranges = self.validity.ranges
        _check(not ranges or ranges[-1].stop <= MOST_FRAMES, "ranges of frames", ranges)


@dataclass(frozen=True, slots=True)
class Swatch:
    """A named colour ``#rrggbb``."""

    name: str
    color: str

    def __post_init__(self) -> None:
        _check_name(self.name)
        _check_color(self.color)


@dataclass(frozen=True, slots=True)
class Palette:
    """Named swatches in their order."""

    name: str
    swatches: tuple[Swatch, ...] = ()

    def __post_init__(self) -> None:
        _check_name(self.name)


@dataclass(frozen=True, slots=True)
class ProjectSettings(RemasterSettings):
    """How the film is remastered, the size of previews, and the weights: None for those that come with the program."""

    proxy: Proxy = "half"
    weights: Path | None = None

    def __post_init__(self) -> None:
        _check(0 < self.edge <= LARGEST, "a working size", self.edge)
        _check(self.luminance in LUMINANCES, "a source of luminance", self.luminance)
        _check(self.proxy in PROXIES, "a size of previews", self.proxy)
        _check(0 <= self.restoration_strength <= 1, "a strength of restoration", self.restoration_strength)
        _check(0 <= self.saturation <= MOST_SATURATION, "a saturation", self.saturation)
        _check(0 <= self.vividness <= 1, "a vividness", self.vividness)
        _check(self.grain in GRAINS, "a choice for grain", self.grain)
        _check(
            0 <= self.dirt_sensitivity <= MOST_SENSITIVITY, "a sensitivity for dirt", self.dirt_sensitivity
        )


@dataclass(frozen=True, slots=True)
class ShotRecord:
    """What a project says of a shot, which begins with frame `first`: what it has otherwise than the film, and notes.

    Notes are printable text of any number of lines.
    """

    first: int
    settings: ShotSettings = field(default_factory=ShotSettings)
    notes: str = ""

    def __post_init__(self) -> None:
        _check(0 <= self.first < MOST_FRAMES, "a frame", self.first)
        effective_settings(ProjectSettings(), ((0, self.settings),), 0)
        _check_notes(self.notes)

    @property
    def says_nothing(self) -> bool:
        """Whether the shot is as any other."""
        return not self.notes and not self.settings.own


@dataclass(frozen=True, slots=True)
class FrameMarker:
    """A remark on a frame: a name, which may be '', and notes as those of shots."""

    frame: int
    name: str = ""
    color: MarkerColor = "blue"
    note: str = ""

    def __post_init__(self) -> None:
        _check(0 <= self.frame < MOST_FRAMES, "a frame", self.frame)
        if self.name:
            _check_name(self.name)
        _check(self.color in MARKER_COLORS, "a colour of markers", self.color)
        _check_notes(self.note)


@dataclass(frozen=True, slots=True)
class Project:
    """All that is saved, apart from pixels.

    `cuts`: first frames of shots, rising, 0 among them; None until they have been searched for. `in_point` and
    `out_point` (exclusive) are None where the user set none. `last_revision` is the highest that was ever drawn.
    `shot_records`: of shots of which something is said, rising; there are none while cuts are not known. `markers`:
    rising, at most one to a frame. `marks`: what is decided about single spots of frames. `named`: parts of references
    that have names, at most one for each name and reference. `wanted`: colours that names are to have instead of the
    references', each name once.
    """

    film: FilmIdentity
    cuts: tuple[int, ...] | None = None
    in_point: int | None = None
    out_point: int | None = None
    references: tuple[ReferenceRecord, ...] = ()
    palettes: tuple[Palette, ...] = ()
    recent_colors: tuple[str, ...] = ()
    settings: ProjectSettings = field(default_factory=ProjectSettings)
    last_revision: int = 0
    shot_records: tuple[ShotRecord, ...] = ()
    markers: tuple[FrameMarker, ...] = ()
    marks: FrameMarks = ()
    named: tuple[NamedRegion, ...] = ()
    wanted: tuple[tuple[str, Chroma], ...] = ()

    def __post_init__(self) -> None:
        count = self.film.frame_count
        rising = self.cuts is None or all(a < b for a, b in pairwise(self.cuts))
        _check(
            rising and (not self.cuts or 0 <= self.cuts[0] <= self.cuts[-1] < count),
            "a list of cuts",
            self.cuts,
        )
        firsts = [record.first for record in self.shot_records]
        _check(
            firsts == sorted(set(firsts))
            and {*firsts} <= ({0, *self.cuts} if self.cuts is not None else set())
            and not any(record.says_nothing for record in self.shot_records),
            "a list of shots",
            firsts,
        )
        marked = [marker.frame for marker in self.markers]
        _check(
            marked == sorted(set(marked))
            and len(marked) <= MOST_MARKERS
            and (not marked or marked[-1] < count),
            "a list of markers",
            marked,
        )
        spotted = [frame for frame, _ in self.marks]
        _check(
            spotted == sorted(set(spotted)) and (not spotted or 0 <= spotted[0] <= spotted[-1] < count),
            "frames with marks",
            spotted,
        )
        size = marks_size(self.marks)
        _check(size <= MOST_MARK_BYTES, "a set of marks", size)
        places = [(each.name, each.reference) for each in self.named]
        _check(
            len(places) == len(set(places)) <= MOST_REGIONS and len(names_of(self.named)) <= MOST_NAMES,
            "a set of named colours",
            places,
        )
        wanted = [name for name, _ in self.wanted]
        _check(len(wanted) == len(set(wanted)) <= MOST_NAMES, "a set of wanted colours", wanted)
        for _, chroma in self.wanted:
            check_chroma(chroma)
        start, stop = self.in_point or 0, count if self.out_point is None else self.out_point
        _check(0 <= start < stop <= count, "a segment", (self.in_point, self.out_point))
        ids = [reference.id for reference in self.references]
        _check(len(ids) == len(set(ids)), "a set of references", ids)
        for color in self.recent_colors:
            _check_color(color)
        highest = max((reference.revision for reference in self.references), default=0)
        _check(highest <= self.last_revision <= LARGEST_NUMBER, "the last revision", self.last_revision)

    def reference(self, id_: str) -> ReferenceRecord | None:
        """Return a reference by its id; None where there is none (any longer)."""
        return next((reference for reference in self.references if reference.id == id_), None)

    def marker(self, frame: int) -> FrameMarker | None:
        """Return the marker of a frame; None where there is none."""
        return next((marker for marker in self.markers if marker.frame == frame), None)

    def marks_at(self, frame: int) -> Marks:
        """Return what is decided about single spots of a frame, in the order in which it was."""
        place = bisect_left(self.marks, frame, key=itemgetter(0))
        found = self.marks[place : place + 1]
        return found[0][1] if found and found[0][0] == frame else ()

    @property
    def names(self) -> tuple[str, ...]:
        """All names of colours."""
        return names_of(self.named)

    def color_of(self, name: str) -> Chroma:
        """Return the mean colour that a name has on references; grey for one that there is not."""
        found = [each.color for each in self.named if each.name == name] or [(0.0, 0.0)]
        return sum(a for a, _ in found) / len(found), sum(b for _, b in found) / len(found)

    def wanted_color(self, name: str) -> Chroma:
        """Return the colour that a name is to have: its own unless another one is wanted."""
        return dict(self.wanted).get(name) or self.color_of(name)

    @property
    def recolorings(self) -> tuple[Recoloring, ...]:
        """What is to have another colour than on the references."""
        names = set(self.names)
        return tuple(
            Recoloring(name, self.color_of(name), after) for name, after in self.wanted if name in names
        )

    @property
    def used_references(self) -> tuple[ReferenceRecord, ...]:
        """Those that the network is given: switched on, coloured and not without strength, in order of names."""
        used = (r for r in self.references if r.enabled and r.colored and r.validity.strength > 0)
        return tuple(sorted(used, key=lambda r: r.name))

    @property
    def has_segment(self) -> bool:
        """Whether the user has set an in point or an out point."""
        return self.in_point is not None or self.out_point is not None

    @property
    def segment(self) -> FrameRange:
        """In point to out point; ends that are not set are those of the film."""
        stop = self.film.frame_count if self.out_point is None else self.out_point
        return FrameRange(self.in_point or 0, stop)

    @property
    def shots(self) -> tuple[FrameRange, ...]:
        """The ranges between cuts; they cover the film, in one piece while the cuts are not known."""
        edges = (0, *(cut for cut in self.cuts or () if cut), self.film.frame_count)
        return tuple(FrameRange(start, stop) for start, stop in pairwise(edges))

    def shot_number(self, frame: int) -> int:
        """Return which of `shots` a frame lies in, from 0."""
        cuts = self.cuts or ()
        return bisect_right(cuts, frame) - (1 if cuts and cuts[0] == 0 else 0)

    def shot_at(self, frame: int) -> FrameRange:
        """Return the one of `shots` that a frame of the film lies in."""
        cuts = self.cuts or ()
        place = bisect_right(cuts, frame)
        return FrameRange(
            cuts[place - 1] if place else 0, cuts[place] if place < len(cuts) else self.film.frame_count
        )

    def shot_record(self, first: int) -> ShotRecord:
        """Return what is said of the shot that begins with a frame, which may be nothing."""
        return next((each for each in self.shot_records if each.first == first), ShotRecord(first))

    @property
    def own_settings(self) -> OwnSettings:
        """The settings of shots that have some of their own."""
        return tuple((each.first, each.settings) for each in self.shot_records if each.settings.own)

    def settings_of(self, first: int) -> ProjectSettings:
        """Return how the shot that begins with a frame is remastered."""
        return effective_settings(self.settings, self.own_settings, first)


def _check(holds: bool, what: str, value: object) -> None:
    if not holds:
        raise ValueError(f"not {what}: {value!r}"[:200])


def _check_name(name: str) -> None:
    _check(0 < len(name) <= LONGEST_NAME and name.isprintable(), "a name", name)


def _check_color(color: str) -> None:
    _check(bool(_COLOR.fullmatch(color)), "a colour", color)


def _check_notes(notes: str) -> None:
    lines = notes.replace("\n", "").replace("\t", "")
    _check(len(notes) <= LONGEST_NOTES and (not lines or lines.isprintable()), "notes", notes)


def _check_size(width: int, height: int) -> None:
    _check(0 < width <= LARGEST and 0 < height <= LARGEST, "a size", (width, height))
