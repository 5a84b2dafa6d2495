"""What the inspector says of film, frame and reference, as lines of text: free of Qt."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from remaster_gui.base.counting import counted
from remaster_gui.base.language import number, tr
from remaster_gui.base.timebase import FrameRange, format_timecode
from remaster_gui.media import FilmInfo
from remaster_gui.project.schema import ProjectSettings, ReferenceKind, ReferenceRecord, ShotRecord
from remaster_gui.ui.wording import STATE_NAMES, byte_size, duration

FrameState = int
"""As in `engine.frame_store`."""

_FIELDS = {
    "progressive": tr("progressive"),
    "top": tr("interlaced, top field first"),
    "bottom": tr("interlaced, bottom field first"),
}
_KINDS: dict[ReferenceKind, str] = {
    "painted": tr("painted in Remaster"),
    "imported": tr("imported picture"),
    "promoted": tr("promoted frame"),
}
_MATRICES = {
    "bt709": "BT.709",
    "bt601": "BT.601",
    "bt2020": "BT.2020",
    "smpte240m": "SMPTE 240M",
    "fcc": "FCC",
    "rgb": "RGB",
}

Facts = tuple[tuple[str, str], ...]
"""Lines of (name, value)."""


@dataclass(frozen=True, slots=True)
class InspectedFrame:
    """Where the playhead is. `shot` counts from 1; None while cuts are not known."""

    index: int
    timecode: str
    state: FrameState
    shot: int | None = None
    shots: int = 0
    span: FrameRange | None = None


@dataclass(frozen=True, slots=True)
class InspectedShot:
    """The shot at the playhead, counted from 1: what is said of it, and the references that show frames of it.

    `settings`: those by which it is remastered. `film`: those of the film.
    """

    number: int
    span: FrameRange
    rate: Fraction
    record: ShotRecord
    settings: ProjectSettings
    film: ProjectSettings
    references: tuple[ReferenceRecord, ...] = ()


def shot_facts(shot: InspectedShot) -> Facts:
    """Describe where a shot lies."""
    seconds = float(len(shot.span) / shot.rate)
    return (
        (tr("Frames"), f"{shot.span.start}–{shot.span.stop - 1}"),
        (tr("Length"), f"{counted(len(shot.span), 'frame')} · {number(seconds, '.1f')} s"),
        (tr("References"), str(len(shot.references)) if shot.references else tr("none of its frames")),
    )


def film_facts(info: FilmInfo, byte_count: int = 0) -> Facts:
    """Describe a film by what a colourist has to know of it."""
    length = duration(float(info.frame_count / info.rate))
    shape = (
        ""
        if info.pixel_aspect == 1
        else tr(", pixels {pixel_aspect:.3f} : 1", pixel_aspect=float(info.pixel_aspect))
    )
    rate = rate_text(info.rate) + (tr(", varying") if info.variable_rate else "")
    lines = [
        (tr("File"), info.path.name),
        (tr("Size"), f"{info.width} × {info.height}{shape}"),
        (tr("Length"), f"{counted(info.frame_count, 'frame')} · {length}"),
        (tr("Rate"), rate),
        (tr("Scan"), _FIELDS[info.field_order] + (tr(", fields joined") if info.deinterlaced else "")),
        (
            tr("Depth"),
            tr(
                "{bit_depth} bit, {matrix} {range}",
                bit_depth=info.bit_depth,
                matrix=_MATRICES.get(info.color.matrix, info.color.matrix),
                range=info.color.range,
            ),
        ),
        (tr("Sound"), tr("yes") if info.has_audio else tr("none")),
    ]
    if info.timecode is not None:
        lines.append((tr("Starts at"), info.timecode))
    if byte_count:
        lines.append((tr("On disk"), byte_size(byte_count)))
    if not info.complete:
        lines.append((tr("Note"), tr("the file is damaged or ends early")))
    return tuple(lines)


def frame_facts(frame: InspectedFrame) -> Facts:
    """Describe the frame shown."""
    shot = tr("not known yet")
    if frame.shot is not None and frame.span is not None:
        shot = tr(
            "{shot} of {shots} · frames {start}–{stop}",
            shot=frame.shot,
            shots=frame.shots,
            start=frame.span.start,
            stop=frame.span.stop - 1,
        )
    return (
        (tr("Frame"), f"{frame.index}"),
        (tr("Timecode"), frame.timecode),
        (tr("Shot"), shot),
        (tr("State"), STATE_NAMES[frame.state]),
    )


def reference_facts(
    reference: ReferenceRecord, share: float | None, rate: Fraction, timecode: str | None
) -> Facts:
    """Describe the chosen reference; `share`: part of the frame shown that it colours, None while not known."""
    place = tr("free-standing")
    if reference.frame is not None:
        place = f"{reference.frame} · {format_timecode(reference.frame, rate, timecode)}"
    colors = (
        tr("the attention overlay (A) tells")
        if share is None
        else tr("{share:.0%} of the frame shown", share=share)
    )
    if not reference.colored:
        colors = tr("nothing painted yet")
    elif not reference.enabled:
        colors = tr("not used")
    return (
        (tr("Kind"), _KINDS[reference.kind]),
        (tr("Frame"), place),
        (tr("Size"), f"{reference.width} × {reference.height}"),
        (tr("Colours"), colors),
    )


def rate_text(rate: Fraction) -> str:
    """Write a rate as people say it: ``24 fps``, ``23.976 fps``."""
    text = str(rate.numerator) if rate.denominator == 1 else number(float(rate), ".3f").rstrip("0")
    return tr("{text} fps", text=text)
