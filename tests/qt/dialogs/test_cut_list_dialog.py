"""The dialog that shows what a cut list would change, before it does."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from remaster_gui.cutlists import FilmClock, PlacedCuts, read_cut_list
from remaster_gui.ui.dialogs.cut_list_dialog import CutListDialog

RATE = Fraction(24)
EDL = """001  A001     V     C        01:00:00:00 01:00:02:00 10:00:00:00 10:00:02:00
002  B002     V     D    012 01:00:03:00 01:00:04:00 10:00:02:00 10:00:03:00
003  A001     V     C        01:00:05:00 01:00:06:00 10:00:03:00 10:00:04:00
* COMMENT: sky too red
"""


@pytest.fixture
def dialog(qtbot: Any, tmp_path: Path) -> CutListDialog:
    (tmp_path / "a.edl").write_text(EDL)
    cut_list = read_cut_list(tmp_path / "a.edl", RATE)
    dialog = CutListDialog("a.edl", cut_list, FilmClock(RATE, 200), (0, 53, 72, 150))
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def rows(dialog: CutListDialog) -> list[tuple[str, ...]]:
    items = [dialog.table.topLevelItem(at) for at in range(dialog.table.topLevelItemCount())]
    return [tuple(item.text(column) for column in range(3)) for item in items if item is not None]


def test_each_difference_is_listed_and_taken_over_at_once(qtbot: Any, dialog: CutListDialog) -> None:
    assert rows(dialog) == [
        ("48", "00:00:02:00", "Dissolve of 12 frames from the shot before"),
        ("54", "00:00:02:06", "Cut moved 1 frame later"),
        ("72", "00:00:03:00", "sky too red"),
        ("96", "00:00:04:00", "Cut added"),
        ("150", "00:00:06:06", "Cut removed"),
    ]
    assert dialog.summary.text() == "4 shots, of which 2 begin as now; 3 cuts would be other than now."
    assert "1 transition" in dialog.notes.text()
    with qtbot.waitSignal(dialog.frame_chosen) as chosen:
        dialog.table.setCurrentItem(dialog.table.topLevelItem(3))
    assert chosen.args == [96]
    with qtbot.waitSignal(dialog.import_requested) as requested:
        QTest.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
    placed = requested.args[0]
    assert isinstance(placed, PlacedCuts) and placed.cuts == (0, 54, 72, 96)
    assert not dialog.isVisible()


def test_what_does_not_fit_is_said_and_cannot_be_taken_over(dialog: CutListDialog) -> None:
    assert [dialog.reel.itemText(at) for at in range(dialog.reel.count())] == ["All reels", "A001", "B002"]
    dialog.by.setCurrentIndex(dialog.by.findData("source"))
    assert "from 2 reels" in dialog.validation.text.text() and not dialog.accept_button.isEnabled()
    dialog.reel.setCurrentText("A001")
    assert "No event of the list lies on the film" in dialog.validation.text.text()
    QTest.keyClicks(dialog.start, "01:00:00:00")
    assert dialog.accept_button.isEnabled() and not dialog.validation.text.text()
    assert dialog.placed is not None and dialog.placed.cuts == (0, 48, 120, 144)


def test_frames_ask_for_neither_source_nor_timecode(qtbot: Any, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("0\n10\n")
    dialog = CutListDialog("a.csv", read_cut_list(tmp_path / "a.csv", RATE), FilmClock(RATE, 20), (0,))
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.by.isVisible() and not dialog.reel.isVisible() and not dialog.start.isVisible()
    assert dialog.summary.text() == "2 shots, of which 1 begin as now; 1 cut would be other than now."
