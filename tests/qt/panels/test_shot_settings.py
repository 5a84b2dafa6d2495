"""The inspector shows what a shot has otherwise than the film, changes only what is touched, and leads back."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from remaster_gui.base.choices import ShotSettings, effective_settings
from remaster_gui.base.timebase import FrameRange
from remaster_gui.media import FilmInfo
from remaster_gui.project.schema import ProjectSettings, ReferenceRecord, ShotRecord
from remaster_gui.ui.panels.facts import InspectedShot
from remaster_gui.ui.panels.inspector import Inspector

LEFT = Qt.MouseButton.LeftButton
HOUSE = ReferenceRecord("a" * 16, "House <1>", "painted", 50, "#4aa3df", True, True, 640, 480, 1)


def shot(first: int = 40, own: ShotSettings | None = None, notes: str = "") -> InspectedShot:
    film = ProjectSettings()
    own = own or ShotSettings()
    record = ShotRecord(first, own, notes)
    return InspectedShot(
        2,
        FrameRange(first, first + 30),
        Fraction(24),
        record,
        effective_settings(film, ((first, own),), first),
        film,
        (HOUSE,),
    )


@pytest.fixture
def inspector(film_info: FilmInfo, qtbot: Any) -> Inspector:
    inspector = Inspector()
    qtbot.addWidget(inspector)
    inspector.resize(264, 760)
    inspector.set_film(film_info)
    inspector.set_settings(ProjectSettings())
    inspector.set_shot(shot(), True)
    inspector.show()
    return inspector


def marked(inspector: Inspector) -> set[str]:
    return {name for name, row in inspector.settings.names.items() if row.is_marked}


def test_the_switch_names_the_shot_and_asks_for_either(inspector: Inspector, qtbot: Any) -> None:
    assert (inspector.target.shot.text(), inspector.target.shot.isChecked()) == ("Shot 2", True)
    assert not inspector.settings.proxy.isVisible() and inspector.shot.isVisible()
    for button, by_shot in ((inspector.target.film, False), (inspector.target.shot, True)):
        with qtbot.waitSignal(inspector.target.chosen) as asked:
            QTest.mouseClick(button, LEFT)
        assert asked.args == [by_shot]
    inspector.set_shot(shot(), False)
    assert inspector.settings.proxy.isVisible() and not inspector.shot.isVisible()
    inspector.set_shot(None, True)
    assert not inspector.target.shot.isEnabled() and inspector.target.film.isChecked()


def test_only_what_is_touched_becomes_the_shots_own(inspector: Inspector, qtbot: Any) -> None:
    box = inspector.settings
    assert marked(inspector) == set()
    with qtbot.waitSignal(inspector.shot_settings_requested) as asked:
        QTest.keyClick(box.saturation.slider, Qt.Key.Key_PageDown)
    assert asked.args == [40, ShotSettings(saturation=0.9)]
    with qtbot.waitSignal(inspector.shot_settings_requested) as asked:
        box.following.click()
    assert asked.args == [40, ShotSettings(saturation=0.9, following=False)]
    with qtbot.waitSignal(inspector.shot_settings_requested) as asked:
        box.following.click()
    assert asked.args == [40, ShotSettings(saturation=0.9, following=True)]
    inspector.set_shot(shot(own=ShotSettings(saturation=0.9)), True)
    with qtbot.waitSignal(inspector.shot_settings_requested) as asked:
        QTest.mouseClick(box.colorization, LEFT, pos=box.colorization.rect().center())
    assert asked.args == [40, ShotSettings(saturation=0.9, colorization=False)]
    with qtbot.waitSignal(inspector.shot_settings_requested) as asked:
        QTest.mouseClick(box.restoration, LEFT, pos=box.restoration.rect().center())
    both_off = ShotSettings(saturation=0.9, colorization=False, restoration=False)
    assert asked.args == [40, both_off], "a shot may stay as it was filmed"


def test_what_differs_is_marked_and_each_leads_back(inspector: Inspector, qtbot: Any) -> None:
    own = ShotSettings(saturation=0.5, restoration=False)
    inspector.set_shot(shot(own=own), True)
    assert marked(inspector) == {"steps", "saturation"}
    assert inspector.settings.saturation.share() == 0.5 and not inspector.settings.restoration.isChecked()
    with qtbot.waitSignal(inspector.shot_settings_requested) as asked:
        QTest.mouseClick(inspector.settings.names["steps"].reset, LEFT)
    assert asked.args == [40, ShotSettings(saturation=0.5)]
    with qtbot.waitSignal(inspector.shot.reset_requested) as asked:
        QTest.mouseClick(inspector.shot.reset, LEFT)
    assert asked.args == [40]
    inspector.set_shot(shot(own=own), False)
    assert marked(inspector) == set() and inspector.settings.saturation.share() == 1.0


def test_notes_are_kept_when_the_field_or_the_shot_is_left(inspector: Inspector, qtbot: Any) -> None:
    notes = inspector.shot.notes
    notes.setFocus()
    with qtbot.waitSignal(inspector.shot.notes_edited) as asked:
        QTest.keyClicks(notes, "olive")
        inspector.set_shot(shot(first=70, notes="other"), True)
    assert asked.args == [40, "olive"]
    assert notes.toPlainText() == "other"
    with qtbot.assertNotEmitted(inspector.shot.notes_edited):
        inspector.set_shot(shot(first=40, notes="olive"), True)
        inspector.set_shot(None, False)


def test_its_references_are_named_and_lead_to_them(inspector: Inspector, qtbot: Any) -> None:
    assert "House &lt;1&gt;" in inspector.shot.references.text()
    with qtbot.waitSignal(inspector.shot.reference_chosen) as asked:
        inspector.shot.references.linkActivated.emit(HOUSE.id)
    assert asked.args == [HOUSE.id]


def test_nothing_of_a_shot_can_be_changed_where_nothing_may_be(inspector: Inspector) -> None:
    inspector.set_read_only(True)
    assert inspector.shot.notes.isReadOnly() and not inspector.shot.reset.isVisible()
    assert not inspector.settings.isEnabled()
