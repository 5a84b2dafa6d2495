"""Cards of the reference bin: what they show of a reference, and how they are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

import numpy as np
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
from PySide6.QtWidgets import QListWidget, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from remaster_gui.base.counting import counted
from remaster_gui.base.language import percent, tr
from remaster_gui.base.packed_regions import unpack_region
from remaster_gui.base.reference_grid import COLUMNS, ROWS
from remaster_gui.engine.reach import HELPS_FROM, Reach
from remaster_gui.painting.region import laid_over
from remaster_gui.project.schema import ReferenceRecord
from remaster_gui.ui.painters import saved
from remaster_gui.ui.panels.range_text import write_ranges
from remaster_gui.ui.qimage import to_qimage
from remaster_gui.ui.style import theme

CARD = Qt.ItemDataRole.UserRole
"""Role under which an item of the list holds its `BinCard`."""

_ROW_HEIGHT = 76
_MOST_RANGES = 4
_PICTURE_WIDTH = 88
_LARGE_WIDTH, _LARGE_HEIGHT = 208, 144
"""What large pictures fit into: the size at which projects keep them."""
_LEFT, _TOP = 10, 6
_LINE = 17
_MOST_LINES = 4
_IN_USE = tr("in use")
_VEILED, _EDGE = 175, 230
"""Alpha over what of a picture does not count, and of the line around what does."""


@lru_cache(maxsize=128)
def region_veil(region: bytes, width: int, height: int) -> QImage:
    """Return what lies over a small picture of which a part counts: dark where it does not, with a line around it."""
    mask = laid_over(unpack_region(region), width, height)
    pixels = np.zeros((height, width, 4), np.uint8)
    pixels[..., 3] = np.where(mask, 0, _VEILED)
    around = np.pad(mask, 1, mode="edge")
    has_all = around[:-2, 1:-1] & around[2:, 1:-1] & around[1:-1, :-2] & around[1:-1, 2:]
    pixels[mask & ~has_all] = (255, 255, 255, _EDGE)
    return to_qimage(pixels)


@dataclass(frozen=True, slots=True)
class BinCard:
    """What the bin shows of a reference; `detail` is a short line such as its frame."""

    reference: ReferenceRecord
    detail: str
    picture: QImage | None


def picture_rect(row: QRect, picture: QImage, large: int = 0) -> QRectF:
    """Return where the picture of a card lies in its row of the list; `large`: lines that it has, 0 for a small one."""
    box = _picture_box(row, large)
    scale = min(box.width() / picture.width(), box.height() / picture.height())
    fitted = QRectF(0, 0, picture.width() * scale, picture.height() * scale)
    fitted.moveCenter(box.center())
    return fitted


def _picture_box(row: QRect, large: int) -> QRectF:
    if large:
        return QRectF(row.left() + _LEFT, row.top() + _TOP, min(row.width() - 2 * _LEFT, _LARGE_WIDTH), large)
    return QRectF(row.left() + _LEFT, row.top() + _TOP, _PICTURE_WIDTH, row.height() - 2 * _TOP)


def large_height(pictures: Sequence[QImage]) -> int:
    """Return how many lines large pictures have, so that each of these fits into the same box."""
    heights = (_LARGE_WIDTH * each.height() // max(1, each.width()) for each in pictures if not each.isNull())
    return min(max(heights, default=_LARGE_HEIGHT), _LARGE_HEIGHT)


class CardDelegate(QStyledItemDelegate):
    """Draws cards: colour of the reference, picture, name, where it belongs and its state."""

    typed = Signal()
    """A name is no longer being typed."""

    def __init__(self, view: QListWidget) -> None:
        super().__init__(view)
        self._view = view
        self.heat: dict[str, QImage] = {}
        self.reaches: Mapping[str, Reach] = {}
        self.cell: tuple[str, int] | None = None
        """A cell that is framed: the reference's id, and its number in the grid."""
        self.large = 0
        """Lines of large pictures, below which the text stands; 0: pictures are small and stand beside it."""
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
        return QSize(180, self.large + 3 * _TOP + _MOST_LINES * _LINE if self.large else _ROW_HEIGHT)

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Put the field for a new name where the name stands."""
        room = self._text_rect(option.rect)
        editor.setGeometry(room.left(), room.top(), room.width() - 2, 24)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one card."""
        card: BinCard = index.data(CARD)
        rect: QRect = option.rect
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        with saved(painter):
            painter.fillRect(rect, theme.RAISED if chosen else theme.FIELD)
            if chosen and self._view.currentIndex() == index:
                painter.setPen(QPen(theme.ACCENT, 1))
                painter.drawRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5))
            painter.fillRect(
                QRect(rect.left(), rect.top() + 1, 4, rect.height() - 2), QColor(card.reference.color)
            )
            painter.setOpacity(1.0 if card.reference.enabled else 0.45)
            self._paint_picture(painter, rect, card)
            room, metrics = self._text_rect(rect), painter.fontMetrics()
            lines = self._lines(card)
            step = room.height() // max(_MOST_LINES if self.large else 3, len(lines))
            for number, text in enumerate(lines):
                painter.setPen(theme.MUTED if number else theme.TEXT)
                line = QRect(room.left(), room.top() + number * step, room.width(), step)
                elided = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width())
                painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter), elided)

    def _lines(self, card: BinCard) -> list[str]:
        """Return what stands on a card, in lines that are short enough for a narrow dock."""
        reach = self.reaches.get(card.reference.id)
        told = [] if reach is None else tell_reach(reach)
        if self.large:
            return [card.reference.name, f"{card.detail} · {_state(card)}", *told]
        state = _state(card)
        # What helps is in use, which need not be said as well.
        states = [] if told and state == _IN_USE else [state]
        return [card.reference.name, card.detail, *states, *told][:_MOST_LINES]

    def _text_rect(self, row: QRect) -> QRect:
        if self.large:
            return row.adjusted(_LEFT, self.large + _TOP + 2, -4, -4)
        return row.adjusted(_LEFT + _PICTURE_WIDTH + 8, 8, -4, -8)

    def _paint_picture(self, painter: QPainter, row: QRect, card: BinCard) -> None:
        painter.fillRect(_picture_box(row, self.large), theme.WINDOW)
        if card.picture is None or card.picture.isNull():
            return
        fitted = picture_rect(row, card.picture, self.large)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(fitted, card.picture)
        region = card.reference.validity.region
        if region:
            size = (fitted.size() * painter.device().devicePixelRatioF()).toSize()
            painter.drawImage(fitted, region_veil(region, max(1, size.width()), max(1, size.height())))
        if self.cell is not None and self.cell[0] == card.reference.id:
            _frame_cell(painter, fitted, self.cell[1])
        heat = self.heat.get(card.reference.id)
        if heat is not None:
            painter.drawImage(fitted, heat)
        painter.setPen(QPen(theme.LINE, 1))
        painter.drawRect(fitted)


