"""Tables of colours in ``.cube`` files (Adobe's Cube LUT 1.0, and what Resolve adds to it), read and laid out for use.

A table takes gamma-coded sRGB and says what a screen or a film stock is to show in its place.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Float
from remaster_gui.base.errors import MediaError
from remaster_gui.base.files import open_plain, printable
from remaster_gui.base.language import tr

LARGEST_CUBE = 65
"""Entries along a side."""
LARGEST_CURVE = 65536
_LARGEST_FILE = 32 * 2**20
_MOST_ROWS = LARGEST_CURVE + LARGEST_CUBE**3
_MOST_LINES = 2 * _MOST_ROWS
"""With comments and empty ones."""
_FARTHEST = 1e6
"""No entry and no end of a domain lies farther from zero."""
_LEVELS = 256
_BLACK, _WHITE = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
_SAMPLES = ("LUT_1D_SIZE", "LUT_3D_SIZE")
_RANGES = ("LUT_1D_INPUT_RANGE", "LUT_3D_INPUT_RANGE")


@dataclass(frozen=True, slots=True, eq=False)
class LutEntries:
    """Entries that lie at equal distances from `low` to `high`, each of these with one value for each channel.

    values: ``(N, 3)`` float32 of a curve for each channel, or ``(N, N, N, 3)`` of a cube by blue, green and red.
    """

    values: Float
    low: Float
    high: Float

    def places(self, colors: Float) -> Float:
        """Return where among the entries colours ``(..., 3)`` lie: from 0 to N - 1, held at the ends."""
        share = (colors - self.low) / (self.high - self.low)
        places: Float = np.clip(share, 0, 1).astype(np.float32) * np.float32(len(self.values) - 1)
        return places


@dataclass(frozen=True, slots=True)
class CubeLut:
    """A table of colours. `digest` names its content; two of one digest are equal.

    curve: what is done to each channel first. cube: what is done to the three together then. Either may be missing.
    """

    name: str
    digest: str
    curve: LutEntries | None = field(default=None, compare=False, repr=False)
    cube: LutEntries | None = field(default=None, compare=False, repr=False)


def read_lut(path: Path) -> CubeLut:
    """Read a ``.cube`` file; raises `MediaError` for anything else."""
    return _parsed(path, _content(path))


def checked_content(path: Path) -> bytes:
    """Return the bytes of a ``.cube`` file, for a copy; raises `MediaError` for anything else."""
    content = _content(path)
    _parsed(path, content)
    return content


def _parsed(path: Path, content: bytes) -> CubeLut:
    name = printable(path.name)
    try:
        return parse_lut(name, content)
    except ValueError as error:
        raise MediaError(tr("{name} is no LUT that can be used: {error}.", name=name, error=error)) from None


def _content(path: Path) -> bytes:
    try:
        # The user's own links are followed; what is no file at all is never waited for.
        with open_plain(Path(os.path.realpath(path))) as file:
            return file.read(_LARGEST_FILE + 1)
    except FileNotFoundError:
        raise MediaError(tr("There is no file {path}; check its name.", path=printable(path))) from None
    except (OSError, ValueError) as error:
        raise MediaError(
            tr("{path} cannot be read ({error}); choose another LUT.", path=printable(path), error=error)
        ) from error


def parse_lut(name: str, content: bytes) -> CubeLut:
    """Read the content of a ``.cube`` file; raises `ValueError`, which says in a few words what is wrong."""
    if len(content) > _LARGEST_FILE:
        raise ValueError(tr("it is far too large for a .cube file"))
    heads, rows = _parted(io.StringIO(content.decode("utf-8-sig", "replace"), newline=None))
    if not any(word in heads for word in _SAMPLES):
        raise ValueError(tr("it has neither LUT_1D_SIZE nor LUT_3D_SIZE, so it is no .cube file"))
    long = _size(heads, "LUT_1D_SIZE", LARGEST_CURVE)
    side = _size(heads, "LUT_3D_SIZE", LARGEST_CUBE)
    needed = long + side**3
    if len(rows) != needed:
        raise ValueError(
            tr(
                "its sizes ask for {needed} lines of numbers, and it has {count}",
                needed=needed,
                count=len(rows),
            )
        )
    values = _numbers(rows, tr("a line of the table"))
    # Where there are both, the domain is that of the curve, unless each has a range of its own.
    curve = _samples(values[:long], heads, _RANGES[0], inherits=True) if long else None
    cube = _samples(values[long:], heads, _RANGES[1], inherits=not long) if side else None
    return CubeLut(name, hashlib.sha256(content).hexdigest(), curve, cube)


def screen_table(lut: CubeLut) -> NDArray[np.uint32]:
    """Return for each of the 2^24 colours ``0xRRGGBB`` of a screen what it becomes, ``0xffRRGGBB``: 64 MiB.

    Cubes are interpolated along red, green and blue in turn.
    """
    levels = np.repeat(np.linspace(0, 1, _LEVELS, dtype=np.float32)[:, None], 3, axis=1)
    curved = levels if lut.curve is None else _curved(lut.curve, levels)
    table = np.empty((_LEVELS, _LEVELS, _LEVELS), np.uint32)
    if lut.cube is None:
        red, green, blue = _codes(curved).T
        table[:] = red[:, None, None] << 16 | green[:, None] << 8 | blue
    else:
        places = lut.cube.places(curved)
        for red, place in enumerate(places[:, 0]):
            plane = _between(lut.cube.values, np.array([place]), axis=2)[:, :, 0]
            plane = _between(_between(plane, places[:, 1], axis=1), places[:, 2], axis=0)
            codes = _codes(plane)
            table[red] = (codes[..., 0] << 16 | codes[..., 1] << 8 | codes[..., 2]).T
    table |= 0xFF000000
    table.flags.writeable = False
    return table.reshape(-1)


def _curved(curve: LutEntries, colors: Float) -> Float:
    """Send each channel of colours ``(..., 3)`` through its curve."""
    places, at = curve.places(colors), np.arange(len(curve.values))
    channels = (np.interp(places[..., c], at, curve.values[:, c]) for c in range(3))
    return np.stack(list(channels), axis=-1).astype(np.float32)


def _between(values: Float, places: Float, *, axis: int) -> Float:
    """Interpolate along an axis."""
    low = np.clip(np.floor(places).astype(np.intp), 0, max(0, values.shape[axis] - 2))
    share = (places - low).reshape([-1 if each == axis else 1 for each in range(values.ndim)])
    first = values.take(low, axis=axis)
    found: Float = first + (values.take(low + 1, axis=axis) - first) * share.astype(np.float32)
    return found


def _codes(values: Float) -> NDArray[np.uint32]:
    return (np.clip(values, 0, 1) * np.float32(255) + np.float32(0.5)).astype(np.uint32)


def _parted(lines: Iterable[str]) -> tuple[dict[str, Sequence[str]], list[Sequence[str]]]:
    """Part keywords with what follows them from lines of numbers; comments go."""
    heads: dict[str, Sequence[str]] = {}
    rows: list[Sequence[str]] = []
    for number, line in enumerate(lines):
        if number >= _MOST_LINES or len(rows) > _MOST_ROWS:
            raise ValueError(tr("it is far too large for a .cube file"))
        words = line.partition("#")[0].split() if not line.startswith("TITLE") else ["TITLE"]
        if not words:
            continue
        if not words[0][0].isalpha():
            rows.append(words)
        elif words[0] == "TITLE":
            continue
        elif words[0] not in (*_SAMPLES, *_RANGES, "DOMAIN_MIN", "DOMAIN_MAX"):
            raise ValueError(tr("it says {words}, which is not known here", words=printable(words[0][:40])))
        elif words[0] in heads:
            raise ValueError(tr("it says {words} twice", words=words[0]))
        else:
            heads[words[0]] = words[1:]
    return heads, rows


def _size(heads: dict[str, Sequence[str]], word: str, most: int) -> int:
    said = heads.get(word)
    if said is None:
        return 0
    if len(said) != 1 or not (said[0].isascii() and said[0].isdecimal()) or not 2 <= int(said[0][:9]) <= most:
        raise ValueError(tr("{word} has to be a number from 2 to {most}", word=word, most=most))
    return int(said[0])


def _samples(values: Float, heads: dict[str, Sequence[str]], word: str, *, inherits: bool) -> LutEntries:
    """Make samples of lines of numbers; `inherits`: the domain of the file is theirs, too."""
    low, high = np.array(_BLACK, np.float32), np.array(_WHITE, np.float32)
    if inherits:
        low = _ends(heads, "DOMAIN_MIN", 3, low)
        high = _ends(heads, "DOMAIN_MAX", 3, high)
    if word in heads:
        both = _ends(heads, word, 2, low)
        low, high = np.repeat(both[0], 3), np.repeat(both[1], 3)
    if not (low < high).all():
        raise ValueError(tr("its domain is empty"))
    side = round(len(values) ** (1 / 3)) if word == _RANGES[1] else 0
    return LutEntries(values.reshape(side, side, side, 3) if side else values, low, high)


def _ends(heads: dict[str, Sequence[str]], word: str, count: int, usual: Float) -> Float:
    if word not in heads:
        return usual
    if len(heads[word]) != count:
        raise ValueError(tr("{word} has to be {count} numbers", word=word, count=count))
    ends: Float = _numbers([heads[word]], word, count)[0]
    return ends


def _numbers(rows: Sequence[Sequence[str]], what: str, count: int = 3) -> Float:
    """Return lines of `count` numbers each."""
    if any(len(row) != count for row in rows):
        raise ValueError(tr("{what} has to be {count} numbers", what=what, count=count))
    try:
        found = np.array(rows, np.float64)
    except ValueError:
        raise ValueError(tr("{what} holds something that is no number", what=what)) from None
    if not (np.abs(found) <= _FARTHEST).all():
        raise ValueError(tr("{what} holds a number beyond all bounds", what=what))
    numbers: Float = found.astype(np.float32)
    return numbers
