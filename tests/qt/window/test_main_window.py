"""The window itself: its layout from one session to the next, what may be dropped on it, one film after another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, QSize, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtWidgets import QApplication

from remaster_gui.ui.controllers.film_faults_controller import MOST
from remaster_gui.ui.main_window import MainWindow, takes_all
from remaster_gui.ui.widgets.message_bar import Message

WAIT = 300_000


def opened(qtbot: Any, window: MainWindow, film: Path) -> None:
    window.open_path(film)
    qtbot.waitUntil(
        lambda: window.session is not None and window.session.viewer.shown_frame == 0, timeout=WAIT
    )


@pytest.mark.parametrize(
    ("width", "height", "all_of_it"),
    [(1366, 768, True), (1600, 900, True), (1920, 1040, False), (3840, 2160, False), (2560, 1000, True)],
)
def test_a_screen_without_room_around_the_window_is_filled(width: int, height: int, all_of_it: bool) -> None:
    assert takes_all(QSize(width, height)) == all_of_it


def test_panels_stay_as_they_were_left(
    qtbot: Any, open_window: Callable[[], MainWindow], own_film: Path
) -> None:
    first = open_window()
    docks = first.layout_.docks
    assert all(dock.isHidden() for dock in docks.values()), "the start page stands alone"
    opened(qtbot, first, own_film)
    qtbot.waitUntil(first.updatesEnabled, timeout=WAIT)
    assert docks["history"].isVisible() and docks["scopes"].isHidden()
    docks["history"].close()
    first.layout_.show("scopes")
    first.close()
    second = open_window()
    opened(qtbot, second, own_film)
    assert second.layout_.docks["history"].isHidden() and second.layout_.docks["scopes"].isVisible()
    second.actions_["reset_layout"].trigger()
    assert second.layout_.docks["history"].isVisible() and second.layout_.docks["scopes"].isHidden()


def test_a_panel_gets_the_room_that_it_needs_when_it_is_opened(
    qtbot: Any, open_window: Callable[[], MainWindow], own_film: Path
) -> None:
    window = open_window()
    window.showNormal()
    opened(qtbot, window, own_film)

    def is_large() -> bool:
        window.resize(1600, 1200)
        return window.centralWidget().height() > 800

    qtbot.waitUntil(is_large, timeout=WAIT)
    docks = window.layout_.docks
    qtbot.waitUntil(lambda: docks["history"].isVisible(), timeout=WAIT)
    assert docks["history"].height() < 350
    window.layout_.show("scopes")
    qtbot.waitUntil(lambda: docks["scopes"].height() > 350, timeout=WAIT)
    assert docks["references"].height() >= 150


def test_one_film_takes_the_place_of_another(
    qtbot: Any, open_window: Callable[[], MainWindow], own_film: Path, tmp_path: Path
) -> None:
    window = open_window()
    opened(qtbot, window, own_film)
    other = tmp_path / "other.mkv"
    other.write_bytes(own_film.read_bytes())
    window.session.references.mark()
    before = window.session
    qtbot.waitUntil(lambda: bool(before and before.film.document.project.references), timeout=WAIT)
    window.open_path(other)
    qtbot.waitUntil(lambda: window.session is not None and window.session is not before, timeout=WAIT)
    assert window.windowTitle().startswith("other")
    assert window.session is not None and not window.session.film.document.project.references
    window.open_path(own_film)
    qtbot.waitUntil(lambda: window.windowTitle().startswith("film"), timeout=WAIT)
    assert len(window.session.film.document.project.references) == 1
    assert [entry.path.stem for entry in window.settings.recent] == ["film", "other"]


def test_what_cannot_be_opened_leaves_the_start_page(
    qtbot: Any, open_window: Callable[[], MainWindow], tmp_path: Path
) -> None:
    window = open_window()
    path = tmp_path / "notes.mp4"
    path.write_text("no film")
    window.open_path(path)
    qtbot.waitUntil(lambda: window.widgets.messages.current is not None, timeout=WAIT)
    assert "notes.mp4" in window.widgets.messages.current.text
    assert window.widgets.pages.currentWidget() is window.widgets.start_page
    assert [each.name for each in tmp_path.iterdir() if each.suffix == ".remaster"] == []


def test_what_is_wrong_with_a_film_is_said_once_and_no_more_than_can_be_taken_in(
    qtbot: Any, open_window: Callable[[], MainWindow], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The viewer's reader meets some of it, the search for cuts all."""
    folder = tmp_path / "scans"
    folder.mkdir()
    pictures = np.random.default_rng(1).integers(0, 256, (24, 48, 64, 3), np.uint8)
    for number, picture in enumerate(pictures):
        path = folder / f"f_{number:04d}.png"
        cv2.imwrite(str(path), picture)
        if number in (5, 8, 9, 10, 11):
            path.write_bytes(path.read_bytes()[:1000])
    window = open_window()
    said: list[Message] = []
    show = window.widgets.messages.show_message
    monkeypatch.setattr(
        window.widgets.messages, "show_message", lambda message: (said.append(message), show(message))
    )
    opened(qtbot, window, folder)
    qtbot.waitUntil(lambda: any("More is wrong" in message.text for message in said), timeout=WAIT)
    qtbot.waitUntil(lambda: window.session.film.document.project.cuts is not None, timeout=WAIT)
    faults = [message.text for message in said if message.kind == "warning"]
    assert len(faults) == len(set(faults)) == MOST + 1
    assert all("stands in for frame" in text for text in faults[:MOST])
    assert faults[-1].endswith("lists all of it.")


@pytest.mark.parametrize(
    ("url", "welcome"), [("file:///films/a.mp4", True), ("https://example.org/a.mp4", False)]
)
def test_only_files_may_be_dropped(open_window: Callable[[], MainWindow], url: str, welcome: bool) -> None:
    window, data = open_window(), QMimeData()
    data.setUrls([QUrl(url)])
    event = QDragEnterEvent(
        QPointF(50, 50).toPoint(),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    event.ignore()
    QApplication.sendEvent(window, event)
    assert event.isAccepted() is welcome


def test_a_defect_is_said_and_work_goes_on(open_window: Callable[[], MainWindow]) -> None:
    window = open_window()
    window.report_defect(ZeroDivisionError("division by zero"))
    assert window.widgets.messages.current is not None
    assert "division by zero" in window.widgets.messages.current.text
