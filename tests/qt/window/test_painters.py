"""What is raised while something is painted costs that picture, and not the program."""

from __future__ import annotations

import subprocess
import sys

import pytest
from PySide6.QtGui import QColor, QImage, QPainter

from remaster_gui.ui.painters import painting, saved

_PROGRAM = """
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QToolButton, QVBoxLayout, QWidget

from remaster_gui.ui.defects import Defects
from remaster_gui.ui.style.icons import icon
from remaster_gui.ui.viewer.canvas import Canvas


class Broken:
    def paint_marks(self, painter, canvas, pane):
        raise ZeroDivisionError("on purpose")


application = QApplication(["", "-platform", "offscreen"])
told = []


def tell(name):
    told.append(name)
    canvas.update() if len(told) < 3 else application.quit()


defects = Defects()
defects.found.connect(tell, Qt.ConnectionType.QueuedConnection)
window = QWidget()
column = QVBoxLayout(window)
canvas = Canvas()
for each in (QToolButton(icon=icon("film")), canvas, QToolButton(icon=icon("film"))):
    column.addWidget(each)
canvas.set_picture(QImage(64, 48, QImage.Format.Format_RGB32))
canvas.add_overlay(Broken())
with defects.watching():
    window.show()
    application.exec()
print(*told)
"""


def test_the_program_goes_on() -> None:
    """In a process of its own: where a painter is not ended, it crashes."""
    run = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == ["ZeroDivisionError"] * 3
    assert "active painter" not in run.stderr


def test_a_painter_ends_and_its_state_is_given_back(qapp: object) -> None:
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    kept: list[QPainter] = []
    with pytest.raises(ZeroDivisionError), painting(image) as painter:
        kept.append(painter)
        painter.setPen(QColor(1, 2, 3))
        with pytest.raises(KeyError), saved(painter):
            painter.setPen(QColor(7, 8, 9))
            raise KeyError
        assert painter.pen().color() == QColor(1, 2, 3)
        raise ZeroDivisionError
    assert not kept[0].isActive() and not image.paintingActive()
