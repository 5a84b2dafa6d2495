"""Writing edit decision lists of the kind CMX 3600."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from remaster_gui.base.language import tr
from remaster_gui.base.timebase import SlowTimecode, format_timecode, nominal_rate, parse_timecode
from remaster_gui.cutlists.events import ListError
from remaster_gui.cutlists.exact_times import counts_alike
from remaster_gui.cutlists.shot_list import ShotList

COUNTED = (24, 25, 30, 48, 50, 60)
"""Frames a second that editing programs count in such lists."""

_MOST_EVENTS = 9999
_LONGEST_REEL = 32
_COLOR = re.compile(r"[a-z]{1,16}", re.ASCII)


def edl_text(shots: ShotList) -> str:
    """Return the text of a list; raises `ListError` for a film that such lists cannot be of."""
    step = shots.timecode.step if isinstance(shots.timecode, SlowTimecode) else 1
    _check(shots, step)
    start = shots.timecode or "00:00:00:00"
    drops = ";" in start
    lines = [f"TITLE: {_line(shots.film)}", f"FCM: {'DROP' if drops else 'NON-DROP'} FRAME", ""]
    lines += _events(shots, start)
    return "\n".join(lines) + "\n"


def reel_name(film: str) -> str:
    """Make the name of a reel out of that of a film: capitals, digits and underscores."""
    stem = film.rpartition(".")[0] or film
    name = re.sub(r"[^A-Z0-9]+", "_", stem.upper()).strip("_")
    return name[:_LONGEST_REEL] or "AX"


def check_counted(rate: Fraction, step: int) -> None:
    """Raise `ListError` for a rate at which no program counts such lists; each label stands for `step` frames."""
    if not any(counts_alike(rate / step, Fraction(each)) for each in COUNTED):
        shown = f"{float(rate):.3f}".rstrip("0").rstrip(".")
        raise ListError(
            tr(
                "An edit decision list counts {map} or {counted} frames a second, and "
                "this film has {shown}; use .otio or .csv, which can say that.",
                map=", ".join(map(str, COUNTED[:-1])),
                counted=COUNTED[-1],
                shown=shown,
            )
        )


def _check(shots: ShotList, step: int) -> None:
    check_counted(shots.rate, step)
    if len(shots.shots) > _MOST_EVENTS:
        raise ListError(
            tr(
                "An edit decision list holds {most_events} events, and this film has {count} shots; write "
                ".otio or .csv.",
                most_events=_MOST_EVENTS,
                count=len(shots.shots),
            )
        )
    if not re.fullmatch(rf"[!-~]{{1,{_LONGEST_REEL}}}", shots.reel):
        raise ListError(
            tr(
                "An edit decision list cannot name the reel {reel!r}: up to {longest_reel} letters and digits "
                "without spaces; give another name of the reel.",
                reel=shots.reel,
                longest_reel=_LONGEST_REEL,
            )
        )
    edges = [shot.span.start for shot in shots.shots] + [shots.frame_count]
    if odd := next((edge for edge in edges if edge % step), None):
        raise ListError(
            tr(
                "The timecode of this film stands for {step} frames each, and a shot ends at frame {odd} "
                "between two of "
                "them; write .otio or .csv.",
                step=step,
                odd=odd,
            )
        )
    start = shots.timecode or "00:00:00:00"
    nominal = nominal_rate(shots.rate / step)
    last = f"23:59:59{';' if ';' in start else ':'}{nominal - 1:02d}"
    begin, end = (parse_timecode(each, shots.rate / step) for each in (start, last))
    if begin + shots.frame_count // step > end + 1:
        raise ListError(
            tr(
                "This film runs past midnight in its timecode, where an edit decision list begins anew; write .otio or "
                ".csv."
            )
        )


def _events(shots: ShotList, start: str) -> Iterator[str]:
    def label(frame: int) -> str:
        return format_timecode(frame, shots.rate, start)

    for number, shot in enumerate(shots.shots, 1):
        times = f"{label(shot.span.start)} {label(shot.span.stop)}"
        yield f"{number:03d}  {shots.reel:<8} V     C        {times} {times}"
        yield f"* FROM CLIP NAME: {_line(shot.name or shots.film)}"
        if shot.note:
            yield f"* COMMENT: {_line(shot.note)}"
        for marker in shot.markers:
            color = marker.color.upper() if _COLOR.fullmatch(marker.color) else "RED"
            yield f"* LOC: {label(marker.frame)} {color:<7} {_line(marker.text)}".rstrip()


def _line(text: str) -> str:
    """Return text on one line, in letters that are written anywhere."""
    return " ".join(text.encode("utf-8", "replace").decode().split())
