"""A field for a path with a button that opens the system's dialog."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QWidget

from remaster_gui.base.language import tr
from remaster_gui.base.paths import spelled_out
from remaster_gui.ui.style.icons import icon


class FileField(QWidget):
    """A path that is typed, or chosen by `choose(present path)`, which returns None where the user gives up."""

    path_changed = Signal(object)
    """Path: after every letter typed and every choice."""

    def __init__(self, choose: Callable[[Path], Path | None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choose = choose
        self.edit = QLineEdit()
        self.edit.textChanged.connect(lambda _text: self.path_changed.emit(self.path()))
        self.button = QToolButton()
        self.button.setIcon(icon("folder"))
        self.button.setToolTip(tr("Choose in a dialog"))
        self.button.setAccessibleName(tr("Choose in a dialog"))
        self.button.clicked.connect(self._on_button_clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.edit, 1)
        row.addWidget(self.button)
        self.setFocusProxy(self.edit)

    def path(self) -> Path:
        """Return what stands in the field, with ``~`` spelled out."""
        text = self.edit.text().strip()
        return spelled_out(Path(text)) if text else Path()

    def set_path(self, path: Path) -> None:
        """Show another path; of a long one the end is seen."""
        if path != self.path():
            self.edit.setText(str(path) if path.name else "")
        self.edit.setToolTip(str(path) if path.name else "")

    def _on_button_clicked(self) -> None:
        chosen = self._choose(self.path())
        if chosen is not None:
            self.set_path(chosen)
