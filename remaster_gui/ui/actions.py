"""The QActions of a window, made from the table, from which menus, toolbars and the shortcut sheet are filled."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from remaster_gui.ui.action_table import ACTIONS, MENUS, ActionRow
from remaster_gui.ui.mnemonics import escaped, with_letters
from remaster_gui.ui.style.icons import icon
from remaster_gui.ui.widgets.menus import give_letters


class Actions(QObject):
    """The QActions of one window, made from the table.

    They are done by whoever their rows are about: the window, or the session of the film that is open, see `serve` and
    `refresh`. `changed_keys` maps ids to the user's own keys ('' for none). Shortcuts work in the whole window; that
    plain keys stay with text fields while these have the focus is seen to by `remaster_gui.ui.keys`.
    """

    def __init__(self, window: QWidget, changed_keys: Mapping[str, str] | None = None) -> None:
        super().__init__(window)
        self._actions: dict[str, QAction] = {}
        self._served: dict[str, object | None] = {}
        self._texts = {row.id: escaped(row.text) for row in ACTIONS}
        """What menus show, with letters once these are given."""
        self._menus: dict[str, QMenu] = {}
        for row in ACTIONS:
            action = QAction(self._texts[row.id], window)
            action.setObjectName(row.id)
            action.setCheckable(row.is_on is not None)
            action.setAutoRepeat(row.repeats)
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            action.setMenuRole(QAction.MenuRole.NoRole)
            if row.icon:
                action.setIcon(icon(row.icon))
            action.triggered.connect(partial(self._do, row))
            window.addAction(action)
            self._actions[row.id] = action
        self.set_keys(changed_keys or {})

    def __getitem__(self, id_: str) -> QAction:
        """Return one action."""
        return self._actions[id_]

    def serve(self, about: str, whom: object | None) -> None:
        """Let rows about 'window' or 'film' be done by that one from now on; None: nobody can do them."""
        self._served[about] = whom
        self.refresh()

    def refresh(self) -> None:
        """Bring up to date what can be done, what is switched on, and what undo would take back."""
        for row in ACTIONS:
            if row.about not in self._served:
                continue
            action, whom = self._actions[row.id], self._served[row.about]
            action.setEnabled(whom is not None and row.when(whom))
            if row.is_on is not None:
                action.setChecked(whom is not None and row.is_on(whom))
            if row.detail is not None:
                detail = "" if whom is None else row.detail(whom)
                text = self._texts[row.id]
                action.setText(f"{text} “{escaped(detail)}”" if detail else text)

    def set_keys(self, changed: Mapping[str, str]) -> None:
        """Give every action the keys that `changed` says, or its own."""
        for row in ACTIONS:
            keys = (changed[row.id],) if row.id in changed else row.keys
            sequences = [QKeySequence(key) for key in keys if key]
            self._actions[row.id].setShortcuts(sequences)
            self._actions[row.id].setToolTip(tool_tip(row, sequences))
        self._letter_bar()

    def fill(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Make the menus; returns them by id for what is added to them before they are given letters."""
        menus = self._menus
        for row in ACTIONS:
            if row.menu not in menus:
                menus[row.menu] = bar.addMenu(MENUS[row.menu])
                menus[row.menu].setToolTipsVisible(True)
            elif row.starts_group:
                menus[row.menu].addSeparator()
            menus[row.menu].addAction(self._actions[row.id])
        return menus

    def give_letters(self) -> None:
        """Let every menu and every line be chosen by a letter, those below another line as well."""
        for menu in self._menus.values():
            give_letters(menu)
        self._texts = {id_: action.text() for id_, action in self._actions.items()}
        self._letter_bar()
        self.refresh()

    def _letter_bar(self) -> None:
        """Mark letters of the titles that are not, with Alt, somebody's key: neither would work."""
        keys = [key.toString() for action in self._actions.values() for key in action.shortcuts()]
        taken = {key.removeprefix("Alt+").lower() for key in keys if key.startswith("Alt+")}
        titles = with_letters([MENUS[id_] for id_ in self._menus], taken)
        for menu, title in zip(self._menus.values(), titles, strict=True):
            menu.setTitle(title)

    def _do(self, row: ActionRow, _checked: bool = False) -> None:
        whom = self._served.get(row.about)
        if whom is not None:
            row.do(whom)
            # A press has moved the mark already, whatever came of it.
            self.refresh()


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
