"""What all controllers of a film have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, Signal

from remaster_gui.ui.controllers.controller import Controller
from remaster_gui.ui.film_session import FilmSession


class _Outliving(QObject):
    told = Signal()


class _Noting(Controller):
    def __init__(self, parent: QObject, session: FilmSession, outliving: _Outliving) -> None:
        super().__init__(parent, session.film, session.widgets)
        self.heard: list[bool] = []
        outliving.told.connect(self._on_told)

    def _on_told(self) -> None:
        self.heard.append(True)


def test_a_controller_goes_with_its_session_and_hears_nothing_after_that(
    qtbot: Any, session: FilmSession
) -> None:
    parent, outliving = QObject(), _Outliving()
    controller = _Noting(parent, session, outliving)
    heard = controller.heard
    outliving.told.emit()
    assert heard == [True] and controller.film is session.film
    assert controller.ask(lambda: None) is None
    assert controller.ask(lambda: Path("chosen.edl")) == Path("chosen.edl")

    def close_and_answer() -> Path:
        shiboken6.delete(parent)
        return Path("late.edl")

    assert controller.ask(close_and_answer) is None, "the film was closed while the dialog was open"
    outliving.told.emit()
    assert heard == [True]
