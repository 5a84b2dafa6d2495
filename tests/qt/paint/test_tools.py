from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from remaster_gui.painting.raster import Raster
from remaster_gui.ui.paint.tools import EyedropperTool, FillTool, StrokeTool

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def brush(stage: Any, mode: str = "paint") -> StrokeTool:
    tool = StrokeTool(stage.canvas, stage.target, stage.settings, stage.work, mode)  # type: ignore[arg-type]
    stage.canvas.pointer.tool = tool
    return tool


def state(raster: Raster) -> tuple[bytes, bytes]:
    return raster.chrominance.tobytes(), raster.coverage.tobytes()


def test_a_drag_paints_one_stroke_that_is_seen_at_once(stage: Any) -> None:
    used: list[str] = []
    stage.settings.color_used.connect(used.append)
    brush(stage)
    luminance = stage.raster.luminance.copy()
    stage.drag((50, 100), (120, 100), (250, 110), release=False)
    assert stage.raster.coverage[100, 60:110].min() == 255 and not stage.target.commits
    np.testing.assert_array_equal(stage.target.shown(), stage.raster.rgb())
    stage.mouse(QEvent.Type.MouseButtonRelease, (250, 110))
    assert [text for _, text in stage.target.commits] == ["Paint"] and len(used) == 1
    assert stage.raster.coverage[110, 250] == 255
    np.testing.assert_array_equal(stage.target.shown(), stage.raster.rgb())
    np.testing.assert_array_equal(stage.raster.luminance, luminance)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("angle", [37.0, 90.0, 200.0])
def test_a_stroke_lands_where_the_pen_is_however_the_view_is_turned(
    stage: Any, angle: float, mirrored: bool
) -> None:
    state = stage.canvas.view.state
    state.rotation, state.is_mirrored = angle, mirrored
    brush(stage)
    there = [stage.canvas.to_widget(QPointF(*at)).toPoint() for at in ((60, 50), (240, 50))]
    stage.drag((60, 50), (150, 50), (240, 50))
    rows, columns = np.nonzero(stage.raster.coverage)
    assert (rows.min(), rows.max()) == (pytest.approx(40, abs=2), pytest.approx(60, abs=2))
    assert (columns.min(), columns.max()) == (pytest.approx(50, abs=2), pytest.approx(250, abs=2))
    seen = stage.canvas.grab().toImage()
    for place in there:
        color = seen.pixelColor(place)
        assert max(color.getRgb()[:3]) - min(color.getRgb()[:3]) > 20, "it is seen where the pen was"


def test_a_click_is_a_dab(stage: Any) -> None:
    brush(stage)
    stage.drag((80, 60))
    assert np.count_nonzero(stage.raster.coverage > 128) == pytest.approx(np.pi * 100, rel=0.1)
    assert len(stage.target.commits) == 1


def test_undo_and_redo_by_the_atom(stage: Any) -> None:
    brush(stage)
    before = state(stage.raster)
    stage.drag((50, 100), (250, 110))
    painted = state(stage.raster)
    delta, _ = stage.target.commits[0]
    delta.revert(stage.raster)
    assert state(stage.raster) == before
    delta.apply(stage.raster)
    assert state(stage.raster) == painted


def test_escape_takes_the_stroke_back(stage: Any) -> None:
    tool = brush(stage)
    before, shown = state(stage.raster), stage.target.shown()
    stage.drag((50, 100), (250, 110), release=False)
    assert tool.is_painting and state(stage.raster) != before
    QTest.keyClick(stage.canvas, Qt.Key.Key_Escape)
    assert state(stage.raster) == before and not tool.is_painting
    np.testing.assert_array_equal(stage.target.shown(), shown)
    stage.mouse(QEvent.Type.MouseButtonRelease, (250, 110))
    assert not stage.target.commits


def test_the_eraser_uncovers(stage: Any) -> None:
    brush(stage)
    stage.drag((50, 100), (250, 100))
    brush(stage, "erase")
    stage.drag((150, 50), (150, 150))
    assert stage.raster.coverage[100, 150] == 0 and stage.raster.coverage[100, 80] == 255
    assert [text for _, text in stage.target.commits] == ["Paint", "Erase"]
    # Where nothing was painted there is nothing to undo.
    stage.drag((150, 20), (200, 20))
    assert len(stage.target.commits) == 2


