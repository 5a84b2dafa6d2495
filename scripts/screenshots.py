"""Take the pictures of the editor that the README shows: the real window, worked by keys and mouse on a real film.

    Xvfb :9 -screen 0 1366x768x24 &
    DISPLAY=:9 python scripts/screenshots.py resources/screenshots FILM COLOURS HOUSE

FILM is the film of 1952 (or another), COLOURS a folder of coloured pictures of it, HOUSE the film with the front of a
house, whose strokes alone are painted and spread where FILM and COLOURS are "-". Takes some minutes, as previews do.
Settings and projects of whoever runs it are left alone: everything happens in a folder that is removed.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QKeySequence,
    QMouseEvent,
    QPainter,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton, QWidget  # noqa: TID251  # it works the editor from outside

from remaster_gui.app import make_application
from remaster_gui.engine.frame_store import CURRENT
from remaster_gui.painting.raster import SPREAD, Raster
from remaster_gui.ui.dialogs.export_dialog import ExportDialog
from remaster_gui.ui.dialogs.import_dialog import ImportDialog
from remaster_gui.ui.main_window import MainWindow
from remaster_gui.ui.qimage import to_qimage

Stroke = tuple[str, tuple[float, float], tuple[float, float]]

SIZE, QUALITY = (1366, 768), 88
_PATIENCE = 900.0
_BRUSH = 24
_KNOWN = 150
"""Frames of the lane below the timeline that are known before it is shown."""
_FEW_BRUSH = 13
_FEW_FRAME = 45
_FEW = (
    ("#d6b88c", (0.29, 0.345), (0.42, 0.335)),
    ("#3a5068", (0.80, 0.37), (0.81, 0.42)),
    ("#4a6a52", (0.525, 0.44), (0.525, 0.64)),
    ("#8a5f50", (0.145, 0.725), (0.30, 0.75)),
    ("#b89a86", (0.29, 0.825), (0.42, 0.845)),
)
"""Five strokes on the front of the house."""
_GAP = 10
_HALF = (478, 358)
_STROKES = (
    ("#8fb2d6", (0.80, 0.12), (0.93, 0.10)),
    ("#c29a86", (0.31, 0.52), (0.42, 0.50)),
    ("#5d7a4a", (0.29, 0.29), (0.42, 0.27)),
    ("#5d7a4a", (0.24, 0.70), (0.33, 0.84)),
    ("#6a5446", (0.62, 0.42), (0.80, 0.40)),
    ("#a39766", (0.92, 0.50), (0.96, 0.62)),
)
"""Colours, and from where to where on the picture they are painted, in parts of its width and height."""


def main(output: Path, film: Path, colors: Path, house: Path) -> None:
    """Take all pictures."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for kind in ("CONFIG", "DATA", "CACHE", "STATE"):
            os.environ[f"XDG_{kind}_HOME"] = str(home / kind.lower())

        application = make_application()
        window = MainWindow()
        window.setGeometry(0, 0, *SIZE)
        window.show()
        try:
            pictures = _Pictures(window, output)
            if film != Path("-"):
                pictures.colored(Path(shutil.copy(film, home / film.name)), sorted(colors.iterdir()))
                pictures.painted(Path(shutil.copy(film, home / f"painted-{film.name}")))
            pictures.few_strokes(Path(shutil.copy(house, home / house.name)))
        finally:
            window.leaving.leave(discard=True)
            window.deleteLater()
            QApplication.processEvents()
        application.quit()


