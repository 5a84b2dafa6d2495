"""The lane of shots: which there are, which are remastered otherwise than the film, and which have notes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter

from remaster_gui.base.counting import counted
from remaster_gui.base.language import tr
from remaster_gui.base.timebase import FrameRange
from remaster_gui.ui.style import theme
from remaster_gui.ui.timeline.lanes import Lane
from remaster_gui.ui.timeline.scale import Scale

GRIP = 5.0
"""Pixels to either side of a cut at which it is taken hold of."""
_LEAST_LABEL = 14.0
_MOST_TIP = 300


@dataclass(frozen=True, slots=True)
class LaneShot:
    """A shot as the lane shows it. `is_own`: it has settings of its own."""

    span: FrameRange
    is_own: bool = False
    notes: str = ""


class ShotLane(Lane):
    """A bar for each shot with its number and, where there is room, its length; a drag moves the cut between two."""

    title = tr("Shots")
    height = 20
    shot_chosen = Signal(int)
    """The first frame of the shot that was clicked."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shots: Sequence[LaneShot] = ()
        self._starts: list[int] = []
        self._chosen: int | None = None
        self._moved: tuple[int, int] | None = None

    def set_shots(self, shots: Sequence[LaneShot]) -> None:
        """Show these shots, which cover the film; () while cuts are not known."""
        self._shots = shots
        self._starts = [shot.span.start for shot in shots]
        self.changed.emit()

    def set_chosen(self, first: int | None) -> None:
        """Mark the shot whose settings are shown, by its first frame."""
        if first != self._chosen:
            self._chosen = first
            self.changed.emit()

    def stage(self, cut: int | None, frame: int = 0) -> None:
        """Show a cut elsewhere while it is dragged; None where it is."""
        self._moved = None if cut is None else (cut, frame)
        self.changed.emit()

    def cut_at(self, x: float, scale: Scale) -> int | None:
        """Return the cut that a press at `x` takes hold of; that nearest to it."""
        place = bisect_right(self._starts, scale.frame_at(x))
        near = [cut for cut in self._starts[max(1, place - 1) : place + 1] if cut]
        found = min(near, key=lambda cut: abs(scale.x_of(cut) - x), default=None)
        return found if found is not None and abs(scale.x_of(found) - x) <= GRIP else None

    def room_of(self, cut: int) -> FrameRange:
        """Return the frames to which a cut can be moved: both shots keep one."""
        place = self._starts.index(cut)
        return FrameRange(self._starts[place - 1] + 1, self._shots[place].span.stop)

    def paint(self, painter: QPainter, rect: QRectF, scale: Scale) -> None:
        """Draw the shots in sight: the chosen one in amber, a spot for settings of its own, a bar for notes."""
        painter.fillRect(rect, theme.LINE)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        visible = scale.visible
        at = max(0, bisect_right(self._starts, visible.start) - 1)
        for number, shot in enumerate(self._shots[at:], at + 1):
            if shot.span.start >= visible.stop:
                break
            start, stop = self._edges(shot.span)
            left, right = rect.left() + scale.x_of(start), rect.left() + scale.x_of(stop)
            box = QRectF(left, rect.top() + 1, max(1.0, right - left - 1), rect.height() - 2)
            self._paint_shot(painter, box.intersected(rect), number, shot)

    def _paint_shot(self, painter: QPainter, box: QRectF, number: int, shot: LaneShot) -> None:
        is_chosen = shot.span.start == self._chosen
        ground = theme.ACCENT if is_chosen else theme.RAISED if number % 2 else theme.PANEL
        painter.fillRect(box, ground)
        ink = theme.ACCENT_TEXT if is_chosen else theme.TEXT
        painter.setPen(Qt.PenStyle.NoPen)
        if shot.notes:
            painter.fillRect(QRectF(box.left(), box.bottom() - 2, box.width(), 2), ink)
        room = box.adjusted(4, 0, -4, 0)
        if shot.is_own:
            spot = QPointF(
                box.center().x() if room.width() < _LEAST_LABEL else box.right() - 7, box.center().y()
            )
            painter.setBrush(ink if is_chosen else theme.ACCENT)
            painter.drawEllipse(spot, 3.0, 3.0)
            room.setRight(spot.x() - 5)
        if room.width() < _LEAST_LABEL:
            return
        metrics = painter.fontMetrics()
        texts = (f"{number} · {counted(len(shot.span), 'frame')}", f"{number}")
        text = next((each for each in texts if metrics.horizontalAdvance(each) <= room.width()), "")
        painter.setPen(ink)
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)

    def _edges(self, span: FrameRange) -> tuple[int, int]:
        """Return where a shot begins and ends, with the cut where it is dragged to."""
        if self._moved is None:
            return span.start, span.stop
        cut, frame = self._moved
        return (frame if span.start == cut else span.start), (frame if span.stop == cut else span.stop)

    def tip_at(self, x: float, scale: Scale) -> str:
        """Tell the shot and its notes."""
        place = bisect_right(self._starts, scale.frame_at(x)) - 1
        if place < 0:
            return ""
        shot = self._shots[place]
        lines = [
            tr(
                "Shot {place} of {count} · frames {start}–{stop} · {frames}",
                place=place + 1,
                count=len(self._shots),
                start=shot.span.start,
                stop=shot.span.stop - 1,
                frames=counted(len(shot.span), "frame"),
            )
        ]
        if shot.is_own:
            lines.append(tr("Has settings of its own"))
        if shot.notes:
            lines.append(shot.notes if len(shot.notes) <= _MOST_TIP else shot.notes[:_MOST_TIP] + "…")
        return "\n".join(lines)

    def press_at(self, x: float, scale: Scale) -> bool:
        """Choose the shot."""
        place = bisect_right(self._starts, scale.frame_at(x)) - 1
        if place >= 0:
            self.shot_chosen.emit(self._starts[place])
        return place >= 0
