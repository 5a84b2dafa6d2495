"""Markers: put on frames, named, and taken away again; each is shown on the ruler and in a list."""

from __future__ import annotations

from PySide6.QtCore import QObject

from remaster_gui.base.language import tr
from remaster_gui.project import edits
from remaster_gui.project.schema import MOST_MARKERS, FrameMarker, Project
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.widgets.message_bar import Message

_PANEL = "markers"


class MarkersController(Controller):
    """Carries out what is wished of the marker at the playhead, and shows all of them."""

    def __init__(self, session: QObject, film: OpenFilm, widgets: EditorWidgets) -> None:
        super().__init__(session, film, widgets)
        panel = widgets.markers
        panel.set_film(film.info.rate, film.info.timecode)
        panel.set_read_only(bool(film.document.read_only_reason))
        panel.frame_requested.connect(film.view.go)
        panel.marker_edited.connect(self._on_edited)
        widgets.timeline.marker_opened.connect(self._open)
        film.view.events.playhead.connect(self._show_here)
        film.document.project_changed.connect(self._on_project_changed)
        film.document.read_only_changed.connect(self._on_read_only_changed)
        self._show_all()

    @property
    def here(self) -> FrameMarker | None:
        """The marker at the playhead."""
        return self._project.marker(self.film.view.playhead)

    @property
    def has_any(self) -> bool:
        """Whether there are markers."""
        return bool(self._project.markers)

    def mark(self) -> None:
        """Put a marker on the frame at the playhead, or let the one that is there be named."""
        frame = self.film.view.playhead
        if self.here is not None:
            self._open(frame)
        elif len(self._project.markers) >= MOST_MARKERS:
            text = tr(
                "There are {most_markers} markers, and no more fit into a project; delete some first.",
                most_markers=MOST_MARKERS,
            )
            self.widgets.messages.show_message(Message(text, "warning"))
        else:
            after = edits.with_markers(self._project, [FrameMarker(frame)])
            self.film.document.edit(after, tr("Mark frame {frame}", frame=frame))

    def delete(self) -> None:
        """Take the marker at the playhead away."""
        frame = self.film.view.playhead
        after = edits.without_marker(self._project, frame)
        self.film.document.edit(after, tr("Delete the marker at frame {frame}", frame=frame))

    def show_list(self) -> None:
        """Bring the list to the front."""
        self.widgets.panel_requested.emit(_PANEL)

    @property
    def _project(self) -> Project:
        return self.film.document.project

    def _open(self, frame: int) -> None:
        """Let the marker of a frame be named."""
        self.film.view.go(frame)
        self.show_list()
        self.widgets.markers.begin_naming()

    def _on_edited(self, what: str, marker: FrameMarker) -> None:
        if self._project.marker(marker.frame) is None:
            return
        marker = FrameMarker(
            marker.frame, edits.clean_name(marker.name), marker.color, edits.clean_notes(marker.note)
        )
        text = tr("{what} of the marker at frame {frame}", what=what, frame=marker.frame)
        self.film.document.edit(
            edits.with_markers(self._project, [marker]), text, text, waits=what == tr("Note")
        )

    def _on_project_changed(self, before: Project, after: Project) -> None:
        if before.markers != after.markers:
            self._show_all()

    def _on_read_only_changed(self, reason: str) -> None:
        self.widgets.markers.set_read_only(bool(reason))

    def _show_all(self) -> None:
        self.widgets.markers.set_markers(self._project.markers, self.film.view.playhead)

    def _show_here(self, frame: int) -> None:
        self.widgets.markers.set_current(frame)
