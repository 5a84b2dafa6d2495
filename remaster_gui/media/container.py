"""Films in a container file: MP4, MOV, Matroska, MPEG-TS, MPEG-PS, AVI and whatever else can be read."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from remaster_gui.base.errors import MediaError
from remaster_gui.media import pixels
from remaster_gui.media.decoder import Decoder
from remaster_gui.media.deinterlace import Deinterlacer, recognise_field_order
from remaster_gui.media.film import Channels, ColorTags, FieldOrder, Film, FilmInfo, Frame, FrameTimes
from remaster_gui.media.index import FilmIndex, scan_packets
from remaster_gui.media.limits import check_size
from remaster_gui.media.orientation import oriented
from remaster_gui.media.pace import find_rate
from remaster_gui.media.scans import SharedScans
from remaster_gui.media.streams import open_container
from remaster_gui.media.tags import tags_of

log = logging.getLogger(__name__)

_STILL_CODECS = {"rawvideo", "ffv1", "png", "mjpeg", "huffyuv", "ffvhuff", "tiff", "dpx", "jpeg2000"}
"""Codecs whose grey pictures are full range, as those of still picture files are."""
_PROBED_FRAMES = 5
_USUAL_SLACK = Fraction(1, 50)
_PROGRAMME_SLACK = Fraction(2)
"""Programme streams note the time of one frame in many and may credit it to its neighbour."""
_HIGH_DYNAMIC_RANGE = {"pq", "hlg"}


@dataclass(frozen=True)
class _Streams:
    """What the file's headers say beside the picture."""

    has_audio: bool
    timecode: str | None
    rates: tuple[Fraction | None, ...]
    tick: Fraction
    slack: Fraction
    """Part of a frame's duration by which times stray in this kind of file."""
    pixel_aspect: Fraction
    field_order: int


_SCANS: SharedScans[tuple[FilmIndex, _Streams, bool]] = SharedScans()


class ContainerFilm(Film):
    """A film file read through the codec library, addressed by frame index."""

    def __init__(self, path: Path, *, deinterlace: bool = False, color: ColorTags | None = None) -> None:
        index, headers, damaged = _SCANS.get(path, lambda: _scan(path))
        self._decoder = Decoder(path, index)
        try:
            found = self._decoder.first()
            if found is None:
                raise MediaError(f"No frame of {path} can be decoded; the film is damaged throughout.")
            leading, first = found
            if leading:
                index = index.without_leading(leading)
                self._decoder.close()
                self._decoder = Decoder(path, index)
            probes = (self._decoder.picture(number) for number in range(min(_PROBED_FRAMES, len(index))))
            order = recognise_field_order(headers.field_order, probes)
            self._deinterlacer = Deinterlacer(order) if deinterlace else None
            self._set_facts(path, index, headers, first, order, color, complete=not damaged)
        except BaseException:
            self._decoder.close()
            raise

    def _set_facts(
        self,
        path: Path,
        index: FilmIndex,
        headers: _Streams,
        first: av.VideoFrame,
        order: FieldOrder,
        color: ColorTags | None,
        *,
        complete: bool,
    ) -> None:
        ticks = np.zeros(0, np.int64) if index.ticks is None else index.ticks
        rate, variable = find_rate(ticks, headers.tick, headers.rates, headers.slack)
        check_size(path, first.width, first.height)
        turned = first.rotation % 180 != 0
        self._coded_size = (first.width, first.height)
        self._rotation = int(first.rotation) % 360
        self._tags = color or tags_of(first, still=self._decoder.codec_name in _STILL_CODECS)
        self.info = FilmInfo(
            path=path,
            width=first.height if turned else first.width,
            height=first.width if turned else first.height,
            frame_count=len(index),
            rate=rate,
            pixel_aspect=1 / headers.pixel_aspect if turned else headers.pixel_aspect,
            rotation=self._rotation,
            field_order=order,
            bit_depth=pixels.picture_depth(first),
            color=self._tags,
            has_audio=headers.has_audio,
            timecode=headers.timecode,
            variable_rate=variable,
            complete=complete,
        )
        if index.ticks is not None and variable:
            self.times = FrameTimes(index.ticks - index.ticks[0], headers.tick)
        else:
            self.times = FrameTimes(range(len(index)), 1 / rate)
        self.start_time = Fraction(0) if index.ticks is None else int(index.ticks[0]) * headers.tick
        self._problems = list(_problems(path, self.info))

    @property
    def problems(self) -> tuple[str, ...]:
        """One sentence for every fault found so far."""
        return (*self._problems, *self._decoder.problems)

    def read(self, index: int, channels: Channels = "luma") -> Frame:
        """Return frame ``index``; where its data is damaged, the nearest readable one before it stands in."""
        self._check_index(index)
        if self._deinterlacer is None:
            picture = self._decoder.picture(index)
        else:
            picture = self._deinterlacer.picture(index, self.info.frame_count, self._decoder.picture)
        array: NDArray[Any] = pixels.CONVERSIONS[channels](picture, self._tags)
        if (array.shape[1], array.shape[0]) != self._coded_size:
            # Streams may change their size in midway; the first one stands for all.
            array = cv2.resize(array, self._coded_size, interpolation=cv2.INTER_AREA)
        return Frame(index, self.times[index], oriented(array, self._rotation))

    def close(self) -> None:
        """Close the file."""
        self._decoder.close()


