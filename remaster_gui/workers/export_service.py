"""The queue of exports: one at a time on its own thread, paused, stopped and taken up again, also after a crash."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Signal

from remaster_gui.base.language import percent, tr
from remaster_gui.base.notices import Notice, Progress, Update
from remaster_gui.base.turns import FairTurns
from remaster_gui.engine.export_list import UNFINISHED, ExportJob, ExportList, JobState, exports_folder
from remaster_gui.engine.kept_parts import frames_kept
from remaster_gui.workers.background_tasks import BackgroundTasks
from remaster_gui.workers.torch_import import import_torch
from remaster_gui.workers.worker import Job, Worker

if TYPE_CHECKING:
    from remaster_gui.engine.render_request import RenderRequest
    from remaster_gui.engine.report import RenderReport
    from remaster_gui.engine.signing import FilmSigner

SHARING = tr("in turns with the preview")
"""Note of a job that has only a share of the time."""

_Outcome = Literal["done", "stopped", "failed"]


class _Rendering:
    """One job on the way: rendered on the worker's thread, held and let go on from the GUI thread."""

    def __init__(self, job: ExportJob, turns: FairTurns) -> None:
        self._job, self._turns = job, turns
        self._may_go_on = Event()
        self._may_go_on.set()
        self.cancelled = Event()

    def hold(self, held: bool) -> None:
        """Stand still after the window at hand with all that is in memory, or go on."""
        self._may_go_on.clear() if held else self._may_go_on.set()

    def cancel(self) -> None:
        """End within the time of one window; finished parts stay on disk."""
        self.cancelled.set()
        self._may_go_on.set()

    def render(self, advanced: Callable[[Update], None], cancel: Event) -> _Outcome:
        import_torch()
        from remaster_gui.engine.device import leave_a_core
        from remaster_gui.engine.render import render
        from remaster_gui.engine.session import CancelledError
        from remaster_gui.engine.signing import signer_for

        leave_a_core()
        job = self._job
        request = job.request()
        signer = None if job.signing is None else signer_for(request, job.signing)
        workforce = None
        if job.farm is not None:
            from remaster_gui.engine.farm import Farm

            workforce = Farm(job.farm.read())
        steps = _ended(render(request, cancel, workforce), job, request, signer, cancel)
        try:
            for step in self._turns.in_turns("export", steps, cancel):
                advanced(step)
                self._may_go_on.wait()
        except CancelledError:
            return "stopped"
        return "done"


def _ended(
    rendering: Generator[Update, None, RenderReport],
    job: ExportJob,
    request: RenderRequest,
    signer: FilmSigner | None,
    cancel: Event,
) -> Generator[Update]:
    """Render, sign, and write what archives want, as the command line does; all frames are done by then."""
    from remaster_gui.engine.archive import archive
    from remaster_gui.engine.session import CancelledError

    report = yield from rendering
    if signer is not None:
        signer.sign_all(request.output, report)
    frames = len(job.span)
    for step in archive(request, report) if job.archives else ():
        if cancel.is_set():
            raise CancelledError
        if isinstance(step, Progress):
            share = percent(step.done / max(1, step.total))
            yield Progress(frames, frames, doing=f"{step.doing}, {share}")
        else:
            yield step


