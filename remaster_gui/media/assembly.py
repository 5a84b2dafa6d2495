"""Putting finished segments together, with the sound, chapters and timecode of the source."""

from __future__ import annotations

import heapq
import logging
import math
import os
import shutil
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.video.stream import VideoStream

from remaster_gui.base.errors import MediaError
from remaster_gui.base.files import Draft, with_ending
from remaster_gui.base.language import tr
from remaster_gui.base.notices import Notice
from remaster_gui.base.timebase import FrameRange
from remaster_gui.media.carried import Carried, plan_carried
from remaster_gui.media.codes import color_codes
from remaster_gui.media.declaration import add_box
from remaster_gui.media.faults import is_of_the_disk, location, reading, writing
from remaster_gui.media.film import Film
from remaster_gui.media.matroska import note_pixel_aspect
from remaster_gui.media.opening import open_film
from remaster_gui.media.output import check_output
from remaster_gui.media.presets import Preset
from remaster_gui.media.segment_reading import broken_segment, frame_ranks, segment_input
from remaster_gui.media.sound import SoundFaultError, SoundFeed
from remaster_gui.media.writer import PICTURE_DIGITS, Segment, close_quietly, open_output

log = logging.getLogger(__name__)

_FINEST_TICK = 12000
_LARGEST_CLOCK = 1_000_000


