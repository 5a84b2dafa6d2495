"""Finished segments of a film, as they are read to be put together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
from av.video.stream import VideoStream

from remaster_gui.base.errors import MediaError
from remaster_gui.base.language import tr
from remaster_gui.media.faults import location, reading


@contextmanager
def segment_input(path: Path) -> Iterator[tuple[av.container.InputContainer, VideoStream]]:
    """Open a segment; raises `MediaError` for one that is missing or damaged."""
    if not path.is_file():
        raise broken_segment(path, tr("is missing"))
    with reading(path), av.open(location(path), "r") as container:
        if not container.streams.video:
            raise broken_segment(path, tr("has no picture track"))
        yield container, container.streams.video[0]


def frame_ranks(path: Path) -> list[int]:
    """For every packet of a segment, in the order of the file, the index of its frame within the segment."""
    with segment_input(path) as (container, stream):
        times = [packet.pts for packet in container.demux(stream) if packet.size and packet.pts is not None]
    rank = {time: at for at, time in enumerate(sorted(times))}
    return [rank[time] for time in times]


def broken_segment(path: Path, fault: str) -> MediaError:
    """Say what is wrong with a segment."""
    return MediaError(
        tr(
            "The segment {path} {fault}; delete it and run the same command again to render it anew.",
            path=path,
            fault=fault,
        )
    )
