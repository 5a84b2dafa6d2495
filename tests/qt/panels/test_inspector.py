import dataclasses
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from remaster_gui.media import FilmInfo
from remaster_gui.project.schema import ProjectSettings, ReferenceRecord
from remaster_gui.ui.panels.facts import InspectedFrame
from remaster_gui.ui.panels.inspector import Inspector

LEFT = Qt.MouseButton.LeftButton
REFERENCE = ReferenceRecord("a" * 32, "House", "painted", 312, "#4aa3df", True, True, 640, 480, 1)


@pytest.fixture
def inspector(film_info: FilmInfo, qtbot: Any) -> Inspector:
    inspector = Inspector()
    qtbot.addWidget(inspector)
    inspector.resize(264, 640)
    inspector.set_film(film_info)
    inspector.set_settings(ProjectSettings())
    inspector.set_reference(REFERENCE, 0.42)
    inspector.show()
    return inspector


def test_nothing_is_shown_until_a_film_is_open(film_info: FilmInfo, qtbot: Any) -> None:
    inspector = Inspector()
    qtbot.addWidget(inspector)
    inspector.show()
    assert inspector.nothing.isVisible() and not inspector.area.isVisible()
    inspector.set_film(film_info)
    assert not inspector.nothing.isVisible() and ("File", "blast.mp4") in inspector.film.facts()


def test_the_frame_follows_the_playhead(inspector: Inspector) -> None:
    inspector.set_frame(InspectedFrame(312, "00:00:13:00", 2))
    assert ("State", "remastered, up to date") in inspector.frame.facts()
    inspector.set_frame(InspectedFrame(313, "00:00:13:01", 3))
    assert ("Frame", "313") in inspector.frame.facts() and (
        "State",
        "remastered, stale",
    ) in inspector.frame.facts()


def test_a_reference_is_renamed_by_typing(inspector: Inspector, qtbot: Any) -> None:
    field = inspector.reference.name
    field.setFocus()
    field.selectAll()
    with qtbot.waitSignal(inspector.rename_requested) as asked:
        QTest.keyClicks(field, "Barn")
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert asked.args == ["a" * 32, "Barn"]


def test_an_empty_name_is_no_name(inspector: Inspector, qtbot: Any) -> None:
    field = inspector.reference.name
    field.setFocus()
    field.selectAll()
    with qtbot.assertNotEmitted(inspector.rename_requested):
        QTest.keyClick(field, Qt.Key.Key_Delete)
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.text() == "House"


def test_wishes_about_the_reference(inspector: Inspector, qtbot: Any) -> None:
    with qtbot.waitSignal(inspector.enable_requested) as asked:
        QTest.mouseClick(inspector.reference.used, LEFT, pos=inspector.reference.used.rect().center())
    assert asked.args == [False]
    inspector.set_reference(REFERENCE, None, 3)
    assert "3 references, changed together" in [label.text() for label in inspector.findChildren(QLabel)]
    with qtbot.waitSignal(inspector.frame_requested) as gone:
        QTest.mouseClick(inspector.reference.go, LEFT)
    assert gone.args == [312]
    inspector.set_reference(dataclasses.replace(REFERENCE, frame=None))
    assert not inspector.reference.go.isEnabled()
    inspector.set_reference(None)
    assert not inspector.reference.isVisible()


def test_settings_are_asked_for_as_a_whole(inspector: Inspector, qtbot: Any) -> None:
    box = inspector.settings
    box.proxy.setFocus()
    with qtbot.waitSignal(inspector.settings_requested) as asked:
        QTest.keyClick(box.proxy, Qt.Key.Key_Down)
    assert asked.args == [ProjectSettings(proxy="full")]
    with qtbot.waitSignal(inspector.settings_requested) as asked:
        QTest.mouseClick(box.restoration, LEFT, pos=box.restoration.rect().center())
    assert asked.args == [ProjectSettings(proxy="full", restoration=False)]


def test_strengths_are_set_by_sliders_and_a_double_click_goes_back(inspector: Inspector, qtbot: Any) -> None:
    box = inspector.settings
    box.strength.setFocus()
    with qtbot.waitSignal(inspector.settings_requested) as asked:
        QTest.keyClick(box.strength.slider, Qt.Key.Key_PageDown)
    assert asked.args == [ProjectSettings(restoration_strength=0.9)]
    assert box.strength.text.text() == "90\N{NO-BREAK SPACE}%"
    with qtbot.waitSignal(inspector.settings_requested) as asked:
        QTest.keyClick(box.saturation.slider, Qt.Key.Key_Right)
    assert asked.args == [ProjectSettings(restoration_strength=0.9, saturation=1.01)]
    with qtbot.waitSignal(inspector.settings_requested) as asked:
        QTest.mouseDClick(box.strength.slider, LEFT, pos=box.strength.slider.rect().center())
    assert asked.args == [ProjectSettings(saturation=1.01)]
    inspector.set_settings(ProjectSettings(luminance="source", colorization=False))
    assert not box.strength.isEnabled() and not box.saturation.isEnabled()


def test_showing_settings_asks_for_nothing(inspector: Inspector, qtbot: Any) -> None:
    with qtbot.assertNotEmitted(inspector.settings_requested):
        inspector.set_settings(ProjectSettings(edge=400, luminance="source", proxy="quarter"))
    assert inspector.settings.edge.currentText() == "528 × 400"


def test_one_step_always_stays(inspector: Inspector) -> None:
    box = inspector.settings
    inspector.set_settings(ProjectSettings(restoration=False))
    assert not box.colorization.isEnabled() and box.restoration.isEnabled() and not box.luminance.isEnabled()
    inspector.set_settings(ProjectSettings())
    assert box.colorization.isEnabled() and box.restoration.isEnabled()


def test_nothing_can_be_changed_in_a_project_that_is_read_only(inspector: Inspector, qtbot: Any) -> None:
    inspector.set_read_only(True)
    assert inspector.reference.name.isReadOnly()
    with qtbot.assertNotEmitted(inspector.enable_requested):
        QTest.mouseClick(inspector.reference.used, LEFT, pos=inspector.reference.used.rect().center())
    assert not inspector.settings.proxy.isEnabled()
