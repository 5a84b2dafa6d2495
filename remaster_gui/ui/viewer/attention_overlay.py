"""The attention overlay: over the frame, which reference each region drew its colours from, with a legend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from psygnal import SignalInstance
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPainterPath, QPen

from remaster_gui.base.choices import Layer
from remaster_gui.base.language import percent, tr
from remaster_gui.document.view_state import ViewState
from remaster_gui.project.schema import ReferenceRecord
from remaster_gui.ui.interaction import Interaction, Pointer
from remaster_gui.ui.style import theme
from remaster_gui.ui.viewer.canvas import Canvas
from remaster_gui.ui.viewer.wash import Wash

_GROUND = QColor(20, 20, 20, 205)
_INSET = 8.0
_PAD = 7.0
_CHIP = 10.0
_GAP = 16.0
_TALLEST = 0.24
"""Part of the viewer's height that the legend may take, so that the picture's middle stays free."""
_LAYERS: tuple[tuple[Layer, str], ...] = (("fine", "1/8"), ("coarse", "1/16"))


class LegendEntry(NamedTuple):
    """A reference in the legend; `share` is the part of the frame's colours that comes from it, 0 to 1."""

    reference: ReferenceRecord
    share: float


class AttentionOverlay(Wash):
    """Colours regions by reference; the legend has a switch for the layer, which tells the view."""

    def __init__(self, canvas: Canvas) -> None:
        self._entries: Sequence[LegendEntry] = ()
        self._certainty: float | None = None
        self._note = ""
        self.switch_rects: dict[Layer, QRectF] = {}
        """Where the two halves of the layer switch were drawn, in pixels of the widget."""
        super().__init__(canvas)
        canvas.pointer.add_grip(_SwitchGrip(self))

    @property
    def is_visible(self) -> bool:
        """Whether the overlay is switched on."""
        return self.view.attention

    def _changes(self, view: ViewState) -> tuple[SignalInstance, ...]:
        return view.events.attention, view.events.layer

    @property
    def note(self) -> str:
        """What the legend says beside the references: what is waited for, or why there is nothing to show."""
        return self._note

    @property
    def has_map(self) -> bool:
        """Whether there is a map to show."""
        return self._picture is not None

    @property
    def entries(self) -> tuple[LegendEntry, ...]:
        """The references of the legend, the largest share first."""
        return tuple(self._entries)

    def set_map(
        self, picture: QImage, entries: Sequence[LegendEntry], certainty: float, note: str = ""
    ) -> None:
        """Show a frame's attention: `picture` from `attention_pictures.overlay_picture`, mean certainty 0 to 1.

        `note`: a few words such as 'stale'.
        """
        self._picture, self._certainty, self._note = picture, certainty, note
        self._entries = sorted(entries, key=lambda entry: -entry.share)
        self._canvas.update()

    def set_waiting(self, note: str, *, keep: bool = False) -> None:
        """Say what is waited for or why there is nothing to show; `keep` leaves the last map in sight."""
        self._note = note
        if not keep:
            self._picture, self._entries, self._certainty = None, (), None
        self._canvas.update()

    def clear(self) -> None:
        """Show nothing: the frame has changed and nothing is known of it yet."""
        self.set_waiting("")

    def _on_view_changed(self) -> None:
        self.switch_rects = {}
        super()._on_view_changed()

    def _paint_legend(self, painter: QPainter, picture: QRectF, pane: QRectF) -> None:
        """Draw the legend below the picture where there is room for it, else over its lowest part."""
        seen = picture.intersected(pane)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = QFontMetricsF(painter.font())
        line = metrics.height() + 7
        room = max(seen.width() - 2 * _INSET - 2 * _PAD, 120.0)
        switch = sum(metrics.horizontalAdvance(text) + 12 for _, text in _LAYERS)
        rows = max(1, int(self._canvas.height() * _TALLEST / line) - 1)
        cells = flow([self._cell_width(entry, metrics, room) for entry in self._entries], room, rows)
        used = 1 + max((row for row, _ in cells), default=-1)
        status = self._status(len(self._entries) - len(cells))
        spans = [
            x + self._cell_width(entry, metrics, room)
            for entry, (_, x) in zip(self._entries, cells, strict=False)
        ]
        width = min(room, max([*spans, switch + _GAP + metrics.horizontalAdvance(status)]))
        box = QRectF(0, 0, width + 2 * _PAD, (used + 1) * line + _PAD)
        fits_below = picture.bottom() + box.height() + _INSET <= pane.bottom()
        bottom = picture.bottom() + _INSET / 2 + box.height() if fits_below else seen.bottom() - _INSET
        box.moveBottomLeft(QPointF(seen.left() + _INSET, bottom))
        path = QPainterPath()
        path.addRoundedRect(box, 4, 4)
        painter.fillPath(path, _GROUND)
        origin = box.topLeft() + QPointF(_PAD, _PAD / 2)
        for entry, (row, x) in zip(self._entries, cells, strict=False):
            place = QRectF(
                origin.x() + x, origin.y() + row * line, self._cell_width(entry, metrics, room), line
            )
            self._paint_entry(painter, place, entry, metrics)
        last = QRectF(origin.x(), origin.y() + used * line, width, line)
        self._paint_switch(painter, last, metrics)
        painter.setPen(theme.MUTED)
        rest = last.adjusted(switch + _GAP, 0, 0, 0)
        text = metrics.elidedText(status, Qt.TextElideMode.ElideRight, rest.width())
        painter.drawText(rest, int(Qt.AlignmentFlag.AlignVCenter), text)

    def _status(self, hidden: int) -> str:
        parts = [tr("+{hidden} more", hidden=hidden)] if hidden > 0 else []
        if self._certainty is not None:
            parts.append(tr("certainty {share}", share=_percent(self._certainty)))
        return " · ".join([*parts, self._note] if self._note else parts)

    def _cell_width(self, entry: LegendEntry, metrics: QFontMetricsF, room: float) -> float:
        return min(
            room,
            _CHIP + 6 + metrics.horizontalAdvance(f"{entry.reference.name}  {_percent(entry.share)}") + 2,
        )

    def _paint_entry(
        self, painter: QPainter, place: QRectF, entry: LegendEntry, metrics: QFontMetricsF
    ) -> None:
        chip = QRectF(place.left(), place.center().y() - _CHIP / 2, _CHIP, _CHIP)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(entry.reference.color))
        painter.drawRoundedRect(chip, 2, 2)
        percent = _percent(entry.share)
        text = place.adjusted(_CHIP + 6, 0, 0, 0)
        name_width = text.width() - metrics.horizontalAdvance(f"  {percent}")
        painter.setPen(theme.TEXT)
        name = metrics.elidedText(entry.reference.name, Qt.TextElideMode.ElideRight, name_width + 1)
        painter.drawText(text, int(Qt.AlignmentFlag.AlignVCenter), name)
        painter.setPen(theme.MUTED)
        painter.drawText(text, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), percent)

    def _paint_switch(self, painter: QPainter, row: QRectF, metrics: QFontMetricsF) -> None:
        left = row.left()
        for layer, text in _LAYERS:
            box = QRectF(left, row.top() + 2, metrics.horizontalAdvance(text) + 12, row.height() - 4)
            chosen = layer == self.view.layer
            painter.setPen(QPen(theme.ACCENT if chosen else theme.EDGE, 1))
            painter.setBrush(theme.RAISED if chosen else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
            painter.setPen(theme.TEXT if chosen else theme.MUTED)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)
            self.switch_rects[layer] = box
            left += box.width()


