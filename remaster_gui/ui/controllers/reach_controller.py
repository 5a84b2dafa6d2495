"""How far each reference reaches, on its card: counted from what previews tell of the frames that they make."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QObject, QTimer

from remaster_gui.engine.frame_store import CURRENT
from remaster_gui.engine.messages import record_of
from remaster_gui.engine.reach import ReachCount
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.controllers.preview_controller import PreviewController
from remaster_gui.ui.editor_widgets import EditorWidgets

_TOGETHER_MILLISECONDS = 150
"""How long frames that come are gathered before cards are drawn again."""


class ReachController(Controller):
    """Follows the preview: each frame is counted when it comes, all anew when other frames are up to date."""

    def __init__(
        self, session: QObject, film: OpenFilm, widgets: EditorWidgets, preview: PreviewController
    ) -> None:
        """Wait for frames."""
        super().__init__(session, film, widgets)
        self._preview = preview
        self._count = ReachCount(preview.guidance.shots)
        self._is_outdated = True
        self._showing = QTimer(self, singleShot=True, interval=_TOGETHER_MILLISECONDS)
        self._showing.timeout.connect(self._show)
        preview.results_changed.connect(self._on_results_changed)

    def _on_results_changed(self, frames: tuple[int, ...] | None) -> None:
        if frames is None:
            self._is_outdated = True
        elif not self._is_outdated:
            self._note(frames)
        # Not begun anew by every frame: they may come faster than that.
        if not self._showing.isActive():
            self._showing.start()

    def _show(self) -> None:
        if self._is_outdated:
            self._is_outdated = False
            self._count = ReachCount(self._preview.guidance.shots)
            self._note(np.flatnonzero(self._preview.states() == CURRENT).tolist())
        self.widgets.bin.set_reaches(self._count.reaches())

    def _note(self, frames: Iterable[int]) -> None:
        for frame in frames:
            shares = self._preview.drawn(frame)
            if shares is not None:
                self._count.note(frame, {record_of(digest): share for digest, share in shares.items()})
