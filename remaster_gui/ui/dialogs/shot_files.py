"""Whether an export is one film or a file for each shot, and how these are cut and named."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QWidget

from remaster_gui.base.errors import SettingsError
from remaster_gui.base.language import tr
from remaster_gui.engine.delivery import DEFAULT_PATTERN, FIELDS, MOST_HANDLES, Delivery, names_asked_for
from remaster_gui.ui.style import theme
from remaster_gui.ui.widgets.number_box import NumberBox


class ShotFiles(QWidget):
    """A box to tick, and fields that count while it is ticked; that of the reel shows where the pattern names it."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fault = ""
        """Why the fields make no delivery, in a sentence; '' while they do."""
        self._delivery = Delivery()
        self.ticked = QCheckBox(tr("A file each"))
        self.ticked.setToolTip(
            tr(
                "<b>A file for each shot</b><br>The output is a folder, and the preset says what kind of "
                "files it holds."
            )
        )
        self.handles = NumberBox()
        self.handles.setRange(0, MOST_HANDLES)
        self.handles.setPrefix(tr("Handles "))
        self.handles.setAccessibleName(tr("Handles"))
        self.handles.setToolTip(
            tr("<b>Handles</b><br>Frames before and behind each shot that its file holds as well")
        )
        self.pattern = QLineEdit(DEFAULT_PATTERN)
        self.pattern.setAccessibleName(tr("Names of the files"))
        known = ", ".join(f"{{{each}}}" for each in FIELDS)
        self.pattern.setToolTip(
            tr(
                "<b>Names of the files</b><br>{known} stand for what they name, {{shot:05}} for five digits.",
                known=known,
            )
        )
        self.reel = QLineEdit()
        self.reel.setPlaceholderText(tr("Reel"))
        self.reel.setAccessibleName(tr("Reel"))
        self.reel.setToolTip(tr("<b>Reel</b><br>What {reel} stands for in the names of the files"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE)
        row.addWidget(self.ticked)
        row.addWidget(self.handles)
        row.addWidget(self.pattern, 2)
        row.addWidget(self.reel, 1)
        self.set_delivery(None)
        self.ticked.toggled.connect(self._on_changed)
        self.handles.valueChanged.connect(self._on_changed)
        self.pattern.textChanged.connect(self._on_changed)
        self.reel.textChanged.connect(self._on_changed)

    def delivery(self) -> Delivery | None:
        """Return what is chosen, None for one film: the last valid one while `fault` says that the fields are not."""
        return self._delivery if self.ticked.isChecked() else None

    def set_delivery(self, delivery: Delivery | None) -> None:
        """Show another choice; for one film the fields stay as they are, to be taken up again."""
        if delivery is not None:
            self.handles.setValue(delivery.handles)
            self.pattern.setText(delivery.pattern)
            self.reel.setText(delivery.reel)
        self.ticked.setChecked(delivery is not None)
        self._read()

    def _on_changed(self) -> None:
        self._read()
        self.changed.emit()

    def _read(self) -> None:
        is_chosen = self.ticked.isChecked()
        self.handles.setEnabled(is_chosen)
        self.pattern.setEnabled(is_chosen)
        self.reel.setEnabled(is_chosen)
        self.reel.setVisible("reel" in names_asked_for(self.pattern.text()))
        self.fault = ""
        try:
            self._delivery = Delivery(
                self.handles.value(), self.pattern.text().strip(), self.reel.text().strip()
            )
        except SettingsError as error:
            self.fault = str(error) if is_chosen else ""
