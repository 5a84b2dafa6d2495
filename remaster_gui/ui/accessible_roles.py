"""What screen readers take widgets for that draw themselves; to them Qt gives the role of a bare area."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget

_ROLE = "accessible_role"


def give_role(widget: QWidget, role: QAccessible.Role) -> None:
    """Let screen readers take a widget for something, from the first time that they ask on."""
    widget.setProperty(_ROLE, role.value)


def use_roles() -> None:
    """Answer screen readers by the roles that widgets were given; once for a program."""
    QAccessible.installFactory(_interface)


def _interface(_kind: str, thing: QObject) -> QAccessibleInterface | None:
    role = thing.property(_ROLE)
    if role is None or not isinstance(thing, QWidget):
        return None
    return QAccessibleWidget(thing, QAccessible.Role(role))