class _Pictures:
    """Works a window and photographs the screen."""

    def __init__(self, window: MainWindow, output: Path) -> None:
        self._window, self._widgets, self._output = window, window.widgets, output

    def colored(self, film: Path, pictures: list[Path]) -> None:
        """Show a film with imported references: wiped, and what of it each reference has coloured."""
        self._open(film)
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in pictures])
        place = QPointF(self._window.rect().center())
        more = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(self._window, QDragEnterEvent(place.toPoint(), *more))
        QApplication.sendEvent(self._window, QDropEvent(place, *more))
        self._wait(lambda: isinstance(QApplication.activeModalWidget(), ImportDialog))
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, ImportDialog)
        self._wait(dialog.accept_button.isEnabled)
        QTest.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
        session = self._window.session
        assert session is not None
        self._wait(lambda: len(session.film.document.project.references) == len(pictures))
        self._go(160)
        self._key("P")
        self._wait(lambda: session.preview.result(160) is not None and self._widgets.compare.has_result)
        self._key("W")
        self._wait(lambda: np.count_nonzero(session.preview.states() == CURRENT) >= 12)
        self._take("editor.jpg")
        self._key("Ctrl+.", "W", "A", "F4")
        self._point(0.45, 0.5)
        self._wait(lambda: np.isfinite(self._widgets.certainty.track.certainty).sum() >= _KNOWN)
        self._take("attention.jpg")
        self._key("A", "F4")

    def painted(self, film: Path) -> None:
        """Show a frame whose strokes have spread, and the list of exports."""
        self._open(film)
        session = self._window.session
        assert session is not None
        self._paint(18, _BRUSH, _STROKES)
        self._spread()
        strip = self._widgets.paint.likely
        before = strip.chips
        self._point(0.62, 0.62)
        self._wait(lambda: len(strip.chips) > 1 and strip.chips != before)
        self._take("painting.jpg")
        self._key("V", "I")
        self._go(40)
        self._key("O")
        self._go(22)
        self._key("P")
        self._wait(lambda: session.preview.states()[22] == CURRENT and self._widgets.compare.has_result)
        self._key("Ctrl+.", "Ctrl+E")
        self._wait(lambda: isinstance(QApplication.activeModalWidget(), ExportDialog))
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, ExportDialog)
        self._wait(dialog.export.isEnabled)
        QTest.mouseClick(dialog.export, Qt.MouseButton.LeftButton)
        exports = self._window.exports.service
        self._wait(lambda: any(job.done > 0 for job in exports.jobs))
        self._take("export.jpg")

    def few_strokes(self, film: Path) -> None:
        """Show a reference with five strokes, beside what becomes of them."""
        self._open(film)
        self._paint(_FEW_FRAME, _FEW_BRUSH, _FEW)
        # The strokes are not joined with what grows out of them.
        halves = [self._reference(), self._spread()]
        sheet = QImage(2 * _HALF[0] + _GAP, _HALF[1], QImage.Format.Format_RGB888)
        sheet.fill(QColor(46, 46, 46))
        with QPainter(sheet) as painter:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            for place, half in enumerate(halves):
                painter.drawImage(QRect(place * (_HALF[0] + _GAP), 0, *_HALF), half)
        sheet.save(str(self._output / "five-strokes.jpg"), None, QUALITY)
        print("five-strokes.jpg", flush=True)

    def _paint(self, frame: int, size: int, strokes: Sequence[Stroke]) -> None:
        session = self._window.session
        assert session is not None
        self._go(frame)
        self._key("R", "B")
        self._wait(lambda: not session.painted.blocked_reason)
        while self._widgets.tool_settings.brush.size > size:
            self._key("[")
        hex_field = self._widgets.paint.colors.hex
        for color, start, stop in strokes:
            QTest.mouseClick(hex_field, Qt.MouseButton.LeftButton)
            hex_field.selectAll()
            QTest.keyClicks(hex_field, color)
            QTest.keyClick(hex_field, Qt.Key.Key_Return)
            self._widgets.canvas.setFocus()
            self._drag(start, stop)

    def _spread(self) -> QImage:
        """Let strokes spread; returns what becomes of the reference."""
        raster = self._raster()
        self._key("S")
        self._wait(lambda: int(raster.coverage.min()) >= SPREAD)
        return self._reference()

    def _raster(self) -> Raster:
        session = self._window.session
        assert session is not None
        document = session.film.document
        raster = document.raster(document.project.references[0].id)
        assert raster is not None
        return raster

    def _reference(self) -> QImage:
        return to_qimage(self._raster().rgb())

    def _open(self, film: Path) -> None:
        self._window.open_path(film)
        self._wait(
            lambda: (
                self._window.session is not None
                and self._window.session.film.info.path == film
                and self._window.session.film.document.project.cuts is not None
                and bool(self._window.session.suggestions.frames)
            )
        )

    def _go(self, frame: int) -> None:
        self._key("=")
        QTest.keyClicks(self._focus(), str(frame))
        self._key("Return")
        session = self._window.session
        assert session is not None
        self._wait(lambda: session.viewer.shown_frame == frame)

    def _key(self, *keys: str) -> None:
        for key in keys:
            QTest.keySequence(self._focus(), QKeySequence(key))
            QTest.qWait(50)

    def _focus(self) -> QWidget:

        if QApplication.activeModalWidget() is None and not self._window.isActiveWindow():
            # Without a window manager nobody gives the window back what a dialog has taken.
            self._window.activateWindow()
            self._wait(self._window.isActiveWindow)
        return QApplication.focusWidget() or self._window

    def _point(self, x: float, y: float) -> None:
        QTest.mouseMove(self._widgets.canvas, self._place(x - 0.01, y))
        QTest.mouseMove(self._widgets.canvas, self._place(x, y))

    def _drag(self, start: tuple[float, float], stop: tuple[float, float]) -> None:
        canvas = self._widgets.canvas
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=self._place(*start))
        for part in range(1, 9):
            place = self._place(*(a + (b - a) * part / 8 for a, b in zip(start, stop, strict=True)))
            where = QPointF(place), QPointF(canvas.mapToGlobal(place))
            buttons = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
            move = QMouseEvent(QEvent.Type.MouseMove, *where, *buttons, Qt.KeyboardModifier.NoModifier)
            QApplication.sendEvent(canvas, move)
            QTest.qWait(5)
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=self._place(*stop))

    def _place(self, *at: float) -> QPoint:
        canvas = self._widgets.canvas
        size = canvas.view.picture
        return canvas.to_widget(QPointF(at[0] * size.width(), at[1] * size.height())).toPoint()

    def _wait(self, condition: Callable[[], object]) -> None:
        until = time.monotonic() + _PATIENCE
        while not condition():
            # `QTest.qWait` would keep all other threads of Python from working.
            QApplication.processEvents()
            time.sleep(0.02)
            if time.monotonic() > until:
                raise TimeoutError(f"the window says: {self._widgets.messages.current}")

    def _take(self, name: str) -> None:
        messages = self._widgets.messages
        while messages.current is not None:
            close = messages.findChild(QToolButton)
            assert isinstance(close, QToolButton)
            QTest.mouseClick(close, Qt.MouseButton.LeftButton)
        QTest.qWait(1500)
        QGuiApplication.primaryScreen().grabWindow(0).save(str(self._output / name), None, QUALITY)
        print(name, flush=True)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
