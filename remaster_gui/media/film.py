"""What a film is to everything above: numbered frames with exact times, whatever file they come from."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal, overload

import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Pixels
from remaster_gui.base.closable import Closable
from remaster_gui.base.errors import SettingsError
from remaster_gui.base.language import tr
from remaster_gui.base.notices import Notice
from remaster_gui.base.timebase import FrameRange

Channels = Literal["luma", "rgb", "opencv"]
"""What a frame is decoded to.

``luma``: full-range luma. ``rgb``: full-range RGB with BT.709 primaries. ``opencv``: the RGB that OpenCV's video reader
would deliver, 8 bits by FFmpeg's quick conversion, up to a level darker; only for comparison with work done with it.
"""
FieldOrder = Literal["progressive", "top", "bottom"]


@dataclass(frozen=True, slots=True)
class ColorTags:
    """How code values are to be read.

    ``matrix``: bt709, bt601, bt2020, smpte240m, fcc or rgb. ``range``: limited or full. ``primaries``: bt709,
    bt601-525, bt601-625, bt470m, film, bt2020, p3-dci, p3-d65, or profile, where a picture gives them by numbers.
    ``transfer``: bt709, srgb, gamma22, gamma28, smpte240m, linear, log100 and log316 (a hundredth, a 316th of white is
    black), pq, hlg, log or profile.
    """

    matrix: str
    range: str
    primaries: str
    transfer: str


@dataclass(frozen=True, slots=True)
class FilmInfo:
    """Facts about a film that do not change while it is open.

    ``width`` and ``height`` count pixels as shown, that is after rotation; ``pixel_aspect`` (width : height
    of one pixel) is likewise that of the shown picture. ``timecode`` is that of frame 0. ``complete`` is
    False where the file ends early or is damaged; the frames counted here can be read all the same.
    """

    path: Path
    width: int
    height: int
    frame_count: int
    rate: Fraction
    pixel_aspect: Fraction
    rotation: int
    field_order: FieldOrder
    bit_depth: int
    color: ColorTags
    has_audio: bool
    timecode: str | None
    variable_rate: bool
    complete: bool
    is_sequence: bool = False
    """Whether it consists of pictures, whose rate is the user's to say."""
    deinterlaced: bool = False
    """Whether the two fields of every frame are joined as it is read."""
    numbers: tuple[int, ...] | None = None
    """What the pictures of a sequence are numbered in their names, rising; None for anything else."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture at its 0-based index.

    ``time`` is in seconds from frame 0. ``pixels`` is contiguous, read-only and full range: (H, W) luma or
    (H, W, 3) RGB (see `Channels`); uint8 from 8-bit films, uint16 spread over 0..65535 from deeper ones.
    """

    index: int
    time: Fraction
    pixels: Pixels


@dataclass(frozen=True, slots=True)
class Restart:
    """A place at which the clock of a file starts anew: what lies behind has stamps that are off."""

    frame: int
    """First frame behind it."""
    position: int
    """Byte at which the packet of that frame lies in the file."""
    shift: Fraction
    """Seconds to be added to the stamps of everything from there on, so that it follows what came before."""


class FrameTimes(Sequence[Fraction]):
    """Presentation times in seconds, kept as integers and turned into fractions when asked for."""

    def __init__(self, ticks: NDArray[np.int64] | range, tick: Fraction) -> None:
        """``ticks`` begins with 0 and rises; ``tick`` is the length of one in seconds."""
        self._ticks = ticks
        self._tick = tick

    def __len__(self) -> int:
        return len(self._ticks)

    @overload
    def __getitem__(self, index: int) -> Fraction: ...

    @overload
    def __getitem__(self, index: slice) -> list[Fraction]: ...

    def __getitem__(self, index: int | slice) -> Fraction | list[Fraction]:
        if isinstance(index, slice):
            return [int(tick) * self._tick for tick in self._ticks[index]]
        return int(self._ticks[index]) * self._tick


class Film(Closable):
    """An open film. Not thread-safe: each thread opens its own."""

    info: FilmInfo
    times: Sequence[Fraction]
    start_time: Fraction
    """Presentation time of frame 0 on the file's own clock, which its sound shares."""
    restarts: tuple[Restart, ...] = ()
    """Where that clock starts anew, in the order of the file; times and sound behind have to be moved."""

    @property
    @abstractmethod
    def problems(self) -> tuple[str, ...]:
        """One sentence for every fault found so far, at opening or while decoding."""

    def notices(self) -> tuple[Notice, ...]:
        """Return the faults found so far as whoever reads the film passes them on, each once."""
        return tuple(Notice("warning", problem) for problem in self.problems)

    @abstractmethod
    def read(self, index: int, channels: Channels = "luma") -> Frame:
        """Return frame ``index``; `SettingsError` outside the film, `MediaError` if it is unreadable."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the files; reading afterwards is an error."""

    def frames(self, span: FrameRange, channels: Channels = "luma") -> Iterator[Frame]:
        """Yield the frames of ``span`` in order, at the decoder's speed."""
        for index in span:
            yield self.read(index, channels)

    def _check_index(self, index: int) -> None:
        if not 0 <= index < self.info.frame_count:
            raise SettingsError(
                tr(
                    "Frame {index} lies outside {path}, which has the frames 0 to {frame_count}.",
                    index=index,
                    path=self.info.path.name,
                    frame_count=self.info.frame_count - 1,
                )
            )
