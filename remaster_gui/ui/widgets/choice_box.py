"""Lists to choose from whose texts are seen whole: in a form that wraps long rows they take lines of their own."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QStyle, QStyleOptionComboBox

from remaster_gui.ui.painters import painting

_MOST_WIDTH = 220
"""In pixels: as wide as a form in a panel at the side is at least."""
_BESIDE = 2
"""Pixels of the field, at left and right together, on which styles draw no text."""


class ChoiceBox(QComboBox):
    """Asks for the room of its longest text, up to `most` pixels; what is longer still ends in an ellipsis."""

    def __init__(self, most: int = _MOST_WIDTH) -> None:
        super().__init__()
        self._most = most
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def seen(self) -> str:
        """What there is room for of the text that is chosen."""
        return self._fitting(self.currentText())

    def minimumSizeHint(self) -> QSize:
        """Return what its texts need, within bounds."""
        least = super().minimumSizeHint()
        texts = (self.itemText(place) for place in range(self.count()))
        longest = max(map(self.fontMetrics().horizontalAdvance, texts), default=0)
        needed = max(least.width(), longest + self.width() - self._room())
        return QSize(min(needed, self._most), least.height())

    def sizeHint(self) -> QSize:
        """Return no more than it needs: it grows where there is room."""
        return self.minimumSizeHint()

    def showPopup(self) -> None:
        """Let the list be as wide as its texts."""
        view = self.view()
        view.setMinimumWidth(max(self.width(), view.sizeHintForColumn(0)))
        super().showPopup()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much of the text as fits."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = self._fitting(option.currentText)
        style = self.style()
        with painting(self) as painter:
            style.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option, painter, self)
            style.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option, painter, self)

    def _room(self) -> int:
        """How wide a text may be."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        field = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        return field.width() - _BESIDE

    def _fitting(self, text: str) -> str:
        return self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, self._room())
