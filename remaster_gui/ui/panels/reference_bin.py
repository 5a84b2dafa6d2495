"""The reference bin: all references of the project with their pictures, where they belong, and if they are used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from remaster_gui.ui.actions import Actions
from remaster_gui.ui.common import theme

_BUTTONS = ("mark_reference", "import_reference", "promote_frame", "next_suggestion", "delete_reference")
_MENU = ("rename_reference", "toggle_reference", "delete_reference")
_ROW_HEIGHT = 76
_PICTURE_WIDTH = 88
_CARD = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class BinCard:
    """What the bin shows of a reference; `detail` is a short line such as its frame."""

    id: str
    name: str
    detail: str
    color: QColor
    colored: bool
    enabled: bool
    picture: QImage | None


class ReferenceBin(QWidget):
    """A list of cards. Shows what it is told and says what the user wishes."""

    selected = Signal(str)
    """Id of the card that was chosen."""
    opened = Signal(str)
    """Id of the card that was double-clicked: go to its frame."""
    renamed = Signal(str, str)
    """Id and the new name."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._list = QListWidget()
        self._delegate = _CardDelegate(self._list)
        self._list.setItemDelegate(self._delegate)
        self._delegate.typed.connect(self._on_typed)
        self._waiting: tuple[Sequence[BinCard], str | None] | None = None
        self._list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self._list.setUniformItemSizes(True)
        self._list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._list.setMinimumWidth(190)
        self._list.currentItemChanged.connect(self._on_current_changed)
        self._list.itemDoubleClicked.connect(lambda item: self.opened.emit(item.data(_CARD).id))
        self._list.itemChanged.connect(self._on_item_changed)
        self._list.customContextMenuRequested.connect(self._show_menu)
        self._empty = QLabel(
            "No references yet.\n\nGo to a frame that shows much of the film’s colours and press R."
        )
        self._empty.setWordWrap(True)
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self._empty.setContentsMargins(12, 24, 12, 24)
        bar = QHBoxLayout()
        bar.setContentsMargins(4, 4, 4, 4)
        bar.setSpacing(2)
        for id_ in _BUTTONS:
            button = QToolButton()
            button.setDefaultAction(actions[id_])
            button.setIconSize(QSize(18, 18))
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            bar.addWidget(button)
        bar.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self._empty, 1)
        column.addWidget(self._list, 1)

    def set_cards(self, cards: Sequence[BinCard], selected: str | None) -> None:
        """Show these references in their order; while a name is being typed, afterwards."""
        if self._delegate.is_typed:
            self._waiting = (cards, selected)
            return
        self._list.blockSignals(True)
        while self._list.count() > len(cards):
            self._list.takeItem(self._list.count() - 1)
        for row, card in enumerate(cards):
            if row >= self._list.count():
                item = QListWidgetItem(self._list)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            item = self._list.item(row)
            item.setData(_CARD, card)
            item.setText(card.name)
            item.setToolTip(_explain(card))
            if card.id == selected:
                self._list.setCurrentItem(item)
        if selected is None:
            self._list.setCurrentRow(-1)
        self._list.blockSignals(False)
        self._empty.setVisible(not cards)
        self._list.setVisible(bool(cards))
        self._list.viewport().update()

    def set_heat(self, heat: dict[str, QImage]) -> None:
        """Lay heat maps (with alpha) over the pictures of the references named; an empty dict takes them away."""
        self._delegate.heat = heat
        self._list.viewport().update()

    @property
    def heat(self) -> dict[str, QImage]:
        """The heat maps that are shown, by the ids of their references."""
        return self._delegate.heat

    def rename_current(self) -> None:
        """Let the user type a new name for the chosen reference."""
        item = self._list.currentItem()
        if item is not None:
            self._list.editItem(item)

    def _on_typed(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self.set_cards(*waiting)

    def _on_current_changed(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.selected.emit(item.data(_CARD).id)

    def _on_item_changed(self, item: QListWidgetItem) -> None:
        card = item.data(_CARD)
        name = item.text().strip()
        if card is not None and name and name != card.name:
            self.renamed.emit(card.id, name)

    def _show_menu(self, position: QPoint) -> None:
        if self._list.itemAt(position) is None:
            return
        menu = QMenu(self)
        for id_ in _MENU:
            menu.addAction(self._actions[id_])
        menu.exec(self._list.viewport().mapToGlobal(position))
        menu.deleteLater()


class _CardDelegate(QStyledItemDelegate):
    """Draws cards: colour of the reference, picture, name, where it belongs and its state."""

    typed = Signal()
    """A name is no longer being typed."""

    def __init__(self, view: QListWidget) -> None:
        super().__init__(view)
        self._view = view
        self.heat: dict[str, QImage] = {}
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
        card: BinCard = index.data(_CARD)
        rect: QRect = option.rect
        current = self._view.currentIndex() == index
        painter.save()
        painter.fillRect(rect, theme.RAISED if current else theme.FIELD)
        painter.fillRect(QRect(rect.left(), rect.top() + 1, 4, rect.height() - 2), card.color)
        painter.setOpacity(1.0 if card.enabled else 0.45)
        box = QRectF(rect.left() + 10, rect.top() + 6, _PICTURE_WIDTH, rect.height() - 12)
        self._paint_picture(painter, box, card)
        left = int(box.right()) + 8
        width = rect.right() - left - 4
        metrics = painter.fontMetrics()
        lines = [(card.name, theme.TEXT), (card.detail, theme.MUTED), (_state(card), theme.MUTED)]
        for number, (text, color) in enumerate(lines):
            painter.setPen(color)
            line = QRect(left, rect.top() + 9 + number * 20, width, 20)
            elided = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
            painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter), elided)
        painter.restore()

    def _paint_picture(self, painter: QPainter, box: QRectF, card: BinCard) -> None:
        painter.fillRect(box, theme.WINDOW)
        if card.picture is None or card.picture.isNull():
            return
        scale = min(box.width() / card.picture.width(), box.height() / card.picture.height())
        fitted = QRectF(0, 0, card.picture.width() * scale, card.picture.height() * scale)
        fitted.moveCenter(box.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(fitted, card.picture)
        heat = self.heat.get(card.id)
        if heat is not None:
            painter.drawImage(fitted, heat)
        painter.setPen(QPen(theme.LINE, 1))
        painter.drawRect(fitted)


def _state(card: BinCard) -> str:
    if not card.enabled:
        return "not used"
    return "in use" if card.colored else "not painted yet"


def _explain(card: BinCard) -> str:
    if not card.colored:
        return f"<b>{card.name}</b><br>Only marked so far; it guides the network once something is painted."
    if not card.enabled:
        return f"<b>{card.name}</b><br>Painted, but not given to the network."
    return f"<b>{card.name}</b><br>Guides the colours of all frames that look like it."
