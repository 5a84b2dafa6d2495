"""The strip of likely colours: what the place under the brush may look like, to be taken by number or click."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QColor, QHelpEvent, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from remaster_gui.base.language import tr
from remaster_gui.ui.accessible_roles import give_role
from remaster_gui.ui.paint.swatches import paint_cell
from remaster_gui.ui.painters import painting
from remaster_gui.ui.style import theme

PLACES = 5
_HINT = tr("Rest the brush on the picture: its likely colours come here, for keys 1 to 5")
_CELL = 24
_TEXT = 15
_GAP = 3
_TEXT_SIZE = 0.82
"""Of what stands below colours, beside the widget's own."""


@dataclass(frozen=True, slots=True)
class LikelyChip:
    """A colour (#rrggbb) in plain words, where it comes from, and how likely it is (0 to 1)."""

    color: str
    name: str
    source: str
    share: float


class LikelyStrip(QWidget):
    """Shows what it is told, or in one sentence why there is nothing."""

    chosen = Signal(int)
    """The colour at this place, from 0, was clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chips: tuple[LikelyChip, ...] = ()
        self._note = _HINT
        self._hovered = -1
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_CELL + _TEXT)
        self.setAccessibleName(tr("Likely colours"))
        give_role(self, QAccessible.Role.ColorChooser)

    @property
    def chips(self) -> tuple[LikelyChip, ...]:
        """What is shown."""
        return self._chips

    @property
    def note(self) -> str:
        """What is said in place of colours."""
        return self._note

    def set_chips(self, chips: Sequence[LikelyChip], note: str = "") -> None:
        """Show colours, at most `PLACES`; with none, `note` or what there is to be done for some."""
        self._chips, self._note = tuple(chips[:PLACES]), note or _HINT
        self.update()

    def cell(self, place: int) -> QRect:
        """Return where a colour and its text are drawn."""
        width = (self.width() + _GAP) // PLACES - _GAP
        return QRect(place * (width + _GAP), 0, width, self.height())

    def sizeHint(self) -> QSize:
        """Be as wide as the panel."""
        return QSize(PLACES * 40, _CELL + _TEXT)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take a colour."""
        place = self._place_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and place >= 0:
            self.chosen.emit(place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up what a click would take."""
        self._hover(self._place_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is hovered any more."""
        self._hover(-1)

    def event(self, event: QEvent) -> bool:
        """Explain the colour under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self._place_at(event.pos())
            text = _tip(self._chips[place], place) if place >= 0 else _explanation()
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw colours with their numbers, and below each where it comes from."""
        with painting(self) as painter:
            if not self._chips:
                painter.setPen(theme.MUTED)
                flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(self.rect(), int(flags), self._note)
                return
            small = self.font()
            small.setPointSizeF(small.pointSizeF() * _TEXT_SIZE)
            painter.setFont(small)
            for place, chip in enumerate(self._chips):
                rect = self.cell(place)
                box, text = QRect(rect.topLeft(), QSize(rect.width(), _CELL)), rect.adjusted(0, _CELL, 0, 0)
                color = QColor(chip.color)
                paint_cell(painter, box, color, lit=place == self._hovered)
                painter.setPen(
                    QColor(0, 0, 0, 210) if color.lightnessF() > 0.5 else QColor(255, 255, 255, 220)
                )
                painter.drawText(box.adjusted(4, 1, 0, 0), int(Qt.AlignmentFlag.AlignLeft), str(place + 1))
                painter.setPen(theme.MUTED)
                source = painter.fontMetrics().elidedText(
                    chip.source, Qt.TextElideMode.ElideRight, text.width()
                )
                painter.drawText(text, int(Qt.AlignmentFlag.AlignCenter), source)

    def _place_at(self, position: QPoint) -> int:
        return next((n for n in range(len(self._chips)) if self.cell(n).contains(position)), -1)

    def _hover(self, place: int) -> None:
        if place != self._hovered:
            self._hovered = place
            self.update()


def _tip(chip: LikelyChip, place: int) -> str:
    return tr(
        "<b>{chip}</b> ({place})<br>{source}, {share:.0%} likely here",
        chip=escape(chip.name),
        place=place + 1,
        source=escape(chip.source),
        share=chip.share,
    )


def _explanation() -> str:
    return tr(
        "<b>Likely colours</b><br>Of the place under the brush, given all that is painted: learned from photographs, "
        "painted here, or like a reference. A number or a click takes one"
    )
