"""The prior at a painter's hand: likely colours under the brush, and strokes that spread as they are painted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtTest import QTest

from remaster_gui.engine import shipped_weights
from remaster_gui.painting.raster import PAINTED, SPREAD

from .hands import LEFT, Hand


def _rest(hand: Hand, x: float, y: float) -> None:
    """Come to a place from elsewhere: a mouse that was left there by another test would not be seen to move."""
    hand.point(x, y - 0.2)
    hand.point(x, y)


def test_likely_colours_come_to_a_resting_brush_and_are_taken_by_number_or_click(painting: Hand) -> None:
    strip, kit = painting.widgets.paint.likely, painting.widgets.tool_settings
    assert strip.isVisible() and not strip.chips and "Rest the brush" in strip.note
    assert not painting.window.actions_["likely_1"].isEnabled()
    _rest(painting, 0.5, 0.5)
    painting.wait(lambda: len(strip.chips) > 1)
    assert {chip.source for chip in strip.chips} == {"learned"}
    painting.wait(painting.window.actions_["likely_2"].isEnabled)
    before = kit.foreground
    painting.key("2")
    second = kit.foreground
    assert second != before
    QTest.mouseClick(strip, LEFT, pos=strip.cell(0).center())
    assert kit.foreground not in (before, second)
    painting.key("2")
    painting.drag((0.3, 0.5), (0.7, 0.5))
    _rest(painting, 0.5, 0.5)
    painting.wait(lambda: "painted" in {chip.source for chip in strip.chips})
    painting.key("E")
    assert not strip.isVisible()


def test_strokes_spread_as_they_are_painted_and_go_with_one_undo(painting: Hand) -> None:
    document = painting.film().document
    painting.key("Shift+S")
    painting.drag((0.3, 0.3), (0.5, 0.3))
    raster = document.raster(document.project.references[0].id)
    assert raster is not None
    painting.wait(lambda: int(raster.coverage.min()) >= SPREAD)
    assert (raster.coverage == PAINTED).any() and document.stack.undoText().startswith("Paint on frame ")
    once, steps = raster.rgb(), document.stack.count()
    painting.widgets.tool_settings.swap_colors()
    painting.drag((0.3, 0.7), (0.5, 0.7))
    # Not the stroke itself, which is there at once, but what grew out of it.
    painting.wait(lambda: bool((raster.rgb() != once)[raster.coverage == SPREAD].any()))
    painting.wait(lambda: not painting.window.tasks.is_busy)
    assert document.stack.count() == steps + 1
    painting.key("Ctrl+Z")
    assert document.stack.count() == steps + 1
    np.testing.assert_array_equal(raster.rgb(), once)
    painting.key("Ctrl+Z")
    assert not raster.is_colored
    painting.window.close()
    assert painting.settings.flag("spread_as_you_paint", False), "the choice is the user's"


def test_without_a_prior_painting_goes_on(
    painting: Hand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped_weights, "weights_folder", lambda: tmp_path)
    strip = painting.widgets.paint.likely
    _rest(painting, 0.5, 0.5)
    painting.wait(lambda: "are missing" in strip.note)
    painting.drag((0.3, 0.3), (0.5, 0.3))
    painting.key("S")
    painting.wait(lambda: painting.film().document.stack.undoText().startswith("Spread strokes on frame "))
    said = painting.widgets.messages.current
    assert said is not None and "remaster-prior.safetensors are missing" in said.text
    assert not painting.window.actions_["likely_1"].isEnabled()
