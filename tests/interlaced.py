"""Films of two fields to a frame, made for tests."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.filter import Graph


def flagged(frame: av.VideoFrame, *, top_first: bool) -> av.VideoFrame:
    """Flag a picture as two fields, which only a filter can do."""
    graph = Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, 25)
    )
    fields, sink = graph.add("setfield", "tff" if top_first else "bff"), graph.add("buffersink")
    graph.link_nodes(source, fields, sink).configure()
    graph.push(frame)
    return graph.vpull()


def write_interlaced(
    path: Path, *, top_first: bool, codec: str = "mpeg2video", frames: int = 8
) -> list[np.ndarray]:
    """A bar that moves from field to field; returns the pictures that whole frames of the kept field would show."""
    positions = []
    with av.open(str(path), "w") as container:
        options = {
            "flags": "+ildct+ilme",
            "top": "1" if top_first else "0",
            "qscale": "2",
            "bf": "0",
            "g": "4",
        }
        stream = container.add_stream(codec, rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for index in range(frames):
            picture = np.full((64, 96), 40, np.uint8)
            for field in range(2):
                lines = field if top_first else 1 - field
                left = 8 + 8 * index + 4 * field
                picture[lines::2, left : left + 16] = 210
            frame = av.VideoFrame.from_ndarray(picture, "gray").reformat(format="yuv420p")
            frame.pts = index
            positions.append(8 + 8 * index)
            container.mux(stream.encode(flagged(frame, top_first=top_first)))
        container.mux(stream.encode(None))
    whole = []
    for left in positions:
        picture = np.full((64, 96), 40, np.uint8)
        picture[:, left : left + 16] = 210
        whole.append(picture)
    return whole
