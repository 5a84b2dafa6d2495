"""A picture over another one, to judge how well the two lie upon each other."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QBrush, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from remaster_gui.base.language import tr
from remaster_gui.ui.accessible_roles import give_role
from remaster_gui.ui.painters import painting
from remaster_gui.ui.style import theme

WipeMode = Literal["wipe", "blend", "result"]
_STEP = 0.02
_GRIP = 6.0


class WipeBox(QWidget):
    """Shows `below` and `above`, of one size: each on a side of a line that is dragged, mixed, or the result."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._below, self._result = QImage(), QImage()
        self._above: QImage | None = None
        self._text = ""
        self._at = 0.5
        self._mode: WipeMode = "wipe"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(280, 180)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Picture over its frame"))
        give_role(self, QAccessible.Role.Graphic)
        self.setToolTip(tr("Drag the line: the frame lies left of it, the picture right"))

    @property
    def at(self) -> float:
        """Where the line is, as a part of the picture's width."""
        return self._at

    @property
    def has_pictures(self) -> bool:
        """Whether there is something to be seen."""
        return not self._below.isNull()

    def sizeHint(self) -> QSize:
        """Room enough to see an edge that lies beside another one."""
        return QSize(560, 400)

    def set_pictures(self, below: QImage, above: QImage | None, result: QImage) -> None:
        """Show these; `above` is None where nothing lies upon the other picture."""
        self._below, self._above, self._result = below, above, result
        self.update()

    def clear(self, text: str = "") -> None:
        """Show words in place of pictures."""
        self._text = text
        self.set_pictures(QImage(), None, QImage())

    def set_mode(self, mode: WipeMode) -> None:
        """Show the pictures in another way."""
        self._mode = mode
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the line there."""
        self._drag(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the line."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._drag(event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the line by the arrows."""
        steps = {Qt.Key.Key_Left: -_STEP, Qt.Key.Key_Right: _STEP}
        step = steps.get(Qt.Key(event.key()))
        if step is None or self._mode != "wipe":
            super().keyPressEvent(event)
            return
        self._move(self._at + step)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pictures on the viewer's neutral grey."""
        with painting(self) as painter:
            painter.fillRect(self.rect(), theme.SURROUND)
            if self._below.isNull():
                painter.setPen(theme.MUTED)
                flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(self.rect().adjusted(12, 12, -12, -12), int(flags), self._text)
                return
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            box = self._box()
            if self._mode == "result":
                painter.drawImage(box, self._result)
                return
            painter.drawImage(box, self._below)
            if self._above is None:
                return
            if self._mode == "blend":
                painter.setOpacity(0.5)
                painter.drawImage(box, self._above)
                return
            x = box.left() + self._at * box.width()
            right = QRectF(x, box.top(), box.right() - x, box.height())
            painter.setClipRect(right)
            # What the picture does not reach stays open.
            painter.fillRect(right, theme.SURROUND)
            painter.fillRect(right, QBrush(theme.EDGE, Qt.BrushStyle.BDiagPattern))
            painter.drawImage(box, self._above)
            painter.setClipping(False)
            painter.setPen(QPen(theme.ACCENT, 1.5))
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
            painter.setBrush(theme.ACCENT)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawEllipse(QPointF(x, box.center().y()), _GRIP, _GRIP)
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -1, -1))

    def _box(self) -> QRectF:
        scale = min(self.width() / self._below.width(), self.height() / self._below.height())
        box = QRectF(0, 0, self._below.width() * scale, self._below.height() * scale)
        box.moveCenter(QRectF(self.rect()).center())
        return box

    def _drag(self, position: QPointF) -> None:
        if self.has_pictures:
            box = self._box()
            self._move((position.x() - box.left()) / box.width())

    def _move(self, at: float) -> None:
        self._at = min(max(at, 0.0), 1.0)
        self.update()
