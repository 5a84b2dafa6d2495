from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QWidget

from remaster_gui.ui.viewer.second_viewer import SecondViewer


def _picture(color: str) -> QImage:
    picture = QImage(40, 30, QImage.Format.Format_RGB888)
    picture.fill(color)
    return picture


@pytest.fixture
def viewer(qtbot: Any) -> Iterator[SecondViewer]:
    window = QWidget()
    window.show()
    viewer = SecondViewer(window)
    yield viewer
    viewer.close()
    window.close()
    window.deleteLater()
    QApplication.processEvents()


def _color(viewer: SecondViewer) -> str:
    return viewer.canvas.grab().toImage().pixelColor(viewer.canvas.rect().center()).name()


def test_it_shows_what_it_was_given_before_it_was_opened_and_since(qtbot: Any, viewer: SecondViewer) -> None:
    viewer.set_picture(_picture("#ff0000"), QSize(80, 60), 1.0)
    with qtbot.waitSignal(viewer.shown_changed):
        viewer.toggle()
    assert viewer.isVisible() and _color(viewer) == "#ff0000"
    viewer.set_picture(_picture("#00ff00"), QSize(80, 60), 1.0)
    assert _color(viewer) == "#00ff00"
    with qtbot.waitSignal(viewer.shown_changed):
        viewer.toggle()
    assert not viewer.isVisible()


def test_strokes_are_seen_as_they_are_painted(viewer: SecondViewer) -> None:
    picture = _picture("#ff0000")
    viewer.set_picture(picture, QSize(40, 30), 1.0)
    viewer.toggle()
    viewer.patch(_picture("#0000ff"), 0, 0)
    assert _color(viewer) == "#0000ff"
    assert picture.pixelColor(5, 5).name() == "#ff0000", "what was lent stays as it was"


def test_it_fills_the_screen_and_goes_by_esc(qtbot: Any, viewer: SecondViewer) -> None:
    viewer.toggle()
    qtbot.mouseDClick(viewer.canvas, Qt.MouseButton.LeftButton)
    assert viewer.isFullScreen()
    qtbot.keyClick(viewer, Qt.Key.Key_Escape)
    assert viewer.isVisible() and not viewer.isFullScreen()
    qtbot.keyClick(viewer, Qt.Key.Key_Escape)
    assert not viewer.isVisible()


def test_screens_outlive_the_windows_that_were_on_them(qtbot: Any) -> None:
    screen = QGuiApplication.primaryScreen()
    window = QWidget()
    viewer = SecondViewer(window)
    viewer.toggle()
    assert viewer.isVisible()
    shiboken6.delete(window)
    assert not shiboken6.isValid(viewer) and shiboken6.isValid(screen)
