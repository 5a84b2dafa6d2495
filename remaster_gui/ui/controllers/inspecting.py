"""The inspector: facts about film, frame and reference, and the settings by which the film is remastered."""

from __future__ import annotations

from PySide6.QtCore import QTimer

from remaster_gui.base.timebase import format_timecode
from remaster_gui.project import edits
from remaster_gui.project.schema import Project, ProjectSettings
from remaster_gui.ui.controllers.attending import AttendingController
from remaster_gui.ui.controllers.film import Controller, OpenFilm
from remaster_gui.ui.controllers.previewing import PreviewingController
from remaster_gui.ui.controllers.references import ReferencesController
from remaster_gui.ui.controllers.viewing import ViewingController
from remaster_gui.ui.desk import Desk
from remaster_gui.ui.panels.facts import InspectedFrame

_SETTLE_MILLISECONDS = 40


class InspectingController(Controller):
    """Keeps the inspector up to date and carries out what is changed in it."""

    def __init__(
        self,
        desk: Desk,
        viewing: ViewingController,
        preview: PreviewingController,
        references: ReferencesController,
        attention: AttendingController,
    ) -> None:
        super().__init__(desk)
        self._preview, self._references, self._attention = preview, references, attention
        self._settling = QTimer(self, singleShot=True, interval=_SETTLE_MILLISECONDS)
        self._settling.timeout.connect(self._show)
        viewing.shown_changed.connect(self._settling.start)
        attention.shares_changed.connect(self._settling.start)
        preview.results_changed.connect(lambda _frames: self._settling.start())
        panel = desk.inspector
        panel.settings_requested.connect(self._on_settings_requested)
        panel.rename_requested.connect(references.rename)
        panel.enable_requested.connect(references.enable)
        panel.frame_requested.connect(
            lambda frame: self.film.view.go(frame) if self.film is not None else None
        )

    def begin(self, film: OpenFilm) -> None:
        """Show this film's facts."""
        super().begin(film)
        panel, project = self.desk.inspector, film.document.project
        panel.set_film(film.info, project.film.byte_count)
        panel.set_settings(project.settings)
        panel.set_read_only(bool(film.document.read_only_reason))
        film.document.path_changed.connect(lambda _path: panel.set_read_only(False))
        film.document.project_changed.connect(self._on_project_changed)
        film.view.selection_changed.connect(lambda _id: self._settling.start())
        film.view.playhead_changed.connect(lambda _frame: self._settling.start())
        self._show()

    def end(self) -> None:
        """Show none."""
        super().end()
        self._settling.stop()
        self.desk.inspector.set_film(None)
        self.desk.inspector.set_reference(None)

    def _on_project_changed(self, before: Project, after: Project) -> None:
        if before.settings != after.settings:
            self.desk.inspector.set_settings(after.settings)
        self._settling.start()

    def _on_settings_requested(self, settings: ProjectSettings) -> None:
        if self.film is not None:
            document = self.film.document
            document.edit(edits.with_settings(document.project, settings), "Change settings", "settings")

    def _show(self) -> None:
        if self.film is None:
            return
        info, project, frame = self.film.info, self.film.document.project, self.film.view.playhead
        shots = project.shots if project.cuts is not None else ()
        number = next((n for n, shot in enumerate(shots, 1) if frame in shot), None)
        states = self._preview.states()
        self.desk.inspector.set_frame(
            InspectedFrame(
                frame,
                format_timecode(frame, info.rate, info.timecode),
                int(states[frame]) if frame < len(states) else 0,
                number,
                len(shots),
                None if number is None else shots[number - 1],
            )
        )
        chosen = self._references.chosen
        share = None if chosen is None else self._attention.share(chosen.id, frame)
        self.desk.inspector.set_reference(chosen, share)
