"""Interlaced material: recognising it and turning each frame of two fields into one whole picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from itertools import islice

import av
from av.filter import Graph

from remaster_gui.media.film import FieldOrder

_PROGRESSIVE = 1
_ORDERS: dict[int, FieldOrder] = {2: "top", 3: "bottom", 4: "top", 5: "bottom"}
"""Codes of the stream headers. 4 and 5 are what files number 9 and 14: fields whose lines lie in each other, of which
the upper (9) or the lower (14) is shown first. So QuickTime and Matroska define them and so decoders and writers take
them, though the codec library's own list of names says the opposite.
"""
_PARSED = frozenset({"h264", "hevc"})
"""Coded films whose code comes from the pictures' own headers, which know better than what decoders flag."""


def recognise_field_order(code: int, codec: str, pictures: Iterable[av.VideoFrame]) -> FieldOrder:
    """Read the field order from the stream's code, or from decoded pictures where the stream does not say.

    A file may say that it is progressive and hold a `codec` whose first picture says that it is not.
    """
    if code in _ORDERS:
        return _ORDERS[code]
    if code == _PROGRESSIVE:
        pictures = () if codec in _PARSED else islice(pictures, 1)
    for picture in pictures:
        if picture.interlaced_frame:
            return "top" if _is_top_first(picture) else "bottom"
    return "progressive"


def _is_top_first(picture: av.VideoFrame) -> bool:
    """Read which field is flagged as first, which the binding hands to filters alone; fields may look the same."""
    graph = _graph(picture, "select", r"expr=eq(interlace_type\,TOPFIRST)")
    graph.push(picture)
    graph.push(None)
    try:
        graph.vpull()
    except (av.EOFError, av.BlockingIOError):
        return False
    return True


class Deinterlacer:
    """Makes one whole picture of the two fields of each frame, interpolating where things move.

    The result for a frame depends on it and its two neighbours alone, so reading in any order gives the same
    pictures. Where size or format change, pictures are no neighbours.
    """

    def __init__(self, order: FieldOrder) -> None:
        """``order`` says which field is kept; of progressive material it is the top one."""
        self._parity = "bff" if order == "bottom" else "tff"
        self._graph: Graph | None = None
        self._shape: tuple[int, int, str] | None = None
        self._last = -1

    def picture(self, index: int, count: int, source: Callable[[int], av.VideoFrame]) -> av.VideoFrame:
        """Deinterlace frame ``index`` of ``count``; ``source`` gives the decoded pictures."""
        if self._graph is None or self._last != index:
            self._begin(index, source)
        graph = self._graph
        assert graph is not None
        following = source(index + 1) if index + 1 < count else None
        if following is not None and _shape(following) == self._shape:
            graph.push(following)
            self._last = index + 1
        else:
            graph.push(None)
            self._graph = None
        return graph.vpull()

    def _begin(self, index: int, source: Callable[[int], av.VideoFrame]) -> None:
        """Start anew such that the next push brings out frame ``index``."""
        current = source(index)
        self._shape = _shape(current)
        self._graph = _graph(current, "bwdif", f"mode=send_frame:parity={self._parity}:deint=all")
        before = source(index - 1) if index > 0 else None
        if before is not None and _shape(before) == self._shape:
            self._graph.push(before)
            self._graph.push(current)
            self._graph.vpull()
        else:
            self._graph.push(current)
        self._last = index


def _shape(picture: av.VideoFrame) -> tuple[int, int, str]:
    """Return what must not change within a graph, whose filters would write beyond their memory."""
    return picture.width, picture.height, picture.format.name


def _graph(picture: av.VideoFrame, name: str, arguments: str | None = None) -> Graph:
    graph = Graph()
    source = graph.add_buffer(
        width=picture.width,
        height=picture.height,
        format=picture.format,
        time_base=picture.time_base or Fraction(1, 1000),
    )
    step = graph.add(name, arguments) if arguments else graph.add(name)
    sink = graph.add("buffersink")
    source.link_to(step)
    step.link_to(sink)
    graph.configure()
    return graph
