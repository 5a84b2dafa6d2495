"""What the desktop around the window is told: how far exports are, and that one has ended while nobody looked."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtDBus import QDBusConnection, QDBusMessage
from PySide6.QtWidgets import QApplication, QWidget

from remaster_gui.base.paths import PROGRAM

_LAUNCHER = "com.canonical.Unity.LauncherEntry"
"""Task bars of KDE, GNOME's docks and others draw what is sent under this name."""
_PORTAL = "org.freedesktop.portal.Desktop"
_STEPS = 100

log = logging.getLogger(__name__)


def _has_session_bus() -> bool:
    """Whether a bus runs: to ask where none does would start one, and a thread for it."""
    folder = os.environ.get("XDG_RUNTIME_DIR")
    return sys.platform.startswith("linux") and bool(
        os.environ.get("DBUS_SESSION_BUS_ADDRESS") or (folder and (Path(folder) / "bus").exists())
    )


class Desktop(QObject):
    """Tells by the session's bus, where there is one; elsewhere windows can only ask for attention."""

    def __init__(self, window: QWidget, bus: QDBusConnection | None = None) -> None:
        """`bus`: None for the session's own, on systems that have one."""
        super().__init__(window)
        self._window = window
        if bus is None and _has_session_bus():
            bus = QDBusConnection.sessionBus()
        self._bus = bus if bus is not None and bus.isConnected() else None
        self._shown: int | None = None

    def show_progress(self, share: float | None) -> None:
        """Show on the task bar how far long work is, from 0 to 1; None: there is none."""
        step = None if share is None else round(_STEPS * share)
        if step == self._shown or self._bus is None:
            return
        self._shown = step
        entry = {"progress": (step or 0) / _STEPS, "progress-visible": step is not None}
        message = QDBusMessage.createSignal(f"/{PROGRAM.replace('-', '_')}", _LAUNCHER, "Update")
        message.setArguments([f"application://{PROGRAM}.desktop", entry])
        self._bus.send(message)

    def tell(self, title: str, text: str) -> None:
        """Say something that has ended while the user works elsewhere; nothing while the program is in front."""
        if QApplication.activeWindow() is not None:
            return
        QApplication.alert(self._window)
        if self._bus is None:
            return
        message = QDBusMessage.createMethodCall(
            _PORTAL,
            "/org/freedesktop/portal/desktop",
            "org.freedesktop.portal.Notification",
            "AddNotification",
        )
        message.setArguments([PROGRAM, {"title": title, "body": text, "priority": "normal"}])
        message.setAutoStartService(False)
        if not self._bus.send(message):
            log.info("the desktop takes no notifications: %s", self._bus.lastError().message())
