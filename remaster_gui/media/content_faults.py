"""What is said of a film in a container file that is read, but not as it stands."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np

from remaster_gui.base.language import tr
from remaster_gui.media.cropping import Crop
from remaster_gui.media.film import FilmInfo
from remaster_gui.media.index import FilmIndex
from remaster_gui.media.limits import FASTEST_RATE, MOST_PIXEL_ASPECT, SLOWEST_RATE

_HIGH_DYNAMIC_RANGE = {"pq", "hlg"}
_LONGEST_TIMECODE = 32
_NOTABLE_GAP = 10
"""Seconds for which nothing is shown that are worth a sentence."""


def faults_of_content(path: Path, index: FilmIndex, info: FilmInfo, *, is_joined: bool) -> list[str]:
    """Say what of a film is not read, or read otherwise than meant."""
    found = []
    if is_joined:
        found.append(
            tr(
                "{path} is several films joined end to end, and only its first {frame_count} frames are read; "
                "take the files that it was made of one by one, or join them with a program that writes them anew.",
                path=path.name,
                frame_count=info.frame_count,
            )
        )
    if index.others:
        found.append(
            tr(
                "{path} changes to another codec; the {frame_count} frames of one of them are read and "
                "{others} others are left out, so convert those parts by themselves.",
                path=path.name,
                frame_count=info.frame_count,
                others=index.others,
            )
        )
    elif not info.complete and not is_joined:
        found.append(
            tr(
                "{path} is cut short or damaged; {frame_count} frames of it can be read.",
                path=path.name,
                frame_count=info.frame_count,
            )
        )
    if info.color.transfer in _HIGH_DYNAMIC_RANGE:
        found.append(
            tr(
                "{path} is a high-dynamic-range film; its tones are read as they stand, so "
                "convert it to BT.709 first "
                "for true brightness.",
                path=path.name,
            )
        )
    return found


def faults_of_timecode(text: str | None, info: FilmInfo) -> list[str]:
    """Say that the timecode of a film does not fit it."""
    if text is None or info.timecode is not None:
        return []
    shown = "".join(each for each in text if each.isprintable())[:_LONGEST_TIMECODE]
    return [tr("The timecode {shown} does not fit the film's rate and was left out.", shown=shown)]


def faults_of_time(path: Path, index: FilmIndex, info: FilmInfo) -> list[str]:
    """Say what was met in the clock of the file and what was made of it."""
    found = []
    if index.restarts:
        first, count, shift = index.restarts[0].frame, len(index.restarts), index.restarts[0].shift
        where = (
            tr("at frame {first}", first=first)
            if count == 1
            else tr("{count} times, first at frame {first}", count=count, first=first)
        )
        what = (
            tr("leaps {shift:.0f} seconds ahead at frame {first}", shift=-float(shift), first=first)
            if count == 1 and shift < 0
            else tr("is set anew {where}", where=where)
        )
        found.append(
            tr(
                "The clock of {path} {what}; all frames follow each other in the order of the file.",
                path=path.name,
                what=what,
            )
        )
    if index.replaced:
        count, first = index.replaced
        found.append(
            tr(
                "Frame {first} of {path} bears no time or one that cannot be; it was put between its neighbours.",
                first=first,
                path=path.name,
            )
            if count == 1
            else tr(
                "{count} frames of {path} bear no time or one that cannot be, the first is frame {first}; they "
                "were put evenly between their neighbours.",
                count=count,
                path=path.name,
                first=first,
            )
        )
    if index.ticks is not None:
        steps = np.diff(index.ticks)
        long = np.flatnonzero(steps * float(index.tick) > _NOTABLE_GAP) if len(steps) else steps
        if len(long) and info.variable_rate and len(long) * 2 < len(steps):
            seconds = float(int(steps[long[0]]) * index.tick)
            found.append(
                tr(
                    "Nothing is shown in {path} for {seconds:.0f} seconds after frame {long}, which is held for "
                    "so long.",
                    path=path.name,
                    seconds=seconds,
                    long=long[0],
                )
            )
    if info.rate in (SLOWEST_RATE, FASTEST_RATE) and info.variable_rate:
        found.append(
            tr(
                "{path} has a rate that frames are not counted at; it counts as {rate} frames per second, and "
                "all keep their times.",
                path=path.name,
                rate=info.rate,
            )
        )
    return found


def faults_of_shape(path: Path, coded: tuple[int, int], crop: Crop, stated: Fraction) -> list[str]:
    """Say that the shape of pictures or pixels is other than stated."""
    found = []
    if crop:
        width, height = crop.size(*coded)
        found.append(
            tr(
                "{path} asks for {width}x{height} of its {coded}x{coded2} pixels to be shown; the others are "
                "left out.",
                path=path.name,
                width=width,
                height=height,
                coded=coded[0],
                coded2=coded[1],
            )
        )
    if not Fraction(1, MOST_PIXEL_ASPECT) <= stated <= MOST_PIXEL_ASPECT:
        found.append(
            tr("{path} states pixels of a shape that no film has; they are taken for square.", path=path.name)
        )
    return found
