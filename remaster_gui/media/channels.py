"""Channels of sound: which is which, and bringing them to another order and format.

The codec library's binding shares the table of a file's own order of channels ("left side before left back") between
the codec and every frame and layout that is asked for, and each of them frees it: the process ends. So no codec is
opened before `settle_channels` has taken that order out of it, and no code but this asks a codec for its layout.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.filter import Graph
from numpy.typing import NDArray

_USUAL = ("mono", "stereo", "2.1", "4.0", "5.0", "5.1", "6.1", "7.1")
"""Layouts that are meant where only the number of channels is known, from 1 on, as the codec library has it."""
_PLACES = (
    "FL", "FR", "FC", "LFE", "BL", "BR", "FLC", "FRC", "BC", "SL", "SR", "TC", "TFL", "TFC", "TFR", "TBL", "TBC", "TBR",
)  # fmt: skip
"""Places of loudspeakers in the order in which codecs expect them."""
_UNUSUAL = re.compile(r"(\d+) channels(?: \((.*)\))?|ambisonic .*", re.DOTALL)

MOST_CHANNELS = 64
"""More than any film has; the codec library goes higher, but its filters do not."""


@dataclass(frozen=True, slots=True)
class AudioChannels:
    """Channels of a track: how many, and in which layout once they are put in `order`."""

    count: int
    layout: str | None
    """Name of the layout; None where nothing but the number is known."""
    order: tuple[int, ...] | None = None
    """Which of the file's channels comes first, second and so on in `layout`; None: they lie like that."""

    @property
    def usual_layout(self) -> str:
        """Name of the layout, or of the one that so many channels mostly have."""
        if self.layout is not None:
            return self.layout
        return _USUAL[self.count - 1] if self.count <= len(_USUAL) else f"{self.count} channels"


def settle_channels(context: AudioCodecContext) -> AudioChannels:
    """Read the channels of a codec that was not opened yet, and leave it with a layout that is safe to free."""
    layout = context.layout
    count, name = layout.nb_channels, layout.name
    unusual = _UNUSUAL.fullmatch(name)
    if count > 0:
        # From here on the table, if there is one, belongs to `layout` alone.
        context.layout = name if unusual is None else f"{count} channels"
    if unusual is None:
        return AudioChannels(count, name)
    return _named(count, (unusual[2] or "").split("+"))


def _named(count: int, names: list[str]) -> AudioChannels:
    """Find the layout that channels of these names make in another order."""
    places = [_PLACES.index(name) if name in _PLACES else -1 for name in names]
    if len(places) != count or -1 in places or len(set(places)) != count:
        return AudioChannels(count, None)
    order = tuple(int(each) for each in np.argsort(places))
    layout = av.AudioLayout("+".join(names[each] for each in order)).name
    return AudioChannels(count, None if _UNUSUAL.fullmatch(layout) else layout, order)


class Resampler:
    """Brings decoded sound to one format, layout and rate, also where the file changes its own in midway."""

    def __init__(self, channels: AudioChannels, *, sample_format: str, layout: str, rate: int) -> None:
        """``sample_format``: a packed one of the codec library, such as ``s16``."""
        self._channels, self._format, self._layout, self._rate = channels, sample_format, layout, rate
        self._count = av.AudioLayout(layout).nb_channels
        self._graph: Graph | None = None
        self._facts: tuple[object, ...] = ()

    def samples(self, frame: av.AudioFrame | None) -> Iterator[NDArray[Any]]:
        """Yield blocks (n, channels) of what has become ready; None at the end gives the rest."""
        if frame is not None:
            facts = (frame.sample_rate, frame.format.name, frame.layout.name)
            if facts != self._facts:
                yield from self._rest()
                self._graph, self._facts = self._made(frame), facts
            assert self._graph is not None
            self._graph.push(frame)
            yield from self._ready()
        else:
            yield from self._rest()

    def _rest(self) -> Iterator[NDArray[Any]]:
        if self._graph is not None:
            self._graph.push(None)
            yield from self._ready()
            self._graph, self._facts = None, ()

    def _ready(self) -> Iterator[NDArray[Any]]:
        assert self._graph is not None
        while True:
            try:
                frame = self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            assert isinstance(frame, av.AudioFrame)
            yield frame.to_ndarray().reshape(-1, self._count)

    def _made(self, frame: av.AudioFrame) -> Graph:
        graph = Graph()
        chain = [
            graph.add(
                "abuffer",
                sample_rate=str(frame.sample_rate),
                sample_fmt=frame.format.name,
                channel_layout=frame.layout.name,
                time_base=str(frame.time_base or Fraction(1, frame.sample_rate)),
            )
        ]
        order, layout = self._arrangement(frame.layout.nb_channels, frame.layout.name)
        if order is not None:
            chain.append(
                graph.add("channelmap", map="|".join(str(each) for each in order), channel_layout=layout)
            )
        if self._layout != f"{self._count} channels":
            chain.append(
                graph.add(
                    "aformat",
                    sample_rates=str(self._rate),
                    sample_fmts=self._format,
                    channel_layouts=self._layout,
                )
            )
        else:
            chain.append(graph.add("aformat", sample_rates=str(self._rate), sample_fmts=self._format))
        chain.append(graph.add("abuffersink"))
        for left, right in pairwise(chain):
            left.link_to(right)
        graph.configure()
        return graph

    def _arrangement(self, count: int, name: str) -> tuple[tuple[int, ...] | None, str]:
        """Say which channels to take in which order, and what layout they make then; None where all is well."""
        channels = self._channels
        if _UNUSUAL.fullmatch(name) is None:
            return None, name
        if count != channels.count:
            channels = AudioChannels(count, None)
        if self._layout == f"{count} channels":
            return None, name
        if _UNUSUAL.fullmatch(channels.usual_layout) is None:
            return channels.order or tuple(range(count)), channels.usual_layout
        # Nobody knows what so many are; the first ones are what people listen to.
        return tuple(range(min(count, 2))), "mono" if count == 1 else "stereo"
