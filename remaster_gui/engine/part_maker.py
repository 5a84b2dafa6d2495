"""The second step of a render: making a part from what lies in the work folder, and from the film."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from contextlib import nullcontext
from threading import Event
from typing import NamedTuple

from remaster_gui.base.arrays import Float
from remaster_gui.base.language import tr
from remaster_gui.base.notices import Notice, Progress, Update, noted
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.baked_lut import apply_lut
from remaster_gui.engine.compose import compose, composing_threads
from remaster_gui.engine.device import Plan, computing_with
from remaster_gui.engine.drawn import NO_DRAWS, Drawn, together
from remaster_gui.engine.job import WorkFolder
from remaster_gui.engine.loaded import LoadedNetwork
from remaster_gui.engine.matte_layers import matte_layers
from remaster_gui.engine.messages import RemasteredFrame, RemasteredWindow, Settings, guiding
from remaster_gui.engine.origin import Origin, OriginTotals, origin_of
from remaster_gui.engine.origin_layers import origin_layers
from remaster_gui.engine.overlay_film import OverlayFilm
from remaster_gui.engine.overlay_pictures import overlay_frame
from remaster_gui.engine.parts import Part, PartFacts
from remaster_gui.engine.pipeline import BackgroundWriter, prefetched
from remaster_gui.engine.render_job import RenderJob
from remaster_gui.engine.schemes import Remastering, scheme_of
from remaster_gui.engine.sizes import Size
from remaster_gui.engine.source import Source, check_readable
from remaster_gui.engine.stages import Stages
from remaster_gui.media import Film, Frame, Packed, Segment, SegmentWriter
from remaster_gui.media.cryptomatte import facts_of

QUEUE = 8
"""Frames that decoding may be ahead and encoding behind."""

Made = tuple[RemasteredFrame, Packed, Packed | None]
"""A frame with its picture, and that of the overlay, if there is one."""


class Finished(NamedTuple):
    """What a part has become, and that of the overlay film, if there is one."""

    segment: Segment
    above: Segment | None


def finished(part: Part, work: WorkFolder, overlay: OverlayFilm | None) -> Finished | None:
    """Return what a part has become, if that is there and sound."""
    segment = work.finished(part)
    above = None if overlay is None or segment is None else overlay.finished(part)
    return None if segment is None or (overlay is not None and above is None) else Finished(segment, above)


class _Sums:
    """What is known of the frames of a part together."""

    def __init__(self, references: tuple[str, ...]) -> None:
        """Know nothing yet; `references`: the digests of those that guide the part."""
        self.origins, self.drawn = OriginTotals(), None if references else Drawn((), NO_DRAWS)
        self._references, self._frames = references, 0

    def add(self, frame: RemasteredFrame, origin: Origin | None) -> None:
        """Count a frame."""
        if origin is not None:
            self.origins = self.origins.with_frame(origin, frame.mattes)
        if frame.draws is not None:
            drawn = Drawn(self._references, frame.draws)
            self.drawn = together(self.drawn, drawn, self._frames)
            self._frames += 1


class PartMaker:
    """Makes parts of one job; network, film and references stay open for the next one. For one thread."""

    def __init__(
        self,
        job: RenderJob,
        plan: Plan,
        work: WorkFolder,
        overlay: OverlayFilm | None,
        film: Film,
        source: Source,
        loaded: LoadedNetwork,
    ) -> None:
        """Make parts with what is open and loaded already, and is what the job was planned for."""
        self._job, self._plan, self._work, self._overlay = job, plan, work, overlay
        self._film, self._source, self._loaded = film, source, loaded
        self._scheme = scheme_of(job.settings)
        info = film.info
        self._film_size = Size(info.width, info.height)
        self._output_size = job.output_size(self._film_size)
        self._lut = None if job.lut is None else job.lut.read(work.references)
        self._references = [each.reference(work.references) for each in job.references]
        self._sessions: dict[Settings, Remastering] = {}
        self._facts = facts_of(job.names) if job.mattes else None

    def make(self, part: Part, cancel: Event) -> Generator[Update, None, Finished]:
        """Make a part, unless it is there and sound; yields how many of its frames are done, and notices.

        It comes out as if this maker had made no other. Raises `CancelledError`, and a `RemasterError` for everything
        that the user can put right; nothing of the part stays then.
        """
        there = finished(part, self._work, self._overlay)
        if there is not None:
            yield Progress(len(part.span), len(part.span))
            return there
        seconds: dict[str, float] = {}
        if part.settings not in self._sessions:
            yield Progress(0, len(part.span), doing=tr("Encoding references") if self._references else "")
            with computing_with(self._plan.threads):
                self._sessions[part.settings] = self._new_session(part.settings, seconds)
        session, notices = self._sessions[part.settings], list[Notice]()
        session.begin_anew(self._plan)
        began = time.monotonic()
        with computing_with(self._plan.threads):
            made = yield from noted(self._write(session, part, cancel), notices)
        above = None if self._overlay is None else self._overlay.keep(part)
        seconds["frames"] = time.monotonic() - began
        facts = PartFacts(made.origins, session.stages.done(), seconds, tuple(notices), made.drawn)
        return Finished(self._work.keep(part, facts), above)

    def _new_session(self, settings: Settings, seconds: dict[str, float]) -> Remastering:
        """Prepare for the shots that are remastered by the same settings."""
        began = time.monotonic()
        session = self._scheme.session(
            self._loaded, guiding(self._references, settings), self._film_size, settings, self._plan,
            traces=self._overlay is not None or self._job.layers, recolorings=self._job.recolorings,
        )  # fmt: skip
        if settings.colorization:
            seconds["encode references"] = time.monotonic() - began
        return session

    def _write(self, session: Remastering, part: Part, cancel: Event) -> Generator[Update, None, _Sums]:
        """Render one part into its draft; returns where its colours come from."""
        info, size, overlay = self._film.info, self._output_size, self._overlay
        first, stages, done = self._film.times[part.span.start], session.stages, 0
        writer = SegmentWriter(
            self._work.draft_path(part),
            self._work.preset,
            size.width,
            size.height,
            info.rate,
            info.pixel_aspect,
        )
        above = None if overlay is None else overlay.writer(part, size, info.rate, info.pixel_aspect)
        sums = _Sums(tuple(each.digest for each in guiding(self._references, part.settings)))

        def write(made: Made) -> None:
            frame, picture, seen = made
            origin, time_in_part = origin_of(frame, self._references), self._film.times[frame.index] - first
            sums.add(frame, origin)
            with stages.working("encode"):
                writer.add(picture, time_in_part)
                if above is not None and seen is not None:
                    above.add(seen, time_in_part)

        threads = composing_threads(size)
        composed = self._composing(stages, threads, writer, above)
        try:
            with (
                writer,
                above or nullcontext(),
                BackgroundWriter(composed, write, QUEUE, threads) as encoder,
            ):
                for step in session.remaster(self._reader(stages), part.shot, part.span, cancel, part.marks):
                    for frame in step.frames if isinstance(step, RemasteredWindow) else ():
                        encoder.put(frame)
                    check_readable(self._film, strict=self._job.strict)
                    if isinstance(step, Notice):
                        yield step
                        continue
                    done += len(step.frames)
                    yield Progress(done, len(part.span))
                    yield from self._film.notices()
        except Exception:
            self._source.check()  # what fails may fail because the film has become another one
            raise
        self._source.check()
        return sums

    def _reader(self, stages: Stages) -> Callable[[FrameRange], Generator[Frame]]:
        def read(span: FrameRange) -> Generator[Frame]:
            frames = self._film.frames(span, self._scheme.channels)
            return prefetched(stages.each("decode", frames), QUEUE)

        return read

    def _composing(
        self, stages: Stages, threads: int, writer: SegmentWriter, above: SegmentWriter | None
    ) -> Callable[[RemasteredFrame], Made]:
        """Return what makes the pictures of a frame, on any thread."""

        def composed(frame: RemasteredFrame) -> Made:
            with stages.working("compose", threads=threads):
                picture, seen = compose(frame, self._output_size), None
                if self._overlay is not None and above is not None:
                    seen = above.pack(overlay_frame(frame, picture, self._references, self._overlay.kind))
                if self._lut is not None:
                    picture = apply_lut(self._lut, picture)
                return frame, writer.pack(picture, self._layers(frame), self._facts), seen

        return composed

    def _layers(self, frame: RemasteredFrame) -> Mapping[str, Float] | None:
        job, size = self._job, self._output_size
        layers = origin_layers(frame, self._references, size) if job.layers else {}
        return {**layers, **matte_layers(frame, size)} if job.mattes else layers or None
