"""The reference bin: all references of the project with their pictures, where they belong, and if they are used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QItemSelectionModel, QPoint, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListWidgetItem, QMenu, QToolButton, QVBoxLayout, QWidget

from remaster_gui.base.language import tr
from remaster_gui.engine.reach import Reach
from remaster_gui.ui.actions import Actions
from remaster_gui.ui.panels.card_list import CardList
from remaster_gui.ui.panels.reference_cards import CARD, BinCard, CardDelegate, explain, large_height

_BUTTONS = (
    "mark_reference",
    "import_reference",
    "promote_frame",
    "next_suggestion",
    "delete_reference",
    "large_cards",
)
VALIDITY_ACTIONS = ("count_everywhere", "count_only_here", "count_here", "count_in_segment")
"""What is offered to say where a reference counts."""
REGION_ACTIONS = (
    "tool_region_brush",
    "tool_region_lasso",
    "tool_region_key",
    "tool_region_similar",
    "region_invert",
    "region_all",
)
"""What is offered to say which part of it counts."""
_MENU = (
    "rename_reference",
    "place_reference",
    "copy_reference",
    "toggle_reference",
    *VALIDITY_ACTIONS,
    "delete_reference",
)


class ReferenceBin(QWidget):
    """A list of cards. Shows what it is told and says what the user wishes."""

    selected = Signal(str)
    """Id of the card that was chosen last, or alone."""
    selection_changed = Signal(object)
    """frozenset[str]: ids of all cards that are chosen now."""
    opened = Signal(str)
    """Id of the card that was double-clicked: go to its frame."""
    renamed = Signal(str, str)
    """Id and the new name."""
    picking = Signal(str, QPointF)
    """Id of the card on whose picture the eyedropper is, and where: parts of the picture's width and height."""
    hovered = Signal(str, QPointF)
    """The pointer is over a card's picture: the id, and the place as parts of width and height."""
    hover_left = Signal()
    """It is over no picture any more."""
    pick_ended = Signal(bool)
    """The eyedropper is lifted; False: what it has picked is to be forgotten."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._list = CardList()
        self._list.setAccessibleName(tr("References"))
        self._delegate = CardDelegate(self._list)
        self._list.setItemDelegate(self._delegate)
        # A double click goes to the frame, and keys are not to land in a name that nobody wants to change.
        self._list.setEditTriggers(CardList.EditTrigger.NoEditTriggers)
        self._delegate.typed.connect(self._on_typed)
        self._waiting: tuple[Sequence[BinCard], str | None, frozenset[str]] | None = None
        self._is_large = False
        self._list.setVerticalScrollMode(CardList.ScrollMode.ScrollPerPixel)
        self._list.picking.connect(self.picking)
        self._list.pick_ended.connect(self.pick_ended)
        self._list.hovered.connect(self.hovered)
        self._list.hover_left.connect(self.hover_left)
        self._list.setUniformItemSizes(True)
        self._list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._list.setMinimumWidth(190)
        self._list.currentItemChanged.connect(self._on_current_changed)
        self._list.itemSelectionChanged.connect(self._on_selection_changed)
        self._list.itemDoubleClicked.connect(lambda item: self.opened.emit(item.data(CARD).reference.id))
        self._list.itemChanged.connect(self._on_item_changed)
        self._list.customContextMenuRequested.connect(self._show_menu)
        self._empty = QLabel(
            tr("No references yet.\n\nGo to a frame that shows much of the film’s colours and press R.")
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

    def set_cards(
        self, cards: Sequence[BinCard], selected: str | None, together: frozenset[str] = frozenset()
    ) -> None:
        """Show these references in their order; while a name is being typed, afterwards.

        `selected`: the chosen one; `together`: ids of those that are chosen with it.
        """
        if self._delegate.is_typed:
            self._waiting = (cards, selected, together)
            return
        self._list.blockSignals(True)
        while self._list.count() > len(cards):
            self._list.takeItem(self._list.count() - 1)
        for row, card in enumerate(cards):
            if row >= self._list.count():
                item = QListWidgetItem(self._list)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            item = self._list.item(row)
            item.setData(CARD, card)
            item.setText(card.reference.name)
            item.setToolTip(explain(card, self._delegate.reaches.get(card.reference.id)))
        self._choose(selected, together)
        self._fit_pictures()
        self._list.blockSignals(False)
        self._empty.setVisible(not cards)
        self._list.setVisible(bool(cards))
        self._list.viewport().update()

    def _choose(self, selected: str | None, together: frozenset[str]) -> None:
        """Show what is chosen, leaving alone what the list shows already: it may be in the midst of a press."""
        keep = QItemSelectionModel.SelectionFlag.NoUpdate
        chosen = {selected, *together} if selected in together else {selected}
        for row in range(self._list.count()):
            item = self._list.item(row)
            id_ = item.data(CARD).reference.id
            if id_ == selected and self._list.currentRow() != row:
                self._list.setCurrentRow(row, keep)
            if item.isSelected() != (id_ in chosen):
                item.setSelected(id_ in chosen)
        if selected is None:
            self._list.setCurrentRow(-1, keep)

    def set_large(self, large: bool) -> None:
        """Show large pictures with the text below, or small ones beside it."""
        self._is_large = large
        self._fit_pictures()

    def _fit_pictures(self) -> None:
        """Make room for the pictures that are shown."""
        cards: list[BinCard] = [self._list.item(row).data(CARD) for row in range(self._list.count())]
        large = large_height([each.picture for each in cards if each.picture]) if self._is_large else 0
        if large != self._list.large:
            self._list.large = self._delegate.large = large
            self._list.scheduleDelayedItemsLayout()

    def set_picking(self, on: bool, *, with_ctrl: bool = True) -> None:
        """Let every press on a picture pick a colour; `with_ctrl`: otherwise one with Ctrl does."""
        self._list.picks, self._list.picks_with_ctrl = on, with_ctrl

    def show_loupe(self, picture: QImage, color: QColor) -> None:
        """Show what the eyedropper is on: a few pixels, the middle one of which is picked, and the colour."""
        self._list.loupe.show_pixels(picture, color)

    def set_cell(self, cell: tuple[str, int] | None) -> None:
        """Frame one cell of the grid over a reference's picture: its id, and the cell's number; None: none."""
        if cell != self._delegate.cell:
            self._delegate.cell = cell
            self._list.viewport().update()

    def set_heat(self, heat: dict[str, QImage]) -> None:
        """Lay heat maps (with alpha) over the pictures of the references named; an empty dict takes them away."""
        self._delegate.heat = heat
        self._list.viewport().update()

    def set_reaches(self, reaches: Mapping[str, Reach]) -> None:
        """Say on cards how far their references reach, by ids; nothing on those of which nothing is known."""
        before, self._delegate.reaches = self._delegate.reaches, reaches
        if before == reaches:
            return
        self._list.blockSignals(True)
        for row in range(self._list.count()):
            item = self._list.item(row)
            card: BinCard = item.data(CARD)
            item.setToolTip(explain(card, reaches.get(card.reference.id)))
        self._list.blockSignals(False)
        self._list.viewport().update()

    @property
    def reaches(self) -> Mapping[str, Reach]:
        """What cards say of the reach of their references, by ids."""
        return self._delegate.reaches

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
            self.selected.emit(item.data(CARD).reference.id)

    def _on_selection_changed(self) -> None:
        chosen = [item.data(CARD).reference.id for item in self._list.selectedItems()]
        current = self._list.currentItem()
        if chosen and (current is None or current.data(CARD).reference.id not in chosen):
            # The one that was chosen last has been let go.
            self.selected.emit(chosen[-1])
        self.selection_changed.emit(frozenset(chosen))

    def _on_item_changed(self, item: QListWidgetItem) -> None:
        card = item.data(CARD)
        name = item.text().strip()
        if card is not None and name and name != card.reference.name:
            self.renamed.emit(card.reference.id, name)

    def _show_menu(self, position: QPoint) -> None:
        if self._list.itemAt(position) is None:
            return
        menu = QMenu(self)
        for id_ in _MENU:
            menu.addAction(self._actions[id_])
        menu.exec(self._list.viewport().mapToGlobal(position))
        menu.deleteLater()
