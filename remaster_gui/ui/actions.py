"""The QActions of a window, made from the table, from which menus, toolbars and the shortcut sheet are filled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from remaster_gui.ui.action_table import ACTIONS, ActionRow
from remaster_gui.ui.common.icons import icon


class Actions(QObject):
    """The QActions of one window, made from the table.

    `changed_keys` maps ids to the user's own keys ('' for none). Shortcuts work in the whole window; that plain keys
    stay with text fields while these have the focus is seen to by `remaster_gui.ui.keys`.
    """

    def __init__(self, window: QWidget, changed_keys: Mapping[str, str] | None = None) -> None:
        super().__init__(window)
        self._actions: dict[str, QAction] = {}
        for row in ACTIONS:
            action = QAction(row.text, window)
            action.setObjectName(row.id)
            action.setCheckable(row.checkable)
            action.setAutoRepeat(row.repeats)
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            action.setMenuRole(QAction.MenuRole.NoRole)
            if row.icon:
                action.setIcon(icon(row.icon))
            window.addAction(action)
            self._actions[row.id] = action
        self.set_keys(changed_keys or {})

    def __getitem__(self, id_: str) -> QAction:
        """Return one action."""
        return self._actions[id_]

    def connect_to(self, id_: str, slot: Callable[..., Any]) -> None:
        """Do `slot` when the action is triggered; checkable ones hand over their state, others nothing."""
        action = self._actions[id_]
        if action.isCheckable():
            action.triggered.connect(slot)
        else:
            action.triggered.connect(lambda _checked=False: slot())

    def set_keys(self, changed: Mapping[str, str]) -> None:
        """Give every action the keys that `changed` says, or its own."""
        for row in ACTIONS:
            keys = (changed[row.id],) if row.id in changed else row.keys
            sequences = [QKeySequence(key) for key in keys if key]
            self._actions[row.id].setShortcuts(sequences)
            self._actions[row.id].setToolTip(tool_tip(row, sequences))

    def set_enabled(self, ids: Iterator[str] | tuple[str, ...], enabled: bool) -> None:
        """Enable or disable several actions."""
        for id_ in ids:
            self._actions[id_].setEnabled(enabled)

    def fill(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Make the menus; returns them by title for what is added to them later."""
        menus: dict[str, QMenu] = {}
        for row in ACTIONS:
            if row.menu not in menus:
                menus[row.menu] = bar.addMenu(row.menu)
                menus[row.menu].setToolTipsVisible(True)
            elif row.starts_group:
                menus[row.menu].addSeparator()
            menus[row.menu].addAction(self._actions[row.id])
        return menus


def tool_tip(row: ActionRow, keys: list[QKeySequence]) -> str:
    """Write name, key and what can be learned of an action."""
    key = f" ({keys[0].toString(QKeySequence.SequenceFormat.NativeText)})" if keys else ""
    name = row.text.removesuffix("…")
    return f"<b>{name}</b>{key}" + (f"<br>{row.tip}" if row.tip else "")


def conflicts(keys: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str, str]]:
    """Return (key, id, id) for every key that two actions would share."""
    owners: dict[str, str] = {}
    found = []
    for id_, texts in keys.items():
        for text in texts:
            key = QKeySequence(text).toString(QKeySequence.SequenceFormat.PortableText)
            if key and owners.setdefault(key, id_) != id_:
                found.append((key, owners[key], id_))
    return found
