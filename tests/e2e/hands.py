"""Hands that work the window as its user does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QKeySequence, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QWidget

from remaster_gui.ui.controllers.controller import OpenFilm
from remaster_gui.ui.dialogs.import_dialog import ImportDialog
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow
from remaster_gui.ui.mnemonics import plain
from remaster_gui.ui.qimage import to_array
from remaster_gui.ui.timeline.view import HEADER_WIDTH

LEFT = Qt.MouseButton.LeftButton
Widget = TypeVar("Widget", bound=QWidget)


class Waiter(Protocol):
    """What `qtbot` does here."""

    TimeoutError: type[Exception]

    def waitUntil(self, callback: Callable[[], bool], *, timeout: int = ...) -> Any: ...


class Hand:
    """Works the window by keys, mouse and menus."""

    def __init__(self, window: MainWindow, qtbot: Waiter) -> None:
        self.window, self.qtbot, self.widgets = window, qtbot, window.widgets
        self.settings = window.settings

    def wait(self, condition: Callable[[], bool], seconds: float = 300) -> None:
        """Let the window live until something is so; where that never comes, say what the window says."""
        try:
            self.qtbot.waitUntil(condition, timeout=round(seconds * 1000))
        except self.qtbot.TimeoutError:
            said = self.widgets.messages.current
            print(f"\nthe window says: {said}; the focus is in {QApplication.focusWidget()}")
            raise

    def film(self) -> OpenFilm:
        """Wait until a film is open with its project, and return it."""
        self.wait(lambda: self.window.session is not None)
        return self.session.film

    @property
    def session(self) -> FilmSession:
        """All that works on the film that is open."""
        assert self.window.session is not None, "no film is open"
        return self.window.session

    @property
    def shown_frame(self) -> int:
        """The frame on the screen; -1 for none."""
        return -1 if self.window.session is None else self.session.viewer.shown_frame

    def paint_on_first_frame(self, film: Path) -> OpenFilm:
        """Open a film, mark its first frame, paint a stroke on that, and wait until it is saved."""
        self.window.open_path(film)
        opened = self.film()
        self.wait(lambda: opened.document.project.cuts is not None)
        self.key("R", "B")
        self.wait(lambda: not self.session.painted.blocked_reason)
        self.drag((0.4, 0.4), (0.6, 0.5))
        assert opened.document.project.references[0].colored
        self.wait(lambda: opened.document.is_saved)
        return opened

    def import_free(self, picture: Path) -> None:
        """Take a picture as another reference, tied to no frame."""
        references = len(self.film().document.project.references)
        self.answer_file_dialog(picture)
        self.key("Ctrl+I")
        dialog = self.dialog(ImportDialog)
        self.wait(dialog.details.free.isEnabled)
        dialog.details.free.click()
        self.wait(dialog.accept_button.isEnabled)
        dialog.accept_button.click()
        self.wait(lambda: len(self.film().document.project.references) == references + 1)

    def shown(self) -> NDArray[np.uint8]:
        """Return the picture that the viewer shows of the frame at the playhead, sRGB ``(H, W, 3)``."""
        self.wait(lambda: self.shown_frame == self.film().view.playhead)
        return to_array(self.widgets.compare.shown)

    def dialog(self, kind: type[Widget]) -> Widget:
        """Wait for a dialog and return it."""
        self.wait(lambda: isinstance(QApplication.activeModalWidget(), kind))
        found = QApplication.activeModalWidget()
        assert isinstance(found, kind)
        return found

    def answer_file_dialog(self, path: Path) -> None:
        """Type a path into the file dialog that is about to come, and press Return."""

        def answer() -> None:
            dialog = QApplication.activeModalWidget()
            if not isinstance(dialog, QFileDialog):
                QTimer.singleShot(20, answer)
                return
            field = dialog.findChild(QLineEdit, "fileNameEdit")
            assert field is not None
            field.setText(str(path))
            QTest.keyClick(field, Qt.Key.Key_Return)

        QTimer.singleShot(0, answer)

    def point(self, x: float, y: float) -> None:
        """Move the mouse over the picture without a button."""
        QTest.mouseMove(self.widgets.canvas, self._on_picture(x, y))

    def key(self, *keys: str) -> None:
        """Press keys where the focus is, as ``"Shift+P"`` names them."""
        for key in keys:
            QTest.keySequence(self._focus(), QKeySequence(key))

    def hold(self, held: Qt.Key, key: str) -> None:
        """Press a key while another one is down."""
        QTest.keyPress(self._focus(), held)
        self.key(key)
        QTest.keyRelease(self._focus(), held)

    def type(self, text: str) -> None:
        QTest.keyClicks(self._focus(), text)

    def menu(self, title: str, text: str) -> None:
        """Choose a line of a menu."""
        action = next(a for a in self.window.menuBar().actions() if plain(a.text()) == title)
        line = next(a for a in action.menu().actions() if plain(a.text()) == text)
        assert line.isEnabled(), f"{title} > {text} cannot be chosen"
        line.trigger()

    def scrub(self, *frames: int) -> None:
        """Drag the playhead over the ruler from the first of `frames` to the last.

        Where a frame is there is looked up as the mouse comes to it: panels may still be finding their widths.
        """
        timeline = self.widgets.timeline
        QTest.mousePress(timeline, LEFT, pos=self._on_timeline(frames[0]))
        for frame in frames[1:]:
            QTest.mouseMove(timeline, self._on_timeline(frame))
            QApplication.processEvents()
        QTest.mouseRelease(timeline, LEFT, pos=self._on_timeline(frames[-1]))

    def drag(
        self,
        *places: tuple[float, float],
        modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
        live: bool = False,
    ) -> None:
        """Press the mouse on the picture at the first of `places` (parts of its width and height) and drag it on.

        `live`: let the window live between the moves.
        """
        canvas = self.widgets.canvas
        points = [self._on_picture(*place) for place in places]
        QTest.mousePress(canvas, LEFT, modifiers, points[0])
        for point in points[1:]:
            # QTest.mouseMove knows no buttons; a drag needs one.
            move = QMouseEvent(
                QMouseEvent.Type.MouseMove,
                point,
                canvas.mapToGlobal(point),
                Qt.MouseButton.NoButton,
                LEFT,
                modifiers,
            )
            QApplication.sendEvent(canvas, move)
            if live:
                QTest.qWait(2)
        QTest.mouseRelease(canvas, LEFT, modifiers, points[-1])

    def wheel(self, widget: QWidget, place: QPoint, notches: int) -> None:
        event = QWheelEvent(
            QPointF(place), QPointF(widget.mapToGlobal(place)), QPoint(), QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(widget, event)

    def _focus(self) -> QWidget:
        if QApplication.activeModalWidget() is None and not self.window.isActiveWindow():
            # Without a window manager nobody gives the window back what a dialog has taken.
            self.window.activateWindow()
            self.qtbot.waitUntil(self.window.isActiveWindow, timeout=300_000)
        return QApplication.focusWidget() or self.window

    def _on_timeline(self, frame: int) -> QPoint:
        timeline = self.widgets.timeline
        return QPoint(round(HEADER_WIDTH + timeline.scale.x_of(frame + 0.5)), 8)

    def _on_picture(self, x: float, y: float) -> QPoint:
        canvas = self.widgets.canvas
        size = canvas.view.picture
        return canvas.to_widget(QPointF(x * size.width(), y * size.height())).toPoint()
