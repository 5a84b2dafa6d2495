"""What tools draw above the picture: the ring of the brush, and the colour under the eyedropper."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from remaster_gui.painting.color_values import Lab, hex_of_lab

_DARK = QColor(0, 0, 0, 170)
_LIGHT = QColor(255, 255, 255, 220)
_SMALLEST_RING = 5.0
"""Smaller rings, in pixels of the widget, give way to a cross."""
_CHIP = QRectF(14, -46, 32, 32)
"""Where the picked colour is shown, from the pointer."""


def qcolor(color: Lab) -> QColor:
    """Return a colour as the screen shows it."""
    return QColor(hex_of_lab(color))


def paint_ring(painter: QPainter, outline: QRectF, hardness: float) -> None:
    """Draw the brush's outline (pixels of the widget) and, within, the ring up to which it is full.

    Dark and light together are seen on any picture, and are free of colour.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if outline.width() < _SMALLEST_RING:
        _paint_cross(painter, outline.center())
        return
    painter.setPen(QPen(_DARK, 2.6))
    painter.drawEllipse(outline)
    painter.setPen(QPen(_LIGHT, 1.2))
    painter.drawEllipse(outline)
    if 0.05 < hardness < 0.97 and outline.width() * hardness > _SMALLEST_RING:
        inset_x, inset_y = outline.width() * (1 - hardness) / 2, outline.height() * (1 - hardness) / 2
        inner = outline.adjusted(inset_x, inset_y, -inset_x, -inset_y)
        painter.setPen(QPen(QColor(0, 0, 0, 110), 1.8))
        painter.drawEllipse(inner)
        painter.setPen(QPen(QColor(255, 255, 255, 150), 1.0, Qt.PenStyle.DashLine))
        painter.drawEllipse(inner)


def ring_margin(outline: QRectF) -> QRectF:
    """Return all that `paint_ring` may touch."""
    reach = max(0.0, 12.0 - outline.width() / 2) + 3.0
    return outline.adjusted(-reach, -reach, reach, reach)


def paint_chip(painter: QPainter, at: QPointF, picked: Lab | None, before: Lab) -> None:
    """Show the colour under the eyedropper beside the pointer, above the one that it replaces."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    box = _CHIP.translated(at)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor(before))
    painter.drawRect(box)
    painter.setBrush(qcolor(picked if picked is not None else before))
    painter.drawRect(box.adjusted(0, 0, 0, -box.height() / 3))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(_DARK, 1.0))
    painter.drawRect(box.adjusted(-0.5, -0.5, 0.5, 0.5))
    painter.setPen(QPen(_LIGHT, 1.0))
    painter.drawRect(box.adjusted(-1.5, -1.5, 1.5, 1.5))


def chip_margin(at: QPointF) -> QRectF:
    """Return all that `paint_chip` may touch."""
    return _CHIP.translated(at).adjusted(-4, -4, 4, 4)


def _paint_cross(painter: QPainter, at: QPointF) -> None:
    for pen in (QPen(_DARK, 2.6), QPen(_LIGHT, 1.2)):
        painter.setPen(pen)
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            painter.drawLine(at + QPointF(dx, dy) * 4.0, at + QPointF(dx, dy) * 9.0)
