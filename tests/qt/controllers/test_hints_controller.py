from __future__ import annotations

from pathlib import Path

from remaster_gui.document.user_settings import UserSettings
from remaster_gui.document.view_state import CompareMode
from remaster_gui.project import edits
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow


def test_each_step_is_said_until_it_has_been_done(window: MainWindow, session: FilmSession) -> None:
    document, hints = session.film.document, window.widgets.status
    assert hints.hint.startswith("P shows the film") and "; R marks" in hints.hint
    record = edits.new_reference(document.project, "painted", 0, "Frame 0", 80, 64, colored=False)
    document.edit(edits.with_reference(document.project, record), "Mark reference")
    assert "brush (B)" in hints.hint and "; S fills" in hints.hint
    document.edit(edits.repainted(document.project, record.id, 1, True), "Stroke")
    assert hints.hint == "P shows what your reference makes of the film"
    document.stack.undo()
    assert hints.hint == "", "what has been painted once is not explained again"
    document.stack.undo()
    assert hints.hint == ""


def test_keys_are_the_users_own_and_what_else_is_said_comes_first(
    window: MainWindow, session: FilmSession
) -> None:
    status = window.widgets.status
    window.actions_.set_keys({"preview": "Ctrl+9", "mark_reference": ""})
    session.changed.emit()
    assert status.hint.startswith("Ctrl+9 shows") and "“Mark frame as reference” marks" in status.hint
    status.set_note("Looking for cuts")
    assert status.hint == "" and status.note == "Looking for cuts"
    status.set_note("")
    assert status.hint.startswith("Ctrl+9")


def test_what_was_learned_with_one_film_is_known_with_the_next(
    window: MainWindow, session: FilmSession, tmp_path: Path
) -> None:
    document = session.film.document
    record = edits.new_reference(document.project, "painted", 0, "Frame 0", 80, 64, colored=False)
    document.edit(edits.with_reference(document.project, record), "Mark reference")
    session.film.view.compare = CompareMode.WIPE
    window.settings.sync()
    known = UserSettings(tmp_path / "settings.json")
    found = [known.flag(f"knows_to_{step}", False) for step in ("begin", "paint", "preview", "compare")]
    assert found == [True, False, False, True]


def test_without_a_film_there_is_no_hint(window: MainWindow, session: FilmSession) -> None:
    assert window.widgets.status.hint
    window.hints.look_at(None)
    assert window.widgets.status.hint == ""
