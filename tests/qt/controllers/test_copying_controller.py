"""References copied to other frames: registered, with what they say of themselves, in one step of undo."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from remaster_gui.base.packed_regions import pack_region, unpack_region
from remaster_gui.base.timebase import FrameRange
from remaster_gui.base.validity import Validity
from remaster_gui.painting.raster import PAINTED, Raster
from remaster_gui.project import edits
from remaster_gui.project.name_edits import with_named_region
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow

WAIT = 40_000


@pytest.fixture
def marked(session: FilmSession) -> str:
    """A reference on the first frame, whose left half counts with half its strength, in the first frames."""
    document, pixels = session.film.document, session.film.decoder.pixels(0)
    assert pixels is not None
    raster = Raster.of_frame(pixels)
    raster.chrominance[10:30, 10:40], raster.coverage[10:30, 10:40] = (150, 90), PAINTED
    id_ = document.add_reference("painted", 0, raster)
    session.references.choose(id_)
    record = document.project.references[0]
    mask = np.zeros((record.height, record.width), bool)
    mask[:, : record.width // 2] = True
    validity = Validity((FrameRange(0, 6),), 0.5, pack_region(mask))
    after = edits.with_validity(document.project, record.id, validity)
    after = with_named_region(after, "tunic", record.id, validity.region, (22.0, -38.0))
    document.edit(after, "Set it up")
    return record.id


def test_a_copy_lies_on_the_frame_at_the_playhead_and_is_taken_back(
    qtbot: Any, window: MainWindow, session: FilmSession, marked: str
) -> None:
    document, action = session.film.document, window.actions_["copy_reference"]
    assert not action.isEnabled(), "it lies there"
    session.film.view.go(1)
    assert action.isEnabled()
    action.trigger()
    qtbot.waitUntil(lambda: len(document.project.references) == 2, timeout=WAIT)
    before, after = document.project.references
    assert (after.frame, after.name, after.kind) == (1, f"{before.name} 2", "painted")
    assert session.references.chosen == after
    assert replace(after.validity, region=b"") == replace(before.validity, region=b"")
    assert unpack_region(after.validity.region).mean() == pytest.approx(0.5, abs=0.1)
    raster = document.raster(after.id)
    assert raster is not None and (raster.coverage == PAINTED).sum() > 300
    assert [each.reference for each in document.project.named] == [before.id, after.id], "its names go along"
    assert document.stack.undoText() == f"Copy {before.name} to frame 1"
    document.stack.undo()
    assert [each.reference for each in document.project.named] == [before.id]
    assert document.project.references == (before,)


def test_what_does_not_fit_is_asked_about(qtbot: Any, session: FilmSession, marked: str) -> None:
    document, messages = session.film.document, session.widgets.messages
    session.widgets.timeline.copy_requested.emit(marked, 8)
    qtbot.waitUntil(lambda: messages.current is not None, timeout=WAIT)
    said = messages.current
    assert said is not None and "does not fit frame 8" in said.text and said.button is not None
    assert len(document.project.references) == 1
    said.button.press()
    qtbot.waitUntil(lambda: len(document.project.references) == 2, timeout=WAIT)
    assert document.project.references[1].validity.ranges == (), "it is to count where it lies"
