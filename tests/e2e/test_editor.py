"""A colourist's session on a real film, worked by keys and mouse, with the real engine."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

CUTS = (0, 44, 134, 298)
PATIENCE = 60_000


@pytest.fixture
def film(shared: Path, tmp_path: Path) -> Path:
    """A real film of 360 frames with three cuts, in a folder that can be written."""
    return Path(
        shutil.copy(shared / "data" / "vintage" / "a-bomb_blast_effects_part.mp4", tmp_path / "bomb.mp4")
    )


def test_finds_its_way_about_the_film(hand: Any, qtbot: QtBot, film: Path) -> None:
    desk = hand.desk
    began = time.perf_counter()
    hand.window.open_path(film)
    qtbot.waitUntil(lambda: desk.compare.has_source, timeout=PATIENCE)
    first = time.perf_counter() - began
    print(f"first frame after {first:.2f} s")
    assert first < 1.0
    assert film.with_suffix(".remaster").is_file()
    opened = hand.film()
    qtbot.waitUntil(lambda: opened.document.project.cuts is not None, timeout=PATIENCE)
    print(opened.document.project.cuts)

    hand.scrub(10, 50, 100, 200)
    assert opened.view.playhead == 200
    hand.key("Right")
    assert opened.view.playhead == 201
    hand.key("Left", "Shift+Left")
    assert opened.view.playhead == 200 - 29
    hand.key("Up")
    print(opened.view.playhead)
    hand.key("Home")
    assert opened.view.playhead == 0
    hand.key("Space")
    qtbot.waitUntil(lambda: opened.view.playhead > 10, timeout=PATIENCE)
    hand.key("Space")
    here = opened.view.playhead
    hand.hold(Qt.Key.Key_K, "L")
    assert opened.view.playhead == here + 1
    hand.key("L", "L")
    qtbot.waitUntil(lambda: opened.view.playhead > here + 20, timeout=PATIENCE)
    hand.key("K")
    hand.key("=")
    hand.type("+20")
    here = opened.view.playhead
    hand.key("Return")
    assert opened.view.playhead == here + 20
    hand.key("I")
    hand.key("Shift+Right", "O")
    assert (opened.document.project.in_point, opened.document.project.out_point) == (here + 20, here + 50)
    before = desk.timeline.scale.frame_width
    hand.wheel(desk.timeline, QPoint(600, 50), 3)
    assert desk.timeline.scale.frame_width > before

    hand.key("R")
    qtbot.waitUntil(lambda: len(opened.document.project.references) == 1, timeout=PATIENCE)
    assert opened.view.selected_reference == opened.document.project.references[0].id
    hand.key("Ctrl+Z")
    assert not opened.document.project.references
    hand.key("Ctrl+Y")
    assert len(opened.document.project.references) == 1
