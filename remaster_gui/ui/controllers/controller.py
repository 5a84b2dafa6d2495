"""The open film as controllers share it, and what all controllers of a film have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, Signal

from remaster_gui.document.document import Document
from remaster_gui.document.view_state import ViewState
from remaster_gui.media.film import FilmInfo
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.workers.background_tasks import BackgroundTask
from remaster_gui.workers.decode_service import DecodeService


@dataclass(frozen=True, slots=True)
class OpenFilm:
    """A film that is open, from the moment its facts are known until it is closed."""

    info: FilmInfo
    document: Document
    decoder: DecodeService
    view: ViewState


class Controller(QObject):
    """Base of all that works on one film: made when it opens, deleted with its session when it closes.

    What outlives the film is connected to methods of controllers, never to lambdas: Qt ends a connection with the
    object whose method it calls.
    """

    changed = Signal()
    """What can be done is other than before, or what is switched on."""

    def __init__(self, session: QObject, film: OpenFilm, widgets: EditorWidgets) -> None:
        super().__init__(session)
        self.film, self.widgets = film, widgets

    def when_done(self, task: BackgroundTask, then: Callable[[Any], object]) -> None:
        """Call `then` with what a task returns that may outlive the film; never once the film is closed."""
        hearer = _Hearer(self, then)
        task.finished.connect(hearer.hear)
        task.ended.connect(hearer.deleteLater)

    def ask(self, question: Callable[[], Path | None]) -> Path | None:
        """Return what the user answers in a dialog; None, too, where the film was closed under it."""
        answer = question()
        return answer if shiboken6.isValid(self) else None


class _Hearer(QObject):
    """Part of a controller that hears one signal, and goes with the controller."""

    def __init__(self, owner: Controller, then: Callable[[Any], object]) -> None:
        super().__init__(owner)
        self._then = then

    def hear(self, value: object) -> None:
        """Pass on what came."""
        self._then(value)
