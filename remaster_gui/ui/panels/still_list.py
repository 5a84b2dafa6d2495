"""The panel of stills: small pictures, one of which can be compared with what is seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from remaster_gui.base.language import tr
from remaster_gui.document.still_gallery import GrabbedStill
from remaster_gui.ui.actions import Actions
from remaster_gui.ui.style import theme

THUMBNAIL = QSize(104, 72)
_NOTHING = tr("Ctrl+Alt+G grabs what is seen, to compare with it later.")
_ACTIONS = ("grab_still", "compare_still", "go_to_still", "export_still", "delete_still")


class StillsPanel(QWidget):
    """Shows what it is told and says what the user wishes."""

    chosen = Signal(object)
    """The `GrabbedStill` that is chosen in the list; None for none."""
    activated = Signal(object)
    """A `GrabbedStill` is to be compared with."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stills: Sequence[GrabbedStill] = ()
        self.list = QListWidget()
        self.list.setViewMode(QListWidget.ViewMode.IconMode)
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.list.setMovement(QListWidget.Movement.Static)
        self.list.setIconSize(THUMBNAIL)
        self.list.setSpacing(theme.SPACE // 2)
        self.list.setUniformItemSizes(True)
        self.list.setAccessibleName(tr("Stills"))
        self.list.currentRowChanged.connect(self._on_row_changed)
        self.list.itemActivated.connect(self._on_activated)
        self.nothing = QLabel(_NOTHING)
        self.nothing.setProperty("role", "muted")
        self.nothing.setWordWrap(True)
        row = QHBoxLayout()
        row.setSpacing(2)
        for id_ in _ACTIONS:
            button = QToolButton()
            button.setDefaultAction(actions[id_])
            button.setIconSize(QSize(18, 18))
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 8)
        column.setSpacing(theme.SPACE // 2)
        column.addLayout(row)
        column.addWidget(self.nothing)
        column.addWidget(self.list, 1)
        self.set_stills((), {}, None)

    def set_stills(
        self,
        stills: Sequence[GrabbedStill],
        pictures: Mapping[GrabbedStill, QImage],
        chosen: GrabbedStill | None,
    ) -> None:
        """List stills with their small pictures, as far as these are known."""
        blocked = self.list.blockSignals(True)
        self._stills = stills
        self.list.clear()
        for still in stills:
            item = QListWidgetItem(f"{still.number} · {still.frame}")
            picture = pictures.get(still)
            if picture is not None:
                item.setIcon(_untinted(picture))
            item.setToolTip(still.title)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, still.title)
            self.list.addItem(item)
        self.list.setCurrentRow(stills.index(chosen) if chosen in stills else -1)
        self.nothing.setVisible(not stills)
        self.list.blockSignals(blocked)

    def _on_row_changed(self, row: int) -> None:
        self.chosen.emit(self._stills[row] if 0 <= row < len(self._stills) else None)

    def _on_activated(self, item: QListWidgetItem) -> None:
        self.activated.emit(self._stills[self.list.row(item)])


def _untinted(picture: QImage) -> QIcon:
    """Return an icon whose colours stay as they are where its row is chosen."""
    pixmap, found = QPixmap.fromImage(picture), QIcon()
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
        found.addPixmap(pixmap, mode)
    return found
