"""Cut lists in the editor: taken over as one step, written with notes, and faults said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from remaster_gui.project import edits
from remaster_gui.ui.dialogs import file_dialogs
from remaster_gui.ui.dialogs.cut_list_dialog import CutListDialog
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow

from .conftest import WAIT


def test_a_list_is_taken_over_as_one_step(
    qtbot: Any, window: MainWindow, session: FilmSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, document = tmp_path / "a.csv", session.film.document
    path.write_text("first_frame,last_frame,note\n0,19,\n20,47,too red\n")
    monkeypatch.setattr(file_dialogs, "ask_cut_list", lambda *_: path)
    session.cut_lists.ask_list()
    qtbot.waitUntil(lambda: bool(window.findChildren(CutListDialog)), timeout=WAIT)
    (dialog,) = window.findChildren(CutListDialog)
    dialog.frame_chosen.emit(20)
    assert session.film.view.playhead == 20
    dialog.accept_button.click()
    assert document.project.cuts == (0, 20) and document.project.shot_record(20).notes == "too red"
    assert document.stack.undoText() == "Import cut list"
    document.stack.undo()
    assert document.project.cuts == (0, 24) and not document.project.shot_records


def test_shots_are_written_with_their_notes(
    qtbot: Any, session: FilmSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, document, bar = tmp_path / "a.csv", session.film.document, session.widgets.messages
    document.edit(edits.with_shot_notes(document.project, 24, "green coat"), "Notes")
    session.widgets.certainty.set_guessed({30: 0.8, 31: 0.6})
    monkeypatch.setattr(file_dialogs, "ask_cut_list_name", lambda _parent, usual: path)
    session.cut_lists.ask_where()
    qtbot.waitUntil(
        lambda: bar.current is not None and bar.current.text == f"The shots are in {path}.", timeout=WAIT
    )
    assert path.read_text().splitlines()[2] == (
        "2,24,47,24,00:00:01:00,,green coat,24 to 47: 70 % of the colour is guessed"
    )


def test_what_cannot_be_read_or_written_is_said(
    qtbot: Any, session: FilmSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bar = session.widgets.messages
    for name in ("ask_cut_list", "ask_cut_list_name"):
        monkeypatch.setattr(file_dialogs, name, lambda *_: None)
    session.cut_lists.ask_list()
    session.cut_lists.ask_where()
    (tmp_path / "a.otio").write_text("{")
    monkeypatch.setattr(file_dialogs, "ask_cut_list", lambda *_: tmp_path / "a.otio")
    session.cut_lists.ask_list()
    qtbot.waitUntil(lambda: bar.current is not None and bar.current.text.startswith("a.otio: "), timeout=WAIT)
    assert bar.current is not None and bar.current.kind == "fault"
    monkeypatch.setattr(file_dialogs, "ask_cut_list_name", lambda *_: tmp_path / "gone" / "a.edl")
    session.cut_lists.ask_where()
    qtbot.waitUntil(lambda: bar.current is not None and "gone" in bar.current.text, timeout=WAIT)
    assert bar.current is not None and bar.current.kind == "fault"
