"""The certainty lane: each reference's share in every frame, and how surely the frame is coloured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen, QPolygonF

from remaster_gui.base.language import percent, tr
from remaster_gui.engine.overlay_colors import GUESSED_COLOR
from remaster_gui.project.schema import ReferenceRecord
from remaster_gui.ui.qimage import to_qimage
from remaster_gui.ui.style import theme
from remaster_gui.ui.timeline.certainty_track import CertaintyTrack, Columns
from remaster_gui.ui.timeline.lanes import Lane
from remaster_gui.ui.timeline.scale import Scale

_SHOWN = 10
"""References that get a band of their own; what the others give is summed up in grey."""
_INK = 0.62
"""How much of a reference's colour its band has; the rest is the lane's ground, so that the line stands out."""
_NAMED = 4
_MUCH = 0.25
"""Part of a frame that is guessed from which a reference would help."""
_HELPS = tr(": a reference would help here")
_GUESSED_INK = QColor(GUESSED_COLOR)
_GUESSED_INK.setAlpha(150)


class CertaintyLane(Lane):
    """Bands of the references' shares, a line of certainty across them, hatching where nothing is known yet."""

    title = tr("Certainty")
    height = 42

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.track = CertaintyTrack()
        self._references: tuple[ReferenceRecord, ...] = ()
        self._picture: tuple[object, QImage, Columns] | None = None
        self._version = 0
        self._cuts: tuple[int, ...] = ()
        self._guessed: dict[int, float] = {}

    def set_film(self, frame_count: int, cuts: Sequence[int] = ()) -> None:
        """Begin with another film, of which nothing is known."""
        self._cuts, self._guessed = tuple(cuts), {}
        self.track = CertaintyTrack(frame_count, len(self._references))
        self.track.set_cuts(cuts)
        self._on_track_changed()

    def set_cuts(self, cuts: Sequence[int]) -> None:
        """Keep frames from standing for those of other shots."""
        self._cuts = tuple(cuts)
        self.track.set_cuts(cuts)

    def set_references(self, references: Sequence[ReferenceRecord], *, forget: bool = True) -> None:
        """Show the shares of these from now on; `forget` False keeps what is known (only names or colours changed)."""
        if len(references) != len(self._references):
            forget = True
        self._references = tuple(references)
        if forget:
            self.track = CertaintyTrack(len(self.track), len(references))
            self.track.set_cuts(self._cuts)
        self._on_track_changed()

    def set_frame(self, frame: int, shares: NDArray[np.float32], certainty: float, reach: int = 0) -> None:
        """Note what is known of a frame: shares ``(N,)`` in the order of the references; see `CertaintyTrack.put`."""
        self.track.put(frame, shares, certainty, reach)
        self._on_track_changed()

    def forget(self) -> None:
        """Show nothing: references or settings have changed."""
        self.track.forget()
        self._on_track_changed()

    def set_guessed(self, parts: Mapping[int, float]) -> None:
        """Note which part of some frames' colours is guessed, 0 to 1."""
        self._guessed.update(parts)
        self.changed.emit()

    @property
    def guessed(self) -> Mapping[int, float]:
        """Which part of the colours of frames is guessed, as far as it is known."""
        return dict(self._guessed)

    def forget_guessed(self) -> None:
        """Know no more what is guessed."""
        self._guessed.clear()
        self.changed.emit()

    def paint(self, painter: QPainter, rect: QRectF, scale: Scale) -> None:
        """Draw hatching, bands and line."""
        painter.fillRect(rect, theme.FIELD)
        if not len(self.track) or rect.width() < 1:
            return
        film = QRectF(rect.left(), rect.top(), scale.x_of(len(self.track)), rect.height())
        painter.fillRect(film.intersected(rect), QBrush(theme.RAISED, Qt.BrushStyle.BDiagPattern))
        picture, columns = self._drawn(rect, scale, painter.device().devicePixelRatioF())
        painter.drawImage(rect.topLeft(), picture)
        self._paint_guessed(painter, rect, scale)
        self._paint_line(painter, rect, columns.certainty)

    def tip_at(self, x: float, scale: Scale) -> str:
        """Tell certainty and the largest shares."""
        frame = scale.frame_at(x)
        if frame >= len(self.track):
            return ""
        guessed = self._guessed.get(frame)
        said = (
            ""
            if guessed is None
            else tr("guessed {guessed:.0%}", guessed=guessed) + (_HELPS if guessed >= _MUCH else "")
        )
        shares = self.track.shares_of(frame)
        if shares is None and said:
            return said
        if shares is None:
            return tr("Not looked at yet; the attention overlay (A) fills this lane around the playhead")
        lines = [tr("<b>certainty {certainty:.0%}</b>", certainty=self.track.certainty[frame])]
        order = np.argsort(-shares, kind="stable")[:_NAMED]
        for number in order[shares[order] >= 0.005]:
            reference = self._references[number]
            square = f"<span style='color:{reference.color}'>■</span>"
            lines.append(f"{square} {escape(reference.name)} {percent(shares[number])}")
        if not self._references:
            lines.append(tr("no reference is used"))
        return "<br>".join([*lines, said] if said else lines)

    def _drawn(self, rect: QRectF, scale: Scale, density: float) -> tuple[QImage, Columns]:
        """Return the bands as a picture of device pixels; kept until anything changes."""
        key = (self._version, scale, rect.width(), density)
        if self._picture is None or self._picture[0] != key:
            columns = self.track.columns(scale, round(rect.width() * density), density)
            colors = [QColor(reference.color) for reference in self._references]
            pixels = band_pixels(columns, colors, round((self.height - 2) * density))
            picture = to_qimage(pixels)
            picture.setDevicePixelRatio(density)
            self._picture = key, picture, columns
        return self._picture[1], self._picture[2]

    def _paint_guessed(self, painter: QPainter, rect: QRectF, scale: Scale) -> None:
        """Hang what is guessed from the lane's top, as far down as its part of the frame."""
        deepest: dict[int, float] = {}
        for frame, part in self._guessed.items():
            column = int(scale.x_of(frame))
            if 0 <= column < rect.width():
                deepest[column] = max(part, deepest.get(column, 0.0))
        wide = max(1.0, scale.frame_width)
        for column, part in deepest.items():
            painter.fillRect(
                QRectF(rect.left() + column, rect.top(), wide, part * rect.height()), _GUESSED_INK
            )

    def _paint_line(self, painter: QPainter, rect: QRectF, certainty: NDArray[np.float32]) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        density = len(certainty) / rect.width()
        inside = rect.adjusted(0, 3, 0, -4)
        known = np.flatnonzero(~np.isnan(certainty))
        runs = np.split(known, np.flatnonzero(np.diff(known) > 1) + 1)
        for run in runs:
            if not len(run):
                continue
            heights = inside.bottom() - certainty[run].astype(float) * inside.height()
            places = (run + 0.5) / density + rect.left()
            points = [QPointF(x, y) for x, y in zip(places.tolist(), heights.tolist(), strict=True)]
            if len(points) == 1:
                points = [points[0] - QPointF(0.5, 0), points[0] + QPointF(0.5, 0)]
            line = QPolygonF(points)
            for pen in (QPen(QColor(0, 0, 0, 150), 3.2), QPen(theme.TEXT, 1.4)):
                pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
                painter.setPen(pen)
                painter.drawPolyline(line)

    def _on_track_changed(self) -> None:
        self._version += 1
        self.changed.emit()


