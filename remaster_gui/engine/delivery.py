"""A film that is delivered as one file for each shot, with handles and names after a pattern."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from remaster_gui.base import plain_data
from remaster_gui.base.errors import SettingsError
from remaster_gui.base.files import LONGEST_NAME, check_name, printable
from remaster_gui.base.language import tr
from remaster_gui.base.system import windows_name_fault
from remaster_gui.base.timebase import FrameRange, format_timecode
from remaster_gui.media import PRESETS, FilmInfo, Preset, find_preset

DEFAULT_PATTERN = "{film}_{shot}"
FIELDS = ("film", "reel", "shot", "timecode", "frame", "last")
"""What a pattern may name: the film, its reel, number, timecode, first and last frame of the shot itself."""
MOST_HANDLES = 1000

_FIELD = re.compile(r"\{([^{}:]*)(?::0?(\d{1,2}))?\}")
_LEAST_DIGITS = 3
_LONGEST_ENDING = len(".remaster.framemd5")
"""Room for what lies beside a file and is named after it."""


@dataclass(frozen=True, slots=True)
class ShotFile:
    """One file of a delivery: frames `span` around `shot`, which is the film's number `number`, from 1."""

    name: str
    number: int
    shot: FrameRange
    span: FrameRange


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a film is delivered shot by shot.

    handles: frames before and behind each shot, where the film has them; they are its neighbours', remastered as there.
    pattern: names of files without a suffix, in which ``{shot}`` and the like stand for what they name (`FIELDS`), and
    ``{shot:05}`` for as many digits. reel: name of the film's reel.
    """

    handles: int = 0
    pattern: str = DEFAULT_PATTERN
    reel: str = ""

    def __post_init__(self) -> None:
        """Raise `SettingsError` for handles and patterns that mean nothing."""
        if not 0 <= self.handles <= MOST_HANDLES:
            raise SettingsError(
                tr(
                    "Handles of {handles} frames mean nothing; choose 0 to {most_handles}.",
                    handles=self.handles,
                    most_handles=MOST_HANDLES,
                )
            )
        named = names_asked_for(self.pattern)
        known = ", ".join(f"{{{each}}}" for each in FIELDS)
        for name in named:
            if name not in FIELDS:
                raise SettingsError(
                    tr(
                        "The pattern {pattern!r} asks for {{{name}}}; there are {known}.",
                        pattern=self.pattern,
                        name=name,
                        known=known,
                    )
                )
        if set("{}") & set(_FIELD.sub("", self.pattern)):
            raise SettingsError(
                tr("The pattern {pattern!r} has a bracket without its other half.", pattern=self.pattern)
            )
        if not set(named) & {"shot", "timecode", "frame", "last"}:
            raise SettingsError(
                tr(
                    "The pattern {pattern!r} gives all shots the same name; let it hold {{shot}} or {{timecode}}.",
                    pattern=self.pattern,
                )
            )
        if "reel" in named and not self.reel:
            raise SettingsError(
                tr(
                    "The pattern {pattern!r} asks for a reel without a name; name the reel (--reel NAME), or leave "
                    "{{reel}} out.",
                    pattern=self.pattern,
                )
            )

    def edges(self, shots: Sequence[FrameRange]) -> list[int]:
        """Return where parts have to end, rising, so that each file is made of whole parts."""
        cuts = [shot.start for shot in shots[1:]] if self.handles else []
        return sorted({cut + by for cut in cuts for by in (-self.handles, self.handles)})

    def clips(
        self, shots: Sequence[FrameRange], span: FrameRange, info: FilmInfo, preset: Preset
    ) -> list[ShotFile]:
        """Return the files of a delivery of `span`; raises `SettingsError` for names that cannot be."""
        found, digits = list[ShotFile](), max(_LEAST_DIGITS, len(str(len(shots))))
        suffix = "" if preset.is_sequence else preset.suffixes[0]
        for number, shot in enumerate(shots, 1):
            inside = shot.intersection(span)
            if not len(inside):
                continue
            around = FrameRange(max(0, inside.start - self.handles), inside.stop + self.handles)
            name = self._name(number, digits, inside, info) + suffix
            _check(name, self.pattern)
            found.append(ShotFile(name, number, shot, around.intersection(span)))
        _check_different(found, self.pattern)
        return found

    def _name(self, number: int, digits: int, shot: FrameRange, info: FilmInfo) -> str:
        numbers = info.numbers or range(info.frame_count)
        timecode = format_timecode(shot.start, info.rate, info.timecode)
        # A path that stands for pictures, such as name.%06d.dpx, is named by what comes before its numbers.
        film = re.split(r"[.%#]", printable(info.path.name))[0] or printable(info.path.stem)
        if info.path.is_file():
            film = printable(info.path.stem)
        values: dict[str, Callable[[int], str]] = {
            "film": lambda _: film,
            "reel": lambda _: self.reel,
            "shot": lambda wide: f"{number:0{wide or digits}d}",
            "timecode": lambda _: re.sub("[:;]", "-", timecode),
            "frame": lambda wide: f"{numbers[shot.start]:0{wide or 1}d}",
            "last": lambda wide: f"{numbers[shot.stop - 1]:0{wide or 1}d}",
        }
        return _FIELD.sub(lambda field: values[field[1]](int(field[2] or 0)), self.pattern)

    def as_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> Delivery:
        """Read what `as_dict` wrote; raises `ValueError` for anything else, or `SettingsError`."""
        said = plain_data.table(data)
        return Delivery(
            plain_data.whole(said["handles"]), plain_data.text(said["pattern"]), plain_data.text(said["reel"])
        )


def names_asked_for(pattern: str) -> list[str]:
    """Return what a pattern asks for in brackets, known or not.

    >>> names_asked_for("{reel}_{shot:05}")
    ['reel', 'shot']
    """
    return [name for name, _ in _FIELD.findall(pattern)]


def delivery_preset(key: str | None) -> Preset:
    """Return the preset of a delivery, which has to be named, as its output is a folder; raises `SettingsError`."""
    preset = None if key is None else find_preset(key)
    if preset is None:
        known = ", ".join(PRESETS)
        raise SettingsError(
            tr(
                "A delivery shot by shot needs a preset that says what kind of files it has; choose one of {known}.",
                known=known,
            )
        )
    return preset


def _check(name: str, pattern: str) -> None:
    """Raise `SettingsError` for what cannot be the name of a file on every system, as deliveries travel."""
    check_name(Path(name))
    fault = windows_name_fault(name) or (tr("a name cannot hold '/'") if "/" in name else "")
    if len(name.encode("utf-8", "replace")) > LONGEST_NAME - _LONGEST_ENDING:
        fault = tr("it is longer than names can be")
    if name.startswith("."):
        fault = tr("a name that begins with a dot is hidden")
    if fault:
        raise SettingsError(
            tr(
                "The pattern {pattern!r} makes the name {name!r}, and {fault}; choose another pattern.",
                pattern=pattern,
                name=name[:80],
                fault=fault,
            )
        )


def _check_different(clips: Sequence[ShotFile], pattern: str) -> None:
    seen: dict[str, ShotFile] = {}
    for clip in clips:
        other = seen.setdefault(clip.name.casefold(), clip)
        if other is not clip:
            raise SettingsError(
                tr(
                    "The pattern {pattern!r} gives the shots {number} and {number2} the same name, {clip}; "
                    "let it hold {{shot}}.",
                    pattern=pattern,
                    number=other.number,
                    number2=clip.number,
                    clip=clip.name,
                )
            )
