"""Which part of a reference counts: drawn on the canvas with real events, shown there, and undone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from remaster_gui.base.arrays import Mask
from remaster_gui.base.packed_regions import unpack_region
from remaster_gui.painting.raster import Raster
from remaster_gui.ui.controllers.region_controller import LOOKING, NOTHING_LEFT
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow

LEFT, ALT, SHIFT, NONE = (
    Qt.MouseButton.LeftButton,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.NoModifier,
)

WAIT = 300_000


@pytest.fixture
def chosen(qtbot: Any, window: MainWindow, session: FilmSession) -> str:
    """A free-standing reference, dark on the left and bright on the right, on which a region is to be painted."""
    window.resize(1000, 700)
    window.show()
    info = session.film.info
    picture = np.full((info.height, info.width, 3), (60, 40, 30), np.uint8)
    picture[:, info.width // 2 :] = (230, 200, 160)
    document = session.film.document
    id_ = document.add_reference("imported", None, Raster.of_picture(picture), "Tunic")
    session.film.view.selected_reference = id_
    session.region.choose("region_brush")
    qtbot.waitUntil(lambda: session.painted.shown is not None and session.painted.blocked_reason == "")
    return id_


def mask(session: FilmSession, id_: str) -> Mask | None:
    record = session.film.document.project.reference(id_)
    assert record is not None
    return unpack_region(record.validity.region) if record.validity.region else None


def drag(session: FilmSession, *places: tuple[float, float], keys: Qt.KeyboardModifier = NONE) -> None:
    """Drag over places, in parts of the picture."""
    canvas, info = session.widgets.canvas, session.film.info
    points = [canvas.to_widget(QPointF(x * info.width, y * info.height)).toPoint() for x, y in places]
    QTest.mousePress(canvas, LEFT, keys, points[0])
    for point in points[1:]:
        QTest.mouseMove(canvas, point)
    QTest.mouseRelease(canvas, LEFT, keys, points[-1])


def test_a_stroke_is_what_counts_and_alt_takes_away(session: FilmSession, chosen: str) -> None:
    session.widgets.tool_settings.change_brush(size=12)
    drag(session, (0.3, 0.5), (0.5, 0.5), (0.7, 0.5))
    found = mask(session, chosen)
    assert found is not None
    height, width = found.shape
    assert found[height // 2, width * 3 // 10 : width * 7 // 10].all()
    assert not found[: height // 4].any() and not found[:, : width // 8].any()
    assert session.widgets.region.mask is not None
    assert np.array_equal(session.widgets.region.mask, found)
    drag(session, (0.5, 0.4), (0.5, 0.6), keys=ALT)
    after = mask(session, chosen)
    assert after is not None and not after[height // 2, width // 2] and after[height // 2, width // 3]
    stack = session.film.document.stack
    assert stack.undoText() == "Paint the region of Tunic"
    stack.undo()
    assert np.array_equal(session.widgets.region.mask, found)
    stack.undo()
    assert mask(session, chosen) is None and session.widgets.region.mask is None


def test_the_engine_is_given_the_region(session: FilmSession, chosen: str) -> None:
    before = session.film.document.engine_references()[0]
    drag(session, (0.3, 0.5), (0.7, 0.5))
    after = session.film.document.engine_references()[0]
    assert after.validity.region and after.digest != before.digest
    assert session.preview.guidance.references[0] == after


@pytest.mark.parametrize("end", [(0.2, 0.8), (0.2, 0.2)], ids=["open", "back where it began"])
def test_a_lasso_takes_what_it_encloses(session: FilmSession, chosen: str, end: tuple[float, float]) -> None:
    session.region.choose("region_lasso")
    drag(session, (0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8), end)
    found = mask(session, chosen)
    assert found is not None
    height, width = found.shape
    assert found[height * 3 // 10 : height * 7 // 10, width * 3 // 10 : width * 7 // 10].all()
    assert found.mean() == pytest.approx(0.36, abs=0.04)


def test_corners_are_clicked_one_by_one(session: FilmSession, chosen: str) -> None:
    session.region.choose("region_lasso")
    for place in ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8)):
        drag(session, place)
        assert mask(session, chosen) is None
    session.region.choose("region_brush")
    session.region.choose("region_lasso")
    for place in ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8)):
        drag(session, place)
        assert mask(session, chosen) is None, "the first corners went with their tool"
    drag(session, (0.2, 0.2))
    found = mask(session, chosen)
    assert found is not None and found.mean() == pytest.approx(0.18, abs=0.03)


def test_esc_gives_up_clicked_corners_before_anything_else(
    window: MainWindow, session: FilmSession, chosen: str
) -> None:
    session.region.choose("region_lasso")
    window.layout_.toggle_alone()
    assert window.layout_.is_alone
    canvas = session.widgets.canvas
    for place in ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8)):
        drag(session, place)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert window.layout_.is_alone and session.film.view.tool == "region_lasso"
    for place in ((0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.2, 0.2)):
        drag(session, place)
        assert mask(session, chosen) is None, "the first corners are gone"
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert not window.layout_.is_alone, "where no corner is left it means what it always does"


def test_a_key_takes_what_is_as_bright_and_only_within_with_shift(session: FilmSession, chosen: str) -> None:
    session.region.choose("region_lasso")
    drag(session, (0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))
    session.region.choose("region_key")
    drag(session, (0.75, 0.5), keys=SHIFT)
    found = mask(session, chosen)
    assert found is not None
    height, width = found.shape
    assert found[height // 2, width * 6 // 10] and not found[height // 2, width * 4 // 10]
    assert found.mean() == pytest.approx(0.18, abs=0.03)
    drag(session, (0.25, 0.5))
    both = mask(session, chosen)
    assert both is not None and both[height // 2, width // 10]


def test_what_is_alike_is_selected_and_follows_the_tolerance_as_one_step(
    qtbot: Any, window: MainWindow, session: FilmSession, chosen: str, full_weights: Path
) -> None:
    window.network.allow(full_weights)
    window.network.use(full_weights)
    stack, where = session.film.document.stack, session.widgets.inspector.reference.where
    assert where.tolerance.isHidden()
    session.region.choose("region_similar")
    assert not where.tolerance.isHidden()
    count = stack.count()
    drag(session, (0.75, 0.5))
    assert session.widgets.status.note == LOOKING
    qtbot.waitUntil(lambda: mask(session, chosen) is not None, timeout=WAIT)
    found = mask(session, chosen)
    assert found is not None and session.widgets.status.note != LOOKING
    height, width = found.shape
    assert found[height // 2, width * 6 // 10 :].all() and not found[:, : width * 4 // 10].any()
    where.tolerance.slider.setValue(1)
    less = mask(session, chosen)
    assert less is not None and less.sum() <= found.sum() and less[height // 2, width * 3 // 4]
    where.tolerance.slider.setValue(40)
    more = mask(session, chosen)
    assert more is not None and more.sum() >= found.sum() and stack.count() == count + 1
    stack.undo()
    assert mask(session, chosen) is None
    where.tolerance.slider.setValue(30)
    assert mask(session, chosen) is None and stack.count() == count + 1, "it was taken back"


def test_what_is_asked_of_a_picture_that_is_left_comes_to_nothing(
    qtbot: Any, window: MainWindow, session: FilmSession, chosen: str, full_weights: Path
) -> None:
    window.network.allow(full_weights)
    window.network.use(full_weights)
    session.region.choose("region_similar")
    drag(session, (0.75, 0.5))
    session.painting.choose("navigate")
    qtbot.waitUntil(lambda: session.widgets.status.note != LOOKING, timeout=WAIT)
    assert mask(session, chosen) is None


def test_without_weights_a_sentence_says_so(
    qtbot: Any, window: MainWindow, session: FilmSession, chosen: str, tmp_path: Path
) -> None:
    missing = tmp_path / "gone.safetensors"
    window.network.allow(missing)
    window.network.use(missing)
    session.region.choose("region_similar")
    drag(session, (0.75, 0.5))
    qtbot.waitUntil(lambda: session.widgets.messages.current is not None, timeout=WAIT)
    said = session.widgets.messages.current
    assert said is not None and "gone.safetensors" in said.text and mask(session, chosen) is None


def test_a_region_is_swapped_and_given_up(window: MainWindow, session: FilmSession, chosen: str) -> None:
    actions = window.actions_
    assert not actions["region_all"].isEnabled()
    drag(session, (0.3, 0.5), (0.7, 0.5))
    before = mask(session, chosen)
    actions["region_invert"].trigger()
    after = mask(session, chosen)
    assert before is not None and after is not None and np.array_equal(after, ~before)
    actions["region_all"].trigger()
    assert mask(session, chosen) is None and session.widgets.region.mask is None


def test_a_region_with_nothing_in_it_is_refused(session: FilmSession, chosen: str) -> None:
    session.region.choose("region_lasso")
    drag(session, (-0.2, -0.2), (1.3, -0.2), (1.3, 1.3), (-0.2, 1.3), keys=ALT)
    assert mask(session, chosen) is None
    said = session.widgets.messages.current
    assert said is not None and said.text == NOTHING_LEFT


def test_nothing_is_covered_while_no_reference_is_shown(
    qtbot: Any, session: FilmSession, chosen: str
) -> None:
    drag(session, (0.3, 0.5), (0.7, 0.5))
    session.painting.choose("navigate")
    assert session.widgets.region.mask is None
    session.painting.choose("brush")
    qtbot.waitUntil(lambda: session.widgets.region.mask is not None)
