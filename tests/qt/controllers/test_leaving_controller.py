"""Quitting: at once where nothing is lost by it, and else only as the user says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from PySide6.QtWidgets import QMessageBox

from remaster_gui.base.notices import Progress
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.export_list import ExportJob
from remaster_gui.engine.session import CancelledError
from remaster_gui.project import edits
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow

from .conftest import WAIT


def _answer(window: MainWindow, text: str) -> str:
    """Press a button of the question that is asked; returns the question."""
    (box,) = (each for each in window.findChildren(QMessageBox) if each.isVisible())
    asked = box.text()
    next(button for button in box.buttons() if button.text() == text).click()
    return asked


def test_what_is_saved_is_closed_without_a_question(window: MainWindow, session: FilmSession) -> None:
    document = session.film.document
    document.edit(edits.with_cuts(document.project, [9]), "Add cut")
    assert window.leaving.may_leave()
    assert window.session is None and not window.findChildren(QMessageBox)


def test_work_that_cannot_be_saved_is_lost_only_as_the_user_says(
    qtbot: Any, project_files: Any, window: MainWindow, session: FilmSession
) -> None:
    document = session.film.document
    document.flush()
    project_files.limit(0)
    session.references.mark()
    qtbot.waitUntil(lambda: bool(document.project.references), timeout=WAIT)
    assert not window.leaving.may_leave()
    assert "is full" in _answer(window, "Go on working")
    assert window.session is session
    assert not window.leaving.may_leave()
    _answer(window, "Quit without saving")
    assert window.session is None
    assert window.leaving.may_leave()


def test_exports_under_way_are_asked_about(
    qtbot: Any, window: MainWindow, film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(_request: object, cancel: Event, _workforce: object) -> Iterator[Progress]:
        yield Progress(3, 12, 1.0)
        cancel.wait()
        raise CancelledError

    monkeypatch.setattr("remaster_gui.engine.render.render", slow)
    exports = window.exports.service
    id_ = exports.add(ExportJob(film, tmp_path / "out.mp4", "h264-8", FrameRange(0, 12)))
    qtbot.waitUntil(lambda: exports.jobs[0].done == 3, timeout=WAIT)
    assert not window.leaving.may_leave()
    assert _answer(window, "Go on working") == "out.mp4 is being exported: 3 of 12 frames are done."
    exports.pause(id_)
    exports.found_interrupted.emit(exports.jobs)
    message = window.widgets.messages.current
    assert message is not None and message.button is not None and message.button.text == "Go on"
    assert message.text == "The export to out.mp4 was interrupted; 3 of 12 frames are kept."
    window.widgets.messages.button.click()
    assert exports.jobs[0].state == "running"
    exports.cancel(id_)
    assert window.leaving.may_leave()
