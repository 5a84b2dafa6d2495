"""The start page: recent projects are opened, and listed no longer, by hand and by key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFrame, QToolButton, QWidget

from remaster_gui.ui.actions import Actions
from remaster_gui.ui.start_page import RecentProject, StartPage

LEFT = Qt.MouseButton.LeftButton
KEPT = RecentProject(Path("/films/kept.remaster"), "kept", "today", QImage(), exists=True)
GONE = RecentProject(Path("/films/gone.remaster"), "gone", "in May", None, exists=False)


@pytest.fixture
def page(qtbot: Any) -> Iterator[StartPage]:
    window = QWidget()
    qtbot.addWidget(window)
    actions = Actions(window)
    actions.serve("film", None)
    page = StartPage(actions, window)
    page.resize(1000, 700)
    page.set_recent([KEPT, GONE])
    with qtbot.waitExposed(window):
        window.show()
    yield page


def _tile(page: StartPage, project: RecentProject) -> QFrame:
    (tile,) = (
        each for each in page.findChildren(QFrame) if each.accessibleName().startswith(f"{project.name},")
    )
    return tile


@pytest.mark.parametrize("project", [KEPT, GONE], ids=lambda project: project.name)
def test_a_project_is_opened_by_hand_and_by_key(page: StartPage, project: RecentProject) -> None:
    """One that is no longer there, too: the window says so."""
    chosen: list[Path] = []
    page.project_chosen.connect(chosen.append)
    tile = _tile(page, project)
    QTest.mouseClick(tile, LEFT, pos=QPoint(20, 20))
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space):
        QTest.keyClick(tile, key)
    assert chosen == [project.path] * 3
    QTest.keyClick(tile, Qt.Key.Key_A)
    QTest.mousePress(tile, LEFT, pos=QPoint(20, 20))
    QTest.mouseRelease(tile, LEFT, pos=QPoint(-20, 20))
    assert len(chosen) == 3, "the button was let go elsewhere"
    assert ("no longer there" in tile.toolTip()) is not project.exists


def test_a_project_is_listed_no_longer(page: StartPage) -> None:
    forgotten: list[Path] = []
    chosen: list[Path] = []
    page.project_forgotten.connect(forgotten.append)
    page.project_chosen.connect(chosen.append)
    QTest.mouseClick(_tile(page, GONE).findChildren(QToolButton)[0], LEFT)
    assert forgotten == [GONE.path] and not chosen
