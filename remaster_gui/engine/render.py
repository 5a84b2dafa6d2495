"""Rendering a film to files: decoding, networks and encoding side by side; killed runs go on where they stopped."""

from __future__ import annotations

import logging
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import torch
from av import VideoFrame

from remaster_gui import __version__
from remaster_gui.base.errors import MediaError
from remaster_gui.base.notices import Notice, Progress, Update, noted
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.compose import compose, composing_threads
from remaster_gui.engine.device import Plan, choose_device, free_memory, make_plan
from remaster_gui.engine.disk_room import check_room
from remaster_gui.engine.job import Part, WorkFolder, parts_of
from remaster_gui.engine.messages import (
    Reference,
    RemasteredFrame,
    RemasteredWindow,
    Settings,
    guiding,
    most_demanding,
)
from remaster_gui.engine.origin import OriginLog, OriginTotals, origin_of
from remaster_gui.engine.overlay_film import OverlayFilm
from remaster_gui.engine.overlay_pictures import overlay_frame
from remaster_gui.engine.pipeline import BackgroundWriter, prefetched
from remaster_gui.engine.rate_meter import RateMeter
from remaster_gui.engine.render_references import given_references, guesses
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.engine.report import RenderReport, decorated, describe, report_path, write_report
from remaster_gui.engine.restorer import use_restorer
from remaster_gui.engine.rival_loading import load_with_rivals
from remaster_gui.engine.schemes import Remastering, scheme_of
from remaster_gui.engine.searching import searched
from remaster_gui.engine.shipped_weights import resolve_weights
from remaster_gui.engine.sizes import Size, working_size
from remaster_gui.engine.source import Source
from remaster_gui.engine.stages import Stages
from remaster_gui.engine.stored_shots import shots_of
from remaster_gui.media import (
    Carried,
    Film,
    Frame,
    Preset,
    Segment,
    SegmentWriter,
    assemble,
    check_output,
    open_film,
    plan_carried,
    preset_for,
)
from remaster_gui.model.weights import usable_device

log = logging.getLogger(__name__)

QUEUE = 8
"""Frames that decoding may be ahead and encoding behind."""


def render(request: RenderRequest, cancel: Event) -> Generator[Update, None, RenderReport]:
    """Render a film; yields progress after every temporal window, and notices; returns the report beside the output.

    The output appears only when it is complete. Finished parts of a cancelled or killed run stay in a work folder
    beside it, and the same request goes on from there, to the same result. Raises `CancelledError` when `cancel` is
    set, a `RemasterError` for everything that the user can put right.
    """
    began = time.monotonic()
    preset = preset_for(request.output, request.preset)
    work = WorkFolder(request.output, preset)
    work.clear_leftovers()
    is_ours = work.published() is not None
    check_output(request.output, request.film, is_folder=preset.is_sequence, is_ours=is_ours)
    device = usable_device(choose_device(request.device))
    weights = resolve_weights(request.weights)
    source = Source(request.film, cancel)
    overlay = None
    if request.overlay is not None:
        overlay = OverlayFilm(request.overlay, request.output, preset)
        overlay.check(request)
    with (
        work.held(),
        nullcontext() if overlay is None else overlay.held(),
        open_film(request.film, deinterlace=request.deinterlace, rate=request.rate) as film,
    ):
        job = _Render(request, film, source, preset, device, weights, work, overlay)
        yield from noted(job.run(cancel), job.notices)
        return (yield from noted(job.finish(time.monotonic() - began), job.notices))


