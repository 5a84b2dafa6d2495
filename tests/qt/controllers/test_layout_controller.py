"""Panels: brought to the front, closed, put back; and the whole screen."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QMenu, QWidget

from remaster_gui.ui.actions import Actions
from remaster_gui.ui.controllers.layout_controller import LayoutController, Panel
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow
from remaster_gui.ui.panels.names import NameRow


@pytest.fixture(scope="module", autouse=True)
def plain_look() -> None:
    """Sizes are tried here, so the editor's own look stays."""


def test_panels_are_there_with_a_film_and_are_remembered(window: MainWindow, session: FilmSession) -> None:
    layout = window.layout_
    assert layout.is_in and layout.is_shown("paint") and not layout.is_shown("scopes")
    layout.toggle("paint")
    layout.toggle("scopes")
    assert layout.is_shown("scopes") and not layout.is_shown("paint")
    layout.leave()
    assert not any(layout.is_shown(id_) for id_ in layout.docks)
    layout.enter()
    assert layout.is_shown("scopes") and not layout.is_shown("paint")
    layout.reset()
    assert layout.is_shown("paint") and not layout.is_shown("scopes")


@pytest.fixture
def layout(qtbot: Any) -> LayoutController:
    """Four empty panels in a window, the last behind the third and in need of much room."""
    window = QMainWindow()
    qtbot.addWidget(window)
    left = Qt.DockWidgetArea.LeftDockWidgetArea
    panels = (
        Panel("references", "References", QWidget(), left),
        Panel("paint", "Paint", QWidget(), Qt.DockWidgetArea.RightDockWidgetArea),
        Panel("history", "History", QWidget(), left),
        Panel("names", "Named colours", QWidget(), left, tabbed=True, height=420),
    )
    window.setCentralWidget(QWidget())
    window.resize(1366, 900)
    made = LayoutController(window, Actions(window), panels)
    window.show()
    made.enter()
    docks = made.docks
    qtbot.waitUntil(
        lambda: docks["history"].isVisible() and all(dock.updatesEnabled() for dock in docks.values())
    )
    return made


def test_a_panel_that_comes_to_the_front_gets_the_room_that_it_needs_and_gives_it_back(
    qtbot: Any, layout: LayoutController
) -> None:
    history, names = layout.docks["history"], layout.docks["names"]
    usual = history.height()
    assert usual < 350
    layout.show("names")
    # Qt shares out what tabs take, too.
    qtbot.waitUntil(lambda: names.isVisible() and names.height() > 390)
    history.raise_()
    qtbot.waitUntil(lambda: history.isVisible() and abs(history.height() - usual) < 30)


def test_a_panel_that_is_asked_for_in_the_menu_comes_to_the_front(
    qtbot: Any, layout: LayoutController
) -> None:
    menu = QMenu()
    qtbot.addWidget(menu)
    layout.add_to_menu(menu)
    names, line = layout.docks["names"], layout.docks["names"].toggleViewAction()
    line.trigger()
    assert names.isHidden()
    line.trigger()
    qtbot.waitUntil(names.isVisible)
    assert line in menu.findChild(QMenu).actions()


def test_a_panel_gets_no_more_room_than_the_others_can_do_without(
    qtbot: Any, qtlog: Any, layout: LayoutController
) -> None:
    window, (references, _, _, names) = layout.parent(), layout.docks.values()
    assert isinstance(window, QMainWindow)
    window.resize(1366, 320)
    asked: list[list[int]] = []
    resize = window.resizeDocks

    def resized(docks: list[QDockWidget], sizes: list[int], direction: Qt.Orientation) -> None:
        asked.append(sizes)
        resize(docks, sizes, direction)

    window.resizeDocks = resized  # type: ignore[method-assign]
    layout.show("names")
    qtbot.waitUntil(lambda: names.isVisible() and bool(asked))
    assert all(height > 0 for sizes in asked for height in sizes)
    assert references.height() >= references.minimumSizeHint().height()
    assert [record.message for record in qtlog.records if "resizeDocks" in record.message] == []


def test_no_panel_makes_the_window_higher_than_a_small_screen(
    window: MainWindow, session: FilmSession
) -> None:
    row = NameRow("tunic", (0.0, 0.0), (0.0, 0.0))
    window.widgets.names.set_rows((row,), "tunic", naming=True, matte=True)
    for id_, dock in window.layout_.docks.items():
        widget = dock.widget()
        assert widget is not None and widget.minimumSizeHint().height() <= 240, id_
        assert id_ == "time" or 260 <= widget.minimumWidth() <= 300, "words are not cut off at their right"


def test_the_whole_screen_is_taken_and_given_back(window: MainWindow) -> None:
    window.layout_.toggle_full_screen()
    assert window.layout_.is_full_screen
    window.layout_.toggle_full_screen()
    assert not window.layout_.is_full_screen


def test_the_picture_alone_fills_the_screen_until_esc(
    qtbot: Any, window: MainWindow, session: FilmSession
) -> None:
    window.show()
    layout, actions = window.layout_, window.actions_
    layout.toggle("paint")
    before = layout.state
    around = (window.menuBar(), window.statusBar(), layout.tool_bar, *layout.docks.values())
    shown = [part.isVisible() for part in around]
    actions["picture_alone"].trigger()
    assert not any(part.isVisible() for part in around) and layout.is_full_screen
    assert layout.state == before, "what is remembered is how it was with panels"
    actions["step_forward"].trigger()
    assert session.film.view.playhead == 1, "keys go on working"
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert [part.isVisible() for part in around] == shown and not layout.is_full_screen


def test_a_film_that_is_closed_leaves_no_bare_window(window: MainWindow, session: FilmSession) -> None:
    window.show()
    window.layout_.toggle_alone()
    window.layout_.leave()
    assert window.menuBar().isVisible() and not window.layout_.is_alone
