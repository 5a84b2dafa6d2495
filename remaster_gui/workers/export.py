"""The queue of exports: one at a time on its own thread, paused, stopped and taken up again, also after a crash."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Condition, Event
from typing import Literal

from PySide6.QtCore import QObject, QThread, Signal

from remaster_gui.engine.export_list import UNFINISHED, ExportJob, ExportList, JobState, exports_folder
from remaster_gui.workers.background import BackgroundTasks, sentence_for, stand_back
from remaster_gui.workers.torch_import import import_torch

log = logging.getLogger(__name__)

_Outcome = Literal["done", "stopped", "failed"]


class _ExportThread(QThread):
    """Renders one job after another; shares nothing but the fields under `_changed`."""

    advanced = Signal(str, int, int, float, str)
    ended = Signal(str, str, str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._changed = Condition()
        self._wanted: ExportJob | None = None
        self._cancel = Event()
        self._held = self._stopping = False

    @property
    def is_cancelled(self) -> bool:
        """Whether the job at hand is on its way out."""
        return self._cancel.is_set()

    def begin(self, job: ExportJob) -> None:
        """Render this; the one before must have ended."""
        with self._changed:
            self._wanted, self._cancel, self._held = job, Event(), False
            self._changed.notify()

    def hold(self, held: bool) -> None:
        """Stand still after the window at hand with all that is in memory, or go on."""
        with self._changed:
            self._held = held
            self._changed.notify()

    def cancel(self) -> None:
        """End the job within the time of one window; finished parts stay on disk."""
        with self._changed:
            self._cancel.set()
            self._changed.notify()

    def stop(self) -> None:
        """End job and thread."""
        with self._changed:
            self._stopping = True
        self.cancel()

    def run(self) -> None:
        stand_back()
        while (job := self._next()) is not None:
            outcome, sentence = self._render(job)
            self.ended.emit(job.id, outcome, sentence)

    def _next(self) -> ExportJob | None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or self._wanted is not None)
            job, self._wanted = self._wanted, None
            return None if self._stopping else job

    def _render(self, job: ExportJob) -> tuple[_Outcome, str]:
        import_torch()
        from remaster_gui.engine.device import leave_a_core
        from remaster_gui.engine.render import RenderRequest, render
        from remaster_gui.engine.session import CancelledError

        leave_a_core()
        request = RenderRequest(
            film=job.film,
            output=job.output,
            references=job.references or None,
            span=f"{job.span.start}:{job.span.stop}",
            weights=job.weights,
            preset=job.preset,
            settings=job.settings,
            device=job.device,
            shots=job.shots,
            sound=job.sound,
        )
        try:
            for step in render(request, self._cancel):
                self.advanced.emit(job.id, step.done, step.total, step.rate, step.note)
                with self._changed:
                    self._changed.wait_for(lambda: not self._held or self._cancel.is_set())
        except CancelledError:
            return "stopped", ""
        except Exception as error:
            return "failed", sentence_for(error, "exporting")
        return "done", ""


class ExportController(QObject):
    """Exports of all films. Lives on the GUI thread.

    Reference pictures are copied when a job is added, so painting goes on without changing it. Export and preview run
    side by side, each on its own thread and with its own network in memory. A paused job stands still where it is;
    when another one waits, it makes room and goes on later from its last finished part, to the same bytes.
    """

    jobs_changed = Signal()
    """`jobs` has changed."""
    job_ended = Signal(object)
    """ExportJob that is done or has failed; `note` says why."""
    failed = Signal(str)
    """One sentence for the user: the list of exports cannot be written."""

    def __init__(self, folder: Path | None = None, parent: QObject | None = None) -> None:
        """Take up the exports that `folder` remembers (default: the user's); they wait to be resumed."""
        super().__init__(parent)
        self._list = ExportList(folder or exports_folder())
        self._jobs: dict[str, ExportJob] = {}
        self._copied: set[str] = set()
        self._current: str | None = None
        self._leaving: set[str] = set()
        self._closed = False
        self._disk = BackgroundTasks(self, threads=1)
        self._thread = _ExportThread(self)
        self._thread.advanced.connect(self._on_advanced)
        self._thread.ended.connect(self._on_ended)
        self._thread.start(QThread.Priority.LowPriority)
        loading = self._disk.start(lambda cancelled: self._list.load(), doing="reading the list of exports")
        loading.finished.connect(self._on_loaded)
        loading.failed.connect(self.failed)

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
            if id_ == self._current:
                self._thread.hold(True)
            self._advance()

    def resume(self, id_: str) -> None:
        """Let a job that is paused, interrupted, cancelled or failed go on where it was."""
        if self._state(id_) not in ("paused", "interrupted", "cancelled", "failed"):
            return
        if id_ == self._current and not self._thread.is_cancelled:
            self._change(id_, state="running", note="")
            self._thread.hold(False)
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
                self._thread.cancel()
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
        self._closed = True
        self._thread.stop()
        self._thread.wait()
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
        copying = self._disk.start(lambda cancelled: self._list.add(job), doing="copying references")
        copying.finished.connect(self._on_copied)
        copying.failed.connect(partial(self._on_copying_failed, id_))

    def _change(self, id_: str, *, save: bool = True, **changes: object) -> None:
        job = self._jobs[id_] = replace(self._jobs[id_], **changes)  # type: ignore[arg-type]
        if save and id_ in self._copied:
            saving = self._disk.start(lambda cancelled: self._list.save(job), doing="writing down an export")
            saving.failed.connect(self.failed)
        self.jobs_changed.emit()

    def _advance(self) -> None:
        """Begin the next job that waits, if the thread is free; one that is held makes room."""
        waiting = next(
            (j for j in self._jobs.values() if j.state == "waiting" and j.id in self._copied), None
        )
        if waiting is None or self._closed:
            return
        if self._current is None:
            self._current = waiting.id
            self._change(waiting.id, state="running")
            self._thread.begin(self._jobs[waiting.id])
        elif self._jobs[self._current].state == "paused":
            self._thread.cancel()

    def _forget(self, id_: str) -> None:
        job = self._jobs.pop(id_)
        self._leaving.discard(id_)
        self._copied.discard(id_)
        is_shared = any(other.output == job.output for other in self._jobs.values())
        clear = partial(_clear_away, self._list, job, parts=job.state != "done" and not is_shared)
        self._disk.start(lambda cancelled: clear(), doing="removing an export")
        self.jobs_changed.emit()

    def _on_loaded(self, jobs: list[ExportJob]) -> None:
        if self._closed:
            return
        self._copied.update(job.id for job in jobs)
        self._jobs = {job.id: job for job in jobs} | self._jobs
        self.jobs_changed.emit()

    def _on_copied(self, copied: ExportJob) -> None:
        if self._closed:
            return
        if copied.id not in self._jobs:
            # It was removed meanwhile.
            self._disk.start(lambda cancelled: self._list.remove(copied.id), doing="removing an export")
            return
        self._copied.add(copied.id)
        self._change(copied.id, references=copied.references)
        self._advance()

    def _on_copying_failed(self, id_: str, sentence: str) -> None:
        if not self._closed and id_ in self._jobs:
            self._change(id_, state="failed", note=sentence)
            self.job_ended.emit(self._jobs[id_])

    def _on_advanced(self, id_: str, done: int, total: int, rate: float, note: str) -> None:
        job = self._jobs.get(id_)
        if not self._closed and job is not None and id_ not in self._leaving and job.state == "running":
            self._change(id_, save=False, done=done, total=total, rate=rate, note=note)

    def _on_ended(self, id_: str, outcome: _Outcome, sentence: str) -> None:
        if self._closed:
            return
        self._current = None
        if id_ in self._leaving:
            self._forget(id_)
        elif outcome != "stopped":
            self._change(id_, state=outcome, note=sentence, rate=0.0)
            self.job_ended.emit(self._jobs[id_])
        self._advance()


def _clear_away(exports: ExportList, job: ExportJob, *, parts: bool) -> None:
    """Remove the record of a job and, if they are of no use, the `parts` that wait beside its output."""
    from remaster_gui.engine.job import WorkFolder
    from remaster_gui.media import preset_for

    exports.remove(job.id)
    if parts:
        WorkFolder(job.output, preset_for(job.output, job.preset)).remove()