def _scan(path: Path) -> tuple[FilmIndex, _Streams, bool]:
    """Index the film and read its headers, in a container of its own."""
    container, stream = open_container(path)
    with container:
        scan = scan_packets(container, stream, path)
        damaged = scan.damaged or _falls_short(container, stream, path, scan.index)
        index = scan.index
        if damaged or container.format.name == "mpegts":
            index = scan.index.without_torn_end()
            damaged = damaged or len(index) < len(scan.index)
        metadata = [stream.metadata, container.metadata, *(each.metadata for each in container.streams.data)]
        headers = _Streams(
            has_audio=len(container.streams.audio) > 0,
            timecode=_timecode(metadata),
            rates=(stream.average_rate, stream.guessed_rate, stream.base_rate),
            tick=stream.time_base or Fraction(1, 1000),
            slack=_PROGRAMME_SLACK if container.format.name == "mpeg" else _USUAL_SLACK,
            pixel_aspect=stream.sample_aspect_ratio or Fraction(1),
            field_order=stream.codec_context.field_order,
        )
        return index, headers, damaged


def _timecode(metadata: list[dict[str, str]]) -> str | None:
    """Find the timecode of the first frame; Matroska spells its tags in capitals."""
    for tags in metadata:
        for key, value in tags.items():
            if key.lower() == "timecode":
                return value
    return None


def _falls_short(
    container: av.container.InputContainer, stream: VideoStream, path: Path, index: FilmIndex
) -> bool:
    """Whether the file's own tables promise more pictures than were found."""
    entries = stream.index_entries
    if container.format.name.startswith("mov") and len(entries):
        return max(entry.pos + entry.size for entry in entries) > path.stat().st_size
    if container.format.name == "avi" and stream.frames and index.ticks is not None:
        # Empty chunks, which repeat a frame, count as well.
        return int(index.ticks[-1]) + 1 < stream.frames
    promised = _stated_duration(stream)
    if promised is None or index.ticks is None or not stream.average_rate or not stream.time_base:
        return False
    end = int(index.ticks[-1]) * stream.time_base
    return promised - end > 3 / stream.average_rate


def _stated_duration(stream: VideoStream) -> Fraction | None:
    """Read the end of a Matroska track in seconds, which writers note in a tag of its own."""
    text = stream.metadata.get("DURATION", "")
    parts = text.split(":")
    if len(parts) != 3:
        return None
    try:
        hours, minutes, seconds = (Fraction(part) for part in parts)
    except ValueError:
        return None
    return hours * 3600 + minutes * 60 + seconds


def _problems(path: Path, info: FilmInfo) -> list[str]:
    found = []
    if not info.complete:
        found.append(f"{path.name} is cut short or damaged; {info.frame_count} frames of it can be read.")
    if info.color.transfer in _HIGH_DYNAMIC_RANGE:
        found.append(
            f"{path.name} is a high-dynamic-range film; its tones are read as they stand, so "
            "convert it to BT.709 first "
            "for true brightness."
        )
    return found
