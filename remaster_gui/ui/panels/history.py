"""The history panel: every change of the project, to go back and forth among."""

from __future__ import annotations

from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QUndoView, QWidget

from remaster_gui.base.language import tr

_AS_OPENED = tr("As opened")
_EARLIER = tr("Earlier steps were not kept")


class HistoryPanel(QUndoView):
    """Lists what was done; a click goes to the state after it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setEmptyLabel(_AS_OPENED)
        self.setAccessibleName(tr("History"))
        self.setMinimumWidth(150)
        self.setToolTip(tr("Click a line to go back, or forth again, to the state after it"))

    def set_stack(self, stack: QUndoStack | None, *, goes_on: bool = False) -> None:
        """Show the changes of another project; None for none. `goes_on`: with those that were made the last time."""
        self.setEmptyLabel(_EARLIER if goes_on else _AS_OPENED)
        self.setStack(stack)  # type: ignore[arg-type]
