"""Putting finished segments together, with the sound, chapters and timecode of the source."""

from __future__ import annotations

import heapq
import math
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
from av.video.stream import VideoStream

from remaster_gui.base.errors import MediaError, SettingsError
from remaster_gui.base.files import Draft, with_ending
from remaster_gui.base.timebase import FrameRange, format_timecode
from remaster_gui.media.codes import color_codes
from remaster_gui.media.faults import location, reading, writing
from remaster_gui.media.film import Film
from remaster_gui.media.matroska import note_pixel_aspect
from remaster_gui.media.opening import open_film
from remaster_gui.media.output import check_output
from remaster_gui.media.presets import Preset
from remaster_gui.media.sound import SoundCopy, TimedPacket
from remaster_gui.media.writer import PICTURE_DIGITS, Segment, close_quietly, open_output

if TYPE_CHECKING:
    from av.container.core import Chapter

_FINEST_TICK = 12000
_LARGEST_CLOCK = 1_000_000
_KEPT_METADATA = ("title", "artist", "date", "comment", "copyright", "description")


def assemble(
    output: Path,
    segments: Sequence[Segment],
    preset: Preset,
    *,
    rate: Fraction,
    source: Film | Path | None = None,
    span: FrameRange | None = None,
    sound: bool = True,
    joined: Callable[[Path, list[str]], None] | None = None,
) -> list[str]:
    """Join ``segments`` into ``output``, which appears only when it is complete and safely on disk.

    ``source`` gives sound (unless ``sound`` is False), chapters, timecode and, where its frames come at varying
    distances, their times; ``span`` says which of its frames the segments hold (default: the first ones). Returns a
    sentence for everything that could not be taken over unchanged. Pictures of a sequence are numbered like the frames
    of the source, and the sound lies beside the folder as a file of its own. Raises `StorageError` and `SettingsError`
    as `check_output` does, and `MediaError` for segments that do not fit together.

    Right before it gets its name, ``joined`` is called with the draft that is to become ``output`` and the sentences;
    an exception of it leaves things as they were.
    """
    with ExitStack() as stack:
        if isinstance(source, Path):
            source = stack.enter_context(open_film(source))
        frames = sum(segment.frames for segment in segments)
        if span is None:
            span = FrameRange(0, frames)
        if len(span) != frames or frames == 0:
            raise ValueError(f"segments of {frames} frames do not fill {span}")
        check_output(output, None if source is None else source.info.path, is_folder=preset.is_sequence)
        job = _Assembly(output, segments, preset, rate, source, span, sound)
        with writing(output), Draft(output, is_folder=preset.is_sequence) as draft:
            notes = job.gather_pictures(draft.path) if preset.is_sequence else job.join_films(draft.path)
            if joined is not None:
                joined(draft.path, notes)
            draft.publish()
        return notes


