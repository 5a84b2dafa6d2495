"""Where the chosen reference counts: from the menu, the inspector's field and its slider, each a step of undo."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from remaster_gui.base.timebase import FrameRange
from remaster_gui.base.validity import EVERYWHERE, Validity
from remaster_gui.painting.raster import Raster
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow


@pytest.fixture
def chosen(session: FilmSession) -> str:
    """The id of a coloured reference that is chosen, of a film of two shots."""
    picture = np.full((64, 80, 3), (200, 80, 40), np.uint8)
    id_ = session.film.document.add_reference("imported", None, Raster.of_picture(picture), "Tunic")
    session.film.view.selected_reference = id_
    return id_


def validity(session: FilmSession, id_: str) -> Validity:
    record = session.film.document.project.reference(id_)
    assert record is not None
    return record.validity


def test_the_menu_says_in_which_shots_a_reference_counts(
    window: MainWindow, session: FilmSession, chosen: str
) -> None:
    actions, view = window.actions_, session.film.view

    def ranges() -> list[str]:
        return [str(each) for each in validity(session, chosen).ranges]

    assert actions["count_here"].isChecked()
    actions["count_only_here"].trigger()
    assert ranges() == ["0:24"]
    view.go(30)
    assert not actions["count_here"].isChecked()
    actions["count_here"].trigger()
    assert validity(session, chosen) == EVERYWHERE
    actions["count_here"].trigger()
    assert ranges() == ["0:24"]
    view.go(5)
    actions["count_here"].trigger()
    record = session.film.document.project.reference(chosen)
    assert record is not None and not record.enabled, "what counts nowhere is not used"
    session.film.document.stack.setIndex(1)
    assert validity(session, chosen) == EVERYWHERE


def test_frames_that_are_typed_count(qtbot: Any, session: FilmSession, chosen: str) -> None:
    box = session.widgets.inspector.reference.where
    qtbot.waitUntil(lambda: session.widgets.inspector.reference.isVisibleTo(session.widgets.inspector))
    box.frames.setText("")
    QTest.keyClicks(box.frames, "3-9, 20")
    QTest.keyClick(box.frames, Qt.Key.Key_Return)
    assert validity(session, chosen).ranges == (FrameRange(3, 10), FrameRange(20, 21))
    assert box.frames.text() == "3–9, 20"
    box.frames.selectAll()
    QTest.keyClicks(box.frames, "50-60")
    QTest.keyClick(box.frames, Qt.Key.Key_Return)
    assert box.fault.isVisibleTo(box) and "no frames 50-60" in box.fault.text()
    assert len(validity(session, chosen).ranges) == 2
    box.frames.selectAll()
    QTest.keyClick(box.frames, Qt.Key.Key_Delete)
    QTest.keyClick(box.frames, Qt.Key.Key_Return)
    assert validity(session, chosen) == EVERYWHERE and not box.fault.isVisibleTo(box)


def test_a_drag_of_the_strength_is_one_step(session: FilmSession, chosen: str) -> None:
    box, stack = session.widgets.inspector.reference.where, session.film.document.stack
    before = stack.count()
    for value in (90, 70, 40):
        box.strength.slider.setValue(value)
    assert validity(session, chosen).strength == 0.4
    assert stack.count() == before + 1 and stack.undoText() == "Strength 40\N{NO-BREAK SPACE}% of Tunic"
    assert session.film.document.engine_references()[0].validity.strength == 0.4
    box.strength.slider.setValue(0)
    assert session.film.document.engine_references() == ()


def test_where_no_reference_counts_guesses_may_guide(session: FilmSession, chosen: str) -> None:
    session.validity.set_ranges((FrameRange(10, 24),))
    guidance = session.preview.guidance
    assert guidance.references_at(12)[0].name == "Tunic"
    assert all(each.is_guessed for each in guidance.references_at(30))
