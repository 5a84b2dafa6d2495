from __future__ import annotations

import math
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QActionGroup, QColor, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow, QToolButton

from remaster_gui.painting.color_values import hex_of_lab
from remaster_gui.project.schema import Palette, Swatch
from remaster_gui.ui.actions import Actions
from remaster_gui.ui.keys import KeyFilter
from remaster_gui.ui.paint.chroma_wheel import ChromaWheel
from remaster_gui.ui.paint.palettes import starter_palette
from remaster_gui.ui.paint.panel import TOOLS, PaintPanel
from remaster_gui.ui.paint.tool_settings import ToolSettings
from remaster_gui.ui.paint.value_bar import ValueBar

LEFT = Qt.MouseButton.LeftButton
NO_KEY = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def mouse(widget: Any, kind: QEvent.Type, at: QPoint, keys: Qt.KeyboardModifier = NO_KEY) -> None:
    place = QPointF(at)
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else LEFT
    QApplication.sendEvent(widget, QMouseEvent(kind, place, widget.mapToGlobal(place), button, LEFT, keys))


def drag(widget: Any, *places: QPoint, keys: Qt.KeyboardModifier = NO_KEY) -> None:
    mouse(widget, QEvent.Type.MouseButtonPress, places[0], keys)
    for place in places[1:]:
        mouse(widget, QEvent.Type.MouseMove, place, keys)
    mouse(widget, QEvent.Type.MouseButtonRelease, places[-1], keys)


class Bench:
    """A window with the panel, and a project's palettes beside it."""

    def __init__(self, qtbot: Any) -> None:
        self.window = QMainWindow()
        qtbot.addWidget(self.window)
        self.actions, self.settings = Actions(self.window), ToolSettings(self.window)
        group = QActionGroup(self.window)
        for id_ in TOOLS:
            group.addAction(self.actions[id_])
        self.actions["swap_colors"].triggered.connect(self.settings.swap_colors)
        self.panel = PaintPanel(self.actions, self.settings)
        self.edits: list[str] = []
        self.palettes: tuple[Palette, ...] = ()
        self.panel.palettes_edited.connect(self._on_edited)
        self.window.setCentralWidget(self.panel)
        self.window.resize(248, 700)
        with qtbot.waitExposed(self.window):
            self.window.show()
        self.window.activateWindow()
        qtbot.waitUntil(lambda: QApplication.activeWindow() is self.window)

    def _on_edited(self, palettes: tuple[Palette, ...], text: str) -> None:
        self.edits.append(text)
        self.palettes = palettes
        self.panel.set_palettes(palettes)

    def button(self, name: str) -> QToolButton:
        found = [b for b in self.panel.findChildren(QToolButton) if b.accessibleName() == name]
        assert len(found) == 1
        return found[0]


@pytest.fixture
def bench(qtbot: Any) -> Bench:
    bench = Bench(qtbot)
    # As in the editor: text fields come before shortcuts.
    KeyFilter(bench.window, bench.window)
    return bench


@pytest.fixture
def bar(qtbot: Any) -> ValueBar:
    bar = ValueBar("Size", 1.0, 100.0, curve="log", unit=" px")
    qtbot.addWidget(bar)
    bar.resize(200, 24)
    bar.show()
    return bar


# Bars


def test_a_bar_takes_the_value_under_the_pointer(bar: ValueBar) -> None:
    values: list[float] = []
    bar.value_changed.connect(values.append)
    drag(bar, QPoint(100, 12), QPoint(200, 12))
    assert values == [10.0, 100.0] and bar.value == 100.0
    drag(bar, QPoint(-50, 12))
    assert bar.value == 1.0


def test_shift_drags_finely(bar: ValueBar) -> None:
    bar.set_value(10.0)
    drag(bar, QPoint(20, 12), QPoint(120, 12), keys=SHIFT)
    assert 14 <= bar.value <= 18


