"""Projects that cannot be opened as they are: their film is asked for, what is damaged is recovered beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from remaster_gui.media import open_film
from remaster_gui.project import edits
from remaster_gui.project.film_identity import identify
from remaster_gui.project.schema import Project
from remaster_gui.project.store import ProjectStore
from remaster_gui.ui.dialogs import file_dialogs
from remaster_gui.ui.main_window import MainWindow
from remaster_gui.ui.widgets.message_bar import Message

from .conftest import WAIT


@pytest.fixture
def project(film: Path, tmp_path: Path) -> Path:
    """A project beside its film."""
    own = tmp_path / "film.mkv"
    own.write_bytes(film.read_bytes())
    with open_film(own) as opened:
        made = edits.with_cuts(Project(identify(opened.info)), [9])
    ProjectStore.create(own.with_suffix(".remaster"), made).close()
    return own.with_suffix(".remaster")


def _offered(qtbot: Any, window: MainWindow, button: str) -> Message:
    bar = window.widgets.messages

    def is_there() -> bool:
        return (
            bar.current is not None and bar.current.button is not None and bar.current.button.text == button
        )

    qtbot.waitUntil(is_there, timeout=WAIT)
    assert bar.current is not None
    return bar.current


def test_the_film_of_a_project_is_asked_for_where_it_is_gone(
    qtbot: Any, window: MainWindow, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = project.with_suffix(".mkv").rename(tmp_path / "moved.mkv")
    window.open_path(project)
    message = _offered(qtbot, window, "Find film…")
    assert "film.remaster is not at" in message.text and window.session is None
    answers = [None, moved]
    monkeypatch.setattr(file_dialogs, "ask_film", lambda *_: answers.pop(0))
    assert message.button is not None
    message.button.press()
    again = _offered(qtbot, window, "Find film…")
    assert window.session is None and again.button is not None, (
        "nothing was chosen, and it can be chosen still"
    )
    again.button.press()
    qtbot.waitUntil(lambda: window.session is not None, timeout=WAIT)
    assert window.session is not None
    document = window.session.film.document
    assert (document.path, document.project.film.path) == (project, moved)
    assert document.project.cuts == (0, 9)


def test_a_damaged_project_is_recovered_beside_itself(qtbot: Any, window: MainWindow, project: Path) -> None:
    content = bytearray(project.read_bytes())
    content[100:116] = b"\xa5" * 16  # the head of the page that tells where all others are
    project.write_bytes(content)
    window.open_path(project)
    message = _offered(qtbot, window, "Recover")
    assert message.kind == "fault" and "film.remaster" in message.text and message.button is not None
    message.button.press()
    qtbot.waitUntil(lambda: window.session is not None, timeout=WAIT)
    assert window.session is not None
    assert window.session.film.document.path == project.with_name("film recovered.remaster")
    assert window.session.film.document.project.cuts == (0, 9)
    said = window.widgets.messages.current
    assert said is not None and "What could be read is in film recovered.remaster" in said.text
    assert project.read_bytes() == content, "what is damaged is left as it is"
