"""Cards of the reference bin: what they show of a reference, and how they are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QListWidget, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from remaster_gui.engine.reach import HELPS_FROM, Reach
from remaster_gui.project.schema import ReferenceRecord
from remaster_gui.ui.painters import saved
from remaster_gui.ui.panels.range_text import write_ranges
from remaster_gui.ui.style import theme
from remaster_gui.ui.wording import counted

CARD = Qt.ItemDataRole.UserRole
"""Role under which an item of the list holds its `BinCard`."""

_ROW_HEIGHT = 76
_MOST_RANGES = 4
_PICTURE_WIDTH = 88


@dataclass(frozen=True, slots=True)
class BinCard:
    """What the bin shows of a reference; `detail` is a short line such as its frame."""

    reference: ReferenceRecord
    detail: str
    picture: QImage | None


def picture_rect(row: QRect, picture: QImage) -> QRectF:
    """Return where the picture of a card lies in its row of the list."""
    box = QRectF(row.left() + 10, row.top() + 6, _PICTURE_WIDTH, row.height() - 12)
    scale = min(box.width() / picture.width(), box.height() / picture.height())
    fitted = QRectF(0, 0, picture.width() * scale, picture.height() * scale)
    fitted.moveCenter(box.center())
    return fitted


class CardDelegate(QStyledItemDelegate):
    """Draws cards: colour of the reference, picture, name, where it belongs and its state."""

    typed = Signal()
    """A name is no longer being typed."""

    def __init__(self, view: QListWidget) -> None:
        super().__init__(view)
        self._view = view
        self.heat: dict[str, QImage] = {}
        self.reaches: Mapping[str, Reach] = {}
        self.is_typed = False
        self.closeEditor.connect(self._on_editor_closed)

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        """Lend a field for a new name."""
        self.is_typed = True
        return super().createEditor(parent, option, index)

    def _on_editor_closed(self) -> None:
        self.is_typed = False
        # The view takes the new name after this.
        QTimer.singleShot(0, self.typed.emit)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """All cards have one height."""
        return QSize(180, _ROW_HEIGHT)

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Put the field for a new name where the name stands."""
        rect: QRect = option.rect
        editor.setGeometry(
            rect.left() + _PICTURE_WIDTH + 18, rect.top() + 8, rect.width() - _PICTURE_WIDTH - 24, 24
        )

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one card."""
        card: BinCard = index.data(CARD)
        rect: QRect = option.rect
        current = self._view.currentIndex() == index
        with saved(painter):
            painter.fillRect(rect, theme.RAISED if current else theme.FIELD)
            painter.fillRect(
                QRect(rect.left(), rect.top() + 1, 4, rect.height() - 2), QColor(card.reference.color)
            )
            painter.setOpacity(1.0 if card.reference.enabled else 0.45)
            self._paint_picture(painter, rect, card)
            left = rect.left() + 10 + _PICTURE_WIDTH + 8
            width = rect.right() - left - 4
            metrics = painter.fontMetrics()
            lines = [
                (card.reference.name, theme.TEXT),
                (card.detail, theme.MUTED),
                (_state(card), theme.MUTED),
            ]
            reach = self.reaches.get(card.reference.id)
            if reach is not None:
                lines.append((tell_reach(reach), theme.MUTED))
            step = (rect.height() - 16) // max(3, len(lines))
            for number, (text, color) in enumerate(lines):
                painter.setPen(color)
                line = QRect(left, rect.top() + 8 + number * step, width, step)
                elided = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
                painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter), elided)

    def _paint_picture(self, painter: QPainter, row: QRect, card: BinCard) -> None:
        painter.fillRect(row.left() + 10, row.top() + 6, _PICTURE_WIDTH, row.height() - 12, theme.WINDOW)
        if card.picture is None or card.picture.isNull():
            return
        fitted = picture_rect(row, card.picture)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(fitted, card.picture)
        heat = self.heat.get(card.reference.id)
        if heat is not None:
            painter.drawImage(fitted, heat)
        painter.setPen(QPen(theme.LINE, 1))
        painter.drawRect(fitted)


def _state(card: BinCard) -> str:
    if not card.reference.enabled:
        return "not used"
    if not card.reference.colored:
        return "not painted yet"
    validity = card.reference.validity
    strength = "" if validity.strength == 1 else f" · {round(100 * validity.strength)} %"
    part = " · a part" if validity.region else ""
    count = sum(map(len, validity.ranges))
    where = "in use" if not count else f"{count} frame{'s' if count > 1 else ''}"
    return f"{where}{strength}{part}"


def tell_reach(reach: Reach) -> str:
    """Return in a few words how far a reference reaches."""
    if not reach.frames:
        return f"helps none of {counted(reach.known, 'frame')}"
    where = f"{counted(reach.frames, 'frame')} in {counted(reach.shots, 'shot')}"
    return f"helps {where} · {round(100 * reach.share)} %"


def explain(card: BinCard, reach: Reach | None = None) -> str:
    """Return what the tip of a card says; `reach`: how far the reference reaches, None while that is not known."""
    if not card.reference.colored:
        what = "Only marked so far; it guides the network once something is painted."
    elif not card.reference.enabled:
        what = "Painted, but not given to the network."
    elif card.reference.validity.ranges:
        frames = write_ranges(card.reference.validity.ranges[:_MOST_RANGES])
        more = ", …" if len(card.reference.validity.ranges) > _MOST_RANGES else ""
        what = f"Guides the colours of frames {frames}{more} that look like it."
    else:
        what = "Guides the colours of all frames that look like it."
    hint = "Double-click goes to its frame; Ctrl+click on its picture picks a colour."
    known = "" if reach is None else f"{_explain_reach(reach)}<br>"
    return f"<b>{escape(card.reference.name)}</b><br>{what}<br>{known}{hint}"


def _explain_reach(reach: Reach) -> str:
    least = f"{round(100 * HELPS_FROM)} %"
    known = f"{counted(reach.known, 'frame')} previewed so far"
    if not reach.frames:
        return f"Of {known} none draws {least} of its colours from it."
    share = f"on average {round(100 * reach.share)} %"
    return (
        f"Of {known} {reach.frames} in {counted(reach.shots, 'shot')} draw from it, {share} of their colours."
    )
