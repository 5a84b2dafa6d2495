"""About: what this program is, whose work it builds on, and the facts that a report of a fault needs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from remaster_gui import __version__
from remaster_gui.base.language import tr
from remaster_gui.ui.panels.fact_list import FactList
from remaster_gui.ui.style import theme
from remaster_gui.ui.style.icons import icon

_PURPOSE = tr("Restores and colours vintage film from a few references that you paint.")
_CREDITS = tr(
    "After “DeepRemaster: Temporal Source-Reference Attention Networks for Comprehensive Video Enhancement” by "
    "Satoshi Iizuka and Edgar Simo-Serra, ACM Transactions on Graphics (SIGGRAPH Asia) 2019. Spreading of strokes "
    "after “Colorization using Optimization” by Levin, Lischinski and Weiss, 2004."
)
_LICENCE = tr("MIT licence. Weights have licences of their own, which their model cards tell.")
_WIDTH = 480


class AboutDialog(QDialog):
    """`details`: lines of (name, value) such as device, weights and log file."""

    logs_requested = Signal()
    """The folder of the log is to be shown."""

    def __init__(self, details: Sequence[tuple[str, str]] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("About Remaster"))
        self._details = ((tr("Version"), __version__), *details)
        picture = QLabel()
        picture.setPixmap(icon("film").pixmap(QSize(44, 44), self.devicePixelRatioF()))
        title = QLabel("Remaster")
        title.setProperty("role", "heading")
        head = QVBoxLayout()
        head.setSpacing(2)
        head.addWidget(title)
        head.addWidget(_text(_PURPOSE, muted=False))
        top = QHBoxLayout()
        top.setSpacing(theme.SPACE * 2)
        top.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(head, 1)
        facts = FactList()
        facts.set_facts(self._details)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.copy = buttons.addButton(tr("Copy facts"), QDialogButtonBox.ButtonRole.ActionRole)
        self.copy.setToolTip(tr("For a report of a fault"))
        self.copy.clicked.connect(self._on_copy_clicked)
        self.logs = buttons.addButton(tr("Show log"), QDialogButtonBox.ButtonRole.ActionRole)
        self.logs.clicked.connect(self.logs_requested)
        for button in (self.copy, self.logs):
            button.setAutoDefault(False)
        close = buttons.button(QDialogButtonBox.StandardButton.Close)
        close.setDefault(True)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.SPACE * 2,) * 4)
        column.setSpacing(theme.SPACE * 2)
        column.addLayout(top)
        column.addWidget(facts)
        column.addWidget(_text(_CREDITS))
        column.addWidget(_text(_LICENCE))
        column.addWidget(buttons)
        # Sentences break, so the height follows from the width.
        self.setFixedSize(_WIDTH, column.totalHeightForWidth(_WIDTH))
        close.setFocus()

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(f"{name}: {value}" for name, value in self._details))


def _text(text: str, *, muted: bool = True) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    if muted:
        label.setProperty("role", "muted")
    return label
