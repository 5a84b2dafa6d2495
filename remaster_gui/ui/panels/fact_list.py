"""Names and values below each other in a narrow panel."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QGridLayout, QLabel, QSizePolicy, QWidget

from remaster_gui.ui.panels.facts import Facts

_LABEL_WIDTH = 66
_GAP = 10
_MAY_BREAK = "\N{ZERO WIDTH SPACE}"


class FactList(QWidget):
    """Lines of name and value; values break where they are long."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels: list[tuple[QLabel, QLabel]] = []
        # A form would give lines that break the heights of others.
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(_GAP)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)

    def set_facts(self, facts: Facts) -> None:
        """Show these lines."""
        while len(self._labels) > len(facts):
            for label in self._labels.pop():
                self._grid.removeWidget(label)
                label.hide()
                label.deleteLater()
        while len(self._labels) < len(facts):
            name, value = muted(""), QLabel()
            name.setAlignment(Qt.AlignmentFlag.AlignTop)
            value.setWordWrap(True)
            value.setTextFormat(Qt.TextFormat.PlainText)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            value.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            self._grid.addWidget(name, len(self._labels), 0)
            self._grid.addWidget(value, len(self._labels), 1)
            self._labels.append((name, value))
        for (name, value), (text, fact) in zip(self._labels, facts, strict=True):
            name.setText(text)
            # File names have no spaces to break at.
            value.setText(fact.replace("_", "_" + _MAY_BREAK))

    def facts(self) -> Facts:
        """Return what is shown."""
        return tuple((name.text(), value.text().replace(_MAY_BREAK, "")) for name, value in self._labels)


def narrow_form(parent: QWidget) -> QFormLayout:
    """Return an empty form for a narrow panel."""
    form = QFormLayout(parent)
    form.setContentsMargins(0, 0, 0, 0)
    form.setHorizontalSpacing(_GAP)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    return form


def muted(text: str, of: QWidget | None = None) -> QLabel:
    """Return a quiet label of a widget, wide enough that those of several forms stand in one column."""
    label = QLabel(text)
    if of is not None:
        label.setBuddy(of)
    label.setProperty("role", "muted")
    label.setMinimumWidth(_LABEL_WIDTH)
    return label