class ExportService(QObject):
    """Exports of all films. Lives on the GUI thread.

    Reference pictures are copied when a job is added, so painting goes on without changing it. Export and preview take
    turns, each on its own thread and with its own network in memory. A paused job stands still where it is;
    when another one waits, it makes room and goes on later from its last finished part, to the same bytes.
    """

    jobs_changed = Signal()
    """`jobs` has changed."""
    job_ended = Signal(object)
    """ExportJob that is done or has failed; `note` says why."""
    found_interrupted = Signal(object)
    """Tuple of jobs that were under way when the program ended the last time; said once."""
    noticed = Signal(object, object)
    """ExportJob and a Notice of it."""
    failed = Signal(str)
    """One sentence for the user: the list of exports cannot be written."""

    def __init__(
        self, folder: Path | None = None, parent: QObject | None = None, *, turns: FairTurns | None = None
    ) -> None:
        """Take up the exports that `folder` remembers (default: the user's); they wait to be resumed.

        `turns`: by which the time is shared with previews, if there are any.
        """
        super().__init__(parent)
        self._turns = turns or FairTurns({"export": 1.0})
        self._list = ExportList(folder or exports_folder())
        self._jobs: dict[str, ExportJob] = {}
        self._copied: set[str] = set()
        self._current: str | None = None
        self._rendering: _Rendering | None = None
        self._leaving: set[str] = set()
        self._disk = BackgroundTasks(self, threads=1, patience=None)
        self._disk.failed.connect(self.failed)
        self._worker = Worker("exporting", self)
        loading = self._disk.start(
            lambda cancelled: self._list.load(), doing=tr("reading the list of exports")
        )
        loading.finished.connect(self._on_loaded)

    @property
    def jobs(self) -> tuple[ExportJob, ...]:
        """All jobs, oldest first."""
        return tuple(self._jobs.values())

    @property
    def is_busy(self) -> bool:
        """Whether a job runs or waits."""
        return any(job.state in ("running", "waiting") for job in self._jobs.values())

    def job(self, id_: str) -> ExportJob | None:
        """Return a job, if it is listed."""
        return self._jobs.get(id_)

    def add(self, job: ExportJob) -> str:
        """Copy the references as they are now and render when it is the job's turn; returns its id."""
        self._jobs[job.id] = replace(job, state="waiting", total=len(job.span))
        self._copy(job.id)
        self.jobs_changed.emit()
        return job.id

    def pause(self, id_: str) -> None:
        """Let a job that runs or waits stand still."""
        if self._state(id_) in ("running", "waiting"):
            self._change(id_, state="paused", rate=0.0)
            if id_ == self._current and self._rendering is not None:
                self._rendering.hold(True)
            self._advance()

    def resume(self, id_: str) -> None:
        """Let a job that is paused, interrupted, cancelled or failed go on where it was."""
        if self._state(id_) not in ("paused", "interrupted", "cancelled", "failed"):
            return
        rendering = self._rendering
        if id_ == self._current and rendering is not None and not rendering.cancelled.is_set():
            self._change(id_, state="running", note="")
            rendering.hold(False)
            return
        self._change(id_, state="waiting", note="", rate=0.0)
        if id_ not in self._copied:
            self._copy(id_)
        self._advance()

    def cancel(self, id_: str) -> None:
        """Stop a job; what is finished of it stays beside the output until it is removed."""
        if self._state(id_) in UNFINISHED:
            self._change(id_, state="cancelled", rate=0.0, note="")
            if id_ == self._current:
                self._stop_rendering()
            self._advance()

    def remove(self, id_: str) -> None:
        """List a job no longer. A finished output stays, parts of an unfinished one go."""
        if id_ not in self._jobs or id_ in self._leaving:
            return
        self.cancel(id_)
        if id_ == self._current:
            self._leaving.add(id_)
        else:
            self._forget(id_)

    def close(self) -> None:
        """End the thread within the time of one window; jobs under way can be resumed later. Nothing is emitted."""
        self._stop_rendering()
        self._worker.close()
        if self._current is not None:
            self.blockSignals(True)
            self._change(self._current)  # how far it is
        self._disk.drain()
        self._disk.close()

    def _state(self, id_: str) -> JobState | None:
        job = self._jobs.get(id_)
        return None if job is None or id_ in self._leaving else job.state

    def _copy(self, id_: str) -> None:
        job = self._jobs[id_]
        copying = self._disk.start(lambda cancelled: self._list.add(job), doing=tr("copying references"))
        copying.finished.connect(self._on_copied)
        copying.failed.connect(partial(self._on_copying_failed, id_))

    def _change(self, id_: str, *, save: bool = True, **changes: object) -> None:
        job = self._jobs[id_] = replace(self._jobs[id_], **changes)  # type: ignore[arg-type]
        if save and id_ in self._copied:
            self._disk.start(lambda cancelled: self._list.save(job), doing=tr("writing down an export"))
        self.jobs_changed.emit()

    def _advance(self) -> None:
        """Begin the next job that waits, if the thread is free; one that is held makes room."""
        waiting = next(
            (j for j in self._jobs.values() if j.state == "waiting" and j.id in self._copied), None
        )
        if waiting is None:
            return
        if self._current is None:
            self._current = waiting.id
            self._change(waiting.id, state="running")
            self._begin(self._jobs[waiting.id])
        elif self._jobs[self._current].state == "paused":
            self._stop_rendering()

    def _begin(self, job: ExportJob) -> None:
        self._rendering = rendering = _Rendering(job, self._turns)
        advanced = partial(self._worker.tell, self._on_advanced, job.id)
        self._worker.put(
            Job(
                partial(rendering.render, advanced),
                tr("exporting"),
                done=lambda outcome: self._on_ended(job.id, outcome, ""),
                failed=partial(self._on_ended, job.id, "failed"),
                given_up=partial(self._on_ended, job.id, "stopped", ""),
                cancel=rendering.cancelled,
            )
        )

    def _stop_rendering(self) -> None:
        if self._rendering is not None:
            self._rendering.cancel()

    def _forget(self, id_: str) -> None:
        job = self._jobs.pop(id_)
        self._leaving.discard(id_)
        self._copied.discard(id_)
        is_shared = any(other.output == job.output for other in self._jobs.values())
        clear = partial(
            _clear_away, self._list, job, parts=(job.state != "done" or job.keeps_parts) and not is_shared
        )
        self._disk.start(lambda cancelled: clear(), doing=tr("removing an export"))
        self.jobs_changed.emit()

    def _look_what_is_kept(self, job: ExportJob) -> None:
        """Say how far a job is that has ended early: by what can be taken up."""

        def tell(kept: int) -> None:
            if job.id in self._jobs and job.id != self._current:
                self._change(job.id, done=kept)

        looking = self._disk.start(
            lambda cancelled: frames_kept(job.output), doing=tr("looking at what an export has kept")
        )
        looking.finished.connect(tell)

    def _on_loaded(self, jobs: list[ExportJob]) -> None:
        self._copied.update(job.id for job in jobs)
        self._jobs = {job.id: job for job in jobs} | self._jobs
        self.jobs_changed.emit()
        interrupted = tuple(job for job in jobs if job.state == "interrupted")
        if interrupted:
            self.found_interrupted.emit(interrupted)

    def _on_copied(self, copied: ExportJob) -> None:
        if copied.id not in self._jobs:
            # It was removed meanwhile.
            self._disk.start(lambda cancelled: self._list.remove(copied.id), doing=tr("removing an export"))
            return
        self._copied.add(copied.id)
        self._change(copied.id, references=copied.references)
        self._advance()

    def _on_copying_failed(self, id_: str, sentence: str) -> None:
        if id_ in self._jobs:
            self._change(id_, state="failed", note=sentence)
            self.job_ended.emit(self._jobs[id_])

    def _on_advanced(self, id_: str, step: Update) -> None:
        job = self._jobs.get(id_)
        if job is None or id_ in self._leaving:
            return
        if isinstance(step, Notice):
            self.noticed.emit(job, step)
        elif job.state == "running":
            # Before the frames themselves nobody has looked yet at all that is there.
            done = max(step.done, job.done) if step.doing else step.done
            note = step.doing or (SHARING if self._turns.shares_with("export") else "")
            self._change(id_, save=False, done=done, total=step.total, rate=step.rate, note=note)

    def _on_ended(self, id_: str, outcome: _Outcome, sentence: str) -> None:
        self._current = self._rendering = None
        if id_ in self._leaving:
            self._forget(id_)
        elif outcome != "stopped":
            self._change(id_, state=outcome, note=sentence, rate=0.0)
            self.job_ended.emit(self._jobs[id_])
        if id_ in self._jobs and outcome != "done":
            self._look_what_is_kept(self._jobs[id_])
        self._advance()


def _clear_away(exports: ExportList, job: ExportJob, *, parts: bool) -> None:
    """Remove the record of a job and, if they are of no use, the `parts` that wait beside its output."""
    import_torch()
    from remaster_gui.engine.job import WorkFolder

    exports.remove(job.id)
    if parts:
        WorkFolder(job.output, job.request().kind).give_up()