def test_painting_off_the_picture_does_no_harm(stage: Any) -> None:
    brush(stage)
    stage.drag((-60, -40), (-30, -20))
    assert not stage.target.commits
    stage.drag((-60, 100), (30, 100), (400, 100))
    assert stage.raster.coverage[100, 295] == 255


def test_a_hindrance_is_said_and_nothing_painted(stage: Any) -> None:
    tool = brush(stage)
    stage.target.blocked_reason = "The project is read-only."
    before = state(stage.raster)
    stage.drag((50, 100), (250, 100))
    assert stage.target.refusals == ["The project is read-only."] and state(stage.raster) == before
    assert not tool.is_painting


def test_without_a_raster_nothing_happens(stage: Any) -> None:
    brush(stage)
    stage.target.raster = None
    stage.drag((50, 100), (250, 100))
    assert not stage.target.commits


def test_ctrl_picks_with_any_tool(stage: Any) -> None:
    stage.raster.chrominance[:, 200:] = (150, 100)
    stage.raster.coverage[:, 200:] = 255
    brush(stage)
    before = stage.settings.foreground
    stage.drag((250, 100), keys=CTRL)
    assert stage.settings.foreground[1:] == pytest.approx((22, -28), abs=0.5)
    assert not stage.target.commits and stage.raster.coverage[100, 100] == 0
    stage.settings.set_foreground(before)
    stage.drag((50, 50), (250, 100), keys=CTRL, release=False)
    assert stage.settings.foreground[1:] == pytest.approx((22, -28), abs=0.5)
    QTest.keyClick(stage.canvas, Qt.Key.Key_Escape)
    assert stage.settings.foreground == before


def test_the_eyedropper_picks_and_goes(stage: Any) -> None:
    stage.raster.chrominance[:] = (150, 100)
    stage.raster.coverage[:] = 255
    done: list[bool] = []
    stage.canvas.pointer.tool = EyedropperTool(
        stage.canvas, stage.target, stage.settings, stage.work, lambda: done.append(True)
    )
    stage.drag((100, 100), (110, 100))
    assert done == [True] and stage.settings.foreground[1:] == pytest.approx((22, -28), abs=0.5)
    before = stage.settings.foreground
    stage.drag((-20, 100))
    assert stage.settings.foreground == before


def test_shift_drags_size_sideways_and_hardness_upwards(stage: Any) -> None:
    brush(stage)
    stage.settings.change_brush(hardness=0.5)
    stage.drag((100, 100), (130, 100), keys=SHIFT)
    assert stage.settings.brush.size == 80 and stage.settings.brush.hardness == pytest.approx(0.5)
    stage.drag((100, 100), (100, 80), keys=SHIFT)
    assert stage.settings.brush.size == 80 and stage.settings.brush.hardness == pytest.approx(0.75)
    stage.drag((100, 100), (0, 190), keys=SHIFT, release=False)
    assert stage.settings.brush.size == 1
    QTest.keyClick(stage.canvas, Qt.Key.Key_Escape)
    assert stage.settings.brush.size == 80 and stage.settings.brush.hardness == pytest.approx(0.75)
    assert not stage.target.commits


def tablet(stage: Any, kind: QEvent.Type, place: tuple[float, float], pressure: float) -> None:
    at = stage.canvas.to_widget(QPointF(*place))
    held = Qt.MouseButton.LeftButton
    button = held if kind != QEvent.Type.TabletMove else Qt.MouseButton.NoButton
    event = QTabletEvent(
        kind,
        QPointingDevice.primaryPointingDevice(),
        at,
        stage.canvas.mapToGlobal(at),
        pressure,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        Qt.KeyboardModifier.NoModifier,
        button,
        held,
    )
    QApplication.sendEvent(stage.canvas, event)
    assert event.isAccepted()


def test_pressure_of_a_pen_makes_strokes_wider(stage: Any) -> None:
    brush(stage)
    stage.settings.change_brush(size=40, size_by_pressure=True)
    for x, pressure in ((60, 0.2), (220, 1.0)):
        tablet(stage, QEvent.Type.TabletPress, (x, 40), pressure)
        tablet(stage, QEvent.Type.TabletMove, (x, 160), pressure)
        tablet(stage, QEvent.Type.TabletRelease, (x, 160), 0.0)
    light, hard = (
        np.count_nonzero(stage.raster.coverage[100, part]) for part in (slice(0, 150), slice(150, 300))
    )
    assert 8 <= light <= 18 and 38 <= hard <= 44
    assert len(stage.target.commits) == 2


