"""The panel of versions: states of the project that were kept, to go back to."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from remaster_gui.base.language import tr
from remaster_gui.document.version_folder import LONGEST_VERSION_NOTE, KeptVersion
from remaster_gui.ui.style import theme

_NOTHING = tr("Keep the project as it is now, to go back to later.")


class VersionsPanel(QWidget):
    """Shows what it is told and says what the user wishes."""

    keep_requested = Signal(str)
    """The project is to be kept as it is, with a note, which may be ''."""
    return_requested = Signal(object)
    """The project is to be as it was in a `KeptVersion`."""
    removal_requested = Signal(object)
    """A `KeptVersion` is to be forgotten."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._versions: Sequence[KeptVersion] = ()
        self._is_read_only = False
        self.note = QLineEdit()
        self.note.setMaxLength(LONGEST_VERSION_NOTE)
        self.note.setPlaceholderText(tr("Note of the version"))
        self.note.setAccessibleName(tr("Note of the version"))
        self.note.returnPressed.connect(self._on_keep)
        self.keep = QPushButton(tr("Keep"))
        self.keep.setToolTip(tr("<b>Keep a version</b><br>A copy of the project as it is, to go back to"))
        self.keep.clicked.connect(self._on_keep)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Versions"))
        self.list.setWordWrap(True)
        self.list.currentRowChanged.connect(self._show_buttons)
        self.list.itemActivated.connect(self._on_go)
        self.nothing = QLabel(_NOTHING)
        self.nothing.setProperty("role", "muted")
        self.nothing.setWordWrap(True)
        self.go = QPushButton(tr("Go back to it"))
        self.go.setToolTip(
            tr("<b>Go back</b><br>Everything is as it was then; undo comes back to the present")
        )
        self.go.clicked.connect(self._on_go)
        self.remove = QPushButton(tr("Delete"))
        self.remove.clicked.connect(self._on_remove)
        above, below = QHBoxLayout(), QHBoxLayout()
        above.addWidget(self.note, 1)
        above.addWidget(self.keep)
        below.addWidget(self.go, 1)
        below.addWidget(self.remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(theme.SPACE // 2)
        column.addLayout(above)
        column.addWidget(self.nothing)
        column.addWidget(self.list, 1)
        column.addLayout(below)
        self.set_versions(())

    def set_versions(self, versions: Sequence[KeptVersion]) -> None:
        """List versions, the newest first."""
        self._versions = tuple(reversed(versions))
        self.list.clear()
        for version in self._versions:
            item = QListWidgetItem(version.title)
            item.setToolTip(version.title)
            self.list.addItem(item)
        self.nothing.setVisible(not versions)
        self._show_buttons()

    def set_read_only(self, read_only: bool) -> None:
        """Let nothing be changed; versions can be kept all the same."""
        self._is_read_only = read_only
        self._show_buttons()

    @property
    def current(self) -> KeptVersion | None:
        """The one that is chosen."""
        row = self.list.currentRow()
        return self._versions[row] if 0 <= row < len(self._versions) else None

    def begin_noting(self) -> None:
        """Put the cursor into the note."""
        self.note.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _show_buttons(self) -> None:
        is_chosen = self.current is not None
        self.go.setEnabled(is_chosen and not self._is_read_only)
        self.remove.setEnabled(is_chosen)

    def _on_keep(self) -> None:
        self.keep_requested.emit(self.note.text().strip())
        self.note.clear()

    def _on_go(self) -> None:
        if self.current is not None and self.go.isEnabled():
            self.return_requested.emit(self.current)

    def _on_remove(self) -> None:
        if self.current is not None:
            self.removal_requested.emit(self.current)
