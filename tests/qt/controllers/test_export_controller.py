"""Exports of the film that is open: nothing begins with weights that nobody has allowed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.export_list import ExportJob
from remaster_gui.project import edits
from remaster_gui.ui.dialogs.export_choice import ExportChoice
from remaster_gui.ui.dialogs.export_dialog import ExportDialog
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


def test_what_the_inspector_is_told_counts_for_the_next_export(
    window: MainWindow, session: FilmSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = session.film.document
    jobs: list[ExportJob] = []
    monkeypatch.setattr(window.exports, "add", jobs.append)

    def offered() -> ExportChoice:
        session.export.ask_what()
        dialog = window.findChildren(ExportDialog)[-1]
        choice = dialog.choice()
        dialog.reject()
        return choice

    assert offered().grain == "keep"
    wanted = replace(document.project.settings, grain="measured", edge=480)
    document.edit(edits.with_settings(document.project, wanted), "Change settings")
    first = offered()
    assert (first.grain, first.edge) == ("measured", 480)
    session.export.add(replace(first, grain="out"))
    assert jobs[-1].settings.grain == "out"
    assert offered().grain == "out", "it was chosen for exports"
    document.edit(edits.with_settings(document.project, replace(wanted, edge=320)), "Change settings")
    assert (offered().grain, offered().edge) == ("measured", 320)


def test_the_next_export_begins_with_what_was_chosen_and_not_with_what_went_along(
    window: MainWindow, session: FilmSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs: list[ExportJob] = []
    monkeypatch.setattr(window.exports, "add", jobs.append)

    def ask() -> ExportDialog:
        session.export.ask_what()
        return window.findChildren(ExportDialog)[-1]

    dialog = ask()
    chosen = replace(dialog.choice(), preset="h264-8:23")
    for choice in (chosen, replace(chosen, preset="ffv1-16", output=chosen.output.with_suffix(".mkv"))):
        dialog.export_requested.emit(choice)
    dialog.accept()
    assert [job.preset for job in jobs] == ["h264-8:23", "ffv1-16"]
    following = ask()
    assert following.choice().kind.key.startswith("h264-8") and following.choice().output == chosen.output
    following.reject()