class _Assembly:
    """The facts of one call of `assemble`."""

    def __init__(
        self,
        output: Path,
        segments: Sequence[Segment],
        preset: Preset,
        rate: Fraction,
        source: Film | None,
        span: FrameRange,
        sound: bool,
    ) -> None:
        self.output = output
        self.segments = segments
        self.preset = preset
        self.rate = rate
        self.source = source
        self.span = span
        self.has_sound = sound and source is not None and source.info.has_audio
        self.suffix = output.suffix.lower()
        self.notes: list[str] = []

    def time_of(self, frame: int) -> Fraction:
        """Presentation time in seconds of output frame ``frame``; before the first one, at even distances."""
        source = self.source
        if source is None or not source.info.variable_rate or frame < 0:
            return frame / self.rate
        first = source.times[self.span.start]
        if self.span.start + frame < source.info.frame_count:
            return source.times[self.span.start + frame] - first
        return source.times[self.span.start + frame - 1] - first + 1 / self.rate

    def tick(self) -> Fraction:
        """Choose the clock of the output's picture track: one that shows all times exactly, if possible."""
        source = self.source
        if source is None or not source.info.variable_rate:
            return Fraction(1, self.rate.numerator * -(-_FINEST_TICK // self.rate.numerator))
        clock = 1
        for frame in self.span:
            clock = math.lcm(clock, source.times[frame].denominator)
            if clock > _LARGEST_CLOCK:
                return Fraction(1, 90000)
        return Fraction(1, clock * -(-_FINEST_TICK // clock))

    def bounds(self) -> tuple[Fraction, Fraction | None]:
        """Where the span begins and ends on the source's clock; no end where it reaches the film's."""
        source = self.source
        assert source is not None
        origin = source.start_time + source.times[self.span.start]
        if self.span.stop >= source.info.frame_count:
            return origin, None
        return origin, source.start_time + source.times[self.span.stop]

    def timecode(self) -> str | None:
        """Timecode of the first output frame, where the source has one."""
        if self.source is None or self.source.info.timecode is None:
            return None
        try:
            return format_timecode(self.span.start, self.source.info.rate, self.source.info.timecode)
        except SettingsError:
            self.notes.append(
                f"The timecode {self.source.info.timecode} does not fit the film's rate and was left out."
            )
            return None

    # --- films ---

    def join_films(self, partial: Path) -> list[str]:
        """Write the joined film to ``partial`` and check that its colour tags come back from it."""
        with ExitStack() as stack:
            container = open_output(partial, self.suffix)
            stack.callback(close_quietly, container)
            stream = self._add_pictures(container)
            sound = self._add_sound(container, stack)
            self._describe(container, stream)
            pictures = self._picture_packets(stream)
            for _, packet in heapq.merge(pictures, sound, key=lambda timed: timed[0]):
                container.mux(packet)
            container.close()
        aspect = stream.codec_context.sample_aspect_ratio
        if self.suffix == ".mkv" and aspect and aspect != 1:
            note_pixel_aspect(partial, stream.width, stream.height, aspect)
        self._check_tags(partial)
        return self.notes

    def _add_pictures(self, container: av.container.OutputContainer) -> VideoStream:
        first = self.segments[0].path
        with _segment_input(first) as (_, template):
            stream = container.add_stream_from_template(template, opaque=True)
            stream.codec_context.sample_aspect_ratio = template.sample_aspect_ratio or Fraction(1)
        stream.codec_context.framerate = self.rate
        stream.time_base = self.tick()
        if self.preset.codec_tag and self.suffix != ".mkv":
            stream.codec_context.codec_tag = self.preset.codec_tag
        return stream

    def _add_sound(self, container: av.container.OutputContainer, stack: ExitStack) -> Iterator[TimedPacket]:
        if self.source is None or not self.has_sound:
            return iter(())
        origin, end = self.bounds()
        path = self.source.info.path
        sound = stack.enter_context(SoundCopy(path, container, self.suffix, origin, end, self.notes))
        return sound.packets()

    def _describe(self, container: av.container.OutputContainer, stream: VideoStream) -> None:
        timecode = self.timecode()
        if timecode is not None:
            stream.metadata["timecode"] = timecode
        self._copy_chapters(container)

    def _copy_chapters(self, container: av.container.OutputContainer | None) -> None:
        """Take over chapters and title; without a container that could hold them, say what is left out."""
        if self.source is None or not self.source.info.path.is_file():
            return
        path = self.source.info.path
        origin, end = self.bounds()
        with reading(path), av.open(location(path), "r") as original:
            chapters = _clipped_chapters(original.chapters(), origin, end)
            if container is None:
                if chapters:
                    self.notes.append("Pictures hold no chapters; those of the film were left out.")
                return
            if chapters:
                container.set_chapters(chapters)
            for key in _KEPT_METADATA:
                if key in original.metadata:
                    container.metadata[key] = original.metadata[key]

    def _picture_packets(self, stream: VideoStream) -> Iterator[TimedPacket]:
        """Yield all packets with times of the output.

        Frames are told by the rank of their time within a segment, and decoding times follow from the
        presentation times by a delay that suits all segments, so neither depends on how a container rounds.
        """
        ranks = (
            [_frame_ranks(segment.path) for segment in self.segments] if self.preset.is_reordered else None
        )
        delay = max((at - rank for each in ranks or () for at, rank in enumerate(each)), default=0)
        tick = stream.time_base
        assert tick is not None
        extradata: bytes | None = None
        first = 0
        for number, segment in enumerate(self.segments):
            count = 0
            with _segment_input(segment.path) as (container, template):
                if number == 0:
                    extradata = template.codec_context.extradata
                elif template.codec_context.extradata != extradata:
                    raise _broken(segment.path, "was written with other settings than the ones before it")
                for packet in container.demux(template):
                    if packet.size == 0:
                        continue
                    frame = first + (ranks[number][count] if ranks else count)
                    decoded = self.time_of(first + count - delay)
                    shown = self.time_of(frame)
                    packet.time_base = tick
                    packet.pts = round(shown / tick)
                    packet.dts = round(decoded / tick)
                    packet.duration = round(self.time_of(frame + 1) / tick) - packet.pts
                    packet.stream = stream
                    count += 1
                    yield decoded, packet
            if count != segment.frames:
                raise _broken(segment.path, f"holds {count} frames instead of {segment.frames}")
            first += count

    def _check_tags(self, path: Path) -> None:
        with reading(path), av.open(location(path), "r") as container:
            picture = next(container.decode(video=0))
            found = (picture.colorspace, picture.color_range, picture.color_primaries, picture.color_trc)
        if tuple(int(code) for code in found) != color_codes(self.preset):
            raise MediaError(
                f"The colour tags of {self.output} did not come back from the file; choose another preset."
            )

    # --- sequences ---

    def numbers(self) -> list[str]:
        """Write the numbers of the output's pictures: those of the source's pictures, else of its frames."""
        named = None if self.source is None else self.source.info.numbers
        numbers = [named[frame] if named is not None else frame for frame in self.span]
        digits = max(PICTURE_DIGITS, len(str(max(numbers))))
        return [f"{number:0{digits}d}" for number in numbers]

    def gather_pictures(self, partial: Path) -> list[str]:
        """Bring all pictures together in the folder ``partial`` and write the sound beside the output."""
        numbers = iter(self.numbers())
        suffix = self.preset.suffixes[0]
        for segment in self.segments:
            pictures = sorted(segment.path.glob(f"*{suffix}"))
            if len(pictures) != segment.frames:
                raise _broken(segment.path, f"holds {len(pictures)} frames instead of {segment.frames}")
            for picture in pictures:
                _link(picture, partial / with_ending(self.output, f"{next(numbers)}{suffix}").name)
        timecode = self.timecode()
        if timecode is not None:
            self.notes.append(f"Pictures hold no timecode; that of the first one is {timecode}.")
        if self.source is None or not self.has_sound or not self._write_sound_file(self.source):
            self._copy_chapters(None)
        return self.notes

    def _write_sound_file(self, source: Film) -> bool:
        """Write sound and chapters beside the folder as a Matroska file, which holds any codec; False without sound."""
        path = with_ending(self.output, "mka")
        origin, end = self.bounds()
        with Draft(path) as draft:
            with ExitStack() as stack:
                container = open_output(draft.path, ".mkv")
                stack.callback(close_quietly, container)
                sound = stack.enter_context(
                    SoundCopy(source.info.path, container, ".mkv", origin, end, self.notes)
                )
                if sound.is_empty:
                    return False
                self._copy_chapters(container)
                for _, packet in sound.packets():
                    container.mux(packet)
                container.close()
            draft.publish()
        self.notes.append(f"The sound lies beside the pictures in {path.name}.")
        return True


@contextmanager
def _segment_input(path: Path) -> Iterator[tuple[av.container.InputContainer, VideoStream]]:
    if not path.is_file():
        raise _broken(path, "is missing")
    with reading(path), av.open(location(path), "r") as container:
        if not container.streams.video:
            raise _broken(path, "has no picture track")
        yield container, container.streams.video[0]


def _frame_ranks(path: Path) -> list[int]:
    """For every packet of a segment, in the order of the file, the index of its frame within the segment."""
    with _segment_input(path) as (container, stream):
        times = [packet.pts for packet in container.demux(stream) if packet.size and packet.pts is not None]
    rank = {time: at for at, time in enumerate(sorted(times))}
    return [rank[time] for time in times]


def _clipped_chapters(chapters: list[Chapter], origin: Fraction, end: Fraction | None) -> list[Chapter]:
    """Chapters that reach into the span, on the output's clock and cut off at its bounds."""
    kept: list[Chapter] = []
    for chapter in chapters:
        base = chapter["time_base"]
        assert base is not None
        start = chapter["start"] * base - origin
        stop = chapter["end"] * base - origin
        if end is not None:
            stop = min(stop, end - origin)
        start = max(start, Fraction(0))
        if start < stop:
            kept.append(
                {
                    "id": len(kept) + 1,
                    "start": round(start * 1000),
                    "end": round(stop * 1000),
                    "time_base": Fraction(1, 1000),
                    "metadata": dict(chapter["metadata"]),
                }
            )
    return kept


def _broken(path: Path, fault: str) -> MediaError:
    return MediaError(
        f"The segment {path} {fault}; delete it and run the same command again to render it anew."
    )


def _link(source: Path, target: Path) -> None:
    """Make ``target`` the same file as ``source``, or a copy where the disk knows no hard links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
