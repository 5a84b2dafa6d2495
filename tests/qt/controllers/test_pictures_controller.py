"""A frame as a picture: written where the user says, with a sentence of how it went."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from remaster_gui.media import read_picture
from remaster_gui.ui.dialogs import file_dialogs
from remaster_gui.ui.film_session import FilmSession

from .conftest import WAIT


def test_a_frame_is_written_where_the_user_says(
    qtbot: Any, session: FilmSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposed: list[Path] = []
    path, bar = tmp_path / "frame.png", session.widgets.messages
    monkeypatch.setattr(file_dialogs, "ask_frame_name", lambda _parent, usual: proposed.append(usual) or path)
    session.pictures.export_frame()
    assert proposed[0].name == "film_000000.png"
    qtbot.waitUntil(
        lambda: bar.current is not None and bar.current.text == f"The frame is in {path}.", timeout=WAIT
    )
    written, shown = read_picture(path), session.film.decoder.pixels(0)
    assert shown is not None
    np.testing.assert_array_equal(written, np.repeat(shown[..., None], 3, axis=2))


def test_what_cannot_be_written_is_said_and_no_answer_writes_nothing(
    qtbot: Any, session: FilmSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bar = session.widgets.messages
    monkeypatch.setattr(file_dialogs, "ask_frame_name", lambda *_: None)
    session.pictures.export_frame()
    monkeypatch.setattr(file_dialogs, "ask_frame_name", lambda *_: tmp_path / "gone" / "frame.png")
    session.pictures.export_frame()
    qtbot.waitUntil(lambda: bar.current is not None and bar.current.kind == "fault", timeout=WAIT)
    assert bar.current is not None and str(tmp_path / "gone") in bar.current.text
    assert not list(tmp_path.glob("**/*.png"))