def test_a_bar_is_stepped_by_keys_and_typed_into(bar: ValueBar, qtbot: Any) -> None:
    bar.set_value(3.0)
    QTest.keyClick(bar, Qt.Key.Key_Right)
    assert bar.value == 4.0
    QTest.keyClick(bar, Qt.Key.Key_Left)
    assert bar.value == 3.0
    QTest.mouseDClick(bar, LEFT, NO_KEY, QPoint(50, 12))
    field = bar.findChild(type(bar.field))  # type: ignore[arg-type]
    QTest.keyClicks(field, "42 px")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert bar.value == 42.0
    for text, key in (("7", Qt.Key.Key_Escape), ("seven", Qt.Key.Key_Return), ("nan", Qt.Key.Key_Return)):
        QTest.keyClick(bar, Qt.Key.Key_F2)
        field = bar.field
        assert field is not None
        QTest.keyClicks(field, text)
        QTest.keyClick(field, key)
        assert bar.value == 42.0 and bar.field is None


def test_values_from_outside_are_shown_but_not_told(bar: ValueBar) -> None:
    values: list[float] = []
    bar.value_changed.connect(values.append)
    bar.set_value(500)
    assert bar.value == 100.0 and not values


# Brush


def test_bars_and_settings_agree(bench: Bench) -> None:
    panel, settings = bench.panel, bench.settings
    settings.change_brush(size=90, hardness=0.25)
    assert panel.size_bar.value == 90 and panel.hardness_bar.value == 0.25
    middle = panel.opacity_bar.rect().center()
    drag(panel.opacity_bar, middle)
    assert settings.brush.opacity == pytest.approx(0.5, abs=0.02)
    settings.step_size(1)
    assert panel.size_bar.value == 99
    # The bar ends earlier than the brush does.
    settings.change_brush(size=900)
    assert settings.brush.size == 900


def test_pressure_is_switched(bench: Bench) -> None:
    assert bench.settings.brush.size_by_pressure
    QTest.mouseClick(bench.button("Pen pressure changes size"), LEFT)
    QTest.mouseClick(bench.button("Pen pressure changes opacity"), LEFT)
    assert not bench.settings.brush.size_by_pressure and bench.settings.brush.opacity_by_pressure


def test_the_panel_shows_what_the_tool_can_be_told(bench: Bench) -> None:
    bench.panel.show_tool("brush")
    assert bench.panel.size_bar.isVisible() and not bench.panel.tolerance_bar.isVisible()
    bench.panel.show_tool("fill")
    assert not bench.panel.size_bar.isVisible() and bench.panel.tolerance_bar.isVisible()


def test_work_can_be_stopped_from_the_panel(bench: Bench, qtbot: Any) -> None:
    stop = bench.button("Stop")
    assert not stop.isVisible()
    bench.panel.set_working(True)
    with qtbot.waitSignal(bench.panel.stop_requested):
        QTest.mouseClick(stop, LEFT)
    bench.panel.set_working(False)
    assert not stop.isVisible()


def test_a_narrow_panel_shows_every_button_whole(bench: Bench) -> None:
    bench.window.resize(bench.panel.minimumWidth(), 500)
    QApplication.processEvents()
    bench.panel.set_palettes((starter_palette(),))
    QApplication.processEvents()
    for button in bench.panel.findChildren(QToolButton):
        if button.isVisible():
            right = button.mapTo(bench.panel, button.rect().bottomRight()).x()
            assert right < bench.panel.width(), button.toolTip()


# Colours


@pytest.mark.parametrize("tool", ["brush", "eraser", "fill", "eyedropper", "navigate", "region_lasso"])
@pytest.mark.parametrize("reason", ["", "This frame is not a reference. Press R to mark it, then paint."])
def test_the_wheel_stays_where_it_is(bench: Bench, tool: Any, reason: str) -> None:
    before = bench.panel.colors.wheel.mapTo(bench.window, QPoint())
    bench.panel.show_tool(tool)
    bench.panel.set_blocked_reason(reason)
    QApplication.sendPostedEvents()
    QApplication.processEvents()
    assert bench.panel.colors.wheel.mapTo(bench.window, QPoint()) == before
    assert bench.panel.tolerance_bar.isVisible() == (tool == "fill")
    assert bench.panel.size_bar.isVisible() == (tool != "fill")
    assert bench.panel.likely.isVisible() == (tool in ("brush", "fill") and not reason)


