from dataclasses import replace
from threading import Thread
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest

from remaster_gui.document.view_state import ViewState
from remaster_gui.project.schema import ReferenceRecord
from remaster_gui.ui.viewer.attention_overlay import AttentionOverlay, LegendEntry, flow
from remaster_gui.ui.viewer.attention_pictures import (
    STRONGEST,
    heat_pictures,
    heat_pixels,
    overlay_picture,
    overlay_pixels,
)
from remaster_gui.ui.viewer.attention_probe import AttentionProbe
from remaster_gui.ui.viewer.canvas import Canvas

LEFT = Qt.MouseButton.LeftButton
BLUE, RED = QColor(40, 80, 220), QColor(220, 60, 40)
SKY = ReferenceRecord("a", "Sky", "painted", 20, BLUE.name(), True, True, 64, 48, 1)


def halves() -> tuple[np.ndarray, np.ndarray]:
    """The left half drawn from the first reference, the right half from the second; the top surely, the bottom not."""
    shares = np.zeros((10, 20, 2), np.float32)
    shares[:, :10, 0] = shares[:, 10:, 1] = 1
    certainty = np.zeros((10, 20), np.float32)
    certainty[:5] = 1
    return shares, certainty


def test_hue_tells_the_reference_and_alpha_the_certainty() -> None:
    pixels = overlay_pixels(*halves(), [BLUE, RED])
    height, width = pixels.shape[:2]
    assert width == 2 * height and width >= 40
    assert tuple(pixels[2, 4, :3]) == BLUE.getRgb()[:3] and tuple(pixels[2, -4, :3]) == RED.getRgb()[:3]
    assert pixels[2, 4, 3] == round(255 * STRONGEST) and pixels[-2, 4, 3] == 0


def test_a_clear_leader_shows_its_pure_colour_and_a_tie_shows_both() -> None:
    shares = np.full((4, 4, 2), 0.5, np.float32)
    certainty = np.ones((4, 4), np.float32)
    tie = overlay_pixels(shares, certainty, [BLUE, RED])[8, 8, :3]
    assert tie[0] == 130 and tie[2] == 130
    shares[..., 0], shares[..., 1] = 0.7, 0.3
    clear = overlay_pixels(shares, certainty, [BLUE, RED])[8, 8, :3]
    assert np.abs(clear.astype(int) - BLUE.getRgb()[:3]).max() <= 2


def test_of_very_many_references_the_leading_ones_are_drawn() -> None:
    shares = np.full((4, 4, 200), 0.001, np.float32)
    shares[..., 150] = 0.8
    colors = [RED] * 150 + [BLUE] + [RED] * 49
    pixels = overlay_pixels(shares, np.ones((4, 4), np.float32), colors)
    assert tuple(pixels[8, 8, :3]) == BLUE.getRgb()[:3]


def test_without_references_nothing_is_laid_over() -> None:
    pixels = overlay_pixels(np.zeros((4, 6, 0), np.float32), np.zeros((4, 6), np.float32), [])
    assert pixels.size and not pixels.any()


def test_pictures_are_made_on_other_threads() -> None:
    made: list[QImage] = []
    thread = Thread(target=lambda: made.append(overlay_picture(*halves(), [BLUE, RED])))
    thread.start()
    thread.join()
    middle = made[0].pixelColor(8, 4)
    assert middle.blue() > middle.red() and 0 < middle.alpha() < 255