def band_pixels(columns: Columns, colors: Sequence[QColor], height: int) -> NDArray[np.uint8]:
    """Return the stacked shares of ``(W,)`` columns as RGBA ``(height, W, 4)``, the first reference at the bottom.

    Columns of which nothing is known are transparent.
    """
    known = ~np.isnan(columns.certainty)
    shares = columns.shares
    ground = np.array([theme.FIELD.red()] * 3, np.float32)
    inks = [np.array([color.red(), color.green(), color.blue()], np.float32) for color in colors]
    if len(inks) > _SHOWN:
        largest = np.sort(np.argsort(-shares.sum(0), kind="stable")[:_SHOWN])
        rest = shares.sum(1) - shares[:, largest].sum(1)
        shares = np.column_stack([shares[:, largest], rest])
        inks = [*(inks[n] for n in largest), np.array([theme.MUTED.red()] * 3, np.float32)]
    palette = np.array([ink * _INK + ground * (1 - _INK) for ink in inks] or [ground], np.float32)
    borders = np.cumsum(shares, axis=1)
    if borders.shape[1]:
        borders /= borders[:, -1:].clip(1e-6)
    levels = ((height - np.arange(height) - 0.5) / height).astype(np.float32)[:, None]
    which = np.zeros((height, len(known)), np.uint8)
    for border in borders.T[:-1]:
        which += levels >= border
    pixels = np.empty((height, len(known), 4), np.uint8)
    pixels[..., :3] = np.rint(palette)[which]
    pixels[..., 3] = np.where(known, 255, 0)
    return pixels