class _Render:
    """One render from the opened film to the report."""

    def __init__(
        self,
        request: RenderRequest,
        film: Film,
        source: Source,
        preset: Preset,
        device: torch.device,
        weights: Path,
        work: WorkFolder,
        overlay: OverlayFilm | None,
    ) -> None:
        if not scheme_of(request.settings).regards_cuts:
            request = replace(request, own=())
        self.request, self.film, self.preset, self.device = request, film, preset, device
        self.demand = most_demanding(request.settings, request.own)
        self.source, self.work, self.overlay = source, work, overlay
        self.works = (work,) if overlay is None else (work, overlay)
        self.notices: list[Notice] = []
        if request.strict:
            self._check_readable()
        info = film.info
        self.span = request.span_in(info)
        self.film_size = Size(info.width, info.height)
        self.working = working_size(self.film_size, request.settings.edge)
        self.scheme = scheme_of(request.settings)
        self.output_size = self.scheme.output_size(self.film_size, request.settings)
        self._check_disk()
        self.references: list[Reference] = []
        self.loaded = load_with_rivals(weights, device, self.scheme.precision(device))
        self.network, self.weights = self.loaded.network, self.loaded.digest
        if request.restorer is not None:
            use_restorer(self.network, request.restorer)
        self.film_hash = source.identify()
        self.shots: list[FrameRange] = []
        self.segments: list[Segment] = []
        self.reused = 0
        self.origins = OriginLog()
        self.stage_seconds: dict[str, float] = {}
        self.stages = Stages()

    def _check_readable(self) -> None:
        if self.film.problems:
            raise MediaError(self.film.problems[0])

    def _of_film(self) -> Iterator[Notice]:
        """Say what has been found wrong with the film so far."""
        yield from self.film.notices()
        if self.film.info.field_order != "progressive" and not self.request.deinterlace:
            yield Notice(
                "warning",
                "The film is interlaced and its fields are restored as they lie; the command `remaster-gui render` "
                "joins them first if it is given --deinterlace.",
            )

    def _check_disk(self) -> None:
        size = self.output_size
        needed = self.preset.room_bytes(size.width, size.height, len(self.span)) - self.work.nbytes()
        if self.overlay is not None:
            needed += self.preset.room_bytes(size.width, size.height, len(self.span)) - self.overlay.nbytes()
        check_room(self.request.output.parent, needed)

    def run(self, cancel: Event) -> Generator[Update]:
        demand, total = self.demand, len(self.span)
        yield from self._of_film()
        if self.request.restorer is not None:
            yield Notice("note", f"Restored by {self.request.restorer.name}, not by the network.")
        yield from self.loaded.notices if demand.colorization else ()
        self.references = yield from given_references(self.request, self.film)
        yield Progress(0, total, doing="Trying the sound")
        carried = yield from self._plan_carried()
        if not self.scheme.regards_cuts:
            self.shots = [FrameRange(0, self.film.info.frame_count)]
        elif self.request.shots is not None:
            self.shots = list(self.request.shots)
        else:
            self.shots = yield from self._find_shots(cancel)
        if not self.references and demand.colorization and self.scheme.regards_cuts:
            self.references = yield from self._guess(cancel)
        regards_cuts = self.scheme.regards_cuts
        settings_of = self.request.settings_of
        if regards_cuts:
            parts = parts_of(self.shots, self.span, settings_of)
        else:
            parts = [Part(self.shots[0], self.span, self.request.settings)]
        restoration_size = self.film_size if demand.luminance == "restored" else self.working
        plan = make_plan(
            self.network.config,
            restoration_size,
            self.working,
            demand,
            self.device,
            free_memory(self.device),
        )
        self.work.remove_sound_alone()
        plan = yield from self.work.open(self._identity(), plan)
        if self.overlay is not None:
            yield from self.overlay.open(self._identity(), plan)
        joining = self._joining(parts)
        said = self.work.published(joining)
        if said is not None:
            # Ended between giving the output its name and clearing up.
            self.reused = total
            for part in parts:
                self.origins.take_up(part.shot, self.work.facts_of(part))
            yield from said
            return
        check_output(self.request.output, self.request.film, is_folder=self.preset.is_sequence)
        try:
            yield from self._render(parts, plan, cancel)
            yield Progress(total, total, doing="Joining the parts")
            yield from self._assemble(carried, joining)
        except BaseException:
            # Whatever ends the run, nothing is left behind that would be of no use to the next one.
            for work in self.works:
                if not work.has_finished_parts():
                    work.remove()
            raise

    def _render(self, parts: Sequence[Part], plan: Plan, cancel: Event) -> Iterator[Update]:
        """Render what earlier runs have not finished."""
        done, total, meter = 0, len(self.span), RateMeter()
        sessions: dict[Settings, Remastering] = {}
        for part in parts:
            segment = self.work.finished(part)
            above = None if self.overlay is None or segment is None else self.overlay.finished(part)
            if segment is not None and (self.overlay is None or above is not None):
                self.segments.append(segment)
                if self.overlay is not None and above is not None:
                    self.overlay.take_up(above)
                self.origins.take_up(part.shot, self.work.facts_of(part))
                self.reused += segment.frames
                done += segment.frames
                yield Progress(done, total, doing="Taking up an earlier run")
                continue
            if part.settings not in sessions:
                yield Progress(done, total, doing="Encoding references" if self.references else "")
                sessions[part.settings] = self._session(plan, part.settings)
                meter = RateMeter()
            for step in self._render_part(sessions[part.settings], part, cancel):
                if isinstance(step, Notice):
                    yield step
                    continue
                done += len(step.frames)
                yield Progress(done, total, meter.rate(len(step.frames)))
                yield from self._of_film()

    def _find_shots(self, cancel: Event) -> Generator[Progress, None, list[FrameRange]]:
        """Look for cuts on a thread of its own, so that one can say meanwhile how far the search is."""
        search = partial(shots_of, self.film, self.film_hash)
        return (yield from searched(search, "Looking for cuts", len(self.span), cancel))

    def _guess(self, cancel: Event) -> Generator[Update, None, list[Reference]]:
        source, settings = (self.film, self.film_hash), self.request.settings
        return (yield from guesses(source, self.shots, self.loaded, settings, len(self.span), cancel))

    def _identity(self) -> dict[str, Any]:
        """All that every part depends on, beside its own frames and their shot.

        Sound, names and what else the joined file holds are left out: parts stay of use when those change.
        """
        return {
            "application": __version__,
            "film": self.film_hash,
            "references": [r.digest for r in self.references],
            "weights": self.loaded.identity,
            "deinterlace": self.request.deinterlace,
            "rate": str(self.film.info.rate),
            "preset": self.preset.key,
            "settings": describe(self.request.settings),
            "precision": self.network.precision.name,
            **({} if self.request.restorer is None else {"restorer": self.request.restorer.name}),
        }

    def _session(self, plan: Plan, settings: Settings) -> Remastering:
        """Prepare for the shots that are remastered by the same settings; all sessions count the same stages."""
        began = time.monotonic()
        session = self.scheme.session(
            self.loaded, guiding(self.references, settings), self.film_size, settings, plan,
            traces=self.overlay is not None,
        )  # fmt: skip
        if settings.colorization:
            self._add_time("encode references", began)
        session.stages = self.stages
        return session

    def _render_part(
        self, session: Remastering, part: Part, cancel: Event
    ) -> Iterator[RemasteredWindow | Notice]:
        """Render one part into its segment; yields each window once it is on its way to the encoder."""
        info, first = self.film.info, self.film.times[part.span.start]
        size, totals, overlay = self.output_size, OriginTotals(), self.overlay
        writer = SegmentWriter(
            self.work.draft_path(part), self.preset, size.width, size.height, info.rate, info.pixel_aspect
        )

        above = None if overlay is None else overlay.writer(part, size, info.rate, info.pixel_aspect)

        def read(span: FrameRange) -> Generator[Frame]:
            frames = self.film.frames(span, self.scheme.channels)
            return prefetched(self.stages.each("decode", frames), QUEUE)

        def composed(frame: RemasteredFrame) -> tuple[RemasteredFrame, VideoFrame, VideoFrame | None]:
            with self.stages.working("compose", threads=threads):
                picture, seen = compose(frame, size), None
                if overlay is not None and above is not None:
                    seen = above.pack(overlay_frame(frame, picture, self.references, overlay.kind))
                return frame, writer.pack(picture), seen

        def write(made: tuple[RemasteredFrame, VideoFrame, VideoFrame | None]) -> None:
            nonlocal totals
            frame, picture, seen = made
            origin, time_in_part = origin_of(frame, self.references), self.film.times[frame.index] - first
            totals = totals if origin is None else totals.with_frame(origin)
            with self.stages.working("encode"):
                writer.add(picture, time_in_part)
                if above is not None and seen is not None:
                    above.add(seen, time_in_part)

        threads, began = composing_threads(size), time.monotonic()
        try:
            with (
                writer,
                above or nullcontext(),
                BackgroundWriter(composed, write, QUEUE, threads) as encoder,
            ):
                for step in session.remaster(read, part.shot, part.span, cancel):
                    for frame in step.frames if isinstance(step, RemasteredWindow) else ():
                        encoder.put(frame)
                    if self.request.strict:
                        self._check_readable()
                    yield step
        except Exception:
            self.source.check()  # what fails may fail because the film has become another one
            raise
        self.source.check()
        if overlay is not None:
            overlay.keep(part)
        self.segments.append(self.work.keep(part, totals.as_dict()))
        self.origins.add(part.shot, totals)
        self._add_time("frames", began)

    def _plan_carried(self) -> Generator[Notice, None, Carried]:
        """Find out, before there is work that could be lost, what the output takes over beside the pictures."""
        output = self.request.output
        suffix = "" if self.preset.is_sequence else output.suffix.lower()
        return (
            yield from plan_carried(
                self.film, self.span, suffix, sound=self.request.sound, folder=output.parent
            )
        )

    def _joining(self, parts: Sequence[Part]) -> dict[str, Any]:
        """All that the joined output depends on, beside what every part does."""
        return {
            "parts": [[str(part.shot), str(part.span), describe(part.settings)] for part in parts],
            "sound": self.request.sound,
        }

    def _assemble(self, carried: Carried, joining: dict[str, Any]) -> Iterator[Notice]:
        began = time.monotonic()

        def joined(draft: Path, sound: Path | None) -> None:
            self.source.check()
            self.work.note_published(draft, sound, joining, self.notices)

        self.source.check()
        if self.overlay is not None:
            yield from self.overlay.assemble(self.film, self.span, joining, self.source.check)
        yield from assemble(
            self.request.output,
            self.segments,
            self.preset,
            rate=self.film.info.rate,
            source=self.film,
            span=self.span,
            carried=carried,
            joined=joined,
        )
        self._add_time("join", began)

    def _add_time(self, stage: str, began: float) -> None:
        self.stage_seconds[stage] = self.stage_seconds.get(stage, 0.0) + time.monotonic() - began

    def finish(self, seconds: float) -> Generator[Update, None, RenderReport]:
        """Write the report and give up the parts; the output is there, and nothing here takes it away any more."""
        report = RenderReport(
            film=self.request.film.name,
            film_hash=self.film_hash,
            output=self.request.output.name,
            frames=len(self.span),
            span=self.span,
            rate=self.film.info.rate,
            size=str(self.output_size),
            working_size=str(self.working),
            preset=self.preset.key,
            shots=self.shots,
            references=self.references,
            weights_hash=self.weights,
            network=self.network.config,
            device=self.device,
            settings=self.request.settings,
            own={s: d for s in self.shots if (d := self.request.settings_of(s)) != self.request.settings},
            reused_frames=self.reused,
            seconds=seconds,
            stage_seconds=self.stage_seconds,
            stages=self.stages.done(),
            notices=self.notices,
            origins=self.origins.shots,
            overlay=None if self.overlay is None else self.overlay.path,
        )
        path = report_path(self.request.output)
        is_written = yield from decorated("The report", lambda: write_report(report, path))
        for work in self.works:
            yield from decorated("The end of clearing up", work.remove)
        return replace(report, path=path) if is_written else report
