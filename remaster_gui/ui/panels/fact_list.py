"""Names and values below each other in a narrow panel."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QSizePolicy, QWidget

from remaster_gui.ui.panels.facts import Facts

_LABEL_WIDTH = 66
_MAY_BREAK = "\N{ZERO WIDTH SPACE}"


class FactList(QWidget):
    """Lines of name and value; values break where they are long."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels: list[tuple[QLabel, QLabel]] = []
        self._form = narrow_form(self)
        self._form.setVerticalSpacing(2)

    def set_facts(self, facts: Facts) -> None:
        """Show these lines."""
        while len(self._labels) > len(facts):
            self._form.removeRow(len(self._labels) - 1)
            self._labels.pop()
        while len(self._labels) < len(facts):
            name, value = muted(""), QLabel()
            name.setAlignment(Qt.AlignmentFlag.AlignTop)
            value.setWordWrap(True)
            value.setTextFormat(Qt.TextFormat.PlainText)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            value.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            self._form.addRow(name, value)
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
    form.setHorizontalSpacing(10)
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
