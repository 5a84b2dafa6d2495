"""Likely colours: those of the place where the brush rests, while there is a reference to paint on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QTimer

from remaster_gui.engine.shipped_weights import PRIOR_NAME
from remaster_gui.painting.raster import PAINTED, Raster
from remaster_gui.project import edits
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.interaction import Pointer

from .conftest import WAIT


@pytest.fixture
def painted(qtbot: Any, session: FilmSession) -> FilmSession:
    """The film with a reference on its first frame, and the brush in hand."""
    session.film.document.add_reference("painted", 0, Raster.of_frame(np.full((64, 80), 120, np.uint8)))
    session.painting.choose("brush")
    qtbot.waitUntil(lambda: not session.painted.blocked_reason, timeout=WAIT)
    return session


def _rest(session: FilmSession, x: float, y: float) -> None:
    session.painting.pointed[0].hover(Pointer(QPointF(x, y), QPointF(x, y)))


def test_colours_come_to_a_resting_brush_and_go_with_the_reference(
    qtbot: Any, shipped: Path, painted: FilmSession
) -> None:
    likely, strip = painted.likely, painted.widgets.paint.likely
    kit, document = painted.widgets.tool_settings, painted.film.document
    assert likely.count == 0 and not strip.chips
    _rest(painted, 40, 30)
    qtbot.waitUntil(lambda: likely.count > 0, timeout=WAIT)
    assert likely.count == len(strip.chips) and {chip.source for chip in strip.chips} == {"learned"}
    before = kit.foreground
    likely.take(likely.count)
    assert kit.foreground == before, "there is none at this place"
    likely.take(0)
    assert kit.foreground != before
    with qtbot.waitSignal(likely.changed):
        document.stack.undo()
    assert likely.count == 0 and not strip.chips and "Rest the brush" in strip.note


def test_a_colour_that_another_reference_has_is_said_to_be_its(
    qtbot: Any, shipped: Path, painted: FilmSession
) -> None:
    document = painted.film.document
    sign = Raster.of_frame(np.full((64, 80), 120, np.uint8))
    # The first of the two colours that the prior knows.
    sign.chrominance[:], sign.coverage[:] = (128 + 45, 128 + 20), PAINTED
    id_ = document.add_reference("imported", None, sign, "Shop sign")
    qtbot.waitUntil(lambda: document.thumbnail(id_) is not None, timeout=WAIT)
    _rest(painted, 40, 30)
    qtbot.waitUntil(lambda: painted.likely.count > 0, timeout=WAIT)
    strip = painted.widgets.paint.likely
    assert {chip.source for chip in strip.chips} == {"Shop sign", "learned"}
    document.edit(edits.renamed(document.project, id_, "Poster"), "Rename reference")
    _rest(painted, 40, 30)
    qtbot.waitUntil(lambda: {chip.source for chip in strip.chips} == {"Poster", "learned"}, timeout=WAIT)
    document.edit(edits.enabled(document.project, id_, False), "Switch reference off")
    _rest(painted, 40, 30)
    qtbot.waitUntil(lambda: {chip.source for chip in strip.chips} == {"learned"}, timeout=WAIT)


def test_beside_the_picture_there_are_no_colours(qtbot: Any, shipped: Path, painted: FilmSession) -> None:
    _rest(painted, 40, 30)
    qtbot.waitUntil(lambda: painted.likely.count > 0, timeout=WAIT)
    strip, timers = painted.widgets.paint.likely, painted.likely.findChildren(QTimer)
    before = strip.chips
    for x, y in ((-1, 30), (80, 30), (40, 64)):
        _rest(painted, x, y)
        qtbot.waitUntil(lambda: not any(timer.isActive() for timer in timers), timeout=WAIT)
        assert strip.chips is before


def test_after_a_failure_they_come_as_soon_as_the_cause_is_gone(
    qtbot: Any, shipped: Path, painted: FilmSession
) -> None:
    strip, prior, away = painted.widgets.paint.likely, shipped / PRIOR_NAME, shipped / "away"
    prior.rename(away)
    _rest(painted, 40, 30)
    qtbot.waitUntil(lambda: "are missing" in strip.note, timeout=WAIT)
    assert not strip.chips
    away.rename(prior)
    _rest(painted, 40, 30)
    qtbot.waitUntil(lambda: painted.likely.count > 0, timeout=WAIT)
    assert strip.chips and "missing" not in strip.note
