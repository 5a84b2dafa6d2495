"""Writing one shot: a segment, encoded on its own, so that a broken run can go on at the next shot."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self, cast

import av
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Float
from remaster_gui.base.errors import SettingsError
from remaster_gui.base.files import Draft, create
from remaster_gui.base.language import tr
from remaster_gui.media.codes import color_codes, encode_picture
from remaster_gui.media.faults import location, writing
from remaster_gui.media.layered_pictures import LayeredPicture, LayerFacts, layered_picture, write_layered
from remaster_gui.media.matroska import note_pixel_aspect
from remaster_gui.media.presets import THREADS, Preset

PICTURE_DIGITS = 6
CONTAINERS = {".mov": "mov", ".mp4": "mp4", ".mkv": "matroska"}
"""Library names of the container formats."""

_FINEST_TICK = 12000
_REORDERING = 4
"""Frames by which decoding runs ahead of showing; no encoder here reorders over more."""
_BITEXACT = cast(int, av.container.Flags.bitexact.value)


Packed = av.VideoFrame | LayeredPicture
"""A frame as its encoder takes it."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A finished segment: its file (or folder of pictures) and the number of its frames."""

    path: Path
    frames: int


class SegmentWriter:
    """Encodes frames into ``path``, which appears only when `close` has brought it to disk completely.

    A segment begins with a key frame and its bytes depend on its frames alone. As a context manager it closes
    at the end and aborts on any exception. Raises `StorageError` where the disk refuses, `SettingsError`
    where the preset cannot hold pictures of that size.
    """

    def __init__(
        self,
        path: Path,
        preset: Preset,
        width: int,
        height: int,
        rate: Fraction,
        pixel_aspect: Fraction = Fraction(1),
    ) -> None:
        if width < preset.smallest[0] or height < preset.smallest[1]:
            raise SettingsError(
                tr(
                    "{title} needs frames of at least {smallest}x{smallest2} pixels, "
                    "these measure {width}x{height}; choose another preset.",
                    title=preset.title,
                    smallest=preset.smallest[0],
                    smallest2=preset.smallest[1],
                    width=width,
                    height=height,
                )
            )
        self.frames = 0
        self._path = path
        self._size = (height, width)
        self._preset = preset
        self._ended = False
        with writing(path):
            sink = _PictureSink if preset.is_sequence else _FilmSink
            self._draft = Draft(path, is_folder=preset.is_sequence)
            try:
                self._sink: _Sink = sink(self._draft.path, preset, width, height, rate, pixel_aspect)
            except BaseException:
                self._draft.discard()
                raise

    def write(self, rgb: NDArray[np.float32], time: Fraction) -> None:
        """Add a frame: gamma-coded BT.709 RGB (H, W, 3) in [0, 1], shown ``time`` seconds into it."""
        self.add(self.pack(rgb), time)

    def pack(
        self,
        rgb: NDArray[np.float32],
        layers: Mapping[str, Float] | None = None,
        facts: LayerFacts | None = None,
    ) -> Packed:
        """Turn a frame into what the encoder takes; any thread may, and several at once.

        layers: further channels (H, W), by name, where the preset can hold them; facts: what is said of these.
        """
        if rgb.shape != (*self._size, 3):
            raise ValueError(f"a frame of {rgb.shape} does not fit a segment of {self._size}")
        if layers:
            if not self._preset.holds_layers:
                raise ValueError(f"{self._preset.key} holds no layers")
            return layered_picture(rgb, layers, facts)
        return encode_picture(rgb, self._preset)

    def add(self, picture: Packed, time: Fraction) -> None:
        """Add a packed frame, shown ``time`` seconds into the segment."""
        with writing(self._path):
            self._sink.add(picture, self.frames, time)
        self.frames += 1

    def close(self) -> Segment:
        """Finish the file and give it its name."""
        try:
            with writing(self._path):
                self._sink.finish()
                self._draft.publish()
        except BaseException:
            self.abort()
            raise
        self._ended = True
        return Segment(self._path, self.frames)

    def abort(self) -> None:
        """Give up; nothing stays on disk."""
        if not self._ended:
            self._ended = True
            self._sink.drop()
            self._draft.discard()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()


class _Sink(ABC):
    """Where encoded pictures go."""

    @abstractmethod
    def __init__(
        self, path: Path, preset: Preset, width: int, height: int, rate: Fraction, pixel_aspect: Fraction
    ) -> None: ...

    @abstractmethod
    def add(self, picture: Packed, number: int, time: Fraction) -> None: ...

    @abstractmethod
    def finish(self) -> None: ...

    @abstractmethod
    def drop(self) -> None: ...


