"""Films in a container file: MP4, MOV, Matroska, MPEG-TS, MPEG-PS, AVI and whatever else can be read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from threading import Event
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.errors import MediaError
from remaster_gui.base.language import tr
from remaster_gui.base.timebase import counted_timecode
from remaster_gui.media import pixels
from remaster_gui.media.content_faults import (
    faults_of_content,
    faults_of_shape,
    faults_of_time,
    faults_of_timecode,
)
from remaster_gui.media.cropping import WHOLE_CLIP, find_crop
from remaster_gui.media.decoder import Decoder
from remaster_gui.media.deinterlace import Deinterlacer, recognise_field_order
from remaster_gui.media.extent import is_followed
from remaster_gui.media.faults import reading
from remaster_gui.media.film import Channels, ColorTags, FieldOrder, Film, FilmInfo, Frame, FrameTimes
from remaster_gui.media.fixed_file import FixedFile
from remaster_gui.media.index import FilmIndex, scan_packets
from remaster_gui.media.limits import (
    FINEST_PIXEL_ASPECT,
    MOST_PIXEL_ASPECT,
    SMALLEST,
    check_film_size,
)
from remaster_gui.media.orientation import Orientation
from remaster_gui.media.pace import find_rate
from remaster_gui.media.scans import SharedScans
from remaster_gui.media.streams import PictureInput
from remaster_gui.media.tags import tags_of
from remaster_gui.media.timecode_track import timecode_track

_STILL_CODECS = {"rawvideo", "ffv1", "png", "mjpeg", "huffyuv", "ffvhuff", "tiff", "dpx", "jpeg2000"}
"""Codecs whose grey pictures are full range, as those of still picture files are."""
_PROBED_FRAMES = 5
_USUAL_SLACK = Fraction(1, 50)
_PROGRAMME_SLACK = Fraction(2)
"""Programme streams note the time of one frame in many and may credit it to its neighbour."""
_DURATION = re.compile(r"(\d{1,5}):(\d{1,2}):(\d{1,2}(?:\.\d{1,9})?)", re.ASCII)


@dataclass(frozen=True)
class _Streams:
    """What the file's headers say beside the picture."""

    has_audio: bool
    timecode: str | None
    labels: int | None
    """How many of them the timecode track counts in a second."""
    rates: tuple[Fraction | None, ...]
    slack: Fraction
    """Part of a frame's duration by which times stray in this kind of file."""
    pixel_aspect: Fraction
    field_order: int
    format_name: str
    track: int
    """Number that the file gives to the picture track."""
    rank: int
    """Place of the picture track among those of its kind."""
    is_joined: bool
    """Whether another film follows in the file that is not read."""


_SCANS: SharedScans[tuple[FilmIndex, _Streams, bool]] = SharedScans()


class ContainerFilm(Film):
    """A film file read through the codec library, addressed by frame index."""

    def __init__(
        self,
        path: Path,
        *,
        deinterlace: bool = False,
        color: ColorTags | None = None,
        cancel: Event | None = None,
    ) -> None:
        self._file = FixedFile(path, cancel)
        self._decoder: Decoder | None = None
        try:
            with reading(path):
                self._open(path, deinterlace, color)
            self._file.cancel = None
        except BaseException:
            self.close()
            raise

    def _open(self, path: Path, deinterlace: bool, color: ColorTags | None) -> None:
        file = self._file
        index, headers, damaged = _SCANS.get(file, lambda: _scan(file))
        decoder = self._decoder = Decoder(file, index)
        found = decoder.first()
        if found is None:
            raise MediaError(
                tr("No frame of {path} can be decoded; the film is damaged throughout.", path=path)
            )
        leading, first = found
        if leading:
            index = index.without_leading(leading)
            decoder.close()
            decoder = self._decoder = Decoder(file, index)
        check_film_size(path, first.width, first.height)
        probes = (decoder.picture(number) for number in range(min(_PROBED_FRAMES, len(index))))
        order = recognise_field_order(headers.field_order, decoder.codec_name, probes)
        self._deinterlacer = Deinterlacer(order) if deinterlace else None
        self._codec_name = decoder.codec_name
        self._set_facts(
            path, index, headers, first, order, color, complete=not damaged and not headers.is_joined
        )

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
        rate, variable = find_rate(ticks, index.tick, headers.rates, headers.slack)
        coded = self._coded_size = (first.width, first.height)
        crop = find_crop(self._file, headers.format_name, headers.track, headers.rank, coded)
        self._crop = crop if min(crop.size(*coded)) >= SMALLEST else WHOLE_CLIP
        self._orientation = Orientation.of(first)
        self._deep = pixels.picture_depth(first) > 8
        self._tags = color or tags_of(first, still=self._codec_name in _STILL_CODECS)
        self.info = self._described(path, index, headers, first, order, (rate, variable), complete=complete)
        if index.ticks is not None and variable:
            self.times = FrameTimes(index.ticks - index.ticks[0], index.tick)
        else:
            self.times = FrameTimes(range(len(index)), 1 / rate)
        self.start_time = Fraction(0) if index.ticks is None else int(index.ticks[0]) * index.tick
        self.restarts = index.restarts
        self._problems = [
            *faults_of_content(path, index, self.info, is_joined=headers.is_joined),
            *faults_of_time(path, index, self.info),
            *faults_of_timecode(headers.timecode, self.info),
            *faults_of_shape(path, coded, self._crop, headers.pixel_aspect),
        ]

    def _described(
        self,
        path: Path,
        index: FilmIndex,
        headers: _Streams,
        first: av.VideoFrame,
        order: FieldOrder,
        pace: tuple[Fraction, bool],
        *,
        complete: bool,
    ) -> FilmInfo:
        """Return the facts of the film; `pace`: its rate, and whether that varies."""
        (width, height), rate = self._orientation.size(*self._crop.size(*self._coded_size)), pace[0]
        aspect = _sensible_aspect(headers.pixel_aspect)
        timecode = headers.timecode
        return FilmInfo(
            path=path,
            width=width,
            height=height,
            frame_count=len(index),
            rate=rate,
            pixel_aspect=1 / aspect if self._orientation.transposed else aspect,
            rotation=self._orientation.degrees,
            field_order=order,
            bit_depth=pixels.picture_depth(first),
            color=self._tags,
            has_audio=headers.has_audio,
            timecode=None if timecode is None else counted_timecode(timecode, rate, headers.labels),
            variable_rate=pace[1],
            complete=complete,
            deinterlaced=self._deinterlacer is not None,
        )

    @property
    def problems(self) -> tuple[str, ...]:
        """One sentence for every fault found so far."""
        return (*self._problems, *(self._decoder.problems if self._decoder else ()))

    def read(self, index: int, channels: Channels = "luma") -> Frame:
        """Return frame ``index``; where its data is damaged, the nearest readable one before it stands in."""
        self._check_index(index)
        assert self._decoder is not None
        with reading(self.info.path):
            if self._deinterlacer is None:
                picture = self._decoder.picture(index)
            else:
                picture = self._deinterlacer.picture(index, self.info.frame_count, self._decoder.picture)
            array: NDArray[Any] = pixels.CONVERSIONS[channels](picture, self._tags)
        # Streams may change their size, depth and orientation in midway; those of the first picture stand for all.
        if (array.shape[1], array.shape[0]) != self._coded_size:
            array = cv2.resize(array, self._coded_size, interpolation=cv2.INTER_AREA)
        array = pixels.at_depth(array, deep=self._deep)
        return Frame(index, self.times[index], self._orientation.apply(self._crop.apply(array)))

    def close(self) -> None:
        """Close the file."""
        if self._decoder is not None:
            self._decoder.close()
        self._file.close()


