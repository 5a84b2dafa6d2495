"""What the window does about notices: the one place that knows what each action of theirs means."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from remaster_gui.base.language import tr
from remaster_gui.base.notices import Action, Reveal


def label(action: Action) -> str:
    """Return what the button of an action says."""
    match action:
        case Reveal():
            return tr("Show in folder")


def perform(action: Action) -> None:
    """Do what the action of a notice says."""
    match action:
        case Reveal(path):
            reveal(path)


def reveal(path: Path) -> None:
    """Open the folder in which a file lies, in the system's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))
