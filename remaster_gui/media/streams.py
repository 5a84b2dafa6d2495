"""Opening a film file and finding its picture track."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import av
from av.video.stream import VideoStream

from remaster_gui.base.errors import MediaError
from remaster_gui.media.faults import check_file, location, reading
from remaster_gui.media.slices import choose_threads

_NOT_FILMS = {"tty", "bin", "xbin", "adf", "idf"}
"""Formats by which the library would draw any text file as a picture."""


def open_container(path: Path, slices: int = 1) -> tuple[av.container.InputContainer, VideoStream]:
    """Open a film file and its picture track; raises `MediaError` with a sentence for anything else.

    ``slices``: see `FilmIndex.slices`.
    """
    check_file(path)
    with reading(path):
        container = av.open(location(path), "r")
    pictures = [stream for stream in container.streams.video if not _is_cover(stream)]
    if container.format.name in _NOT_FILMS:
        container.close()
        raise MediaError(f"{path} is not a film; choose a film file or a folder of pictures.")
    if not pictures:
        container.close()
        raise MediaError(f"{path} has no picture track; choose a film that has one.")
    stream = max(
        pictures, key=lambda each: (bool(each.disposition & av.stream.Disposition.default), -each.index)
    )
    for other in container.streams:
        if other is not stream:
            other.discard = av.stream.Discard.all
    stream.codec_context.copy_opaque = True
    choose_threads(stream, slices)
    return container, stream


def close_container(container: av.container.InputContainer, stream: VideoStream) -> None:
    """Close a film file from which pictures were decoded.

    The codec's threads take Python's lock to let go of what packets were stamped with. Whoever frees a codec holds that
    lock and waits for the threads, so they have to be at rest by then; flushing waits for them with the lock released.
    """
    stream.codec_context.flush_buffers()
    container.close()


def _is_cover(stream: VideoStream) -> bool:
    return bool(
        stream.disposition & (av.stream.Disposition.attached_pic | av.stream.Disposition.timed_thumbnails)
    )


def stamp(packet: av.Packet[VideoStream], number: int) -> None:
    """Give a packet its number in the file, which the codec hands on to the picture it makes of it.

    The library keeps what is handed on by its address, so it has to be an object of its own: numbers are shared
    throughout the process, and the end of one packet would take the number off another.
    """
    packet.opaque = (number,)


def stamped(picture: av.VideoFrame) -> int:
    """Return the number of the packet that a picture was made of."""
    (number,) = cast("tuple[int]", picture.opaque)
    return number
