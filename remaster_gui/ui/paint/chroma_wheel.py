"""The chroma wheel: hue around, chroma outwards, at one luminance; what the screen cannot show is dimmed."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from remaster_gui.base.language import tr
from remaster_gui.painting.color_values import Lab, hex_of_lab
from remaster_gui.painting.gamut import largest_chroma, rgb_of
from remaster_gui.ui.accessible_roles import give_role
from remaster_gui.ui.painters import painting
from remaster_gui.ui.qimage import to_qimage
from remaster_gui.ui.style import theme

MOST_CHROMA = 120.0
_BEND = 1.5
"""Chroma grows with this power of the radius: muted tones, which film is made of, get more room."""
_SKIN_HUE = math.radians(52.0)
"""Hue of skin of all tones in Lab, near enough."""
_MARGIN = 7.0
_SMALLEST, _LARGEST = 120, 204
_HUES = 360
_BEYOND = 52.0
"""Grey of what lies outside the gamut."""


class ChromaWheel(QWidget):
    """Shows a colour within its plane of constant luminance; drag to choose another. Lives on the GUI thread."""

    color_changed = Signal(object)
    """Lab that the user chooses, while dragging too."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._color: Lab = (60.0, 0.0, 0.0)
        self._other: Lab = (60.0, 0.0, 0.0)
        self._disc = QImage()
        self._disc_key: tuple[int, float] | None = None
        self._largest = _LARGEST
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setToolTip(
            tr(
                "<b>Chroma</b><br>Hue around, strength outwards; the line is where skin tones lie.<br>Shift "
                "keeps the hue, "
                "Ctrl the strength"
            )
        )
        self.setAccessibleName(tr("Chroma wheel"))
        give_role(self, QAccessible.Role.ColorChooser)

    def set_colors(self, color: Lab, other: Lab) -> None:
        """Show the colour at hand and the one that waits; nothing is emitted."""
        self._color, self._other = color, other
        self.update()

    def limit(self, height: int) -> None:
        """Fit into a height, as far as one can still aim."""
        self._largest = max(_SMALLEST, min(height, _LARGEST))
        self._stay_square(self.width())

    def sizeHint(self) -> QSize:
        """Ask for a square that leaves room for the rest of the panel."""
        return QSize(self._largest, self._largest)

    def minimumSizeHint(self) -> QSize:
        """Stay large enough to aim."""
        return QSize(_SMALLEST, _SMALLEST)

    # Between colour and place

    def place_of(self, color: Lab) -> QPointF:
        """Return where a colour lies in the widget."""
        _, a, b = color
        hue, share = math.atan2(b, a), min(1.0, math.hypot(a, b) / MOST_CHROMA) ** (1 / _BEND)
        away = self._radius() * share
        return self._middle() + QPointF(away * math.cos(hue), -away * math.sin(hue))

    def color_at(self, place: QPointF) -> Lab:
        """Return the colour at a place, brought into the gamut."""
        away = place - self._middle()
        share = min(1.0, math.hypot(away.x(), away.y()) / self._radius())
        return self._within(math.atan2(-away.y(), away.x()), MOST_CHROMA * share**_BEND)

    def _within(self, hue: float, chroma: float) -> Lab:
        limit = float(largest_chroma(self._color[0], np.array([hue]))[0])
        chroma = min(chroma, limit)
        return self._color[0], chroma * math.cos(hue), chroma * math.sin(hue)

    def _middle(self) -> QPointF:
        return QPointF(self.width() / 2, self.height() / 2)

    def _radius(self) -> float:
        return max(1.0, min(self.width(), self.height()) / 2 - _MARGIN)

    # Qt

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Choose on."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._choose(event)

    def _choose(self, event: QMouseEvent) -> None:
        color = self.color_at(event.position())
        hue, chroma = math.atan2(color[2], color[1]), math.hypot(color[1], color[2])
        before = math.hypot(self._color[1], self._color[2])
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and before > 0.5:
            color = self._within(math.atan2(self._color[2], self._color[1]), chroma)
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier and before > 0.5:
            color = self._within(hue, before)
        self._color = color
        self.color_changed.emit(color)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stay square, up to a size that suffices."""
        self._stay_square(event.size().width())
        self._disc_key = None

    def _stay_square(self, width: int) -> None:
        self.setFixedHeight(max(_SMALLEST, min(width, self._largest)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw disc, skin line and marks."""
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            middle, radius = self._middle(), self._radius()
            outline = QRectF(middle.x() - radius, middle.y() - radius, 2 * radius, 2 * radius)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.setOpacity(1.0 if self.isEnabled() else 0.35)
            painter.drawImage(outline, self._picture(round(2 * radius * self.devicePixelRatioF())))
            painter.setPen(QPen(QColor(0, 0, 0, 70), 1.0))
            end = QPointF(math.cos(_SKIN_HUE), -math.sin(_SKIN_HUE)) * radius
            painter.drawLine(middle, middle + end)
            painter.setPen(QPen(theme.LINE, 1.2))
            painter.drawEllipse(outline)
            self._paint_mark(painter, self._other, 3.5)
            self._paint_mark(painter, self._color, 6.0)

    def _paint_mark(self, painter: QPainter, color: Lab, radius: float) -> None:
        place = self.place_of(color)
        painter.setBrush(QColor(hex_of_lab(color)))
        painter.setPen(QPen(QColor(0, 0, 0, 190), 3.0))
        painter.drawEllipse(place, radius, radius)
        painter.setPen(QPen(QColor(255, 255, 255), 1.4))
        painter.drawEllipse(place, radius, radius)

    def _picture(self, side: int) -> QImage:
        """Return the disc at the present luminance, `side` device pixels wide."""
        key = (side, round(self._color[0], 1))
        if self._disc_key != key:
            self._disc = to_qimage(_disc(max(2, side), key[1]))
            self._disc_key = key
        return self._disc


def _disc(side: int, lightness: float) -> NDArray[np.uint8]:
    """Return the wheel as RGBA (side, side, 4) with a smooth edge."""
    place = (np.arange(side) + 0.5) / side * 2.0 - 1.0
    x, y = np.meshgrid(place, -place)
    share = np.hypot(x, y)
    hue = np.arctan2(y, x)
    chroma = MOST_CHROMA * np.minimum(share, 1.0) ** _BEND
    angles = np.linspace(-math.pi, math.pi, _HUES + 1)
    limit = np.interp(hue, angles, largest_chroma(lightness, angles))
    # Beyond the gamut the strongest colour there is shows faintly, so that the wheel's order stays in sight.
    held = np.minimum(chroma, limit)
    scale = held / np.maximum(np.hypot(x, y), 1e-9)
    rgb = rgb_of(np.full(x.shape, lightness), x * scale, y * scale) * 255.0
    beyond = np.clip((chroma - limit) / 2.5, 0.0, 1.0) * 0.85
    rgb = rgb + (_BEYOND - rgb) * beyond
    alpha = np.clip((1.0 - share) * side / 2 + 0.5, 0.0, 1.0) * 255.0
    return np.asarray(np.rint(np.concatenate([rgb, alpha[None]]).transpose(1, 2, 0)), np.uint8)
