"""One scope as a widget: its trace, and a graticule drawn with lines, sharp on every screen."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QColor,
    QFont,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from remaster_gui.base.language import percent, tr
from remaster_gui.ui.accessible_roles import give_role
from remaster_gui.ui.painters import painting
from remaster_gui.ui.qimage import to_qimage
from remaster_gui.ui.style import theme
from remaster_gui.ui.viewer.scope_data import (
    CHROMA_BINS,
    LEVELS,
    Scope,
    ScopePictures,
    describe_chroma,
    skin_tone_end,
    targets,
    trace,
)

GROUND = QColor(15, 15, 15)
_GRID = QColor(255, 255, 255, 30)
_STRONG_GRID = QColor(255, 255, 255, 62)
_LABEL = QColor(255, 255, 255, 110)
_SKIN = QColor(232, 190, 160, 170)
_CHANNELS = (QColor(240, 92, 84), QColor(104, 208, 112), QColor(104, 146, 255))
NAMES: dict[Scope, str] = {
    "vectorscope": tr("Vectorscope"),
    "waveform": tr("Waveform"),
    "parade": tr("RGB parade"),
    "histogram": tr("Histogram"),
}
_LEFT, _TOP, _EDGE = 34.0, 22.0, 8.0
_NAMED_FROM = 170
"""Room in pixels from which the vectorscope has its name written into it."""
_STEPS = (0, 256, 512, 768, 1023)
"""Levels that are marked, in 10-bit codes."""


class ScopeView(QWidget):
    """Shows one of the scopes of a picture."""

    def __init__(self, kind: Scope, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = kind
        self._pictures: ScopePictures | None = None
        self._brightness = 0.5
        self._zoom = 1
        self._trace: QImage | None = None
        self._pointer: QPointF | None = None
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 90)
        self.setAccessibleName(NAMES[kind])
        give_role(self, QAccessible.Role.Chart)
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 0.85)
        self.setFont(font)

    def sizeHint(self) -> QSize:
        """About a quarter of a side panel."""
        return QSize(260, 220)

    @property
    def has_pictures(self) -> bool:
        """Whether there is something to show."""
        return self._pictures is not None

    def set_pictures(self, pictures: ScopePictures | None) -> None:
        """Show the measures of another picture; None for none."""
        self._pictures = pictures
        self._trace = None
        self.update()

    def set_brightness(self, brightness: float) -> None:
        """Let the trace shine more or less, 0 to 1."""
        self._brightness = brightness
        self._trace = None
        self.update()

    def set_zoom(self, zoom: int) -> None:
        """Show the middle of the vectorscope larger: 1 or 2."""
        self._zoom = zoom
        self._trace = None
        self.update()

    def area(self) -> QRectF:
        """Return where the trace lies: a square for the vectorscope."""
        rect = QRectF(self.rect())
        if self.kind == "vectorscope":
            side = max(1.0, min(rect.width(), rect.height()) - 2 * _EDGE)
            box = QRectF(0, 0, side, side)
            box.moveCenter(rect.center())
            return box
        bottom = _EDGE + (12 if self.kind == "histogram" else 0)
        left = _EDGE if self.kind == "histogram" else _LEFT
        box = rect.adjusted(left, _TOP, -_EDGE, -bottom)
        return QRectF(box.topLeft(), QSize(max(1, int(box.width())), max(1, int(box.height()))))

    def readout(self, position: QPointF) -> str:
        """Return what a place of the scope means; '' outside."""
        area = self.area()
        if not area.contains(position):
            return ""
        x = (position.x() - area.left()) / area.width()
        y = 1 - (position.y() - area.top()) / area.height()
        if self.kind == "vectorscope":
            return describe_chroma((x - 0.5) / self._zoom, (y - 0.5) / self._zoom)
        level = x if self.kind == "histogram" else y
        return f"{level * 1023:.0f} · {percent(level)}"

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground, graticule, trace, name and what lies under the pointer."""
        with painting(self) as painter:
            painter.fillRect(self.rect(), GROUND)
            area = self.area()
            if self.kind == "vectorscope":
                self._paint_vector_grid(painter, area)
            elif self.kind == "histogram":
                self._paint_histogram_grid(painter, area)
            else:
                self._paint_level_grid(painter, area)
            if self._pictures is not None:
                if self.kind == "histogram":
                    self._paint_histogram(painter, area, self._pictures)
                else:
                    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Plus)
                    painter.drawImage(area, self._drawn(self._pictures))
                    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
            painter.setPen(theme.MUTED)
            box = QRectF(self.rect()).adjusted(_EDGE, 4, -_EDGE, -4)
            zoomed = "  2×" if self._zoom == 2 and self.kind == "vectorscope" else ""
            # In a small square the name would lie on the marks.
            if self.kind != "vectorscope" or max(self.width() - area.width(), area.width()) > _NAMED_FROM:
                left = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
                painter.drawText(box, int(left), NAMES[self.kind] + zoomed)
            if self._pointer is not None:
                painter.setPen(theme.TEXT)
                right = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight
                painter.drawText(box, int(right), self.readout(self._pointer))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell what lies under the pointer."""
        self._pointer = event.position()
        self.update()

    def leaveEvent(self, event: object) -> None:
        """Tell nothing any more."""
        self._pointer = None
        self.update()

    # Graticules

    def _paint_vector_grid(self, painter: QPainter, area: QRectF) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        center, unit = area.center(), area.width() * self._zoom
        painter.setClipRect(area.adjusted(-1, -1, 1, 1))

        def place(cb: float, cr: float) -> QPointF:
            return QPointF(center.x() + cb * unit, center.y() - cr * unit)

        painter.setPen(QPen(_STRONG_GRID, 1))
        painter.drawEllipse(center, unit / 2, unit / 2)
        painter.setPen(QPen(_GRID, 1))
        for radius in (0.125, 0.25, 0.375):
            painter.drawEllipse(center, radius * unit, radius * unit)
        painter.drawLine(place(-0.5, 0), place(0.5, 0))
        painter.drawLine(place(0, -0.5), place(0, 0.5))
        painter.setPen(QPen(_SKIN, 1.2))
        painter.drawLine(center, place(*skin_tone_end(0.5)))
        half = 0.02 * unit
        for target in targets():
            at = place(target.cb, target.cr)
            painter.setPen(QPen(QColor(*target.rgb), 1.2))
            painter.drawRect(QRectF(at.x() - half, at.y() - half, 2 * half, 2 * half))
            outward = at + (at - center) * 0.13
            box = QRectF(outward.x() - 10, outward.y() - 8, 20, 16)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), target.name)
        painter.setClipping(False)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_level_grid(self, painter: QPainter, area: QRectF) -> None:
        for step in _STEPS:
            y = round(area.bottom() - area.height() * step / 1023) + 0.5
            painter.setPen(QPen(_STRONG_GRID if step in (0, 1023) else _GRID, 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(_LABEL)
            box = QRectF(0, y - 8, area.left() - 5, 16)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), str(step))
        if self.kind == "parade":
            painter.setPen(QPen(_GRID, 1))
            for third in (1, 2):
                x = round(area.left() + area.width() * third / 3) + 0.5
                painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))

    def _paint_histogram_grid(self, painter: QPainter, area: QRectF) -> None:
        for step in _STEPS:
            x = round(area.left() + area.width() * step / 1023) + 0.5
            painter.setPen(QPen(_GRID, 1))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.setPen(_LABEL)
            box = QRectF(min(max(x - 20, area.left()), area.right() - 40), area.bottom() + 1, 40, 14)
            side = Qt.AlignmentFlag.AlignHCenter
            if step in (0, 1023):
                side = Qt.AlignmentFlag.AlignLeft if step == 0 else Qt.AlignmentFlag.AlignRight
            painter.drawText(box, int(side | Qt.AlignmentFlag.AlignTop), str(step))
        painter.setPen(QPen(_STRONG_GRID, 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())

    # Traces

    def _drawn(self, pictures: ScopePictures) -> QImage:
        """Return the trace as a picture that is added to the ground."""
        if self._trace is None:
            if self.kind == "vectorscope":
                middle = CHROMA_BINS // 2
                reach = middle // self._zoom
                part = slice(middle - reach, middle + reach)
                shine = trace(pictures.vectorscope[part, part], self._brightness)
                pixels = _inked(shine, _hues()[part, part])
            elif self.kind == "waveform":
                ink = np.array([206, 214, 206], np.float32)
                pixels = _inked(trace(pictures.waveform, self._brightness), ink)
            else:
                inks = [np.array([c.red(), c.green(), c.blue()], np.float32) for c in _CHANNELS]
                parts = [
                    _inked(trace(part, self._brightness), ink)
                    for part, ink in zip(pictures.parade, inks, strict=True)
                ]
                pixels = np.concatenate(parts, axis=1)
            self._trace = to_qimage(pixels)
        return self._trace

    def _paint_histogram(self, painter: QPainter, area: QRectF, pictures: ScopePictures) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        counts = pictures.histogram
        # Large plain areas, such as the black borders of a scan, may not flatten all the rest.
        inner = np.sort(counts[:, 1:-1], axis=1)[:, -6]
        peak = max(float(inner.max()), 1e-9) * 1.15
        x = area.left() + (np.arange(LEVELS) + 0.5) / LEVELS * area.width()
        for number, color in enumerate((*_CHANNELS, theme.TEXT)):
            y = area.bottom() - np.minimum(counts[number] / peak, 1.0) * area.height()
            points = [QPointF(px, py) for px, py in zip(x.tolist(), y.tolist(), strict=True)]
            if number < 3:
                fill = QColor(color)
                fill.setAlpha(105)
                painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Plus)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(fill)
                ends = [QPointF(x[0], area.bottom()), *points, QPointF(x[-1], area.bottom())]
                painter.drawPolygon(QPolygonF(ends))
                painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
            else:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(color, 1.1))
                painter.drawPolyline(QPolygonF(points))


def _inked(shine: NDArray[np.uint8], ink: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return RGB ``(..., 3)`` of a trace in an ink, or in inks of its own shape."""
    pixels: NDArray[np.uint8] = (shine[..., None] * (ink * np.float32(1 / 255))).astype(np.uint8)
    return pixels


@lru_cache(maxsize=1)
def _hues() -> NDArray[np.float32]:
    """Return the colour that every place of the vectorscope stands for, bright enough to be seen: ``(B, B, 3)``."""
    axis = (np.arange(CHROMA_BINS, dtype=np.float32) + 0.5) / CHROMA_BINS - 0.5
    cb, cr = np.meshgrid(axis, -axis)
    red, blue = cr * 1.5748, cb * 1.8556
    green = -(0.2126 * red + 0.0722 * blue) / 0.7152
    rgb = np.stack([red, green, blue], axis=-1)
    rgb *= np.minimum(1, 0.42 / np.abs(rgb).max(axis=-1, keepdims=True).clip(1e-6))
    found: NDArray[np.float32] = ((rgb + 0.62).clip(0, 1) * 255).astype(np.float32)
    return found
