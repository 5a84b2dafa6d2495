"""The second step of a render: making a part from what lies in the work folder, and from the film."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import replace
from functools import partial
from threading import Event
from typing import NamedTuple

from remaster_gui.base.arrays import Float
from remaster_gui.base.language import tr
from remaster_gui.base.notices import Notice, Progress, Update, noted, retold
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
from remaster_gui.engine.session import CancelledError
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
    """What the pieces of a part have become, in order, and those of the overlay film, if there is one."""

    segments: tuple[Segment, ...]
    above: tuple[Segment, ...]


class FinishedPiece(NamedTuple):
    """What a piece has become, and that of the overlay film, if there is one."""

    segment: Segment
    above: Segment | None


FinishedPieces = dict[Part, FinishedPiece]


def finished_pieces(part: Part, work: WorkFolder, overlay: OverlayFilm | None) -> FinishedPieces:
    """Return what pieces of a part have become, of those that are there and sound."""
    found = {}
    for piece in part.pieces:
        segment = work.finished(piece)
        above = None if overlay is None or segment is None else overlay.finished(piece)
        if segment is not None and (overlay is None or above is not None):
            found[piece] = FinishedPiece(segment, above)
    return found


def whole(part: Part, pieces: FinishedPieces) -> Finished | None:
    """Return what a part has become; None where a piece of it is missing."""
    if any(piece not in pieces for piece in part.pieces):
        return None
    found = [pieces[piece] for piece in part.pieces]
    above = tuple(each.above for each in found if each.above is not None)
    return Finished(tuple(each.segment for each in found), above)


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


class _Coming:
    """The frames of a part on their way, window by window."""

    def __init__(self, steps: Generator[RemasteredWindow | Notice]) -> None:
        self._steps = steps
        self._left: Sequence[RemasteredFrame] = ()

    def before(self, stop: int) -> Iterator[Sequence[RemasteredFrame] | Notice]:
        """Yield the next frames, before `stop`, and what is said meanwhile."""
        while True:
            here = [frame for frame in self._left if frame.index < stop]
            self._left = self._left[len(here) :]
            if here:
                yield here
            if self._left or (here and here[-1].index + 1 == stop):
                return
            step = next(self._steps)
            if isinstance(step, Notice):
                yield step
            else:
                self._left = step.frames

    def close(self) -> None:
        """Give up what is on its way."""
        self._steps.close()


def _runs(pieces: Sequence[Part]) -> Iterator[Sequence[Part]]:
    """Group pieces that follow one another."""
    run: list[Part] = []
    for piece in pieces:
        if run and piece.span.start != run[-1].span.stop:
            yield run
            run = []
        run.append(piece)
    if run:
        yield run


def _among(before: int, total: int, progress: Progress) -> Progress:
    """Tell how far all pieces are, when so many frames were done before this one."""
    return replace(progress, done=before + progress.done, total=total)


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
        """Make those pieces of a part that are not there and sound.

        Yields how many of their frames are done, and notices. They come out as if this maker had made no other, and as
        if none had been there. Raises `CancelledError`, and a `RemasterError` for everything that the user can put
        right; finished pieces stay then.
        """
        made = finished_pieces(part, self._work, self._overlay)
        missing = [piece for piece in part.pieces if piece not in made]
        total, done = sum(len(piece.span) for piece in missing), 0
        seconds: dict[str, float] = {}
        if missing and part.settings not in self._sessions:
            yield Progress(0, total, doing=tr("Encoding references") if self._references else "")
            with computing_with(self._plan.threads):
                self._sessions[part.settings] = self._new_session(part.settings, seconds)
        for run in _runs(missing):
            with closing(_Coming(self._begun(part, run[0], cancel))) as coming:
                for piece in run:
                    if cancel.is_set():
                        raise CancelledError
                    work = self._make_piece(piece, coming, seconds)
                    made[piece] = yield from retold(work, partial(_among, done, total))
                    done, seconds = done + len(piece.span), {}
        yield Progress(done, total)
        finished = whole(part, made)
        assert finished is not None
        return finished

    def _begun(self, part: Part, first: Part, cancel: Event) -> Generator[RemasteredWindow | Notice]:
        """Begin to remaster a part with one of its pieces."""
        session = self._sessions[part.settings]
        session.begin_anew(self._plan)
        span = FrameRange(first.span.start, part.span.stop)
        return session.remaster(self._reader(session.stages), part.shot, span, cancel, part.marks)

    def _make_piece(
        self, piece: Part, coming: _Coming, seconds: dict[str, float]
    ) -> Generator[Update, None, FinishedPiece]:
        """Make a piece of the next frames; `seconds`: what its record says of time beside."""
        session, notices = self._sessions[piece.settings], list[Notice]()
        began = time.monotonic()
        with computing_with(self._plan.threads):
            made = yield from noted(self._write(session.stages, piece, coming), notices)
        above = None if self._overlay is None else self._overlay.keep(piece)
        seconds = seconds | {"frames": time.monotonic() - began}
        facts = PartFacts(made.origins, session.stages.taken(), seconds, tuple(notices), made.drawn)
        return FinishedPiece(self._work.keep(piece, facts), above)

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

    def _write(self, stages: Stages, piece: Part, coming: _Coming) -> Generator[Update, None, _Sums]:
        """Write a piece into its draft; returns where its colours come from."""
        info, size, overlay = self._film.info, self._output_size, self._overlay
        first, done = self._film.times[piece.span.start], 0
        writer = SegmentWriter(
            self._work.draft_path(piece),
            self._work.preset,
            size.width,
            size.height,
            info.rate,
            info.pixel_aspect,
        )
        above = None if overlay is None else overlay.writer(piece, size, info.rate, info.pixel_aspect)
        sums = _Sums(tuple(each.digest for each in guiding(self._references, piece.settings)))

        def write(made: Made) -> None:
            frame, picture, seen = made
            origin, time_in_piece = origin_of(frame, self._references), self._film.times[frame.index] - first
            sums.add(frame, origin)
            with stages.working("encode"):
                writer.add(picture, time_in_piece)
                if above is not None and seen is not None:
                    above.add(seen, time_in_piece)

        threads = composing_threads(size)
        composed = self._composing(stages, threads, writer, above)
        try:
            with (
                writer,
                above or nullcontext(),
                BackgroundWriter(composed, write, QUEUE, threads) as encoder,
            ):
                for step in coming.before(piece.span.stop):
                    for frame in () if isinstance(step, Notice) else step:
                        encoder.put(frame)
                    check_readable(self._film, strict=self._job.strict)
                    if isinstance(step, Notice):
                        yield step
                        continue
                    done += len(step)
                    yield Progress(done, len(piece.span))
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
