"""The window never blocks: how long its event loop is held up while a real film is worked on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtTest import QTest

from .hands import Hand, Watch

LIMIT = 50.0
"""Milliseconds."""


@pytest.fixture
def film(shared: Path, tmp_path: Path) -> Path:
    source = shared / "data" / "vintage" / "a-bomb_blast_effects_part.mp4"
    return Path(shutil.copy(source, tmp_path / "bomb.mp4"))


def test_the_window_never_stalls(hand: Hand, watch: Watch, film: Path, engine_weights: Path) -> None:
    hand.settings.weights, hand.settings.proxy = engine_weights, "quarter"
    QTest.qWait(300)
    with watch.over("opening"):
        hand.window.open_path(film)
        hand.wait(lambda: hand.film().document.project.cuts is not None)
    with watch.over("scrubbing"):
        for start in (300, 200, 100, 5):
            hand.scrub(*range(start, start + 55, 2))
        hand.key("Space")
        QTest.qWait(1000)
        hand.key("Space")
    hand.key("Home", "R", "B")
    hand.wait(lambda: not hand.window.painted.hindrance)
    with watch.over("painting"):
        for y in (0.3, 0.5, 0.7):
            hand.drag(*((0.1 + 0.02 * step, y) for step in range(40)), live=True)
        hand.key("Ctrl+Z", "Ctrl+Shift+Z", "S")
        hand.wait(lambda: hand.film().document.stack.undoText() == "Spread strokes")
    hand.key("V")
    with watch.over("previewing"):
        hand.key("P")
        hand.wait(lambda: hand.desk.compare.has_result, 300)
        hand.scrub(*range(0, 60, 2))
        hand.key("W", "A")
        QTest.qWait(2000)
    for name, stalls in watch.found.items():
        print(watch.report(name))
        worst = max(stalls, key=lambda stall: stall.ours)
        assert worst.cpu < LIMIT, f"{name}: {worst}"
