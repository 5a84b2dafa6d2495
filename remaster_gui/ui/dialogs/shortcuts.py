"""The shortcut sheet: every action with its key, to look up and to change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from remaster_gui.base.language import tr
from remaster_gui.ui.action_table import ACTIONS, MENUS, ActionRow
from remaster_gui.ui.actions import conflicts

_ID = Qt.ItemDataRole.UserRole
_FIXED = (
    (tr("Pan"), tr("Middle button, or hold Space and drag")),
    (tr("Zoom the picture or the timeline"), tr("Wheel")),
    (tr("Scroll the timeline"), tr("Shift + wheel")),
    (tr("Size of the brush"), tr("Shift + drag")),
    (tr("Pick a colour with any tool"), tr("Ctrl + click")),
    (tr("Straight on without snapping"), tr("Alt while scrubbing")),
    (tr("Single frames"), tr("hold K, press J or L")),
    (tr("Give up a gesture"), tr("Esc")),
)


class ShortcutSheet(QDialog):
    """All keys by menu. Changes are checked for conflicts and emitted at OK."""

    keys_changed = Signal(object)
    """dict[str, str]: keys of the actions that differ from the table, '' for none."""

    def __init__(self, changed: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keyboard shortcuts"))
        self.resize(620, 640)
        self._changed = dict(changed)
        self._filter = QLineEdit()
        self._filter.setPlaceholderText(tr("Search for an action or a key"))
        self._filter.setClearButtonEnabled(True)
        self._filter.textChanged.connect(self._apply_filter)
        self._tree = QTreeWidget()
        self._tree.setHeaderLabels([tr("Action"), tr("Key")])
        self._tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._tree.header().resizeSection(1, 230)
        self._tree.header().setStretchLastSection(False)
        self._tree.setRootIsDecorated(False)
        self._tree.currentItemChanged.connect(self._on_current_changed)
        self._edit = QKeySequenceEdit()
        self._edit.setMaximumSequenceLength(1)
        self._edit.setClearButtonEnabled(True)
        self._edit.keySequenceChanged.connect(self._on_key_typed)
        self._default = QPushButton(tr("Default"))
        self._default.clicked.connect(self._on_default_clicked)
        self._note = QLabel(tr("Choose an action, then click the field and press its new key."))
        self._note.setProperty("role", "muted")
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok
            | QDialogButtonBox.StandardButton.Cancel
            | QDialogButtonBox.StandardButton.RestoreDefaults
        )
        self._buttons.accepted.connect(self._on_accepted)
        self._buttons.rejected.connect(self.reject)
        restore = self._buttons.button(QDialogButtonBox.StandardButton.RestoreDefaults)
        restore.clicked.connect(self._on_restore_clicked)
        change = QHBoxLayout()
        change.addWidget(QLabel(tr("New key")))
        change.addWidget(self._edit, 1)
        change.addWidget(self._default)
        column = QVBoxLayout(self)
        column.addWidget(self._filter)
        column.addWidget(self._tree, 1)
        column.addLayout(change)
        column.addWidget(self._note)
        column.addWidget(self._buttons)
        self._fill()
        self._on_current_changed(None)

    def _fill(self) -> None:
        groups: dict[str, QTreeWidgetItem] = {}
        for row in ACTIONS:
            if row.menu not in groups:
                groups[row.menu] = self._group(MENUS[row.menu])
            item = QTreeWidgetItem(groups[row.menu], [row.text.removesuffix("…"), ""])
            item.setData(0, _ID, row)
            item.setToolTip(0, row.tip)
            self._show_key(item)
        fixed = self._group(tr("With the pointer"))
        for text, key in _FIXED:
            QTreeWidgetItem(fixed, [text, key])
        self._tree.expandAll()

    def _group(self, title: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem(self._tree, [title])
        item.setFirstColumnSpanned(True)
        font = item.font(0)
        font.setBold(True)
        item.setFont(0, font)
        return item

    def _show_key(self, item: QTreeWidgetItem) -> None:
        keys = _keys(item.data(0, _ID), self._changed)
        native = QKeySequence.SequenceFormat.NativeText
        item.setText(1, "   ".join(QKeySequence(key).toString(native) for key in keys))

    def _row(self) -> ActionRow | None:
        item = self._tree.currentItem()
        row = item.data(0, _ID) if item is not None else None
        return row if isinstance(row, ActionRow) else None

    def _on_current_changed(self, item: QTreeWidgetItem | None) -> None:
        row = self._row()
        self._edit.setEnabled(row is not None)
        self._default.setEnabled(row is not None)
        self._edit.blockSignals(True)
        keys = _keys(row, self._changed) if row is not None else ()
        self._edit.setKeySequence(QKeySequence(keys[0] if keys else ""))
        self._edit.blockSignals(False)

    def _on_key_typed(self, sequence: QKeySequence) -> None:
        row = self._row()
        if row is not None:
            self._changed[row.id] = sequence.toString(QKeySequence.SequenceFormat.PortableText)
            self._refresh()

    def _on_default_clicked(self) -> None:
        row = self._row()
        if row is not None:
            self._changed.pop(row.id, None)
            self._refresh()
            self._on_current_changed(None)

    def _on_restore_clicked(self) -> None:
        self._changed.clear()
        self._refresh()
        self._on_current_changed(None)

    def _groups(self) -> Iterator[tuple[QTreeWidgetItem, list[QTreeWidgetItem]]]:
        """Yield every heading with the lines below it."""
        for group in range(self._tree.topLevelItemCount()):
            parent = self._tree.topLevelItem(group)
            if parent is not None:
                yield (
                    parent,
                    [item for n in range(parent.childCount()) if (item := parent.child(n)) is not None],
                )

    def _refresh(self) -> None:
        for _, items in self._groups():
            for item in items:
                if isinstance(item.data(0, _ID), ActionRow):
                    self._show_key(item)
        shared = conflicts({row.id: _keys(row, self._changed) for row in ACTIONS})
        names = {row.id: row.text.removesuffix("…") for row in ACTIONS}
        if shared:
            key, first, second = shared[0]
            self._note.setText(
                tr(
                    "{key} belongs to both “{names}” and “{names2}”; change one of them.",
                    key=key,
                    names=names[first],
                    names2=names[second],
                )
            )
        else:
            self._note.setText(tr("Keys without Ctrl or Alt never fire while you type in a field."))
        self._buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not shared)

    def _apply_filter(self, text: str) -> None:
        for parent, items in self._groups():
            matches = [text.lower() in f"{item.text(0)} {item.text(1)}".lower() for item in items]
            for item, matching in zip(items, matches, strict=True):
                item.setHidden(not matching)
            parent.setHidden(not any(matches))

    def _on_accepted(self) -> None:
        defaults = {row.id: row.keys for row in ACTIONS}
        kept = {id_: key for id_, key in self._changed.items() if (key,) != defaults[id_]}
        self.keys_changed.emit(kept)
        self.accept()


def _keys(row: ActionRow, changed: Mapping[str, str]) -> tuple[str, ...]:
    return (changed[row.id],) if row.id in changed else row.keys
