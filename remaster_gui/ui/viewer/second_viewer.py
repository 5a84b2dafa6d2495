"""A second window with nothing but the film, for another screen."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QImage, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from remaster_gui.base.language import tr
from remaster_gui.ui.viewer.canvas import Canvas

_SIZE = QSize(960, 720)


class _Canvas(Canvas):
    """Says that it was clicked twice."""

    double_clicked = Signal()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Tell it, in place of pressing once more."""
        self.double_clicked.emit()


class SecondViewer(QWidget):
    """Shows what becomes of the frame at the playhead, whatever the first viewer compares or lays over it.

    A double click or F11 lets it fill its screen; it zooms by itself.
    """

    shown_changed = Signal()
    """It was opened or closed."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, Qt.WindowType.Window)
        self._window = window
        self.setWindowTitle(tr("Second viewer"))
        self.canvas = _Canvas()
        self.canvas.double_clicked.connect(self._switch)
        self._picture = QImage()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.canvas)
        self.resize(_SIZE)

    def toggle(self) -> None:
        """Open it, on another screen than the first window's where there is one; or close it."""
        if self.isVisible():
            self.close()
            return
        # Not by `screen()`: the object of the screen would go with this window, and leave others a dead one.
        here = QGuiApplication.screenAt(self._window.geometry().center()) or QGuiApplication.primaryScreen()
        others = [screen for screen in QGuiApplication.screens() if screen is not here]
        if others:
            self.setGeometry(others[0].availableGeometry())
            self.setWindowState(Qt.WindowState.WindowFullScreen)
        self._show_picture()
        self.show()
        if others:
            # Keys go on to where one works; on a single screen that would hide what was asked for.
            self._window.activateWindow()
        self.shown_changed.emit()

    def set_picture(self, picture: QImage, size: QSize, pixel_aspect: float) -> None:
        """Show another frame; one that is smaller than the film's `size` is enlarged to it."""
        # A picture of its own, as the first viewer goes on painting into the one that it shows.
        self._picture = QImage(picture)
        self.canvas.set_picture_size(size, pixel_aspect)
        if self.isVisible():
            self._show_picture()

    def patch(self, patch: QImage, x: int, y: int) -> None:
        """Replace pixels of the picture from (x, y) on."""
        if self.isVisible():
            self.canvas.patch_picture(patch, x, y)

    def _show_picture(self) -> None:
        self.canvas.set_picture(self._picture)

    def _switch(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """F11 fills the screen; Esc gives it back, and then closes."""
        if event.key() == Qt.Key.Key_F11:
            self._switch()
        elif event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.isFullScreen():
            self._switch()
        else:
            self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Say that it is gone."""
        super().closeEvent(event)
        self.shown_changed.emit()
