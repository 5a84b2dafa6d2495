"""Rendering a film to files: planned, made part by part, joined; killed runs go on where they stopped."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event
from typing import Protocol

import torch

from remaster_gui.base.errors import SettingsError
from remaster_gui.base.files import printable
from remaster_gui.base.language import tr
from remaster_gui.base.notices import Notice, Progress, Update, noted, retold
from remaster_gui.engine.device import choose_device
from remaster_gui.engine.job import WorkFolder
from remaster_gui.engine.loaded import LoadedNetwork
from remaster_gui.engine.overlay_film import OverlayFilm
from remaster_gui.engine.part_maker import Finished, PartMaker, finished_pieces, whole
from remaster_gui.engine.parts import Part
from remaster_gui.engine.rate_meter import PartsMeter
from remaster_gui.engine.render_end import RenderEnd
from remaster_gui.engine.render_job import RenderJob
from remaster_gui.engine.render_plan import Planned, RenderPlanning, carried_over
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.engine.report import RenderReport
from remaster_gui.engine.shipped_weights import resolve_weights
from remaster_gui.engine.source import Source, film_notices
from remaster_gui.engine.workplace import planned_job
from remaster_gui.media import check_output, open_film
from remaster_gui.model.weights import usable_device


class Workforce(Protocol):
    """Who makes the parts of a render."""

    def sharing(self, device: torch.device) -> int:
        """Return how many makers share the memory of a device of this machine."""

    def make(
        self, planned: Planned, parts: Mapping[Part, int], cancel: Event
    ) -> Generator[Update, None, dict[Part, Finished]]:
        """Make parts of a planned job, or raise why that cannot be; what is finished stays.

        `parts`: with the number of frames that are missing in each. Yields how many of these are done, and notices.
        Returns what of the parts is known to be sound; others are looked at before they are joined. Raises
        `CancelledError`, and a `RemasterError`.
        """


class ThisProcess:
    """Makes one part after another, here."""

    def __init__(self, loaded: LoadedNetwork) -> None:
        """Make them with the network that was loaded for planning."""
        self._loaded = loaded

    def sharing(self, device: torch.device) -> int:
        """Return one: all memory is there for each part."""
        return 1

    def make(
        self, planned: Planned, parts: Mapping[Part, int], cancel: Event
    ) -> Generator[Update, None, dict[Part, Finished]]:
        """Make the parts."""
        maker = PartMaker(
            planned.job,
            planned.plan,
            planned.work,
            planned.overlay,
            planned.film,
            planned.source,
            self._loaded,
        )
        made: dict[Part, Finished] = {}
        tally = PartsMeter(sum(parts.values()))
        for part, frames in parts.items():
            made[part] = yield from retold(maker.make(part, cancel), tally.tell)
            tally.begin_next(frames)
        return made


def render(
    request: RenderRequest, cancel: Event, workforce: Workforce | None = None
) -> Generator[Update, None, RenderReport]:
    """Render a film; yields progress after every temporal window, and notices; returns the report beside the output.

    The output appears only when it is complete. Finished parts of a cancelled or killed run stay in a work folder
    beside it, and the same request goes on from there, to the same result. `workforce` makes the parts (None: this
    process). Raises `CancelledError` when `cancel` is set, a `RemasterError` for everything that the user can put
    right.
    """
    began, notices = time.monotonic(), list[Notice]()
    with _opened(request, cancel) as planning:
        run = _Run(planning, workforce or ThisProcess(planning.loaded), notices)
        yield from noted(run.run(cancel), notices)
        return (yield from noted(run.end.report(run.reused, time.monotonic() - began), notices))


def plan_render(request: RenderRequest, cancel: Event) -> Generator[Update, None, RenderJob]:
    """Plan a film's render into its work folder, for others to make its parts and to join them; returns the job.

    Raises what `render` does, and `SettingsError` where an output that is there already is the one that is asked for.
    """
    with _opened(request, cancel) as planning:
        planned = yield from noted(planning.plan(cancel), [])
        if planned.published_notices is not None:
            raise SettingsError(
                tr("{output} is there already; nothing is left to be done.", output=printable(request.output))
            )
        return planned.job


def assemble_job(folder: Path, cancel: Event) -> Generator[Update, None, RenderReport]:
    """Join the parts that lie in a work folder, wherever they were made; returns the report beside the output.

    Raises `StorageError` where one is missing, and what joining them raises at the end of `render`.
    """
    began, notices = time.monotonic(), list[Notice]()
    job, plan, work, overlay = planned_job(folder)
    source = Source(job.film, cancel)
    with (
        work.held(),
        nullcontext() if overlay is None else overlay.held(),
        open_film(job.film, deinterlace=job.deinterlace, rate=job.rate) as film,
    ):
        source.recognize(job.film_hash, job.film_stamp)
        references = [each.reference(work.references) for each in job.references]
        carried = yield from noted(carried_over(film, job.span, work, job.sound), notices)
        device = torch.device(job.device)
        planned = Planned(job, plan, work, overlay, film, source, device, references, carried)
        end = RenderEnd(planned, notices)
        yield from noted(end.said(job.pieces), notices)
        yield Progress(len(job.span), len(job.span), doing=tr("Joining the parts"))
        yield from noted(end.join({}), notices)
        return (yield from noted(end.report(0, time.monotonic() - began), notices))


@contextmanager
def _opened(request: RenderRequest, cancel: Event) -> Iterator[RenderPlanning]:
    """Open the film, and keep others away from the output."""
    work = WorkFolder(request.output, request.kind)
    work.clear_leftovers()
    is_ours = work.published() is not None
    check_output(request.output, request.film, is_folder=request.is_folder, is_ours=is_ours)
    device = usable_device(choose_device(request.device))
    weights = resolve_weights(request.weights)
    source = Source(request.film, cancel)
    overlay = None
    if request.overlay is not None:
        if request.delivery is not None:
            raise SettingsError(
                tr("An overlay is one film and is not delivered shot by shot; leave one of the two out.")
            )
        overlay = OverlayFilm(request.overlay, request.output, request.kind)
        overlay.check(request)
    with (
        work.held(),
        nullcontext() if overlay is None else overlay.held(),
        open_film(request.film, deinterlace=request.deinterlace, rate=request.rate) as film,
    ):
        yield RenderPlanning(request, film, source, weights, device, work, overlay)


class _Run:
    """One render from the opened film to the output."""

    def __init__(self, planning: RenderPlanning, workforce: Workforce, notices: list[Notice]) -> None:
        self._planning, self._workforce, self._notices = planning, workforce, notices
        self.reused = 0

    def run(self, cancel: Event) -> Generator[Update]:
        planned = yield from self._planning.plan(
            cancel, self._workforce.sharing(self._planning.loaded.device)
        )
        self.end = RenderEnd(planned, self._notices)
        total = len(planned.job.span)
        if planned.published_notices is not None:
            self.reused = total
            yield from planned.published_notices
            yield from self.end.said()
            return
        with planned.without_leftovers():
            known = yield from self._make(planned, cancel)
            yield Progress(total, total, doing=tr("Joining the parts"))
            yield from self.end.join(known)

    def _make(self, planned: Planned, cancel: Event) -> Generator[Update, None, dict[Part, Finished]]:
        """Let those parts be made that earlier runs have not finished; returns what is known to be sound."""
        known: dict[Part, Finished] = {}
        total, missing, made = len(planned.job.span), dict[Part, int](), set[Part]()
        for part in planned.job.parts:
            there = finished_pieces(part, planned.work, planned.overlay)
            if (found := whole(part, there)) is not None:
                known[part] = found
            else:
                lacking = [piece for piece in part.pieces if piece not in there]
                missing[part] = sum(len(piece.span) for piece in lacking)
                made.update(lacking)
            if there:
                self.reused += len(part.span) - missing.get(part, 0)
                yield Progress(self.reused, total, doing=tr("Taking up an earlier run"))
        if missing:
            making = self._workforce.make(planned, missing, cancel)
            known |= yield from retold(making, partial(_beside, self.reused, total))
        yield from self.end.said(made)
        yield from film_notices(planned.film, deinterlace=planned.job.deinterlace)
        return known


def _beside(reused: int, total: int, progress: Progress) -> Progress:
    """Tell how far the whole is, when what was missing of it is so far."""
    return replace(progress, done=reused + progress.done, total=total)
