"""What is said of a film in a container file that is read, but not as it stands."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np

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
            f"{path.name} is several films joined end to end, and only its first {info.frame_count} frames are read; "
            "take the files that it was made of one by one, or join them with a program that writes them anew."
        )
    if index.others:
        found.append(
            f"{path.name} changes to another codec; the {info.frame_count} frames of one of them are read and "
            f"{index.others} others are left out, so convert those parts by themselves."
        )
    elif not info.complete and not is_joined:
        found.append(f"{path.name} is cut short or damaged; {info.frame_count} frames of it can be read.")
    if info.color.transfer in _HIGH_DYNAMIC_RANGE:
        found.append(
            f"{path.name} is a high-dynamic-range film; its tones are read as they stand, so "
            "convert it to BT.709 first "
            "for true brightness."
        )
    return found


def faults_of_timecode(text: str | None, info: FilmInfo) -> list[str]:
    """Say that the timecode of a film does not fit it."""
    if text is None or info.timecode is not None:
        return []
    shown = "".join(each for each in text if each.isprintable())[:_LONGEST_TIMECODE]
    return [f"The timecode {shown} does not fit the film's rate and was left out."]


def faults_of_time(path: Path, index: FilmIndex, info: FilmInfo) -> list[str]:
    """Say what was met in the clock of the file and what was made of it."""
    found = []
    if index.restarts:
        first, count, shift = index.restarts[0].frame, len(index.restarts), index.restarts[0].shift
        where = f"at frame {first}" if count == 1 else f"{count} times, first at frame {first}"
        what = (
            f"leaps {-float(shift):.0f} seconds ahead at frame {first}"
            if count == 1 and shift < 0
            else f"is set anew {where}"
        )
        found.append(
            f"The clock of {path.name} {what}; all frames follow each other in the order of the file."
        )
    if index.replaced:
        count, first = index.replaced
        found.append(
            f"Frame {first} of {path.name} bears no time or one that cannot be; it was put between its neighbours."
            if count == 1
            else f"{count} frames of {path.name} bear no time or one that cannot be, the first is frame {first}; they "
            "were put evenly between their neighbours."
        )
    if index.ticks is not None:
        steps = np.diff(index.ticks)
        long = np.flatnonzero(steps * float(index.tick) > _NOTABLE_GAP) if len(steps) else steps
        if len(long) and info.variable_rate and len(long) * 2 < len(steps):
            seconds = float(int(steps[long[0]]) * index.tick)
            found.append(
                f"Nothing is shown in {path.name} for {seconds:.0f} seconds after frame {long[0]}, which is held for "
                "so long."
            )
    if info.rate in (SLOWEST_RATE, FASTEST_RATE) and info.variable_rate:
        found.append(
            f"{path.name} has a rate that frames are not counted at; it counts as {info.rate} frames per second, and "
            "all keep their times."
        )
    return found


def faults_of_shape(path: Path, coded: tuple[int, int], crop: Crop, stated: Fraction) -> list[str]:
    """Say that the shape of pictures or pixels is other than stated."""
    found = []
    if crop:
        width, height = crop.size(*coded)
        found.append(
            f"{path.name} asks for {width}x{height} of its {coded[0]}x{coded[1]} pixels to be shown; the others are "
            "left out."
        )
    if not Fraction(1, MOST_PIXEL_ASPECT) <= stated <= MOST_PIXEL_ASPECT:
        found.append(f"{path.name} states pixels of a shape that no film has; they are taken for square.")
    return found
