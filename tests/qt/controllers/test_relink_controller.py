"""The film of an open project elsewhere: taken only if it is the same one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from remaster_gui.ui.dialogs import file_dialogs
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow

from .conftest import WAIT


def test_another_film_is_refused_and_the_same_one_elsewhere_taken(
    qtbot: Any,
    window: MainWindow,
    session: FilmSession,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    textured: Any,
    write_quick_film: Any,
) -> None:
    document, bar = session.film.document, session.widgets.messages
    project = document.path
    qtbot.waitUntil(lambda: document.project.film.digest != "", timeout=WAIT)
    other = write_quick_film(tmp_path / "other.mkv", textured(12, 64, 80).astype(np.float32))
    monkeypatch.setattr(file_dialogs, "ask_film", lambda *_: other)
    session.relinking.relink()
    qtbot.waitUntil(lambda: bar.current is not None and "is not the film" in bar.current.text, timeout=WAIT)
    assert bar.current is not None and bar.current.text.startswith("other.mkv")
    assert bar.current.button is not None
    moved = tmp_path / "moved.mkv"
    moved.write_bytes(session.film.info.path.read_bytes())
    monkeypatch.setattr(file_dialogs, "ask_film", lambda *_: moved)
    bar.current.button.press()
    qtbot.waitUntil(lambda: window.session is not None and window.session is not session, timeout=WAIT)
    assert window.session is not None and window.session.film.info.path == moved
    assert window.session.film.document.path == project
