"""Scopes: measures of whatever the viewer shows, made beside the window, the newest picture only."""

from __future__ import annotations

from threading import Event

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QImage

from remaster_gui.base.language import tr
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.controllers.viewer_controller import ViewerController
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.qimage import to_array
from remaster_gui.ui.viewer.scope_data import ScopePictures, compute
from remaster_gui.workers.background_tasks import BackgroundTask, BackgroundTasks

_LEAST_MILLISECONDS = 60


class ScopesController(Controller):
    """Measures while the scopes are in sight. One picture at a time: while it is measured others only wait."""

    def __init__(
        self,
        session: QObject,
        film: OpenFilm,
        widgets: EditorWidgets,
        viewing: ViewerController,
        tasks: BackgroundTasks,
    ) -> None:
        super().__init__(session, film, widgets)
        self._tasks = tasks
        self._task: BackgroundTask | None = None
        self._waits = False
        self._resting = QTimer(self, singleShot=True, interval=_LEAST_MILLISECONDS)
        self._resting.timeout.connect(self._measure)
        viewing.shown_changed.connect(self._refresh)
        widgets.scopes.appeared.connect(self._refresh)

    def _refresh(self) -> None:
        """Measure soon, if anybody looks."""
        if self.widgets.scopes.isVisible():
            self._waits = True
            if self._task is None and not self._resting.isActive():
                self._resting.start()

    def _measure(self) -> None:
        shown = self.widgets.compare.shown
        if shown.isNull():
            return
        self._waits = False
        # Shares the pixels until the viewer changes its own, so nothing is copied here.
        picture = QImage(shown)

        def work(_cancelled: Event) -> ScopePictures:
            return compute(to_array(picture))

        self._task = self._tasks.start(work, doing=tr("measuring the picture"))
        self._task.finished.connect(self._on_finished)
        self._task.ended.connect(self._on_ended)

    def _on_finished(self, pictures: ScopePictures) -> None:
        self.widgets.scopes.set_pictures(pictures)

    def _on_ended(self) -> None:
        self._task = None
        if self._waits:
            self._resting.start()
