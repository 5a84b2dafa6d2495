"""Lanes: rows of the timeline, each of which draws one thing that is known of the film."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from remaster_gui.base.byte_cache import ByteCache
from remaster_gui.base.language import tr
from remaster_gui.engine.frame_store import CURRENT, DECODED, DRAFT, NONE, STALE
from remaster_gui.project.schema import ReferenceRecord
from remaster_gui.ui.style import theme
from remaster_gui.ui.timeline.scale import Scale, thumbnail_step
from remaster_gui.ui.wording import STATE_NAMES

STRIP_COLORS = {DECODED: theme.DECODED, CURRENT: theme.CURRENT, STALE: theme.STALE, DRAFT: theme.DRAFT}
"""Colour by state of a frame; there is none where there is nothing."""
_PICTURE_BYTES = 40 * 2**20
"""Memory for small pictures; it holds some three thousand."""


_FULL = 255 / 5
"""Level from which frames are fully lit."""
_STEPS = 6


class Lane(QObject):
    """Base of all lanes: draws into the rectangle that it is given, x of frames as the scale says.

    `title` stands in the header; '' for none. `height`: logical pixels.
    """

    changed = Signal()
    """Something has to be drawn again."""
    frame_chosen = Signal(int)
    """A click asks the playhead to go to a frame."""

    title = ""
    height = 22

    def paint(self, painter: QPainter, rect: QRectF, scale: Scale) -> None:
        """Draw; x of a frame is ``rect.left() + scale.x_of(frame)``, and the painter is clipped to `rect`."""

    def tip_at(self, x: float, scale: Scale) -> str:
        """Return what the place `x` (pixels from the lanes' left edge) has to say; '' for nothing."""
        return ""

    def press_at(self, x: float, scale: Scale) -> bool:
        """Take a click at `x`; False lets it scrub."""
        return False


class StripLane(Lane):
    """The strip under the ruler: which frames are decoded, remastered and up to date, drafts, or stale."""

    height = 6

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._states: NDArray[np.uint8] = np.zeros(0, np.uint8)

    def set_states(self, states: NDArray[np.uint8]) -> None:
        """Show the states ``(frames,)``; see `STRIP_COLORS`."""
        self._states = states
        self.changed.emit()

    def paint(self, painter: QPainter, rect: QRectF, scale: Scale) -> None:
        """Draw runs of equal states as bars."""
        painter.fillRect(rect, theme.LINE)
        visible = scale.visible
        part = self._states[visible.start : visible.stop]
        if not len(part):
            return
        edges = [0, *(np.flatnonzero(np.diff(part)) + 1).tolist(), len(part)]
        for start, stop in pairwise(edges):
            color = STRIP_COLORS.get(int(part[start]))
            if color is not None:
                left = rect.left() + scale.x_of(visible.start + start)
                right = rect.left() + scale.x_of(visible.start + stop)
                painter.fillRect(
                    QRectF(left, rect.top() + 1, max(1.0, right - left), rect.height() - 2), color
                )

    def tip_at(self, x: float, scale: Scale) -> str:
        """Name the state."""
        frame = scale.frame_at(x)
        state = int(self._states[frame]) if frame < len(self._states) else NONE
        return STATE_NAMES[state]


class ThumbnailLane(Lane):
    """Small pictures of the film with its cuts."""

    title = tr("Film")
    height = 50
    wanted = Signal(object)
    """list[int]: frames whose pictures are in sight and missing."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pictures: ByteCache[int, QImage] = ByteCache(_PICTURE_BYTES, QImage.sizeInBytes)
        self._cuts: Sequence[int] = ()
        self._aspect = 4 / 3

    def set_film(self, aspect: float) -> None:
        """Begin with a film of shape `aspect` (width over height) and no pictures."""
        self._aspect = aspect
        self._pictures.clear()
        self._cuts = ()
        self.changed.emit()

    def set_cuts(self, cuts: Sequence[int]) -> None:
        """Show the cuts (sorted frames)."""
        self._cuts = cuts
        self.changed.emit()

    def set_picture(self, frame: int, picture: QImage) -> None:
        """Take a picture that was wanted."""
        self._pictures.put(frame, picture)
        self.changed.emit()

    def has_picture(self, frame: int) -> bool:
        """Whether the picture of a frame has been taken."""
        return frame in self._pictures

    def frames_in_sight(self, scale: Scale) -> list[int]:
        """Return the frames that the lane shows at this scale."""
        step = thumbnail_step(scale, self._width() + 2)
        visible = scale.visible
        return list(range(visible.start // step * step, visible.stop, step))

    def ask_for_missing(self, scale: Scale) -> None:
        """Emit `wanted` with what is missing; an empty list ends earlier wishes."""
        self.wanted.emit([frame for frame in self.frames_in_sight(scale) if frame not in self._pictures])

    def paint(self, painter: QPainter, rect: QRectF, scale: Scale) -> None:
        """Draw pictures on a dark band, cuts as gaps with a line."""
        painter.fillRect(rect, theme.FIELD)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        height = rect.height() - 4
        for frame in self.frames_in_sight(scale):
            box = QRectF(rect.left() + scale.x_of(frame) + 1, rect.top() + 2, self._width(), height)
            picture = self._pictures.get(frame)
            if picture is None:
                painter.fillRect(box, theme.WINDOW)
            else:
                painter.drawImage(box, picture)
        visible = scale.visible
        at = bisect_left(self._cuts, visible.start)
        for cut in self._cuts[at:]:
            if cut >= visible.stop:
                break
            if cut > 0:
                x = round(rect.left() + scale.x_of(cut))
                painter.fillRect(QRectF(x - 1.5, rect.top(), 3, rect.height()), theme.LINE)
                painter.fillRect(QRectF(x - 0.5, rect.top(), 1, rect.height()), theme.TEXT)

    def tip_at(self, x: float, scale: Scale) -> str:
        """Tell the shot."""
        at = bisect_left(self._cuts, scale.frame_at(x) + 1)
        return tr("shot {value} of {count}", value=max(1, at), count=len(self._cuts)) if self._cuts else ""

    def _width(self) -> float:
        return (self.height - 4) * self._aspect


class ReferenceLane(Lane):
    """Flags of the references, and small lamps for frames that are worth colouring."""

    title = tr("References")
    height = 24
    flag_chosen = Signal(str)
    """The id of the reference whose flag was clicked."""

    _FLAG_WIDTH = 13.0

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._flags: list[tuple[int, ReferenceRecord]] = []
        self._selected: str | None = None
        self._suggestions: Sequence[int] = ()
        self._staged: tuple[int, ReferenceRecord] | None = None
        self._light: NDArray[np.uint8] | None = None
        self._light_color = QColor()

    def set_references(self, references: Sequence[ReferenceRecord], selected: str | None) -> None:
        """Show those that are tied to frames."""
        self._flags = [(each.frame, each) for each in references if each.frame is not None]
        self._selected = selected
        self.changed.emit()

    @property
    def light(self) -> NDArray[np.uint8] | None:
        """How brightly each frame is lit ``(frames,)``; None while nothing is."""
        return self._light

    def set_light(self, levels: NDArray[np.uint8] | None, color: QColor) -> None:
        """Light frames in this colour: `levels` ``(frames,)`` from 0 (dark) to 255; None: all are dark."""
        if levels is not None or self._light is not None:
            self._light, self._light_color = levels, color
            self.changed.emit()

    def stage(self, reference: ReferenceRecord | None, frame: int = 0) -> None:
        """Show a copy of a reference's flag at a frame; None: none any more."""
        self._staged = None if reference is None else (frame, reference)
        self.changed.emit()

    def set_suggestions(self, frames: Sequence[int]) -> None:
        """Show the frames worth colouring."""
        self._suggestions = frames
        self.changed.emit()

    def paint(self, painter: QPainter, rect: QRectF, scale: Scale) -> None:
        """Draw flags: filled once painted, hollow while only marked, crossed out while not used."""
        painter.fillRect(rect, theme.WINDOW)
        self._paint_light(painter, rect, scale)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for frame in self._suggestions:
            x = rect.left() + scale.x_of(frame)
            painter.setPen(QPen(theme.MUTED, 1.2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(x, rect.center().y()), 3.5, 3.5)
        flags = sorted(self._flags, key=lambda each: each[1].id == self._selected)
        for frame, reference in (*flags, *([] if self._staged is None else [self._staged])):
            self._paint_flag(painter, rect, rect.left() + scale.x_of(frame), reference)

    def _paint_light(self, painter: QPainter, rect: QRectF, scale: Scale) -> None:
        """Draw runs of frames of about the same share as bars, the stronger the more they draw."""
        visible = scale.visible
        if self._light is None:
            return
        part = self._light[visible.start : visible.stop]
        steps = np.ceil(np.sqrt(np.minimum(part / _FULL, 1.0)) * _STEPS).astype(np.uint8)
        edges = [0, *(np.flatnonzero(np.diff(steps)) + 1).tolist(), len(steps)]
        for start, stop in pairwise(edges):
            if stop > start and steps[start]:
                color = QColor(self._light_color)
                color.setAlphaF(0.3 + 0.7 * int(steps[start]) / _STEPS)
                left = rect.left() + scale.x_of(visible.start + start)
                right = rect.left() + scale.x_of(visible.start + stop)
                # Below the flags, some of which have this colour.
                painter.fillRect(QRectF(left, rect.bottom() - 8, max(1.0, right - left), 7), color)

    def _paint_flag(self, painter: QPainter, rect: QRectF, x: float, reference: ReferenceRecord) -> None:
        top, bottom = rect.top() + 4, rect.bottom() - 2
        shape = QPolygonF([QPointF(x, top), QPointF(x + self._FLAG_WIDTH, top + 5.5), QPointF(x, top + 11)])
        selected = reference.id == self._selected
        color = QColor(reference.color)
        painter.setPen(QPen(theme.TEXT if selected else color, 2.0 if selected else 1.4))
        painter.drawLine(QPointF(x, top), QPointF(x, bottom))
        painter.setBrush(color if reference.colored else Qt.BrushStyle.NoBrush)
        painter.setOpacity(1.0 if reference.enabled else 0.45)
        painter.drawPolygon(shape)
        painter.setOpacity(1.0)

    def tip_at(self, x: float, scale: Scale) -> str:
        """Name the reference or explain the lamp."""
        flag = self.flag_at(x, scale)
        if flag is not None:
            state = "" if flag.colored else tr(", not painted yet")
            return f"{flag.name}{state}" + ("" if flag.enabled else tr(", not used"))
        if self._suggestion_at(x, scale) is not None:
            return tr("A frame worth colouring: many shots look like it")
        return ""

    def press_at(self, x: float, scale: Scale) -> bool:
        """Choose a flag, or go to a frame worth colouring."""
        flag = self.flag_at(x, scale)
        if flag is not None:
            self.flag_chosen.emit(flag.id)
            return True
        suggestion = self._suggestion_at(x, scale)
        if suggestion is not None:
            self.frame_chosen.emit(suggestion)
        return suggestion is not None

    def flag_at(self, x: float, scale: Scale) -> ReferenceRecord | None:
        """Return the reference whose flag lies at `x`."""

        def distance(flag: tuple[int, ReferenceRecord]) -> float:
            return abs(scale.x_of(flag[0]) + self._FLAG_WIDTH / 2 - x)

        near = [flag for flag in self._flags if distance(flag) <= self._FLAG_WIDTH / 2 + 3]
        return min(near, key=distance)[1] if near else None

    def _suggestion_at(self, x: float, scale: Scale) -> int | None:
        return _nearest(self._suggestions, lambda frame: abs(scale.x_of(frame) - x), 6.0)


def _nearest(frames: Sequence[int], distance: Callable[[int], float], limit: float) -> int | None:
    return min((frame for frame in frames if distance(frame) <= limit), key=distance, default=None)
