"""Recovering a damaged project: what can be read goes into a new file, and what is lost is said."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QListWidget,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from remaster_gui.ui.common import theme
from remaster_gui.ui.common.file_field import FileField
from remaster_gui.ui.common.verdict import Verdict
from remaster_gui.ui.dialogs.files import PROJECT_SUFFIX, ask_project_name


class RecoverDialog(QDialog):
    """First asks where the new file is to be written, then shows what was lost. `fault`: one sentence."""

    recover_requested = Signal(object)
    """Path of the new file; answered by `set_losses` or `set_fault`."""
    open_requested = Signal(object)
    """Path of the recovered project; the dialog closes."""

    def __init__(
        self, path: Path, fault: str, proposal: Path | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Recover project")
        self.setMinimumWidth(520)
        self._done = False
        self._path = path
        self._text = QLabel(
            f"{fault} What can be read is written into a new file; the damaged one is left as it is."
        )
        self._text.setWordWrap(True)
        self.field = FileField(lambda present: ask_project_name(self, present, "Recover into"))
        self.field.edit.setAccessibleName("New file")
        self.field.set_path(proposal or path.with_name(f"{path.stem} recovered{PROJECT_SUFFIX}"))
        self.field.path_changed.connect(self._check)
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(6)
        self._bar.hide()
        self._losses = QListWidget()
        self._losses.setWordWrap(True)
        self._losses.setMaximumHeight(160)
        self._losses.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self._losses.hide()
        self._verdict = Verdict()
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.go = self._buttons.addButton("Recover", QDialogButtonBox.ButtonRole.AcceptRole)
        self.go.setDefault(True)
        self._buttons.accepted.connect(self._on_accepted)
        self._buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.SPACE * 2,) * 4)
        column.setSpacing(theme.SPACE)
        for widget in (self._text, self.field, self._bar, self._losses, self._verdict):
            column.addWidget(widget)
        column.addStretch(1)
        column.addWidget(self._buttons)

    def losses(self) -> list[str]:
        """Return the sentences shown about what is lost."""
        items = (self._losses.item(row) for row in range(self._losses.count()))
        return [item.text() for item in items if item is not None]

    def set_losses(self, losses: Sequence[str]) -> None:
        """Show what was lost (one sentence each); the new file is there."""
        self._done = True
        self._bar.hide()
        name = self.field.path().name
        self._text.setText(
            f"{name} holds all that could be read. This is lost:"
            if losses
            else f"{name} holds everything; nothing is lost."
        )
        self._losses.clear()
        self._losses.addItems(list(losses))
        self._losses.setVisible(bool(losses))
        self.field.setEnabled(False)
        self.go.setText("Open")
        self.go.setEnabled(True)
        self._verdict.say()

    def set_fault(self, sentence: str) -> None:
        """Say why nothing could be recovered; another place can be tried."""
        self._bar.hide()
        self.field.setEnabled(True)
        self._verdict.say(fault=sentence)
        self.go.setEnabled(True)

    def _check(self) -> None:
        over = self.field.path() == self._path
        self._verdict.say(fault="The damaged file is not written over; choose another name." if over else "")
        self.go.setEnabled(bool(self.field.path().name) and not over)

    def _on_accepted(self) -> None:
        if self._done:
            self.open_requested.emit(self.field.path())
            self.accept()
            return
        if not self.go.isEnabled():
            return
        self.go.setEnabled(False)
        self.field.setEnabled(False)
        self._bar.show()
        self.recover_requested.emit(self.field.path())
