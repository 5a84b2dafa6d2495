"""The name of a setting at the left of its row, with a mark and a way back where a shot has it otherwise."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from remaster_gui.base.language import tr
from remaster_gui.ui.panels.fact_list import muted
from remaster_gui.ui.style.icons import icon


class RowName(QWidget):
    """A quiet name, which stands out and has a button beside it while the setting is a shot's own."""

    reset_requested = Signal()

    def __init__(self, text: str, of: QWidget | None = None) -> None:
        """Name the row of a widget."""
        super().__init__()
        self._label = muted(text, of)
        self._label.setMinimumWidth(0)
        self.reset = QToolButton()
        self.reset.setIcon(icon("undo"))
        self.reset.setIconSize(QSize(12, 12))
        self.reset.setAutoRaise(True)
        self.reset.setFixedSize(16, 16)
        # So that nothing beside it moves as it comes and goes.
        held = self.reset.sizePolicy()
        held.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(held)
        self.reset.setToolTip(tr("<b>As the film</b><br>Let the shot have this as the film has it"))
        self.reset.setAccessibleName(tr("{text} as the film", text=text))
        self.reset.clicked.connect(self._on_clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._label)
        row.addWidget(self.reset)
        row.addStretch(1)
        self.setMinimumWidth(muted("").minimumWidth())
        self.mark(False)

    @property
    def is_marked(self) -> bool:
        """Whether the setting is a shot's own."""
        return not self.reset.isHidden()

    def mark(self, is_own: bool) -> None:
        """Show whether the setting is a shot's own."""
        self.reset.setVisible(is_own)
        self._label.setProperty("role", "own" if is_own else "muted")
        self._label.style().unpolish(self._label)
        self._label.style().polish(self._label)

    def _on_clicked(self) -> None:
        self.reset_requested.emit()
