"""The panel of named colours: where each is and how it drifts, and the wheel that gives it another colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QIcon, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from remaster_gui.base.language import number, percent, tr
from remaster_gui.base.named_colors import LONGEST_NAME, Chroma
from remaster_gui.painting.color_values import Lab, hex_of_lab
from remaster_gui.ui.paint.chroma_wheel import ChromaWheel
from remaster_gui.ui.style import theme
from remaster_gui.ui.widgets.scrolling import scrolling

_HEADS = (tr("Name"), tr("Frames"), tr("Drift"))
_LIGHTNESS = 62.0
"""At which colours are shown here."""
_NOTHING = tr("Type a name, like tunic or sky, then draw around what has it on a reference.")
_SPOT = 14
_LEAST_HEIGHT = 76
_BESIDE_THE_WHEEL = 210
"""Height of all but the wheel, with a short list."""


@dataclass(frozen=True, slots=True)
class ShotRow:
    """A shot that a name is on: its first frame and how it is called, the name's part of it, its colour and drift."""

    frame: int
    text: str
    share: float
    color: Chroma
    drift: float
    drifts: bool


@dataclass(frozen=True, slots=True)
class NameRow:
    """A named colour: as it is on references and as it is wanted, and the shots that it is known to be on.

    frames: on how many frames it is, of `known` ones.
    """

    name: str
    own: Chroma
    wanted: Chroma
    frames: int = 0
    known: int = 0
    shots: tuple[ShotRow, ...] = ()


