"""The viewing LUT in the editor: chosen, switched, refused, kept with the view, and offered to exports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from remaster_gui.document.kept_view import pack_view
from remaster_gui.document.view_state import CompareMode
from remaster_gui.ui.dialogs import file_dialogs
from remaster_gui.ui.dialogs.export_dialog import ExportDialog
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow

from .conftest import WAIT

WHITE = "LUT_1D_SIZE 2\n1 1 1\n1 1 1\n"


@pytest.fixture
def lut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "white.cube"
    path.write_text(WHITE)
    monkeypatch.setattr(file_dialogs, "ask_lut", lambda *_: path)
    return path


def seen(session: FilmSession) -> str:
    canvas = session.widgets.canvas
    return canvas.grab().toImage().pixelColor(canvas.rect().center()).name()


def test_pictures_are_seen_through_it_and_scopes_say_that_they_measure_without(
    qtbot: Any, window: MainWindow, session: FilmSession, lut: Path
) -> None:
    window.show()
    action, view, scopes = window.actions_["lut"], session.film.view, session.widgets.scopes
    compare = session.widgets.compare
    before = compare.shown.pixelColor(40, 32).name()
    assert seen(session) != "#ffffff" and not action.isEnabled()
    session.look.ask_lut()
    qtbot.waitUntil(lambda: seen(session) == "#ffffff", timeout=WAIT)
    assert (view.lut, view.is_lut_on) == (lut, True) and action.isChecked()
    assert scopes.note.text() == "Measured without the viewing LUT" and not scopes.note.isHidden()
    assert compare.shown.pixelColor(40, 32).name() == before
    view.go(30)
    qtbot.waitUntil(lambda: session.viewer.shown_frame == 30, timeout=WAIT)
    qtbot.waitUntil(lambda: seen(session) == "#ffffff", timeout=WAIT)
    action.trigger()
    assert seen(session) not in ("#ffffff",) and scopes.note.isHidden() and not action.isChecked()
    action.trigger()
    qtbot.waitUntil(lambda: seen(session) == "#ffffff", timeout=WAIT)


def test_the_second_viewer_shows_it_too(
    qtbot: Any, window: MainWindow, session: FilmSession, lut: Path
) -> None:
    window.show()
    second = session.widgets.second
    second.toggle()
    session.look.ask_lut()
    qtbot.waitUntil(
        lambda: second.canvas.grab().toImage().pixelColor(second.canvas.rect().center()).name() == "#ffffff",
        timeout=WAIT,
    )


def test_what_is_no_lut_is_said_and_changes_nothing(qtbot: Any, session: FilmSession, lut: Path) -> None:
    lut.write_text("no table")
    bar = session.widgets.messages
    session.look.ask_lut()
    qtbot.waitUntil(
        lambda: bar.current is not None and "is no LUT that can be used" in bar.current.text, timeout=WAIT
    )
    assert session.film.view.lut is None and session.widgets.look.name == ""


def test_it_comes_back_with_the_project(
    qtbot: Any, window: MainWindow, session: FilmSession, lut: Path
) -> None:
    window.show()
    session.look.ask_lut()
    qtbot.waitUntil(lambda: session.widgets.look.name == "white.cube", timeout=WAIT)
    session.film.view.compare = CompareMode.SOURCE
    project = session.film.document.path
    assert b"white.cube" in pack_view(session.film.view)
    window.opening.close()
    assert window.widgets.look.name == "", "nothing stays of a film that is closed"
    window.open_path(project)
    qtbot.waitUntil(lambda: window.widgets.look.name == "white.cube", timeout=WAIT)
    assert window.session is not None
    again = window.session
    assert again.film.view.is_lut_on
    window.opening.close()
    lut.unlink()
    window.open_path(project)
    bar = window.widgets.messages
    qtbot.waitUntil(lambda: bar.current is not None and "white.cube" in bar.current.text, timeout=WAIT)
    assert window.session is not None and window.session.film.view.lut is None


def test_an_export_bakes_it_only_where_that_is_asked_for(
    qtbot: Any, window: MainWindow, session: FilmSession, lut: Path
) -> None:
    session.export.ask_what()
    (dialog,) = window.findChildren(ExportDialog)
    assert not dialog.lut.isEnabled()
    dialog.reject()
    qtbot.waitUntil(lambda: not window.findChildren(ExportDialog), timeout=WAIT)
    session.look.ask_lut()
    qtbot.waitUntil(lambda: session.film.view.lut == lut, timeout=WAIT)
    session.export.ask_what()
    (dialog,) = window.findChildren(ExportDialog)
    assert dialog.lut.isEnabled() and dialog.lut.text() == "Bake in white.cube"
    assert dialog.choice().lut is None, "not by itself"
    dialog.lut.setChecked(True)
    assert dialog.choice().lut == lut
    dialog.reject()