def test_a_low_panel_shows_all_of_the_wheel(bench: Bench, qtbot: Any) -> None:
    wheel, panel = bench.panel.colors.wheel, bench.panel
    bench.window.resize(248, 390)
    qtbot.waitUntil(lambda: wheel.mapTo(panel, QPoint(0, wheel.height())).y() <= panel.height())
    assert wheel.height() >= 120
    bench.window.resize(248, 700)
    qtbot.waitUntil(lambda: wheel.height() > 190)


def test_the_wheel_leads_there_and_back(qtbot: Any) -> None:
    wheel = ChromaWheel()
    qtbot.addWidget(wheel)
    wheel.resize(200, 200)
    wheel.set_colors((60.0, 10.0, 10.0), (60.0, 0.0, 0.0))
    for color in ((60.0, 20.0, 15.0), (60.0, -10.0, 30.0), (60.0, 0.0, -25.0), (60.0, 0.0, 0.0)):
        assert wheel.color_at(wheel.place_of(color)) == pytest.approx(color, abs=0.2)


def test_dragging_on_the_wheel_chooses_within_the_gamut(bench: Bench) -> None:
    wheel, settings = bench.panel.colors.wheel, bench.settings
    settings.set_foreground((60.0, 5.0, 5.0))
    middle = wheel.rect().center()
    drag(wheel, middle, QPoint(wheel.width() - 1, middle.y()))
    lightness, a, b = settings.foreground
    assert lightness == 60.0 and a > 40 and abs(b) < 3
    assert QColor(hex_of_lab(settings.foreground)).isValid()
    hue = math.atan2(b, a)
    drag(wheel, middle + QPoint(20, 30), keys=SHIFT)
    assert math.atan2(settings.foreground[2], settings.foreground[1]) == pytest.approx(hue, abs=1e-6)
    assert math.hypot(*settings.foreground[1:]) < math.hypot(a, b)


def test_the_wheel_is_dim_where_the_screen_ends(bench: Bench) -> None:
    bench.settings.set_foreground((60.0, 0.0, 0.0))
    wheel = bench.panel.colors.wheel
    picture = wheel.grab().toImage()

    def saturation(place: QPointF) -> float:
        return (
            picture.pixelColor(place.toPoint()).hsvSaturationF()
            * picture.pixelColor(place.toPoint()).valueF()
        )

    inside, outside = wheel.place_of((60.0, -20.0, -30.0)), wheel.place_of((60.0, -70.0, -70.0))
    assert saturation(inside) > 2 * saturation(outside)


def test_hex_is_taken_and_nonsense_is_not(bench: Bench) -> None:
    field = bench.panel.colors.hex
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "#4080c0")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert hex_of_lab(bench.settings.foreground) == "#4080c0"
    field.selectAll()
    QTest.keyClicks(field, "#zzz")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert hex_of_lab(bench.settings.foreground) == "#4080c0" and field.text() == "#4080c0"