def _frame_cell(painter: QPainter, picture: QRectF, cell: int) -> None:
    """Draw a frame around one cell of the grid over a picture."""
    width, height = picture.width() / COLUMNS, picture.height() / ROWS
    left, top = picture.left() + cell % COLUMNS * width, picture.top() + cell // COLUMNS * height
    box = QRectF(left, top, width, height)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for color, grow in ((QColor(0, 0, 0, 190), 1.0), (QColor(255, 255, 255, 230), 0.0)):
        painter.setPen(QPen(color, 1))
        painter.drawRect(box.adjusted(-grow, -grow, grow, grow))


def _state(card: BinCard) -> str:
    if not card.reference.enabled:
        return tr("not used")
    if not card.reference.colored:
        return tr("not painted yet")
    validity = card.reference.validity
    strength = "" if validity.strength == 1 else f" · {percent(validity.strength)}"
    part = tr(" · a part") if validity.region else ""
    count = sum(map(len, validity.ranges))
    where = _IN_USE if not count else counted(count, "frame")
    return f"{where}{strength}{part}"


def tell_reach(reach: Reach) -> list[str]:
    """Return in two short lines how far a reference reaches."""
    if not reach.frames:
        return [tr("helps none"), tr("of {frames}", frames=counted(reach.known, "frame"))]
    shots, share = counted(reach.shots, "shot"), percent(reach.share)
    return [
        tr("helps {frames}", frames=counted(reach.frames, "frame")),
        tr("in {shots} · {share}", shots=shots, share=share),
    ]


def explain(card: BinCard, reach: Reach | None = None) -> str:
    """Return what the tip of a card says; `reach`: how far the reference reaches, None while that is not known."""
    if not card.reference.colored:
        what = tr("Only marked so far; it guides the network once something is painted.")
    elif not card.reference.enabled:
        what = tr("Painted, but not given to the network.")
    elif card.reference.validity.ranges:
        frames = write_ranges(card.reference.validity.ranges[:_MOST_RANGES])
        more = ", …" if len(card.reference.validity.ranges) > _MOST_RANGES else ""
        what = tr("Guides the colours of frames {frames}{more} that look like it.", frames=frames, more=more)
    else:
        what = tr("Guides the colours of all frames that look like it.")
    opens = (
        tr("Double-click shows it, to be painted.")
        if card.reference.frame is None
        else tr("Double-click goes to its frame.")
    )
    chooses = tr(
        "With Shift or Ctrl several are chosen; while you paint, Ctrl+click on its picture picks a colour."
    )
    known = "" if reach is None else f"{_explain_reach(reach)}<br>"
    return f"<b>{escape(card.reference.name)}</b><br>{what}<br>{known}{opens} {chooses}"


def _explain_reach(reach: Reach) -> str:
    least = percent(HELPS_FROM)
    known = tr("{frames} previewed so far", frames=counted(reach.known, "frame"))
    if not reach.frames:
        return tr("Of {known} none draws {least} of its colours from it.", known=known, least=least)
    share = tr("on average {share:.0%}", share=reach.share)
    return tr(
        "Of {known} {frames} in {shots} draw from it, {share} of their colours.",
        known=known,
        frames=reach.frames,
        shots=counted(reach.shots, "shot"),
        share=share,
    )
