"""Exports: the dialog that sets one up, and the list of those that wait, run or are done."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from remaster_gui.base.notices import Notice, Reveal
from remaster_gui.document.user_settings import UserSettings
from remaster_gui.engine.export_list import UNFINISHED, ExportJob
from remaster_gui.engine.messages import Settings
from remaster_gui.media import PRESETS
from remaster_gui.ui.common.message_bar import Message
from remaster_gui.ui.common.notice_actions import reveal
from remaster_gui.ui.controllers.film import Controller, OpenFilm
from remaster_gui.ui.desk import Desk
from remaster_gui.ui.dialogs.export import ExportDialog
from remaster_gui.ui.dialogs.export_choice import ExportChoice, ExportFilm, usual_output
from remaster_gui.ui.panels.jobs import JobRow
from remaster_gui.workers.background import BackgroundTasks
from remaster_gui.workers.export import ExportController
from remaster_gui.workers.network import NetworkSlot, unknown_weights

_PRESET = "h264-8"


class ExportingController(Controller):
    """Serves the one queue of exports, whatever film is open, and goes on when none is."""

    def __init__(
        self, desk: Desk, network: NetworkSlot, tasks: BackgroundTasks, settings: UserSettings
    ) -> None:
        super().__init__(desk)
        self._network, self._tasks, self._settings = network, tasks, settings
        self._choice: ExportChoice | None = None
        self._rates: dict[int, float] = {}
        self._dialog: ExportDialog | None = None
        self.exports = ExportController(parent=self)
        self.exports.jobs_changed.connect(self._show)
        self.exports.job_ended.connect(self._on_job_ended)
        self.exports.noticed.connect(self._on_noticed)
        self.exports.failed.connect(self._say_fault)
        panel = desk.jobs
        panel.pause_requested.connect(self.exports.pause)
        panel.resume_requested.connect(self.exports.resume)
        panel.cancel_requested.connect(self.exports.cancel)
        panel.remove_requested.connect(self.exports.remove)
        panel.reveal_requested.connect(reveal)
        panel.export_requested.connect(desk.actions["export"].trigger)
        desk.actions.connect_to("export", self.ask)
        self._enable(False)

    def begin(self, film: OpenFilm) -> None:
        """Let this film be exported."""
        super().begin(film)
        self._choice = None
        self._enable(True)

    def end(self) -> None:
        """Go on with what is under way."""
        super().end()
        if self._dialog is not None:
            self._dialog.reject()
        self._enable(False)

    def close(self) -> None:
        """End all work; it can be resumed the next time."""
        self.exports.close()

    def ask(self) -> None:
        """Ask what is to be exported."""
        if self.film is None:
            return
        info, project = self.film.info, self.film.document.project
        film = ExportFilm(
            info.path, info.width, info.height, info.frame_count, info.rate, info.has_audio, info.timecode,
            project.in_point, project.out_point, info.numbers,
        )  # fmt: skip
        taken = frozenset(job.output for job in self.exports.jobs if job.state in UNFINISHED)
        choice = self._choice or ExportChoice(
            project.segment,
            self._place(info.path),
            _PRESET,
            project.settings.edge,
            project.settings.luminance,
        )
        self._dialog = ExportDialog(
            film, choice, tasks=self._tasks, rates=self._rates, taken=taken, parent=self.desk.window
        )
        self._dialog.export_requested.connect(self._add)
        self._dialog.finished.connect(self._dialog.deleteLater)
        self._dialog.finished.connect(self._forget_dialog)
        self._dialog.open()

    def _place(self, film: Path) -> Path:
        """Return where an export is proposed: beside the film, or where the last one went."""
        name = usual_output(film, PRESETS[_PRESET])
        folder = self._settings.folder("export")
        return name if folder == Path.home() else folder / name.name

    def _enable(self, enabled: bool) -> None:
        self.desk.actions["export"].setEnabled(enabled)
        self.desk.jobs.set_export_enabled(enabled)

    def _forget_dialog(self) -> None:
        self._dialog = None

    def _add(self, choice: ExportChoice) -> None:
        if self.film is None:
            return
        self._choice = choice
        document, info = self.film.document, self.film.info
        if choice.output.parent != info.path.parent:
            self._settings.set_folder("export", choice.output.parent)
        settings = document.project.settings
        if settings.weights is not None and not self._network.allows(settings.weights):
            self._say_fault(unknown_weights(settings.weights))
            return
        self.exports.add(
            ExportJob(
                info.path,
                choice.output,
                choice.preset,
                choice.span,
                document.project.shots if document.project.cuts is not None else None,
                document.engine_references(),
                Settings(choice.edge, choice.luminance, settings.restoration, settings.colorization),
                choice.sound,
                settings.weights,
            )
        )
        self.desk.panel_requested.emit("jobs")

    def _show(self) -> None:
        rows = [
            JobRow(
                job.id,
                job.output,
                PRESETS[job.preset].title if job.preset in PRESETS else job.preset,
                job.state,
                job.done,
                job.total,
                job.rate,
                job.seconds_left,
                job.note,
            )
            for job in self.exports.jobs
        ]
        self.desk.jobs.set_rows(rows)
        active = [job for job in self.exports.jobs if job.state in ("running", "waiting")]
        running = next((job for job in active if job.state == "running"), None)
        share = None if running is None or not running.total else running.done / running.total
        self.desk.status.set_jobs(len(active), share, None if running is None else running.seconds_left)
        if running is not None and running.rate > 0:
            self._rates[running.settings.edge] = running.rate

    def _on_job_ended(self, job: ExportJob) -> None:
        if job.state == "done":
            done = Notice("note", f"{job.output.name} is exported.", (Reveal(job.output),))
            self.desk.messages.show_notice(done, lasts=True)
        else:
            self._say_fault(f"{job.output.name} could not be exported: {job.note}")

    def _on_noticed(self, job: ExportJob, notice: Notice) -> None:
        named = replace(notice, text=f"{job.output.name}: {notice.text}")
        self.desk.messages.show_notice(named, lasts=True)

    def _say_fault(self, sentence: str) -> None:
        self.desk.messages.show_message(Message(sentence, "fault", lasts=True))
