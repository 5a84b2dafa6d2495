"""The timeline as a widget: ruler and lanes one below the other, the playhead across them, a scroll bar below."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QScrollBar, QSizePolicy, QToolTip, QWidget

from remaster_gui.base.language import tr
from remaster_gui.ui.accessible_roles import give_role
from remaster_gui.ui.interaction import GestureSlot, Pointer
from remaster_gui.ui.painters import painting, saved
from remaster_gui.ui.style import theme
from remaster_gui.ui.timeline.interactions import CopyFlag, MoveCut, MoveEnd, Scroll, Scrub
from remaster_gui.ui.timeline.lanes import Lane, ReferenceLane, StripLane, ThumbnailLane
from remaster_gui.ui.timeline.ruler import Ruler
from remaster_gui.ui.timeline.scale import Scale
from remaster_gui.ui.timeline.shot_lane import ShotLane

HEADER_WIDTH = 104
WHEEL_STEP = 1.25
_SCROLL_UNITS = 16
"""Steps of the scroll bar to a frame, so that scrolling is smooth when frames are wide."""


class Timeline(QWidget):
    """All of the film from left to right. Shows what it is told and says what the user wishes; keeps no project."""

    scrub_began = Signal()
    frame_requested = Signal(int)
    """The playhead is dragged or sent to a frame."""
    segment_requested = Signal(object, object)
    """int | None twice: in and out point, out exclusive, at the end of a drag."""
    cut_move_requested = Signal(int, int)
    """A cut, and the frame at which it is to be instead, at the end of a drag."""
    copy_requested = Signal(str, int)
    """Id of a reference whose flag was dragged, and the frame that a copy of it is to be laid over."""
    marker_opened = Signal(int)
    """The frame of a marker that was clicked twice."""
    scale_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(tr("Timeline"))
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        give_role(self, QAccessible.Role.Chart)
        self.ruler, self.strip = Ruler(), StripLane()
        self.shots = ShotLane()
        self.thumbnails, self.references = ThumbnailLane(), ReferenceLane()
        self.scale = Scale()
        self.playhead = 0
        self.moves_cuts = False
        """Whether cuts can be dragged."""
        self._targets: Sequence[int] = ()
        self._lanes: list[Lane] = []
        self._gesture = GestureSlot()
        self._bar = QScrollBar(Qt.Orientation.Horizontal, self)
        self._bar.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._bar.valueChanged.connect(self._on_bar_moved)
        self._asking = QTimer(self, singleShot=True, interval=60)
        self._asking.timeout.connect(lambda: self.thumbnails.ask_for_missing(self.scale))
        for lane in (self.ruler, self.strip, self.shots, self.thumbnails, self.references):
            self.add_lane(lane)

    def add_lane(self, lane: Lane) -> None:
        """Add a lane at the bottom."""
        lane.setParent(self)
        self._lanes.append(lane)
        lane.changed.connect(self.update)
        lane.frame_chosen.connect(self.frame_requested)
        self.updateGeometry()

    def set_film(self, frame_count: int, rate: Fraction, timecode: str | None, aspect: float) -> None:
        """Begin with another film, all of it in sight."""
        self.scale = Scale(frame_count, float(max(1, self.width() - HEADER_WIDTH))).fitted()
        self.playhead = 0
        self.ruler.set_film(rate, timecode)
        self.ruler.set_segment(None, None)
        self.ruler.set_markers(())
        self.thumbnails.set_film(aspect)
        self.shots.set_shots(())
        self._on_scale_changed()

    def set_playhead(self, frame: int) -> None:
        """Show the playhead at `frame`, scrolling by a page where it would leave the view."""
        before, self.playhead = self.playhead, frame
        shown = self.scale.showing(frame)
        if shown != self.scale and not isinstance(self._gesture.active, Scroll):
            self.set_scale(shown)
        else:
            for each in (before, frame):
                self.update(self._playhead_rect(each))

    def set_snap_targets(self, frames: Sequence[int]) -> None:
        """Let the playhead snap to these (cuts, references, in and out)."""
        self._targets = sorted(frames)

    def set_scale(self, scale: Scale) -> None:
        """Zoom or scroll."""
        if scale != self.scale:
            self.scale = scale
            self._on_scale_changed()

    def zoom(self, factor: float) -> None:
        """Zoom around the playhead, or the middle where that is out of sight."""
        x = self.scale.x_of(self.playhead + 0.5)
        self.set_scale(self.scale.zoomed(factor, x if 0 <= x <= self.scale.width else self.scale.width / 2))

    def frame_for(self, x: float, *, snap: bool) -> int:
        """Return the frame at a place counted from the lanes' left edge."""
        return self.scale.snapped(x, self._targets, 5.0) if snap else self.scale.frame_at(x)

    def sizeHint(self) -> QSize:
        """All lanes and the scroll bar."""
        return QSize(600, sum(lane.height for lane in self._lanes) + self._bar.sizeHint().height() + 2)

    def minimumSizeHint(self) -> QSize:
        """Every lane stays in sight."""
        return QSize(300, self.sizeHint().height())

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw header, lanes, what lies outside the segment, and the playhead."""
        with painting(self) as painter:
            painter.fillRect(event.rect(), theme.WINDOW)
            for lane, rect in self.lane_rects():
                with saved(painter):
                    painter.setPen(theme.MUTED)
                    header = QRectF(10, rect.top(), HEADER_WIDTH - 16, rect.height())
                    title = painter.fontMetrics().elidedText(
                        lane.title, Qt.TextElideMode.ElideRight, int(header.width())
                    )
                    painter.drawText(
                        header, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), title
                    )
                    painter.setClipRect(rect)
                    lane.paint(painter, rect, self.scale)
            if self.scale.frame_count:
                self._paint_playhead(painter)

    def _paint_playhead(self, painter: QPainter) -> None:
        lanes = self._lanes_rect()
        painter.setClipRect(lanes)
        self.ruler.paint_shade(
            painter, lanes.adjusted(0, self.ruler.height + self.strip.height, 0, 0), self.scale
        )
        left = HEADER_WIDTH + self.scale.x_of(self.playhead)
        width = self.scale.frame_width
        if width >= 6:
            shade = theme.ACCENT.lighter()
            shade.setAlpha(36)
            painter.fillRect(QRectF(left, lanes.top(), width, lanes.height()), shade)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x = round(left) + 0.5
        painter.setPen(theme.ACCENT)
        painter.drawLine(QPointF(x, lanes.top()), QPointF(x, lanes.bottom()))
        painter.setBrush(theme.ACCENT)
        top = lanes.top()
        head = [(x - 5.5, top), (x + 5.5, top), (x + 5.5, top + 6), (x, top + 12), (x - 5.5, top + 6)]
        painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in head]))

    def lane_rects(self) -> list[tuple[Lane, QRectF]]:
        """Return every lane with where it is drawn, right of its header."""
        found, top = [], 0.0
        for lane in self._lanes:
            found.append((lane, QRectF(HEADER_WIDTH, top, max(0, self.width() - HEADER_WIDTH), lane.height)))
            top += lane.height
        return found

    def _lanes_rect(self) -> QRectF:
        height = sum(lane.height for lane in self._lanes)
        return QRectF(HEADER_WIDTH, 0, max(0, self.width() - HEADER_WIDTH), height)

    def _playhead_rect(self, frame: int) -> QRect:
        x = HEADER_WIDTH + self.scale.x_of(frame)
        return QRectF(x - 8, 0, self.scale.frame_width + 16, self.height()).toAlignedRect()

    # Scrolling and zooming

    def _on_scale_changed(self) -> None:
        self._bar.blockSignals(True)
        seen = self.scale.width / self.scale.frame_width
        self._bar.setRange(0, max(0, round((self.scale.frame_count - seen) * _SCROLL_UNITS)))
        self._bar.setPageStep(max(1, round(seen * _SCROLL_UNITS)))
        self._bar.setSingleStep(max(1, round(seen * _SCROLL_UNITS / 10)))
        self._bar.setValue(round(self.scale.first * _SCROLL_UNITS))
        self._bar.blockSignals(False)
        self._asking.start()
        self.scale_changed.emit()
        self.update()

    def _on_bar_moved(self, value: int) -> None:
        self.set_scale(
            self.scale.scrolled((value / _SCROLL_UNITS - self.scale.first) * self.scale.frame_width)
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep a whole film whole."""
        height = self._bar.sizeHint().height()
        self._bar.setGeometry(
            HEADER_WIDTH, self.height() - height, max(0, self.width() - HEADER_WIDTH), height
        )
        self.scale = self.scale.resized(self.width() - HEADER_WIDTH)
        self._on_scale_changed()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the pointer; Shift or a sideways wheel scrolls."""
        delta = event.angleDelta()
        sideways = (
            delta.x()
            if delta.x()
            else (delta.y() if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 0)
        )
        if sideways:
            self.set_scale(self.scale.scrolled(-sideways / 120 * self.scale.width / 10))
        elif delta.y():
            self.set_scale(
                self.scale.zoomed(WHEEL_STEP ** (delta.y() / 120), event.position().x() - HEADER_WIDTH)
            )
        event.accept()

    # Pointer and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin the gesture of the place, or let a lane take the click."""
        self._gesture.cancel()
        pointer = self._pointer(event)
        x = pointer.position.x()
        if not self.scale.frame_count or x < 0:
            return
        lane = self._lane_at(event.position().y())
        if event.button() == Qt.MouseButton.MiddleButton:
            self._gesture.press(pointer, Scroll(self))
        elif event.button() == Qt.MouseButton.LeftButton and lane is not None:
            grip = self.ruler.grip_at(x, self.scale) if lane is self.ruler else ""
            cut = self.shots.cut_at(x, self.scale) if lane is self.shots else None
            if grip:
                self._gesture.press(pointer, MoveEnd(self, grip))
            elif cut is not None and self.moves_cuts:
                self._gesture.press(pointer, MoveCut(self, cut))
            elif lane is self.references and self._copies(x, event):
                self._gesture.press(pointer, CopyFlag(self, x))
            elif not lane.press_at(x, self.scale):
                self._gesture.press(pointer, Scrub(self))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open a marker; elsewhere it is one press more."""
        x = event.position().x() - HEADER_WIDTH
        marker = self.ruler.marker_at(x, self.scale) if x >= 0 else None
        if marker is not None and self._lane_at(event.position().y()) is self.ruler:
            self.marker_opened.emit(marker.frame)
        else:
            self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer; over grips the cursor tells."""
        pointer = self._pointer(event)
        if self._gesture.move(pointer):
            return
        lane, x = self._lane_at(event.position().y()), pointer.position.x()
        on_end = lane is self.ruler and bool(self.ruler.grip_at(x, self.scale))
        on_cut = lane is self.shots and self.moves_cuts and self.shots.cut_at(x, self.scale) is not None
        if lane is self.references and self._copies(x, event):
            self.setCursor(Qt.CursorShape.DragCopyCursor)
            return
        self.setCursor(Qt.CursorShape.SizeHorCursor if on_end or on_cut else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Commit the gesture."""
        self._gesture.release(self._pointer(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc takes back the gesture in progress."""
        if event.key() != Qt.Key.Key_Escape or not self._gesture.cancel():
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Show what the lane under the pointer has to say."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self.scale.frame_count:
            lane, x = self._lane_at(event.pos().y()), event.pos().x() - HEADER_WIDTH
            QToolTip.showText(event.globalPos(), lane.tip_at(x, self.scale) if lane and x >= 0 else "", self)
            return True
        return super().event(event)

    def _copies(self, x: float, event: QMouseEvent) -> bool:
        """Whether a press takes hold of a flag to copy its reference."""
        with_ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        return with_ctrl and self.references.flag_at(x, self.scale) is not None

    def _pointer(self, event: QMouseEvent) -> Pointer:
        position = event.position() - QPointF(HEADER_WIDTH, 0)
        return Pointer(position, event.position(), event.modifiers(), event.button())

    def _lane_at(self, y: float) -> Lane | None:
        return next((lane for lane, rect in self.lane_rects() if rect.top() <= y < rect.bottom()), None)