class _SwitchGrip(Interaction):
    """Lets the legend's layer switch be clicked."""

    def __init__(self, overlay: AttentionOverlay) -> None:
        self._overlay = overlay

    def press(self, pointer: Pointer) -> bool:
        """Show the other layer."""
        layer = self._layer_at(pointer)
        if layer is not None:
            self._overlay.view.layer = layer
        return layer is not None

    def cursor(self, pointer: Pointer) -> Qt.CursorShape | None:
        """Tell that there is something to click."""
        return Qt.CursorShape.PointingHandCursor if self._layer_at(pointer) is not None else None

    def _layer_at(self, pointer: Pointer) -> Layer | None:
        if not self._overlay.is_visible:
            return None
        rects = self._overlay.switch_rects
        return next((layer for layer, rect in rects.items() if rect.contains(pointer.widget)), None)


def flow(widths: Sequence[float], room: float, rows: int, gap: float = _GAP) -> list[tuple[int, float]]:
    """Return (row, x) of cells laid out as words are, for as many as `rows` rows of width `room` hold."""
    places: list[tuple[int, float]] = []
    row, x = 0, 0.0
    for width in widths:
        if x > 0 and x + width > room:
            row, x = row + 1, 0.0
        if row >= rows:
            break
        places.append((row, x))
        x += width + gap
    return places


def _percent(share: float) -> str:
    return f"<{percent(0.01)}" if 0 < share < 0.005 else percent(share)
