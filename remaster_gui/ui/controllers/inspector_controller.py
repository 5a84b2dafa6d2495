"""The inspector: facts about film, frame and reference, and the settings by which the film is remastered."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from remaster_gui.base.timebase import format_timecode
from remaster_gui.project import edits
from remaster_gui.project.schema import Project, ProjectSettings
from remaster_gui.ui import edit_names
from remaster_gui.ui.controllers.attention_controller import AttentionController
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.controllers.preview_controller import PreviewController
from remaster_gui.ui.controllers.references_controller import ReferencesController
from remaster_gui.ui.controllers.viewer_controller import ViewerController
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.panels.facts import InspectedFrame, InspectedShot

_SETTLE_MILLISECONDS = 40


class InspectorController(Controller):
    """Keeps the inspector up to date and carries out what is changed in it."""

    def __init__(
        self,
        session: QObject,
        film: OpenFilm,
        widgets: EditorWidgets,
        viewing: ViewerController,
        preview: PreviewController,
        references: ReferencesController,
        attention: AttentionController,
    ) -> None:
        super().__init__(session, film, widgets)
        self._preview, self._references, self._attention = preview, references, attention
        self._settling = QTimer(self, singleShot=True, interval=_SETTLE_MILLISECONDS)
        self._settling.timeout.connect(self._show)
        for signal in (
            viewing.shown_changed,
            attention.shares_changed,
            preview.results_changed,
            film.view.events.selected_reference,
            film.view.events.selected_references,
            film.view.events.playhead,
            film.view.events.by_shot,
        ):
            signal.connect(self._show_soon)
        panel, project = widgets.inspector, film.document.project
        panel.settings_requested.connect(self._on_settings_requested)
        panel.rename_requested.connect(references.rename)
        panel.enable_requested.connect(references.enable)
        panel.frame_requested.connect(film.view.go)
        panel.set_film(film.info, project.film.byte_count)
        panel.set_settings(project.settings)
        panel.set_read_only(bool(film.document.read_only_reason))
        film.document.read_only_changed.connect(self._on_read_only_changed)
        film.document.project_changed.connect(self._on_project_changed)
        self._show()

    def _show_soon(self) -> None:
        self._settling.start()

    def _on_read_only_changed(self, reason: str) -> None:
        self.widgets.inspector.set_read_only(bool(reason))

    def _on_project_changed(self, before: Project, after: Project) -> None:
        if before.settings != after.settings:
            self.widgets.inspector.set_settings(after.settings)
        self._settling.start()

    def _on_settings_requested(self, settings: ProjectSettings) -> None:
        document = self.film.document
        before = document.project.settings
        dragged = f"settings {sorted(edit_names.changed(before, settings))}"
        text = edit_names.of_film(before, settings)
        document.edit(edits.with_settings(document.project, settings), text, dragged)

    def _show(self) -> None:
        info, project, frame = self.film.info, self.film.document.project, self.film.view.playhead
        shots = project.shots if project.cuts is not None else ()
        number = next((n for n, shot in enumerate(shots, 1) if frame in shot), None)
        self.widgets.inspector.set_frame(
            InspectedFrame(
                frame,
                format_timecode(frame, info.rate, info.timecode),
                int(self._preview.states()[frame]),
                number,
                len(shots),
                None if number is None else shots[number - 1],
            )
        )
        self.widgets.inspector.set_shot(_shot_at(project, frame), self.film.view.by_shot)
        chosen = self._references.chosen
        share = None if chosen is None else self._attention.share(chosen.id, frame)
        self.widgets.inspector.set_reference(chosen, share, len(self._references.all_chosen))


def _shot_at(project: Project, frame: int) -> InspectedShot | None:
    """Return what the panel shows of the shot that a frame lies in; None while cuts are not known."""
    if project.cuts is None:
        return None
    shot = project.shot_at(frame)
    return InspectedShot(
        project.shot_number(frame) + 1,
        shot,
        project.film.rate,
        project.shot_record(shot.start),
        project.settings_of(shot.start),
        project.settings,
        tuple(r for r in project.references if r.frame is not None and r.frame in shot),
    )
