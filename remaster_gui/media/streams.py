"""Opening a film file and finding its picture track; every call of the library that reads a film goes through here."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import av
from av.stream import Discard, Disposition, Stream
from av.video.stream import VideoStream

from remaster_gui.base.closable import Closable
from remaster_gui.base.errors import MediaError
from remaster_gui.base.language import tr
from remaster_gui.media.extent import keep_first_film
from remaster_gui.media.faults import reading
from remaster_gui.media.fixed_file import FixedFile, GapError
from remaster_gui.media.limits import (
    MOST_HEADER_BYTES,
    MOST_PIXELS,
    MOST_TRACKS,
    check_film_size,
    limit_allocations,
)
from remaster_gui.media.slices import choose_threads

log = logging.getLogger(__name__)

FORMATS = (
    *(
        "mov",
        "matroska",
        "mpegts",
        "mpeg",
        "avi",
        "mxf",
        "dv",
        "flv",
        "ogg",
        "asf",
        "rm",
        "nut",
        "gxf",
        "lxf",
    ),
    *("wtv", "ty", "pva", "nsv", "nuv", "r3d", "cine", "mlv", "ivf", "obu", "av1", "gif", "apng"),
    *(
        "yuv4mpegpipe",
        "mpegvideo",
        "m4v",
        "h261",
        "h263",
        "h264",
        "hevc",
        "vvc",
        "vc1",
        "vc1test",
        "dirac",
        "cavsvideo",
    ),
    *("mjpeg", "mjpeg_2000", "dnxhd", "smjpeg", "film_cpk", "flic", "roq", "swf"),
)
"""Names by which the library knows formats that hold films. Not among them: playlists, scripts, devices, text that it
would draw, single pictures, patterns of names, and sound alone."""

_BUFFER_BYTES = 2**16
_TEXT_BYTES = 2048
_MANY = 10
"""Times as many pictures as in the track that the file prefers make another track the film."""


class FilmInput(Closable):
    """A film file that the codec library has opened. Faults of either are raised as `MediaError`.

    Belongs to one thread at a time. To be closed, which leaves `file` open for another input.
    """

    def __init__(self, file: FixedFile) -> None:
        """Open ``file`` from its beginning; raises `MediaError` for anything but a film."""
        limit_allocations()
        keep_first_film(file)
        self.file = file
        self.damaged = False
        """Whether reading has stopped at an error rather than at the end."""
        self.container = self._opened()

    def _opened(self) -> av.container.InputContainer:
        file = self.file
        file.begin()
        file.seek(0)
        try:
            with reading(file.path):
                container = av.open(
                    file,
                    "r",
                    container_options={
                        "format_whitelist": ",".join(FORMATS),
                        # The file is open already; any other one is refused.
                        "protocol_whitelist": "none",
                    },
                    metadata_errors="replace",
                    buffer_size=_BUFFER_BYTES,
                )
            self._check_before_gap()
            return container
        except MediaError as error:
            file.check()
            if _is_text(file.head(_TEXT_BYTES)):
                raise MediaError(
                    tr(
                        "{path} is a text or a playlist, not a film; choose the film file itself.",
                        path=file.path,
                    )
                ) from error
            raise

    def packets(self, *streams: Stream) -> Iterator[av.Packet[Any]]:
        """Yield the packets of ``streams`` up to the end or to where nothing can be read; see `damaged`."""
        packets = self.container.demux(streams)
        while True:
            self.file.begin()
            try:
                packet = next(packets, None)
            except IndexError:
                # At the end the binding empties every track, also those that turned up in midway, which it never knew.
                packet = None
            except av.FFmpegError:
                self._check_before_gap()
                log.info("%s cannot be read any further", self.file.path, exc_info=True)
                self.damaged = True
                return
            self._check_before_gap()
            if packet is None:
                return
            if packet.size:
                yield packet

    def _check_before_gap(self) -> None:
        """Raise the fault that was met while the library read; a gap is an end that the film should not have."""
        if isinstance(self.file.fault, GapError):
            log.info("%s", self.file.fault)
            self.file.fault, self.damaged = None, True
        self.file.check()

    def is_shown(self, packet: av.Packet[Any]) -> bool:
        """Whether a packet holds something of the film, and does not only serve decoding.

        MP4 that is fragmented throughout has no samples that an edit list could hide: there the library only takes what
        follows a joint, where times go back, for parts that it has met before.
        """
        return not packet.is_discard or (
            self.container.format.name.startswith("mov") and packet.stream.frames == 0
        )

    @property
    def is_seekable_by_place(self) -> bool:
        """Whether the format can be read on from any byte."""
        return self.container.format.name in ("mpegts", "mpeg")

    def seek(self, time: int, stream: Stream) -> bool:
        """Go to the entry at or before ``time`` (ticks of ``stream``); False where the library cannot."""
        return self._sought(lambda: self.container.seek(time, stream=stream))

    def seek_byte(self, position: int, stream: Stream) -> bool:
        """Go to a place in the file; False where the library cannot."""
        return self._sought(
            lambda: self.container.seek(position, stream=stream, unsupported_byte_offset=True)
        )

    def close(self) -> None:
        """Close what the library holds."""
        self.container.close()

    def _sought(self, seek: Any) -> bool:
        self.file.begin()
        try:
            seek()
        except (av.FFmpegError, OverflowError):
            self.file.check()
            return False
        self.file.check()
        return True


class PictureInput(FilmInput):
    """A film file whose picture track is read and decoded."""

    def __init__(self, file: FixedFile, *, track: int | None = None, slices: int = 1) -> None:
        """Open ``file`` and its picture track: number ``track``, or the one that holds the film.

        ``slices``: see `FilmIndex.slices`.
        """
        super().__init__(file)
        try:
            self.stream = self._found() if track is None else self._numbered(track)
            check_codec(file.path, self.stream)
        except BaseException:
            self.container.close()
            raise
        for other in self.container.streams:
            if other is not self.stream:
                other.discard = Discard.all
        context = self.stream.codec_context
        context.copy_opaque = True
        context.options = {"max_pixels": str(MOST_PIXELS)}
        choose_threads(self.stream, slices)

    def decode(self, packet: av.Packet[VideoStream] | None) -> list[av.VideoFrame]:
        """Decode a packet, or with None what the codec still holds; nothing where the packet is damaged."""
        if packet is not None and packet.is_discard and self.is_shown(packet):
            packet = _unhidden(packet)
        try:
            return self.stream.codec_context.decode(packet)
        except av.FFmpegError:
            log.info("a packet of %s cannot be decoded", self.file.path, exc_info=True)
            return []

    def close(self) -> None:
        """Close what the library holds.

        The codec's threads take Python's lock to let go of what packets were stamped with. Whoever frees a codec holds
        that lock and waits for the threads, so they have to be at rest by then; flushing waits for them with the lock
        released.
        """
        self.stream.codec_context.flush_buffers()
        super().close()

    def _found(self) -> VideoStream:
        """Find the film among the picture tracks: no cover, and no still picture beside it."""
        tracks = _picture_tracks(self)
        if len(tracks) == 1:
            return tracks[0]
        track = _fullest(self, tracks)
        # What has been read through is opened anew, as not every format can be rewound.
        self.container.close()
        self.container, self.damaged = self._opened(), False
        return self._numbered(track)

    def _numbered(self, track: int) -> VideoStream:
        streams = self.container.streams
        stream = streams[track] if track < len(streams) else None
        if not isinstance(stream, VideoStream):
            raise MediaError(
                tr("{path} has changed since it was opened; open it again.", path=self.file.path)
            )
        return stream


def check_codec(path: Path, stream: VideoStream) -> None:
    """Raise `MediaError` for a picture track that cannot be decoded or claims what none has."""
    if stream.codec_context is None:
        raise MediaError(
            tr(
                "The pictures of {path} are coded in a way that is not known here; convert the film to another "
                "format, for instance ProRes or FFV1.",
                path=path,
            )
        )
    context = stream.codec_context
    if context.extradata_size > MOST_HEADER_BYTES:
        raise MediaError(
            tr(
                "{path} describes its pictures with more than {most_header_bytes} MB; it is damaged, so copy "
                "it anew from where it came from.",
                path=path,
                most_header_bytes=MOST_HEADER_BYTES // 2**20,
            )
        )
    if context.width and context.height:
        check_film_size(path, context.width, context.height)


def _unhidden(packet: av.Packet[VideoStream]) -> av.Packet[VideoStream]:
    """Copy a packet, for its picture to be handed out, which the codec would keep."""
    copy: av.Packet[Any] = av.Packet(bytes(packet))
    for data in packet.iter_sidedata():
        copy.set_sidedata(data)
    copy.pts, copy.dts, copy.time_base = packet.pts, packet.dts, packet.time_base
    copy.is_keyframe = packet.is_keyframe
    (number,) = cast("tuple[int]", packet.opaque)
    stamp(copy, number)
    return copy


def _picture_tracks(film: FilmInput) -> list[VideoStream]:
    """Picture tracks that may be the film, the file's own favourite first; covers are none."""
    path, streams = film.file.path, film.container.streams
    if len(streams) > MOST_TRACKS:
        raise MediaError(
            tr(
                "{path} has more than {most_tracks} tracks; it is damaged, or take the film's own tracks out of it.",
                path=path,
                most_tracks=MOST_TRACKS,
            )
        )
    tracks = [stream for stream in streams.video if not _is_cover(stream)]
    if not tracks:
        raise MediaError(tr("{path} has no picture track; choose a film that has one.", path=path))
    return sorted(
        tracks,
        key=lambda each: (
            each.codec_context is None,
            not each.disposition & Disposition.default,
            each.index,
        ),
    )


def _fullest(film: FilmInput, tracks: list[VideoStream]) -> int:
    """Return the number of the first track that is no mere still picture beside a film."""
    counts = Counter(packet.stream_index for packet in film.packets(*tracks))
    most = max(counts.values(), default=0)
    # A single picture is none beside several, however short the film is.
    least = max(min(2, most), most // _MANY + 1)
    return next((each.index for each in tracks if counts[each.index] >= least), tracks[0].index)


def _is_cover(stream: VideoStream) -> bool:
    return bool(stream.disposition & (Disposition.attached_pic | Disposition.timed_thumbnails))


def _is_text(head: bytes) -> bool:
    """Whether a file begins as text does, in any encoding."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return all(byte >= 32 or byte in b"\t\n\r\f" for byte in head)


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
