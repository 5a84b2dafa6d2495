"""Exports: the dialog that sets one up, and the list of those that wait, run or are done."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject

from remaster_gui.base.choices import Grain, Luminance
from remaster_gui.base.counting import counted
from remaster_gui.base.language import tr
from remaster_gui.base.notices import Notice, Reveal
from remaster_gui.document.user_settings import UserSettings
from remaster_gui.engine.export_list import UNFINISHED, ExportJob
from remaster_gui.engine.messages import Settings
from remaster_gui.media import PRESETS
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.desktop import Desktop
from remaster_gui.ui.dialogs.export_choice import ExportChoice, usual_output
from remaster_gui.ui.dialogs.export_dialog import ExportDialog
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.widgets.message_bar import Button, Message
from remaster_gui.ui.widgets.notice_actions import reveal
from remaster_gui.workers.background_tasks import BackgroundTasks
from remaster_gui.workers.export_service import ExportService
from remaster_gui.workers.network_slot import NetworkSlot, unknown_weights

_PRESET = "h264-8"


class ExportController(QObject):
    """Serves the one queue of exports, whatever film is open, and goes on when none is."""

    def __init__(self, widgets: EditorWidgets, network: NetworkSlot) -> None:
        super().__init__(widgets)
        self.widgets = widgets
        self._desktop = Desktop(widgets.window)
        self.rates: dict[int, float] = {}
        """Frames per second that were reached, by the edge at which colours were computed."""
        self.service = ExportService(parent=self, turns=network.turns)
        self.service.jobs_changed.connect(self._show)
        self.service.job_ended.connect(self._on_job_ended)
        self.service.found_interrupted.connect(self._on_found_interrupted)
        self.service.noticed.connect(self._on_noticed)
        self.service.failed.connect(self.say_fault)
        panel = widgets.jobs
        panel.pause_requested.connect(self.service.pause)
        panel.resume_requested.connect(self.service.resume)
        panel.cancel_requested.connect(self.service.cancel)
        panel.remove_requested.connect(self.service.remove)
        panel.reveal_requested.connect(reveal)

    def close(self) -> None:
        """End all work; it can be resumed the next time."""
        self._desktop.show_progress(None)
        self.service.close()

    def add(self, job: ExportJob) -> None:
        """Let a film be exported, after those that wait."""
        self.service.add(job)
        self.widgets.panel_requested.emit("jobs")

    def say_fault(self, sentence: str) -> None:
        """Tell what went wrong; it is no less true when the film is closed."""
        self.widgets.messages.show_message(Message(sentence, "fault", lasts=True))

    def _show(self) -> None:
        self.widgets.jobs.set_jobs(self.service.jobs)
        active = [job for job in self.service.jobs if job.state in ("running", "waiting")]
        running = next((job for job in active if job.state == "running"), None)
        share = None if running is None or not running.total else running.done / running.total
        self.widgets.status.set_jobs(len(active), share, None if running is None else running.seconds_left)
        self._desktop.show_progress(share)
        if running is not None and running.rate > 0:
            self.rates[running.settings.edge] = running.rate

    def _on_job_ended(self, job: ExportJob) -> None:
        if job.state == "done":
            done = Notice("note", tr("{output} is exported.", output=job.output.name), (Reveal(job.output),))
            self.widgets.messages.show_notice(done, lasts=True)
            self._desktop.tell(tr("Export finished"), done.text)
        else:
            sentence = tr("{output} could not be exported: {note}", output=job.output.name, note=job.note)
            self.say_fault(sentence)
            self._desktop.tell(tr("Export failed"), sentence)

    def _on_found_interrupted(self, jobs: tuple[ExportJob, ...]) -> None:
        """Offer to go on where the last time ended; the list of exports may lie behind another panel."""
        text = (
            tr(
                "The export to {output} was interrupted; {done} of {frames} are kept.",
                output=jobs[0].output.name,
                done=jobs[0].done,
                frames=counted(jobs[0].total, "frame"),
            )
            if len(jobs) == 1
            else tr(
                "{exports} exports were interrupted; what was finished of them is kept.", exports=len(jobs)
            )
        )

        def go_on() -> None:
            for job in jobs:
                self.service.resume(job.id)
            self.widgets.panel_requested.emit("jobs")

        button = Button(tr("Go on"), go_on)
        self.widgets.messages.show_message(Message(text, "warning", button=button, lasts=True))

    def _on_noticed(self, job: ExportJob, notice: Notice) -> None:
        named = replace(notice, text=f"{job.output.name}: {notice.text}")
        self.widgets.messages.show_notice(named, lasts=True)


class FilmExportController(Controller):
    """Lets the film that is open be exported."""

    def __init__(
        self,
        session: QObject,
        film: OpenFilm,
        widgets: EditorWidgets,
        exports: ExportController,
        network: NetworkSlot,
        tasks: BackgroundTasks,
        settings: UserSettings,
    ) -> None:
        super().__init__(session, film, widgets)
        self._exports, self._network = exports, network
        self._tasks, self._settings = tasks, settings
        self._choice: ExportChoice | None = None
        self._inspected_then = self._inspected
        """What the inspector had at the last export."""
        widgets.jobs.set_export_enabled(True)

    def ask_what(self) -> None:
        """Ask what is to be exported."""
        info, project = self.film.info, self.film.document.project
        taken = frozenset(job.output for job in self._exports.service.jobs if job.state in UNFINISHED)
        choice = self._choice or ExportChoice(project.segment, self._place(info.path), _PRESET)
        if self._choice is None or self._inspected != self._inspected_then:
            # What the inspector has been told since then is newer than what was chosen here.
            edge, luminance, grain = self._inspected
            choice = replace(choice, edge=edge, luminance=luminance, grain=grain)
        dialog = ExportDialog(
            info,
            choice,
            segment=project.segment if project.has_segment else None,
            tasks=self._tasks,
            rates=self._exports.rates,
            taken=taken,
            lut=self.film.view.lut,
            has_names=bool(project.named),
            own=self._settings.presets,
            farm=self._settings.farm,
            signing=self._settings.signing,
            parent=self.widgets.window,
        )
        dialog.export_requested.connect(self.add)
        # What the dialog shows, not the last of those in one go, is where the next one begins.
        dialog.accepted.connect(lambda: self._remember(dialog.choice()))
        dialog.finished.connect(dialog.deleteLater)
        self.destroyed.connect(dialog.reject)
        dialog.open()

    def _remember(self, choice: ExportChoice) -> None:
        """Let the next export begin with this choice."""
        self._choice, self._inspected_then = choice, self._inspected

    @property
    def _inspected(self) -> tuple[int, Luminance, Grain]:
        """What the inspector has of all that can be chosen for an export, too."""
        settings = self.film.document.project.settings
        return settings.edge, settings.luminance, settings.grain

    def _place(self, film: Path) -> Path:
        """Return where an export is proposed: beside the film, or where the last one went."""
        return self._settings.folder("export", film) / usual_output(film, PRESETS[_PRESET]).name

    def add(self, choice: ExportChoice) -> None:
        """Export the film as it is now."""
        self._remember(choice)
        document, info = self.film.document, self.film.info
        if choice.output.parent != info.path.parent:
            self._settings.set_folder("export", choice.output.parent)
        settings = document.project.settings
        if settings.weights is not None and not self._network.allows(settings.weights):
            self._exports.say_fault(unknown_weights(settings.weights))
            return
        self._exports.add(
            ExportJob(
                info.path,
                choice.output,
                choice.preset,
                choice.span,
                document.project.shots if document.project.cuts is not None else None,
                document.engine_references(),
                replace(
                    Settings.of(settings), edge=choice.edge, luminance=choice.luminance, grain=choice.grain
                ),
                choice.sound,
                choice.layers,
                settings.weights,
                film_rate=info.rate if info.is_sequence else None,
                own=document.project.own_settings,
                marks=document.project.marks,
                deinterlace=info.deinterlaced,
                lut=choice.lut,
                height=choice.height,
                farm=choice.farm,
                keeps_parts=choice.keeps_parts,
                delivery=choice.delivery,
                archives=choice.archives,
                signing=choice.signing,
                recolorings=document.project.recolorings,
                mattes=choice.mattes,
            )
        )
