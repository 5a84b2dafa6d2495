"""A frame that shows one picture, fitted."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from remaster_gui.ui.accessible_roles import give_role
from remaster_gui.ui.painters import painting
from remaster_gui.ui.style import theme


class PictureBox(QWidget):
    """Shows a picture as large as fits, or a few words in its place."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture: QImage | None = None
        self._text = text
        give_role(self, QAccessible.Role.Graphic)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)

    @property
    def picture(self) -> QImage | None:
        """What is shown."""
        return self._picture

    def sizeHint(self) -> QSize:
        """Room enough to judge colours."""
        return QSize(320, 240)

    def set_picture(self, picture: QImage | None, text: str = "") -> None:
        """Show a picture; without one `text` stands there."""
        self._picture, self._text = picture, text
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture on the viewer's neutral grey."""
        with painting(self) as painter:
            painter.fillRect(self.rect(), theme.SURROUND)
            if self._picture is None or self._picture.isNull():
                painter.setPen(theme.MUTED)
                flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(self.rect().adjusted(12, 12, -12, -12), int(flags), self._text)
                return
            scale = min(self.width() / self._picture.width(), self.height() / self._picture.height())
            box = QRectF(0, 0, self._picture.width() * scale, self._picture.height() * scale)
            box.moveCenter(QRectF(self.rect()).center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(box, self._picture)
