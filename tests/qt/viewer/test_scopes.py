from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from remaster_gui.ui.viewer.scope_data import SCOPES, compute, targets
from remaster_gui.ui.viewer.scope_views import GROUND, ScopeView
from remaster_gui.ui.viewer.scopes import ScopesPanel, best_columns

LEFT = Qt.MouseButton.LeftButton
RED = np.full((40, 60, 3), (191, 0, 0), np.uint8)


@pytest.fixture
def panel(qtbot: Any) -> ScopesPanel:
    panel = ScopesPanel()
    qtbot.addWidget(panel)
    panel.resize(320, 520)
    panel.show()
    return panel


def brightness_at(view: ScopeView, x: float, y: float) -> int:
    """Brightest pixel near a place of the trace, x and y in parts of it, y from the bottom."""
    image = view.grab().toImage()
    area = view.area()
    at = QPoint(round(area.left() + x * area.width()), round(area.bottom() - y * area.height()))
    near = [at + QPoint(dx, dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
    return max(image.pixelColor(point).red() for point in near)


def test_colours_of_the_picture_shine_in_their_targets(panel: ScopesPanel) -> None:
    view = panel.views["vectorscope"]
    red = next(target for target in targets() if target.name == "R")
    place = (red.cb + 0.5, red.cr + 0.5)
    before = brightness_at(view, *place)
    panel.set_pictures(compute(RED))
    assert brightness_at(view, *place) > before + 100
    panel.set_pictures(None)
    assert brightness_at(view, *place) == before


def test_the_vectorscope_can_be_enlarged(panel: ScopesPanel) -> None:
    panel.set_pictures(compute((RED * 0.4).astype(np.uint8)))
    red = next(target for target in targets() if target.name == "R")
    view = panel.views["vectorscope"]
    QTest.mouseClick(panel.zoom, LEFT)
    assert brightness_at(view, red.cb * 0.8 + 0.5, red.cr * 0.8 + 0.5) > 120


def test_the_waveform_shows_levels_at_their_height(qtbot: Any) -> None:
    view = ScopeView("waveform")
    qtbot.addWidget(view)
    view.resize(300, 220)
    view.set_pictures(compute(np.full((40, 60, 3), 64, np.uint8)))
    assert brightness_at(view, 0.5, 64.5 / 256) > 110 > brightness_at(view, 0.5, 0.62)


def test_brightness_changes_the_trace_alone(panel: ScopesPanel) -> None:
    dim = np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)
    panel.set_shown(("waveform",))
    panel.set_pictures(compute(dim))
    view = panel.views["waveform"]

    def shine() -> float:
        image = view.grab().toImage().convertToFormat(view.grab().toImage().Format.Format_Grayscale8)
        return float(np.frombuffer(image.constBits(), np.uint8).mean())

    usual = shine()
    panel.brightness.setFocus()
    QTest.keyClick(panel.brightness, Qt.Key.Key_End)
    assert shine() > usual * 1.15
    QTest.keyClick(panel.brightness, Qt.Key.Key_Home)
    assert shine() < usual * 0.85


def test_one_to_four_scopes_are_chosen(panel: ScopesPanel, qtbot: Any) -> None:
    assert panel.shown == ("vectorscope", "parade")
    QTest.mouseClick(panel.buttons["histogram"], LEFT)
    assert panel.shown == ("vectorscope", "parade", "histogram")
    for kind in ("parade", "histogram"):
        QTest.mouseClick(panel.buttons[kind], LEFT)
    QTest.mouseClick(panel.buttons["vectorscope"], LEFT)
    assert panel.shown == ("vectorscope",) and panel.buttons["vectorscope"].isChecked()
    panel.set_shown(SCOPES)
    assert all(not view.isHidden() for view in panel.views.values())


def test_scopes_are_arranged_by_the_panels_shape(panel: ScopesPanel, qtbot: Any) -> None:
    assert (
        best_columns(2, 300, 500) == 1 and best_columns(4, 700, 560) == 2 and best_columns(4, 1300, 260) == 4
    )
    panel.set_shown(SCOPES)
    panel.resize(1200, 280)
    qtbot.waitUntil(lambda: len({view.y() for view in panel.views.values()}) == 1, timeout=300_000)
    panel.resize(320, 900)
    qtbot.waitUntil(lambda: len({view.x() for view in panel.views.values()}) == 1, timeout=300_000)


def test_the_pointer_reads_values(panel: ScopesPanel) -> None:
    wave = ScopeView("waveform")
    area = wave.area()
    assert wave.readout(QPointF(area.center().x(), area.bottom())).startswith("0 ")
    assert wave.readout(QPointF(2, 2)) == ""
    vector = panel.views["vectorscope"]
    above = vector.area().center() - QPointF(0, vector.area().height() / 4)
    assert vector.readout(above) == "saturation 50\N{NO-BREAK SPACE}% · hue 90°"
    wave.deleteLater()


def test_every_scope_draws_with_and_without_a_picture(qtbot: Any) -> None:
    for kind in SCOPES:
        view = ScopeView(kind)
        qtbot.addWidget(view)
        view.resize(260, 200)
        bare = view.grab().toImage()
        assert bare.pixelColor(1, 198) == GROUND
        view.set_pictures(compute(np.random.default_rng(1).integers(0, 256, (30, 40, 3), np.uint8)))
        assert view.grab().toImage() != bare
