"""Exports of the film that is open: nothing begins with weights that nobody has allowed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from remaster_gui.base.timebase import FrameRange
from remaster_gui.project import edits
from remaster_gui.ui.dialogs.export_choice import ExportChoice
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow


def test_weights_that_came_with_a_project_are_not_used_unasked(
    window: MainWindow, session: FilmSession, tmp_path: Path
) -> None:
    document = session.film.document
    theirs = replace(document.project.settings, weights=tmp_path / "their.safetensors")
    document.edit(edits.with_settings(document.project, theirs), "Change settings")
    session.export.add(ExportChoice(FrameRange(0, 2), tmp_path / "out.mov", "prores-hq"))
    message = window.widgets.messages.current
    assert message is not None and message.kind == "fault" and "their.safetensors" in message.text
    assert window.exports.service.jobs == ()