class _FilmSink(_Sink):
    """A container with one picture track."""

    def __init__(
        self, path: Path, preset: Preset, width: int, height: int, rate: Fraction, pixel_aspect: Fraction
    ) -> None:
        self._container = open_output(path, preset.suffixes[0])
        stream = self._container.add_stream(preset.codec, rate=rate, options=dict(preset.options))
        assert isinstance(stream, av.VideoStream)
        coded_width, coded_height = preset.coded_size(width, height)
        stream.width, stream.height, stream.pix_fmt = coded_width, coded_height, preset.pixel_format
        context = stream.codec_context
        context.sample_aspect_ratio = pixel_aspect
        # A multiple of the rate's own clock: steady frames fall on whole ticks, others move by 1/24000 s.
        context.time_base = Fraction(1, rate.numerator * -(-_FINEST_TICK // rate.numerator))
        context.thread_count = THREADS
        tag_context(context, preset)
        if preset.codec_tag:
            context.codec_tag = preset.codec_tag
        self._stream = stream
        self._path = path
        self._noted_aspect = pixel_aspect if preset.suffixes[0] == ".mkv" else Fraction(1)
        self._tick: Fraction = context.time_base
        self._period = round(1 / (rate * self._tick))
        self._delay = _REORDERING if preset.is_reordered else 0
        self._decoded = 0
        self._shown: list[int] = []
        self._container.start_encoding()

    def add(self, picture: Packed, number: int, time: Fraction) -> None:
        assert isinstance(picture, av.VideoFrame)
        picture.pts = round(time / self._tick)
        picture.time_base = self._tick
        self._shown.append(picture.pts)
        self._mux(picture)

    def finish(self) -> None:
        self._mux(None)
        self._container.close()
        if self._noted_aspect != 1:
            note_pixel_aspect(self._path, self._stream.width, self._stream.height, self._noted_aspect)

    def drop(self) -> None:
        close_quietly(self._container)

    def _mux(self, picture: av.VideoFrame | None) -> None:
        """Encode and write with decoding times of our own; encoders make up some for films of two frames."""
        for packet in self._stream.encode(picture):
            frame = self._decoded - self._delay
            packet.dts = self._shown[frame] if frame >= 0 else self._shown[0] + frame * self._period
            self._decoded += 1
            self._container.mux(packet)


class _PictureSink(_Sink):
    """A folder with one file for each picture."""

    def __init__(
        self, path: Path, preset: Preset, width: int, height: int, rate: Fraction, pixel_aspect: Fraction
    ) -> None:
        self._folder = path
        self._preset = preset
        self._aspect = pixel_aspect

    def add(self, picture: Packed, number: int, time: Fraction) -> None:
        path = self._folder / f"{number:0{PICTURE_DIGITS}d}{self._preset.suffixes[0]}"
        if isinstance(picture, LayeredPicture):
            write_layered(picture, path, self._aspect)
        else:
            self._encode(picture, path)

    def _encode(self, picture: av.VideoFrame, path: Path) -> None:
        picture.pts = 0
        context = av.CodecContext.create(self._preset.codec, "w")
        assert isinstance(context, av.VideoCodecContext)
        context.width, context.height, context.pix_fmt = picture.width, picture.height, picture.format.name
        context.sample_aspect_ratio = self._aspect
        context.time_base = Fraction(1, 25)
        context.thread_count = 1
        context.options = dict(self._preset.options)
        tag_context(context, self._preset)
        packets = [*context.encode(picture), *context.encode(None)]
        with create(path) as file:
            file.writelines(bytes(packet) for packet in packets)

    def finish(self) -> None:
        pass

    def drop(self) -> None:
        pass


def open_output(path: Path, suffix: str) -> av.container.OutputContainer:
    """Open a container for writing without random numbers or dates, so that equal input gives equal bytes."""
    container = av.open(location(path), "w", format=CONTAINERS[suffix])
    make_bitexact(container)
    return container


def make_bitexact(container: av.container.OutputContainer) -> None:
    """Keep random numbers, dates and the library's version out of what is written."""
    container.flags = int(container.flags) | _BITEXACT


def tag_context(context: av.VideoCodecContext, preset: Preset) -> None:
    """Set the colour tags of an encoder; the pictures need them, too, or some codecs forget half of them."""
    context.colorspace, context.color_range, context.color_primaries, context.color_trc = color_codes(preset)


def close_quietly(container: av.container.OutputContainer) -> None:
    """Close a container whose file is about to be removed; a full disk may refuse even that."""
    with contextlib.suppress(av.FFmpegError, OSError, ValueError):
        container.close()
