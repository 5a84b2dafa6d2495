"""What the viewer calls what it shows."""

import pytest
from PySide6.QtCore import QSize

from remaster_gui.engine.frame_store import CURRENT, DRAFT, STALE
from remaster_gui.ui.controllers.viewer_controller import result_name

FILM = QSize(432, 320)


@pytest.mark.parametrize(
    ("state", "size", "name"),
    [
        (CURRENT, FILM, "remastered"),
        (STALE, FILM, "remastered, stale"),
        (DRAFT, QSize(208, 160), "draft · 208×160"),
        (CURRENT, QSize(208, 160), "remastered · 208×160"),
    ],
)
def test_names_tell_state_and_a_smaller_size(state: int, size: QSize, name: str) -> None:
    assert result_name(state, size, FILM) == name