def test_heat_is_dark_where_nothing_comes_from_and_aglow_at_the_peak() -> None:
    heat = np.zeros((8, 8), np.float32)
    heat[2:5, 2:5] = 0.1
    pixels = heat_pixels(heat, 0.1)
    scale = pixels.shape[0] // 8
    cold, hot = pixels[-2, -2], pixels[3 * scale + scale // 2, 3 * scale + scale // 2]
    assert cold[:3].max() == 0 and cold[3] > 100
    assert hot[0] > 200 and hot[3] > 100


def test_heat_maps_share_one_scale() -> None:
    strong, weak = np.full((4, 4), 0.09, np.float32), np.full((4, 4), 0.0025, np.float32)
    pictures = heat_pictures([strong, weak], ["a", "b"])
    assert pictures["a"].pixelColor(9, 9).red() > 2 * pictures["b"].pixelColor(9, 9).red()
    assert heat_pictures([], []) == {}


def test_cells_flow_as_words_do() -> None:
    assert flow([50, 50, 50], 130, 3, gap=10) == [(0, 0.0), (0, 60.0), (1, 0.0)]
    assert flow([50, 50, 50], 130, 1, gap=10) == [(0, 0.0), (0, 60.0)]
    assert flow([500], 130, 1) == [(0, 0.0)]


@pytest.fixture
def canvas(qtbot: Any) -> Canvas:
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(420, 320)
    canvas.set_picture_size(QSize(200, 150))
    picture = QImage(200, 150, QImage.Format.Format_RGB32)
    picture.fill(QColor(90, 90, 90))
    canvas.set_picture(picture)
    canvas.show()
    return canvas


@pytest.fixture
def overlay(canvas: Canvas) -> AttentionOverlay:
    overlay = AttentionOverlay(canvas)
    overlay.view.attention = True
    overlay.set_map(
        overlay_picture(*halves(), [BLUE, RED]),
        [LegendEntry(SKY, 0.3), LegendEntry(replace(SKY, id="b", name="House", color=RED.name()), 0.7)],
        0.5,
    )
    return overlay


def test_the_map_lies_over_the_picture_while_it_is_switched_on(
    canvas: Canvas, overlay: AttentionOverlay
) -> None:
    top_left, bottom = (
        canvas.to_widget(QPointF(30, 30)).toPoint(),
        canvas.to_widget(QPointF(30, 100)).toPoint(),
    )
    grabbed = canvas.grab().toImage()
    assert grabbed.pixelColor(top_left).blue() > grabbed.pixelColor(top_left).red() + 60
    assert grabbed.pixelColor(bottom) == QColor(90, 90, 90)
    overlay.view.attention = False
    assert canvas.grab().toImage().pixelColor(top_left) == QColor(90, 90, 90)


def test_a_legend_of_many_references_leaves_the_middle_free(
    canvas: Canvas, overlay: AttentionOverlay
) -> None:
    many = [LegendEntry(replace(SKY, name=f"Reference number {n}", color="#ff00ff"), 0.01) for n in range(60)]
    overlay.set_map(overlay_picture(*halves(), [BLUE, RED]), many, 0.5)
    grabbed = canvas.grab().toImage()
    marked = [
        y for y in range(grabbed.height()) for x in range(0, grabbed.width(), 3)
        if grabbed.pixelColor(x, y) == QColor(255, 0, 255)
    ]  # fmt: skip
    assert marked and min(marked) > canvas.height() * 0.6


def test_the_layer_is_switched_in_the_legend(canvas: Canvas, overlay: AttentionOverlay) -> None:
    told: list[str] = []
    overlay.view.events.layer.connect(told.append)
    for layer in ("fine", "coarse", "coarse", "fine"):
        canvas.grab()
        QTest.mouseClick(canvas, LEFT, pos=overlay.switch_rects[layer].center().toPoint())
        assert overlay.view.layer == layer
    assert told == ["coarse", "fine"]


def test_a_hidden_switch_lets_presses_through(canvas: Canvas, overlay: AttentionOverlay) -> None:
    canvas.grab()
    place = overlay.switch_rects["coarse"].center().toPoint()
    overlay.view.attention = False
    QTest.mouseClick(canvas, LEFT, pos=place)
    assert overlay.view.layer == "fine"


@pytest.fixture
def probe(canvas: Canvas) -> AttentionProbe:
    canvas.pointer.tool = probe = AttentionProbe(canvas)
    return probe


def at(canvas: Canvas, x: float, y: float) -> QPoint:
    return canvas.to_widget(QPointF(x, y)).toPoint()


def test_hovering_asks_for_the_newest_place_only(canvas: Canvas, probe: AttentionProbe, qtbot: Any) -> None:
    asked: list[tuple[float, float, bool]] = []
    probe.point_requested.connect(lambda *args: asked.append(args))
    for x in range(20, 60, 2):
        QTest.mouseMove(canvas, at(canvas, x, 50))
    qtbot.waitUntil(lambda: bool(asked) and abs(asked[-1][0] - 58) < 1, timeout=300_000)
    assert len(asked) < 20 and asked[-1][2] is False


def test_a_pinned_place_stays_until_it_is_clicked_again(
    canvas: Canvas, probe: AttentionProbe, qtbot: Any
) -> None:
    with qtbot.waitSignal(probe.point_requested) as asked:
        QTest.mouseClick(canvas, LEFT, pos=at(canvas, 100, 40))
    assert asked.args[:2] == [pytest.approx(100, abs=1), pytest.approx(40, abs=1)]
    QTest.mouseMove(canvas, at(canvas, 30, 30))
    assert probe.pinned and probe.point is not None and abs(probe.point.x() - 100) < 1
    QTest.mouseClick(canvas, LEFT, pos=at(canvas, 100, 40))
    QTest.mouseMove(canvas, at(canvas, 40, 60))
    assert not probe.pinned and abs(probe.point.x() - 40) < 1


def test_leaving_the_picture_ends_the_question(canvas: Canvas, probe: AttentionProbe, qtbot: Any) -> None:
    QTest.mouseMove(canvas, at(canvas, 100, 40))
    with qtbot.waitSignal(probe.point_left):
        QTest.mouseMove(canvas, QPoint(3, 3))
    assert probe.point is None


def test_the_other_layer_is_asked_at_once(canvas: Canvas, probe: AttentionProbe, qtbot: Any) -> None:
    QTest.mouseClick(canvas, LEFT, pos=at(canvas, 100, 40))
    view = ViewState()
    probe.look_at(view)
    with qtbot.waitSignal(probe.point_requested, check_params_cb=lambda _x, _y, coarse: coarse):
        view.layer = "coarse"


def test_the_cell_and_crosshair_are_drawn(canvas: Canvas, probe: AttentionProbe) -> None:
    QTest.mouseClick(canvas, LEFT, pos=at(canvas, 100, 40))
    before = canvas.grab().toImage().pixelColor(at(canvas, 140, 50))
    probe.set_cell((140, 50, 16, 16))
    grabbed = canvas.grab().toImage()
    assert grabbed.pixelColor(at(canvas, 140, 50)) != before
    assert grabbed.pixelColor(at(canvas, 100, 40) + QPoint(7, 0)) != QColor(90, 90, 90)