def test_luminance_of_the_picker_leaves_chroma(bench: Bench) -> None:
    bench.settings.set_foreground((60.0, 12.0, 9.0))
    bar = bench.panel.colors.luminance
    drag(bar, QPoint(bar.width() // 4, 10))
    assert bench.settings.foreground[0] == pytest.approx(25, abs=1) and bench.settings.foreground[1:] == (
        12.0,
        9.0,
    )


def test_a_click_on_the_two_colours_swaps_them(bench: Bench) -> None:
    front, back = bench.settings.foreground, bench.settings.background
    QTest.mouseClick(bench.panel.colors.pair, LEFT)
    assert (bench.settings.foreground, bench.settings.background) == (back, front)


def test_recent_colours_come_back_at_a_click(bench: Bench) -> None:
    bench.panel.set_recent(["#d9ab8c", "#8fb3d6"])
    recent = bench.panel.colors.recent
    QTest.mouseClick(recent, LEFT, NO_KEY, recent.cell(1).center())
    assert hex_of_lab(bench.settings.foreground) == "#8fb3d6"


# Palettes


def test_a_swatch_paints_with_its_colour(bench: Bench) -> None:
    bench.panel.set_palettes((starter_palette(),))
    grid = bench.panel.palettes.grid
    QTest.mouseClick(grid, LEFT, NO_KEY, grid.cell(6).center())
    assert hex_of_lab(bench.settings.foreground) == starter_palette().swatches[6].color
    assert not bench.edits


def test_the_first_swatch_makes_the_first_palette_and_is_named(bench: Bench) -> None:
    bench.settings.set_foreground_hex("#5f7a3c")
    QTest.mouseClick(bench.button("Add swatch"), LEFT)
    assert bench.palettes == (Palette("Palette", (Swatch("green", "#5f7a3c"),)),)
    field = bench.panel.palettes.field
    assert field.isVisible() and field.text() == "green"
    field.selectAll()
    QTest.keyClicks(field, "grass at noon")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert bench.palettes[0].swatches[0].name == "grass at noon"
    assert bench.edits == ["Add swatch", "Rename swatch"] and not field.isVisible()


def test_escape_leaves_a_name_as_it_was(bench: Bench) -> None:
    bench.panel.set_palettes((starter_palette(),))
    grid, field = bench.panel.palettes.grid, bench.panel.palettes.field
    QTest.mouseClick(grid, LEFT, NO_KEY, grid.cell(2).center())
    QTest.keyClick(grid, Qt.Key.Key_F2)
    QTest.keyClicks(field, "something")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert not bench.edits and not field.isVisible()


def test_swatches_are_put_in_order_by_dragging(bench: Bench) -> None:
    palette = Palette("P", tuple(Swatch(name, "#808080") for name in "abcd"))
    bench.panel.set_palettes((palette,))
    grid = bench.panel.palettes.grid
    drag(grid, grid.cell(0).center(), grid.cell(1).center(), grid.cell(2).center() + QPoint(8, 0))
    assert "".join(s.name for s in bench.palettes[0].swatches) == "bcad"
    drag(grid, grid.cell(3).center(), grid.cell(1).center(), grid.cell(0).center() - QPoint(8, 0))
    assert "".join(s.name for s in bench.palettes[0].swatches) == "dbca"
    assert bench.edits == ["Move swatch", "Move swatch"] and grid.current == 0
    # A short move is a click.
    drag(grid, grid.cell(3).center(), grid.cell(3).center() + QPoint(2, 1))
    assert len(bench.edits) == 2


def test_delete_takes_the_swatch_away(bench: Bench) -> None:
    palette = Palette("P", tuple(Swatch(name, "#808080") for name in "abc"))
    bench.panel.set_palettes((palette,))
    grid = bench.panel.palettes.grid
    QTest.mouseClick(grid, LEFT, NO_KEY, grid.cell(1).center())
    QTest.keyClick(grid, Qt.Key.Key_Delete)
    assert "".join(s.name for s in bench.palettes[0].swatches) == "ac"


def test_palettes_are_added_renamed_chosen_and_deleted(bench: Bench) -> None:
    box = bench.panel.palettes
    box.add_palette()
    QTest.keyClicks(box.field, "Street")
    QTest.keyClick(box.field, Qt.Key.Key_Return)
    box.add_palette()
    QTest.keyClick(box.field, Qt.Key.Key_Return)
    assert [p.name for p in bench.palettes] == ["Street", "Palette"]
    box.remove_palette()
    assert [p.name for p in bench.palettes] == ["Street"]
    assert bench.edits == ["Add palette", "Rename palette", "Add palette", "Delete palette"]


def test_a_read_only_project_keeps_its_palettes(bench: Bench) -> None:
    palette = Palette("P", tuple(Swatch(name, "#804020") for name in "abc"))
    bench.panel.set_palettes((palette,))
    bench.panel.set_editable(False)
    grid = bench.panel.palettes.grid
    drag(grid, grid.cell(0).center(), grid.cell(2).center())
    QTest.keyClick(grid, Qt.Key.Key_Delete)
    QTest.mouseClick(bench.button("Add swatch"), LEFT)
    assert not bench.edits
    QTest.mouseClick(grid, LEFT, NO_KEY, grid.cell(1).center())
    assert hex_of_lab(bench.settings.foreground) == "#804020"