def test_the_ring_follows_the_pointer_and_the_brush(stage: Any) -> None:
    brush(stage)
    stage.settings.change_brush(size=60, hardness=0.5)
    bare = stage.canvas.grab().toImage()
    stage.mouse(QEvent.Type.MouseMove, (100, 100), held=Qt.MouseButton.NoButton)
    ringed = stage.canvas.grab().toImage()

    def differs(x: float, y: float) -> bool:
        at = stage.canvas.to_widget(QPointF(x, y)).toPoint()
        return any(
            ringed.pixelColor(at.x() + d, at.y()) != bare.pixelColor(at.x() + d, at.y()) for d in range(-3, 4)
        )

    assert differs(70, 100) and differs(130, 100) and differs(85, 100)
    assert not differs(100, 100) and not differs(60, 100)
    assert stage.canvas.cursor().shape() == Qt.CursorShape.BlankCursor
    QApplication.sendEvent(stage.canvas, QEvent(QEvent.Type.Leave))
    assert stage.canvas.grab().toImage() == bare


def test_a_stroke_draws_only_its_own_part_again(stage: Any) -> None:
    """The ring and dirty boxes must not repaint a whole 4K viewer at each move."""
    brush(stage)
    stage.mouse(QEvent.Type.MouseMove, (100, 100), held=Qt.MouseButton.NoButton)
    QApplication.processEvents()
    regions: list[int] = []
    original = stage.canvas.paintEvent

    def watch(event: Any) -> None:
        rect = event.region().boundingRect()
        regions.append(rect.width() * rect.height())
        original(event)

    stage.canvas.paintEvent = watch
    stage.drag((100, 100), release=False)
    QApplication.processEvents()
    regions.clear()
    stage.mouse(QEvent.Type.MouseMove, (110, 100))
    QApplication.processEvents()
    assert regions and max(regions) < 0.2 * stage.canvas.width() * stage.canvas.height()


def test_fill_is_made_beside_and_applied_once(stage: Any, qtbot: Any) -> None:
    stage.canvas.pointer.tool = FillTool(stage.canvas, stage.target, stage.settings, stage.work)
    stage.drag((60, 100))
    qtbot.waitUntil(lambda: bool(stage.target.commits), timeout=300_000)
    assert [text for _, text in stage.target.commits] == ["Fill"]
    assert stage.raster.coverage[:, 5:140].min() == 255 and not stage.raster.coverage[:, 160:].any()
    np.testing.assert_array_equal(stage.target.shown(), stage.raster.rgb())
    assert not stage.work.is_running
    delta, _ = stage.target.commits[0]
    delta.revert(stage.raster)
    assert not stage.raster.is_colored


def test_clicks_in_quick_succession_fill_one_after_the_other(stage: Any, qtbot: Any) -> None:
    stage.canvas.pointer.tool = FillTool(stage.canvas, stage.target, stage.settings, stage.work)
    stage.drag((60, 100))
    stage.settings.swap_colors()
    stage.drag((250, 100))
    qtbot.waitUntil(lambda: len(stage.target.commits) == 2, timeout=300_000)
    first, second = stage.raster.chrominance[100, 60], stage.raster.chrominance[100, 250]
    assert stage.raster.coverage[100, 60] == stage.raster.coverage[100, 250] == 255
    np.testing.assert_allclose(second - 128.0, stage.settings.foreground[1:], atol=0.51)
    np.testing.assert_allclose(first - 128.0, stage.settings.background[1:], atol=0.51)


def test_spreading_fills_the_frame_and_refuses_strokes_meanwhile(stage: Any, qtbot: Any) -> None:
    brush(stage)
    stage.drag((40, 100), (100, 100))
    running: list[bool] = []
    stage.work.running_changed.connect(running.append)
    assert stage.work.spread()
    stage.drag((200, 50), (250, 50))
    assert "Esc" in stage.target.refusals[-1]
    qtbot.waitUntil(lambda: len(stage.target.commits) == 2, timeout=300_000)
    assert stage.target.commits[1][1] == "Spread strokes" and running == [True, False]
    assert stage.raster.coverage.min() >= 254
    np.testing.assert_array_equal(stage.target.shown(), stage.raster.rgb())


