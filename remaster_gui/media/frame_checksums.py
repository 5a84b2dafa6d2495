"""A checksum for every frame of a film, as FFmpeg's `framemd5` writes them, for archives.

``ffmpeg -i FILM -map 0:v:0 -f framemd5 -`` gives the same lines, but for the one that names its version: frames are
decoded and nothing else. They are numbered from the beginning of the film, also where they come at varying distances,
and of a film that asks for a part of its pixels to be shown, all are taken. Pictures of a sequence are decoded one by
one.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import av

from remaster_gui.base.errors import MediaError
from remaster_gui.base.files import Draft
from remaster_gui.base.language import tr
from remaster_gui.base.notices import Progress
from remaster_gui.base.timebase import FrameRange
from remaster_gui.media.faults import location, reading, writing
from remaster_gui.media.fixed_file import FixedFile
from remaster_gui.media.sequences import is_sequence, list_pictures
from remaster_gui.media.streams import PictureInput
from remaster_gui.media.writer import make_bitexact

_EVERY = 24
"""Frames after which one says how far it is."""


def write_frame_checksums(film: Path, path: Path, span: FrameRange, rate: Fraction) -> Generator[Progress]:
    """Write checksums of the frames `span` of a film to `path`, which appears only when it is complete.

    Raises `MediaError` for a film that cannot be decoded so far, `StorageError` where the disk refuses.
    """
    frames = _pictures(film, span) if is_sequence(film) else _frames(film, span)
    done = 0
    with (
        writing(path),
        Draft(path) as draft,
        draft.path.open("wb") as file,
        av.open(sink := _Sink(file), "w", format="framemd5") as output,
    ):
        make_bitexact(output)
        stream, tick = None, 1 / rate
        for number, frame, aspect in frames:
            if stream is None:
                stream = output.add_stream("rawvideo", rate=rate)
                stream.width, stream.height = frame.width, frame.height
                stream.pix_fmt = frame.format.name
                stream.codec_context.time_base = tick
                sink.aspect = aspect
            elif (frame.width, frame.height, frame.format.name) != (
                stream.width,
                stream.height,
                stream.pix_fmt,
            ):
                raise MediaError(
                    tr(
                        "{film} changes its size or kind at frame {number}, and frame checksums are of one kind.",
                        film=film.name,
                        number=number,
                    )
                )
            frame.pts, frame.time_base = number, tick
            output.mux(stream.encode(frame))
            done += 1
            if done % _EVERY == 0:
                yield Progress(done, len(span))
        if stream is None or done < len(span):
            raise MediaError(
                tr(
                    "Only {done} of {count} frames of {film} can be decoded for checksums.",
                    done=done,
                    count=len(span),
                    film=film.name,
                )
            )
        output.mux(stream.encode(None))
        output.close()
        file.close()
        draft.publish()


class _Sink:
    """Writes a list of checksums, and the shape of pixels into its header, which the library does not get to know."""

    def __init__(self, file: BinaryIO) -> None:
        self.aspect = Fraction(0)
        self._file, self._is_begun = file, False

    def write(self, data: bytes) -> int:
        if not self._is_begun:
            shape = f"#sar 0: {self.aspect.numerator}/{self.aspect.denominator}\n"
            data, self._is_begun = bytes(data).replace(b"#sar 0: 0/1\n", shape.encode(), 1), True
        return self._file.write(data)


def _frames(film: Path, span: FrameRange) -> Iterator[tuple[int, av.VideoFrame, Fraction]]:
    with reading(film), PictureInput(FixedFile(film)) as source:
        for number, frame in enumerate(source.container.decode(source.stream)):
            if number >= span.stop:
                return
            if number in span:
                # Some films state it in their pictures alone, which is known once one is decoded.
                yield number, frame, source.stream.codec_context.sample_aspect_ratio or Fraction(0)


def _pictures(film: Path, span: FrameRange) -> Iterator[tuple[int, av.VideoFrame, Fraction]]:
    for number, path in enumerate(list_pictures(film)):
        if number not in span:
            continue
        with reading(path), av.open(location(path), "r") as picture:
            stream = picture.streams.video[0]
            yield number, next(picture.decode(stream)), stream.sample_aspect_ratio or Fraction(0)
