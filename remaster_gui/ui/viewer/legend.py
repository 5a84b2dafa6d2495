"""Legends of overlays that wash a picture: texts in one row on a dark ground, each with a chip of its colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen

from remaster_gui.ui.style import theme

_GROUND = QColor(20, 20, 20, 205)
_INSET, _PAD, _CHIP, _BESIDE, _GAP, _RIM = 8.0, 7.0, 10.0, 6.0, 16.0, 1.6


class LegendPart(NamedTuple):
    """A text and the colour of its chip (None: it has none), which is a rim where such is drawn over the picture."""

    text: str
    color: QColor | None = None
    is_rim: bool = False


def paint_legend(painter: QPainter, parts: Sequence[LegendPart], seen: QRectF, corner: Qt.Corner) -> None:
    """Draw a legend into a corner of what is seen of the picture, in pixels of the widget."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    metrics = QFontMetricsF(painter.font())
    wide = sum(map(metrics.horizontalAdvance, (part.text for part in parts))) + _GAP * (len(parts) - 1)
    wide += (_CHIP + _BESIDE) * sum(part.color is not None for part in parts)
    box = _in_corner(QRectF(0, 0, wide + 2 * _PAD, metrics.height() + _PAD), seen, corner)
    path = QPainterPath()
    path.addRoundedRect(box, 4, 4)
    painter.fillPath(path, _GROUND)
    left, middle = box.left() + _PAD, box.center().y()
    for part in parts:
        if part.color is not None:
            _paint_chip(painter, QRectF(left, middle - _CHIP / 2, _CHIP, _CHIP), part.color, part.is_rim)
            left += _CHIP + _BESIDE
        painter.setPen(theme.TEXT)
        painter.drawText(QPointF(left, middle + metrics.ascent() / 2 - 1), part.text)
        left += metrics.horizontalAdvance(part.text) + _GAP


def _in_corner(box: QRectF, seen: QRectF, corner: Qt.Corner) -> QRectF:
    inside = seen.adjusted(_INSET, _INSET, -_INSET, -_INSET)
    is_right = corner in (Qt.Corner.TopRightCorner, Qt.Corner.BottomRightCorner)
    is_low = corner in (Qt.Corner.BottomLeftCorner, Qt.Corner.BottomRightCorner)
    box.moveTopLeft(inside.topLeft())
    if is_right:
        box.moveRight(inside.right())
    if is_low:
        box.moveBottom(inside.bottom())
    return box


def _paint_chip(painter: QPainter, chip: QRectF, color: QColor, is_rim: bool) -> None:
    painter.setPen(QPen(color, _RIM) if is_rim else Qt.PenStyle.NoPen)
    painter.setBrush(Qt.BrushStyle.NoBrush if is_rim else color)
    painter.drawRoundedRect(chip, 2, 2)