def _scan(file: FixedFile) -> tuple[FilmIndex, _Streams, bool]:
    """Index the film and read its headers, in an input of its own."""
    with PictureInput(file) as film:
        container, stream = film.container, film.stream
        scan = scan_packets(film)
        damaged = scan.damaged or file.is_cut_short or _falls_short(film, scan.index)
        index = scan.index
        if damaged:
            index = index.without_torn_end()
        elif container.format.name == "mpegts":
            index = index.without_torn_end(stream.codec_context.reorder_depth)
            damaged = len(index) < len(scan.index)
        metadata = [stream.metadata, container.metadata, *(each.metadata for each in container.streams.data)]
        track, timecode = timecode_track(file, container.format.name), _timecode(metadata)
        headers = _Streams(
            has_audio=len(container.streams.audio) > 0,
            timecode=track.label(timecode) if track and timecode else timecode,
            labels=track.labels if track else None,
            rates=(stream.average_rate, stream.guessed_rate, stream.base_rate),
            slack=_PROGRAMME_SLACK if container.format.name == "mpeg" else _USUAL_SLACK,
            pixel_aspect=stream.sample_aspect_ratio or Fraction(1),
            field_order=stream.codec_context.field_order,
            format_name=container.format.name,
            track=stream.id,
            rank=container.streams.video.index(stream),
            is_joined=film.file.is_joined
            or is_followed(film.file, container.format.name, scan.index.packets.position),
        )
        return index, headers, damaged


def _timecode(metadata: list[dict[str, str]]) -> str | None:
    """Find the timecode of the first frame; Matroska spells its tags in capitals."""
    for tags in metadata:
        for key, value in tags.items():
            if key.lower() == "timecode":
                return value
    return None


def _falls_short(film: PictureInput, index: FilmIndex) -> bool:
    """Whether the file's own tables promise more pictures than were found."""
    stream, name = film.stream, film.container.format.name
    entries = stream.index_entries
    if name.startswith("mov") and len(entries):
        return max(entry.pos + entry.size for entry in entries) > film.file.size
    if name == "avi" and stream.frames and index.ticks is not None:
        # Empty chunks, which repeat a frame, count as well.
        return int(index.ticks[-1]) + 1 < stream.frames
    promised = _stated_duration(stream.metadata.get("DURATION", ""))
    if promised is None or index.ticks is None or not stream.average_rate:
        return False
    moved = index.restarts[-1].shift if index.restarts else Fraction(0)
    return promised - (int(index.ticks[-1]) * index.tick - moved) > 3 / stream.average_rate


def _stated_duration(text: str) -> Fraction | None:
    """Read the end of a Matroska track in seconds, which writers note in a tag of its own."""
    written = _DURATION.fullmatch(text.strip())
    if written is None:
        return None
    hours, minutes, seconds = (Fraction(part) for part in written.groups())
    return hours * 3600 + minutes * 60 + seconds


def _sensible_aspect(stated: Fraction) -> Fraction:
    """Shape of pixels that files can note; square where what is stated cannot be that of a film."""
    if not Fraction(1, MOST_PIXEL_ASPECT) <= stated <= MOST_PIXEL_ASPECT:
        return Fraction(1)
    return stated.limit_denominator(FINEST_PIXEL_ASPECT)