def test_nothing_to_spread_is_said(stage: Any) -> None:
    assert not stage.work.spread()
    assert "strokes" in stage.target.refusals[0]


def test_spreading_can_be_stopped(stage: Any, qtbot: Any) -> None:
    brush(stage)
    stage.drag((40, 100), (100, 100))
    before = state(stage.raster)
    stage.work.spread()
    assert stage.work.cancel() and not stage.work.cancel()
    assert not stage.work.is_running
    # The next one runs, and only that one is applied.
    stage.work.fill(250, 100)
    qtbot.waitUntil(lambda: len(stage.target.commits) == 2, timeout=300_000)
    stage.target.commits[1][0].revert(stage.raster)
    assert state(stage.raster) == before


def test_what_no_longer_fits_is_dropped(stage: Any, qtbot: Any) -> None:
    brush(stage)
    stage.drag((40, 100), (100, 100))
    delta, _ = stage.target.commits[0]
    with qtbot.waitSignal(stage.work.running_changed, check_params_cb=lambda on: not on, timeout=300_000):
        stage.work.fill(250, 100)
        delta.revert(stage.raster)
    assert len(stage.target.commits) == 1 and not stage.raster.is_colored
    assert "meanwhile" in stage.target.refusals[-1]
    with qtbot.waitSignal(stage.work.running_changed, check_params_cb=lambda on: not on, timeout=300_000):
        stage.work.fill(250, 100)
        stage.target.raster = stage.raster.copy()
    assert len(stage.target.commits) == 1 and not stage.raster.is_colored


def test_what_is_painted_spreads_along(stage: Any, qtbot: Any) -> None:
    running: list[bool] = []
    stage.work.running_changed.connect(running.append)
    stage.work.spreads_along = True
    brush(stage)
    stage.drag((40, 100), (100, 100))
    qtbot.waitUntil(lambda: len(stage.target.commits) == 2, timeout=300_000)
    assert [text for _, text in stage.target.commits] == ["Paint", "Spread strokes"]
    assert stage.target.joined == [False, True] and stage.raster.coverage.min() >= 254
    np.testing.assert_array_equal(stage.target.shown(), stage.raster.rgb())
    assert not running and not stage.target.refusals


def test_the_next_stroke_takes_the_place_of_what_spreads(stage: Any, qtbot: Any) -> None:
    stage.work.spreads_along = True
    brush(stage)
    for y in (50, 100, 150):
        stage.drag((40, y), (100, y))
        assert stage.work.blocked_reason == ""
    qtbot.waitUntil(lambda: len(stage.target.commits) == 4, timeout=300_000)
    assert [text for _, text in stage.target.commits] == ["Paint", "Paint", "Paint", "Spread strokes"]
    for y in (50, 100, 150):
        assert stage.raster.coverage[y, 70] == 255


def test_what_spreads_along_goes_with_the_stroke(stage: Any, qtbot: Any) -> None:
    stage.work.spreads_along = True
    brush(stage)
    stage.drag((40, 100), (100, 100))
    stage.target.commits[0][0].revert(stage.raster)
    stage.work.spreads_along = False
    stage.work.fill(250, 100)
    qtbot.waitUntil(lambda: len(stage.target.commits) == 2, timeout=300_000)
    assert stage.target.commits[1][1] == "Fill" and not stage.target.refusals
    assert not stage.raster.coverage[100, 70]


def test_a_fill_spreads_along_too(stage: Any, qtbot: Any) -> None:
    stage.work.spreads_along = True
    stage.work.fill(250, 100)
    qtbot.waitUntil(lambda: len(stage.target.commits) == 2, timeout=300_000)
    assert [text for _, text in stage.target.commits] == ["Fill", "Spread strokes"]
    assert stage.target.joined == [False, True]


def test_a_tool_tells_where_it_points(stage: Any) -> None:
    tool = brush(stage)
    places: list[QPointF] = []
    tool.pointed.connect(places.append)
    stage.mouse(QEvent.Type.MouseMove, (120, 60), held=Qt.MouseButton.NoButton)
    assert (places[-1].x(), places[-1].y()) == pytest.approx((120, 60), abs=0.6)
    stage.drag((40, 100), (100, 100), release=False)
    assert len(places) == 1, "nobody looks at suggestions while painting"
    stage.mouse(QEvent.Type.MouseButtonRelease, (100, 100))
    assert len(places) == 2