class NamesPanel(QWidget):
    """Shows what it is told and says what the user wishes."""

    name_typed = Signal(str)
    """Something is to have this name."""
    name_chosen = Signal(str)
    """A named colour is looked at."""
    frame_requested = Signal(int)
    """The playhead is to go to a shot."""
    color_chosen = Signal(str, object)
    """A name is to have another colour, `Chroma`; None: that of its references. While dragging too."""
    renamed = Signal(str, str)
    """What is called so is to be called otherwise."""
    removed = Signal(str)
    naming_toggled = Signal(bool)
    """The region's tools are to say what has the name, or what counts."""
    matte_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[NameRow, ...] = ()
        self._chosen: str | None = None
        self._note = ""
        self._is_read_only = False
        self.name = QLineEdit()
        self.name.setMaxLength(LONGEST_NAME)
        self.name.setPlaceholderText(tr("New name"))
        self.name.setAccessibleName(tr("Name of a colour"))
        self.name.returnPressed.connect(self._on_name_typed)
        self.list = QTreeWidget()
        self.list.setColumnCount(len(_HEADS))
        self.list.setHeaderLabels(_HEADS)
        self.list.setUniformRowHeights(True)
        self.list.setIconSize(QSize(_SPOT, _SPOT))
        self.list.setAccessibleName(tr("Named colours"))
        self.list.setMinimumHeight(_LEAST_HEIGHT)
        # Of what is left over it takes all, but where little is, nothing below has to be scrolled to for it.
        self.list.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for place in (1, 2):
            self.list.header().setSectionResizeMode(place, QHeaderView.ResizeMode.ResizeToContents)
        self.list.headerItem().setToolTip(
            2, tr("CIEDE2000, at equal lightness, from the shot that has most of it")
        )
        self.list.itemClicked.connect(self._on_item_chosen)
        self.list.itemActivated.connect(self._on_item_chosen)
        self.list.itemChanged.connect(self._on_item_changed)
        self.list.setEditTriggers(
            QTreeWidget.EditTrigger.EditKeyPressed | QTreeWidget.EditTrigger.DoubleClicked
        )
        self.nothing = QLabel(_NOTHING)
        self.nothing.setProperty("role", "muted")
        self.nothing.setWordWrap(True)
        self.draw = self._button(
            tr("Draw"), tr("Let the region’s tools say what has this name on the reference"), True
        )
        self.draw.clicked.connect(self.naming_toggled)
        self._tools = QHBoxLayout()
        self._tools.setSpacing(1)
        self.matte = QCheckBox(tr("Matte"))
        self.matte.setToolTip(tr("Dim all that does not have this name"))
        self.matte.clicked.connect(self.matte_toggled)
        self.own = self._button(tr("Own colour"), tr("Give up the other colour: as on the references"))
        self.own.clicked.connect(self._on_own_wanted)
        self.remove = self._button(tr("Delete"), tr("Take the name away from all references"))
        self.remove.clicked.connect(self._on_removed)
        self.wheel = ChromaWheel()
        self.wheel.color_changed.connect(self._on_color_changed)
        self._about = QWidget()
        above, below = QHBoxLayout(), QHBoxLayout()
        above.addWidget(self.draw)
        above.addLayout(self._tools)
        above.addStretch(1)
        above.addWidget(self.matte)
        below.addWidget(self.own)
        below.addStretch(1)
        below.addWidget(self.remove)
        inside = QVBoxLayout(self._about)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(theme.SPACE // 2)
        inside.addLayout(above)
        inside.addWidget(self.wheel)
        inside.addLayout(below)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(theme.SPACE // 2)
        for widget in (self.name, self.list, self.nothing, self._about):
            column.addWidget(widget, int(widget is self.list))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolling(page))
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let all of the wheel be seen without scrolling, on a small screen too."""
        super().resizeEvent(event)
        self.wheel.limit(event.size().height() - _BESIDE_THE_WHEEL)

    def set_tools(self, actions: Sequence[QAction]) -> None:
        """Offer these to draw with."""
        for action in actions:
            button = QToolButton()
            button.setDefaultAction(action)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self._tools.addWidget(button)

    def set_rows(
        self, rows: Sequence[NameRow], chosen: str | None, *, naming: bool, matte: bool, note: str = ""
    ) -> None:
        """Show these names, of which one is looked at, and whether tools draw for it and its matte is shown.

        `note`: what is to be done before anything has that name, and has a colour that can be another one.
        """
        is_other = tuple(rows) != self._rows
        self._rows, self._chosen, self._note = tuple(rows), chosen, note
        self.draw.setChecked(naming)
        self.matte.setChecked(matte)
        if is_other:
            self._fill()
        self._show()

    def set_read_only(self, read_only: bool) -> None:
        """Let nothing be changed."""
        self._is_read_only = read_only
        self._show()

    def begin_naming(self) -> None:
        """Put the cursor into the name."""
        self.name.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.name.selectAll()

    @property
    def row(self) -> NameRow | None:
        """The row that is looked at."""
        return next((each for each in self._rows if each.name == self._chosen), None)

    def _fill(self) -> None:
        opened = {self._item(n).text(0) for n in range(len(self)) if self._item(n).isExpanded()}
        self.list.blockSignals(True)
        self.list.clear()
        for row in self._rows:
            item = QTreeWidgetItem(self.list, [row.name, _on(row.frames, row.known), _drift(row.shots)])
            if not self._is_read_only:
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            item.setData(0, Qt.ItemDataRole.UserRole, row.name)
            item.setIcon(0, _icon(row.own, row.wanted))
            item.setToolTip(1, tr("Part of the previewed frames that it is on"))
            for each in row.shots:
                texts = [each.text, percent(each.share, 1), number(each.drift, ".1f")]
                shot = QTreeWidgetItem(item, texts)
                shot.setData(0, Qt.ItemDataRole.UserRole, each.frame)
                shot.setIcon(0, _icon(each.color, each.color))
                if each.drifts:
                    shot.setForeground(2, theme.STALE)
            item.setExpanded(row.name in opened or any(each.drifts for each in row.shots))
        self.list.blockSignals(False)

    def _show(self) -> None:
        row = self.row
        self.nothing.setText(self._note or _NOTHING)
        self.nothing.setVisible(bool(self._note) or not self._rows)
        self.wheel.setVisible(not self._note)
        self.own.setVisible(not self._note)
        self._about.setVisible(row is not None)
        for each in (self.name, self.draw, self.own, self.remove, self.wheel):
            each.setEnabled(not self._is_read_only)
        for place in range(len(self)):
            if self._item(place).text(0) == self._chosen and not self.list.currentItem():
                self.list.setCurrentItem(self._item(place))
        if row is not None:
            self.own.setEnabled(row.own != row.wanted and not self._is_read_only)
            self.wheel.set_colors(_lab(row.wanted), _lab(row.own))

    def __len__(self) -> int:
        return self.list.topLevelItemCount()

    def _item(self, number: int) -> QTreeWidgetItem:
        item = self.list.topLevelItem(number)
        assert item is not None, "there are as many"
        return item

    def _button(self, text: str, tip: str, checkable: bool = False) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setProperty("role", "worded")
        button.setCheckable(checkable)
        return button

    def _on_name_typed(self) -> None:
        text = self.name.text().strip()
        if text:
            self.name.clear()
            self.name_typed.emit(text)

    def _on_item_chosen(self, item: QTreeWidgetItem) -> None:
        above = item.parent()
        self.name_chosen.emit((above or item).text(0))
        if above is not None:
            self.frame_requested.emit(item.data(0, Qt.ItemDataRole.UserRole))

    def _on_item_changed(self, item: QTreeWidgetItem) -> None:
        before, after = item.data(0, Qt.ItemDataRole.UserRole), item.text(0)
        if item.parent() is None and before != after:
            self.list.blockSignals(True)
            item.setText(0, before)
            self.list.blockSignals(False)
            self.renamed.emit(before, after)

    def _on_color_changed(self, color: Lab) -> None:
        if self._chosen is not None:
            self.color_chosen.emit(self._chosen, (round(color[1], 2), round(color[2], 2)))

    def _on_own_wanted(self) -> None:
        if self._chosen is not None:
            self.color_chosen.emit(self._chosen, None)

    def _on_removed(self) -> None:
        if self._chosen is not None:
            self.removed.emit(self._chosen)


def _lab(color: Chroma) -> Lab:
    return (_LIGHTNESS, *color)


def _on(frames: int, known: int) -> str:
    return percent(frames / known) if known else ""


def _drift(shots: Sequence[ShotRow]) -> str:
    return number(max(each.drift for each in shots), ".1f") if len(shots) > 1 else ""


def _icon(own: Chroma, wanted: Chroma) -> QIcon:
    """Return a swatch: as it is wanted, with a corner as it is on references where that is another colour."""
    pixmap = QPixmap(_SPOT, _SPOT)
    pixmap.fill(QColor(hex_of_lab(_lab(wanted))))
    if own != wanted:
        image = pixmap.toImage()
        for y in range(_SPOT):
            for x in range(_SPOT - 1 - y):
                image.setPixelColor(x, y, QColor(hex_of_lab(_lab(own))))
        pixmap = QPixmap.fromImage(image)
    found = QIcon()
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
        found.addPixmap(pixmap, mode)
    return found