def assemble(
    output: Path,
    segments: Sequence[Segment],
    preset: Preset,
    *,
    rate: Fraction,
    source: Film | Path | None = None,
    span: FrameRange | None = None,
    carried: Carried | None = None,
    joined: Callable[[Path, Path | None], None] | None = None,
) -> Generator[Notice]:
    """Join ``segments`` into ``output``, which appears only when it is complete and safely on disk.

    ``source`` gives times, where its frames come at varying distances; ``span`` says which of its frames the segments
    hold (default: the first ones). ``carried`` is what else is taken over from it (default: all that can be). Yields a
    notice for everything that could not be taken over as it is or as was planned. Pictures of a sequence are numbered
    like the frames of the source, and the sound lies beside the folder as a file of its own. Nothing that is taken over
    can fail the joining. Raises `StorageError` and `SettingsError` as `check_output` does, and `MediaError` for
    segments that do not fit together.

    When all is said and before anything gets its name, ``joined`` is called with the draft that is to become
    ``output`` and that of the sound beside it, if any; an exception of it leaves things as they were.
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
        if carried is None and source is not None:
            suffix = "" if preset.is_sequence else output.suffix.lower()
            carried = yield from plan_carried(source, span, suffix, folder=output.parent)
        job = _Assembly(output, segments, preset, rate, source, carried or Carried(span))
        with writing(output), ExitStack() as drafts:
            draft = drafts.enter_context(Draft(output, is_folder=preset.is_sequence))
            beside = None
            if preset.is_sequence:
                beside = yield from job.gather_pictures(draft.path, drafts)
            else:
                yield from job.join_films(draft.path)
            if joined is not None:
                joined(draft.path, None if beside is None else beside.path)
            if beside is not None:
                beside.publish()
            # What is complete once it is there comes last.
            draft.publish()


def sound_beside(output: Path) -> Path:
    """Return where the sound of pictures in ``output`` lies."""
    return with_ending(output, "mka")


class _Assembly:
    """The facts of one call of `assemble`."""

    def __init__(
        self,
        output: Path,
        segments: Sequence[Segment],
        preset: Preset,
        rate: Fraction,
        source: Film | None,
        carried: Carried,
    ) -> None:
        self.output = output
        self.segments = segments
        self.preset = preset
        self.rate = rate
        self.source = source
        self.carried = carried
        self.span = carried.span
        self.suffix = output.suffix.lower()

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

    # --- films ---

    def join_films(self, partial: Path) -> Iterator[Notice]:
        """Write the joined film to ``partial`` and check that its colour tags come back from it."""
        with ExitStack() as stack:
            feed = self._sound(stack)
            is_described = True
            while True:
                try:
                    if feed is not None:
                        yield from feed.prepare()
                    yield from self._join(partial, feed, is_described)
                    break
                except (SoundFaultError, av.FFmpegError, ValueError) as error:
                    if isinstance(error, OSError) and is_of_the_disk(partial.parent, error):
                        raise
                    fault = error if isinstance(error, SoundFaultError) else SoundFaultError(str(error))
                    if feed is not None and (yield from feed.give_way(fault)):
                        continue
                    if not is_described:
                        raise self._unjoined(error) from error
                    log.warning("the film is joined without chapters and texts: %s", error)
                    yield Notice(
                        "warning",
                        tr("The film's chapters, title and timecode could not be written and are left out."),
                    )
                    is_described = False
        self._check_tags(partial)

    def _sound(self, stack: ExitStack) -> SoundFeed | None:
        plan = self.carried.sound
        if plan is None or not plan.tracks:
            return None
        return stack.enter_context(SoundFeed(plan, self.output.parent))

    def _join(self, partial: Path, feed: SoundFeed | None, is_described: bool) -> Iterator[Notice]:
        """Try once; faults of sound are `SoundFaultError`."""
        with ExitStack() as stack:
            container = open_output(partial, self.suffix)
            stack.callback(close_quietly, container)
            stream = self._add_pictures(container)
            sound = iter(()) if feed is None else feed.add_to(container, stack)
            if is_described:
                self._describe(container)
                if self.carried.timecode is not None:
                    stream.metadata["timecode"] = self.carried.timecode
                    # The library lets the timecode track count as fast as this says, and asks for nothing else with it.
                    stream.codec_context.framerate = self.rate / self.carried.timecode_step
            for _, track, packet in heapq.merge(
                self._picture_packets(stream), sound, key=lambda timed: timed[0]
            ):
                self._mux(container, packet, track)
            container.close()
        if feed is not None:
            yield from feed.damage()
        yield from self._note_aspect(partial, stream)
        if self.suffix == ".mp4" and is_described and self.carried.declaration is not None:
            add_box(partial, self.carried.declaration)

    def _note_aspect(self, partial: Path, stream: VideoStream) -> Iterator[Notice]:
        aspect = stream.codec_context.sample_aspect_ratio
        if self.suffix == ".mkv" and aspect and aspect != 1:
            try:
                note_pixel_aspect(partial, stream.width, stream.height, aspect)
            except (ValueError, OverflowError, LookupError, StopIteration):
                log.warning("the shape of pixels cannot be noted", exc_info=True)
                yield Notice(
                    "warning",
                    tr(
                        "The shape of the film's pixels, {aspect}, could not be noted in the file.",
                        aspect=aspect,
                    ),
                )

    def _mux(
        self, container: av.container.OutputContainer, packet: av.Packet[Any], track: int | None
    ) -> None:
        try:
            container.mux(packet)
        except (av.FFmpegError, ValueError) as error:
            is_disk = isinstance(error, OSError) and is_of_the_disk(self.output.parent, error)
            if track is None or is_disk:
                raise
            raise SoundFaultError(str(error), track) from error

    def _unjoined(self, error: Exception) -> MediaError:
        reason = getattr(error, "strerror", None) or str(error)
        return MediaError(
            tr(
                "The finished parts cannot be joined as {output} ({reason}); choose another preset or "
                "another kind of file, for which the film is rendered anew.",
                output=self.output,
                reason=reason.lower(),
            )
        )

    def _add_pictures(self, container: av.container.OutputContainer) -> VideoStream:
        first = self.segments[0].path
        with segment_input(first) as (_, template):
            stream = container.add_stream_from_template(template, opaque=True)
            stream.codec_context.sample_aspect_ratio = template.sample_aspect_ratio or Fraction(1)
        stream.codec_context.framerate = self.rate
        stream.time_base = self.tick()
        if self.preset.codec_tag and self.suffix != ".mkv":
            stream.codec_context.codec_tag = self.preset.codec_tag
        return stream

    def _describe(self, container: av.container.OutputContainer) -> None:
        """Take over chapters and texts, and declare how it was made."""
        if self.carried.chapters:
            container.set_chapters(list(self.carried.chapters))
        container.metadata.update(self.carried.metadata)
        if self.carried.declaration is not None:
            container.metadata.update(self.carried.declaration.tags(self.suffix))

    def _picture_packets(self, stream: VideoStream) -> Iterator[tuple[float, None, av.Packet[Any]]]:
        """Yield all packets with their times in the output; None tells them from those of sound.

        Frames are told by the rank of their time within a segment, and decoding times follow from the
        presentation times by a delay that suits all segments, so neither depends on how a container rounds.
        """
        ranks = [frame_ranks(segment.path) for segment in self.segments] if self.preset.is_reordered else None
        delay = max((at - rank for each in ranks or () for at, rank in enumerate(each)), default=0)
        tick = stream.time_base
        assert tick is not None
        extradata: bytes | None = None
        first = 0
        for number, segment in enumerate(self.segments):
            count = 0
            with segment_input(segment.path) as (container, template):
                if number == 0:
                    extradata = template.codec_context.extradata
                elif template.codec_context.extradata != extradata:
                    raise broken_segment(
                        segment.path, tr("was written with other settings than the ones before it")
                    )
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
                    yield float(decoded), None, packet
            if count != segment.frames:
                raise broken_segment(
                    segment.path,
                    tr("holds {count} frames instead of {frames}", count=count, frames=segment.frames),
                )
            first += count

    def _check_tags(self, path: Path) -> None:
        with reading(path), av.open(location(path), "r") as container:
            picture = next(container.decode(video=0))
            found = (picture.colorspace, picture.color_range, picture.color_primaries, picture.color_trc)
        if tuple(int(code) for code in found) != color_codes(self.preset):
            raise MediaError(
                tr(
                    "The colour tags of {output} did not come back from the file; choose another preset.",
                    output=self.output,
                )
            )

    # --- sequences ---

    def numbers(self) -> list[str]:
        """Write the numbers of the output's pictures: those of the source's pictures, else of its frames."""
        named = None if self.source is None else self.source.info.numbers
        numbers = [named[frame] if named is not None else frame for frame in self.span]
        digits = max(PICTURE_DIGITS, len(str(max(numbers))))
        return [f"{number:0{digits}d}" for number in numbers]

    def gather_pictures(self, partial: Path, drafts: ExitStack) -> Generator[Notice, None, Draft | None]:
        """Bring all pictures together in the folder ``partial``; return a draft of the sound beside it, if any."""
        numbers = iter(self.numbers())
        suffix = self.preset.suffixes[0]
        for segment in self.segments:
            pictures = sorted(segment.path.glob(f"*{suffix}"))
            if len(pictures) != segment.frames:
                raise broken_segment(
                    segment.path,
                    tr(
                        "holds {count} frames instead of {frames}", count=len(pictures), frames=segment.frames
                    ),
                )
            for picture in pictures:
                _link(picture, partial / with_ending(self.output, f"{next(numbers)}{suffix}").name)
        if self.carried.timecode is not None:
            yield Notice(
                "note",
                tr(
                    "Pictures hold no timecode; that of the first one is {timecode}.",
                    timecode=self.carried.timecode,
                ),
            )
        sound = yield from self._write_sound_file(drafts)
        if sound is None and self.carried.chapters:
            yield Notice("warning", tr("Pictures hold no chapters; those of the film were left out."))
        return sound

    def _write_sound_file(self, drafts: ExitStack) -> Generator[Notice, None, Draft | None]:
        """Write sound and chapters to a Matroska file, which holds any codec; None without sound."""
        path = sound_beside(self.output)
        with ExitStack() as stack:
            feed = self._sound(stack)
            if feed is None:
                return None
            draft = drafts.enter_context(Draft(path))
            while True:
                yield from feed.prepare()
                if feed.is_empty:
                    return None
                try:
                    self._join_sound(draft.path, feed)
                    yield from feed.damage()
                    yield Notice("note", tr("The sound lies beside the pictures in {path}.", path=path.name))
                    return draft
                except (SoundFaultError, av.FFmpegError, ValueError) as error:
                    if isinstance(error, OSError) and is_of_the_disk(path.parent, error):
                        raise
                    yield from feed.give_way(
                        error if isinstance(error, SoundFaultError) else SoundFaultError(str(error))
                    )

    def _join_sound(self, partial: Path, feed: SoundFeed) -> None:
        with ExitStack() as stack:
            container = open_output(partial, ".mkv")
            stack.callback(close_quietly, container)
            sound = feed.add_to(container, stack)
            self._describe(container)
            for _, track, packet in sound:
                self._mux(container, packet, track)
            container.close()


def _link(source: Path, target: Path) -> None:
    """Make ``target`` the same file as ``source``, or a copy where the disk knows no hard links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
