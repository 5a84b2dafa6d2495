"""The history panel: every change of the project, to go back and forth among."""

from __future__ import annotations

from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QUndoView, QWidget


class HistoryPanel(QUndoView):
    """Lists what was done; a click goes to the state after it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setEmptyLabel("As opened")
        self.setAccessibleName("History")
        self.setMinimumWidth(150)
        self.setToolTip("Click a line to go back, or forth again, to the state after it")

    def set_stack(self, stack: QUndoStack | None) -> None:
        """Show the changes of another project; None for none."""
        self.setStack(stack)  # type: ignore[arg-type]
