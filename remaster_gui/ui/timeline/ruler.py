"""The ruler: timecode, markers, the segment between in and out point, and the grips by which its ends are moved."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from fractions import Fraction

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from remaster_gui.base.language import tr
from remaster_gui.base.timebase import format_timecode
from remaster_gui.project.schema import FrameMarker
from remaster_gui.ui.style import theme
from remaster_gui.ui.timeline.lanes import Lane
from remaster_gui.ui.timeline.scale import Scale, ticks

GRIP = 7.0
"""Pixels around an end of the segment within which a press takes hold of it."""
_MARKER_WIDTH, _MARKER_HEIGHT = 9.0, 11.0
_SHADE = QColor(0, 0, 0, 110)
_BAND = QColor(240, 150, 50, 46)


class Ruler(Lane):
    """Timecode above the lanes. The segment is half-open: its end is the left edge of the first frame after it."""

    height = 28

    def __init__(self, parent: object = None) -> None:
        super().__init__()
        self._rate = Fraction(24)
        self._start: str | None = None
        self.in_point: int | None = None
        self.out_point: int | None = None
        self._markers: Sequence[FrameMarker] = ()

    def set_film(self, rate: Fraction, start_timecode: str | None) -> None:
        """Count at this rate from this timecode."""
        self._rate, self._start = rate, start_timecode
        self.changed.emit()

    def set_segment(self, in_point: int | None, out_point: int | None) -> None:
        """Show the segment; None for an end that is not set."""
        self.in_point, self.out_point = in_point, out_point
        self.changed.emit()

    def set_markers(self, markers: Sequence[FrameMarker]) -> None:
        """Show the markers, which rise."""
        self._markers = markers
        self.changed.emit()

    def marker_at(self, x: float, scale: Scale) -> FrameMarker | None:
        """Return the marker that is nearest to `x` among those that are drawn there."""
        reach = _MARKER_WIDTH / 2 + 1
        first, last = scale.frame_at(x - reach), scale.frame_at(x + reach)
        near = min(
            self._markers_within(first, last + 1),
            key=lambda each: abs(scale.x_of(each.frame) - x),
            default=None,
        )
        return near if near is not None and abs(scale.x_of(near.frame) - x) <= reach else None

    def grip_at(self, x: float, scale: Scale) -> str:
        """Return which end of the segment is at `x`: 'in', 'out' or ''."""
        for name, frame in (("in", self.in_point), ("out", self.out_point)):
            if frame is not None and abs(scale.x_of(frame) - x) <= GRIP:
                return name
        return ""

    def paint(self, painter: QPainter, rect: QRectF, scale: Scale) -> None:
        """Draw ticks and labels, and the segment as a band with brackets."""
        painter.fillRect(rect, theme.PANEL)
        self._paint_band(painter, rect, scale)
        painter.setFont(theme.digits_font(painter.font()))
        painter.setPen(theme.EDGE)
        labels = []
        for tick in ticks(scale, self._rate):
            x = round(rect.left() + scale.x_of(tick.frame)) + 0.5
            painter.drawLine(
                QPointF(x, rect.bottom() - (11 if tick.labelled else 4)), QPointF(x, rect.bottom())
            )
            if tick.labelled:
                labels.append((x, tick.frame))
        painter.setPen(theme.MUTED)
        for x, frame in labels:
            text = format_timecode(frame, self._rate, self._start)
            box = QRectF(
                x + 4, rect.top(), painter.fontMetrics().horizontalAdvance(text) + 2, rect.height() - 6
            )
            # Half a timecode would read as another one.
            if box.right() <= rect.right():
                painter.drawText(box, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)
        self._paint_markers(painter, rect, scale)
        self._paint_ends(painter, rect, scale)

    def tip_at(self, x: float, scale: Scale) -> str:
        """Explain the grips, read markers out, else tell timecode and frame."""
        grip = self.grip_at(x, scale)
        if grip:
            return tr("Drag to move the in point") if grip == "in" else tr("Drag to move the out point")
        marker = self.marker_at(x, scale)
        if marker is not None:
            said = (
                marker.name or tr("Marker"),
                format_timecode(marker.frame, self._rate, self._start),
                marker.note,
            )
            return "\n".join(line for line in said if line)
        frame = scale.frame_at(x)
        return tr(
            "{timecode} · frame {frame}",
            timecode=format_timecode(frame, self._rate, self._start),
            frame=frame,
        )

    def paint_shade(self, painter: QPainter, rect: QRectF, scale: Scale) -> None:
        """Darken what lies outside the segment, in the lanes' whole height."""
        if self.in_point is not None:
            width = scale.x_of(self.in_point)
            painter.fillRect(QRectF(rect.left(), rect.top(), max(0.0, width), rect.height()), _SHADE)
        if self.out_point is not None:
            x = rect.left() + scale.x_of(self.out_point)
            painter.fillRect(QRectF(x, rect.top(), max(0.0, rect.right() - x), rect.height()), _SHADE)

    def _paint_band(self, painter: QPainter, rect: QRectF, scale: Scale) -> None:
        if self.in_point is None and self.out_point is None:
            return
        left = rect.left() + scale.x_of(self.in_point or 0)
        right = rect.left() + scale.x_of(scale.frame_count if self.out_point is None else self.out_point)
        painter.fillRect(QRectF(left, rect.top(), right - left, rect.height()), _BAND)

    def _markers_within(self, first: int, stop: int) -> Sequence[FrameMarker]:
        low, high = (bisect_left(self._markers, at, key=lambda each: each.frame) for at in (first, stop))
        return self._markers[low:high]

    def _paint_markers(self, painter: QPainter, rect: QRectF, scale: Scale) -> None:
        """Draw those in sight; of many at one place the first."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.LINE, 1))
        visible, last = scale.visible, -_MARKER_WIDTH
        for marker in self._markers_within(visible.start - 1, visible.stop + 1):
            x = round(rect.left() + scale.x_of(marker.frame)) + 0.5
            if x - last < 1:
                continue
            last, half, bottom = x, _MARKER_WIDTH / 2, rect.bottom()
            top, waist = bottom - _MARKER_HEIGHT, bottom - 4.5
            corners = [(x - half, top), (x + half, top), (x + half, waist), (x, bottom), (x - half, waist)]
            painter.setBrush(theme.MARKERS[marker.color])
            painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))

    def _paint_ends(self, painter: QPainter, rect: QRectF, scale: Scale) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.ACCENT, 2))
        for frame, reach in ((self.in_point, 5.0), (self.out_point, -5.0)):
            if frame is None:
                continue
            x = rect.left() + scale.x_of(frame) + reach / 5
            top, bottom = rect.top() + 3, rect.bottom() - 2
            corners = [(x + reach, top), (x, top), (x, bottom), (x + reach, bottom)]
            painter.drawPolyline(QPolygonF([QPointF(*corner) for corner in corners]))
