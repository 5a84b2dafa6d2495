"""Making parts of a render in a process of its own, on any machine that sees the work folder and the film."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import Any

import torch

from remaster_gui import __version__
from remaster_gui.base.closable import Closable
from remaster_gui.base.errors import DeviceError, RemasterError, SettingsError, WeightsError
from remaster_gui.base.files import printable
from remaster_gui.base.language import tr
from remaster_gui.base.notices import Progress, Update
from remaster_gui.engine.device import Plan
from remaster_gui.engine.job import WorkFolder
from remaster_gui.engine.loaded import LoadedNetwork
from remaster_gui.engine.overlay_film import OverlayFilm
from remaster_gui.engine.part_maker import PartMaker
from remaster_gui.engine.render_job import RenderJob
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.engine.rival_loading import load_with_rivals
from remaster_gui.engine.schemes import scheme_of
from remaster_gui.engine.shipped_weights import resolve_weights
from remaster_gui.engine.source import Source
from remaster_gui.media import open_film
from remaster_gui.model.weights import usable_device


def planned_job(folder: Path) -> tuple[RenderJob, Plan, WorkFolder, OverlayFilm | None]:
    """Return the job that was planned in a work folder, and where its parts go.

    Raises `SettingsError` where there is none, or one of another version of the program.
    """
    work, task, plan = WorkFolder.at(folder.absolute())
    job = _read(work, task)
    mine, theirs = (
        f"{__version__} with torch {torch.__version__}",
        f"{job.application} with torch {job.torch}",
    )
    if mine != theirs:
        raise SettingsError(
            tr(
                "The job in {folder} was planned by version {theirs}, and this is {mine}; let all machines run "
                "the same version.",
                folder=printable(folder),
                theirs=theirs,
                mine=mine,
            )
        )
    overlay = None
    if job.overlay is not None:
        overlay = OverlayFilm(job.overlay, work.output, work.preset)
        overlay.take_up(job.identity, plan)
    return job, plan, work, overlay


def request_of(folder: Path) -> RenderRequest:
    """Return what of its request a job in a work folder knows yet: film, output and what kind of files that is.

    Raises what `planned_job` does.
    """
    job, _, work, _ = planned_job(folder)
    return RenderRequest(
        job.film,
        work.output,
        rate=job.rate,
        preset=job.preset,
        settings=job.settings,
        deinterlace=job.deinterlace,
        delivery=job.delivery,
    )


def _read(work: WorkFolder, task: Mapping[str, Any]) -> RenderJob:
    try:
        return RenderJob.from_dict(task)
    except (ValueError, RemasterError) as error:
        raise SettingsError(
            tr(
                "What the job in {path} says makes no sense here; run the command that planned it again.",
                path=printable(work.path),
            )
        ) from error


class Workplace(Closable):
    """Keeps what the last part needed open for the next one of the same job. For one thread.

    As a context manager it closes the film at the end.
    """

    def __init__(self, device: str | None = None, turn: int = 0) -> None:
        """Work on a device (None: one of the kind that a job asks for; of several cards the one whose `turn` it is)."""
        self._device, self._turn = device, turn
        self._open = ExitStack()
        self._known: tuple[Path, RenderJob, Plan] | None = None
        self._maker: PartMaker | None = None

    def make(self, folder: Path, number: int, cancel: Event) -> Generator[Update]:
        """Make part `number` of the job in a work folder, unless it is there and sound.

        Raises what `open` and `PartMaker.make` do.
        """
        yield Progress(0, 1, doing=tr("Opening"))
        maker = self.open(folder, cancel)
        job = planned_job(folder)[0]
        yield from maker.make(job.part(number), cancel)

    def open(self, folder: Path, cancel: Event) -> PartMaker:
        """Open and load what the parts of a job need, unless that is open.

        Raises a `RemasterError` where this machine cannot make what the job asks for.
        """
        job, plan, work, overlay = planned_job(folder)
        if self._maker is None or self._known != (folder, job, plan):
            self.close()
            self._maker = self._new_maker(job, plan, work, overlay, cancel)
            self._known = folder, job, plan
        return self._maker

    def _new_maker(
        self, job: RenderJob, plan: Plan, work: WorkFolder, overlay: OverlayFilm | None, cancel: Event
    ) -> PartMaker:
        loaded = self._load(job)
        source = Source(job.film, cancel)
        film = self._open.enter_context(open_film(job.film, deinterlace=job.deinterlace, rate=job.rate))
        source.recognize(job.film_hash, job.film_stamp)
        return PartMaker(job, plan, work, overlay, film, source, loaded)

    def _load(self, job: RenderJob) -> LoadedNetwork:
        """Load the network that a job names; raises `WeightsError` or `DeviceError` where it would be another one."""
        if job.restorer is not None:
            raise SettingsError(
                tr(
                    "The job restores with {restorer}, which only the program that planned it has; render it there.",
                    restorer=job.restorer,
                )
            )
        cards = torch.cuda.device_count() if job.device == "cuda" else 0
        device = usable_device(self._device or (f"cuda:{self._turn % cards}" if cards else job.device))
        if device.type != job.device:
            raise DeviceError(
                tr(
                    "The job was planned for {device} and this is {type}, which rounds otherwise; choose "
                    "--device {device}, or plan the job for {type}.",
                    device=job.device,
                    type=device.type,
                )
            )
        named = job.weights if job.weights is not None and job.weights.exists() else None
        loaded = load_with_rivals(resolve_weights(named), device, scheme_of(job.settings).precision(device))
        if loaded.identity != job.weights_identity:
            missing = (
                ""
                if job.weights is None
                else tr(
                    ", {weights} with the hash {weights_hash}",
                    weights=printable(job.weights),
                    weights_hash=job.weights_hash,
                )
            )
            raise WeightsError(
                tr(
                    "The weights here are not those of the job{missing}; bring those here, or plan the job with these.",
                    missing=missing,
                )
            )
        if loaded.network.precision.name != job.precision:
            raise DeviceError(
                tr(
                    "The job is computed in {precision} and this device computes in {precision2}; "
                    "let only devices of one kind make its parts.",
                    precision=job.precision,
                    precision2=loaded.network.precision.name,
                )
            )
        return loaded

    def close(self) -> None:
        """Let go of the film and the network."""
        self._maker = self._known = None
        self._open.close()
