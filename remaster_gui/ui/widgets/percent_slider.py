"""A slider for a share, with its value in percent beside it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSlider, QWidget

from remaster_gui.base.language import percent
from remaster_gui.ui.style import theme

USUAL = 100
_PAGE = 10


class PercentSlider(QWidget):
    """Sets a whole number of percent; a double click goes back to what is usual.

    `changed` says each value that the user sets.
    """

    changed = Signal(int)

    def __init__(self, name: str, most: int = USUAL, usual: int = USUAL) -> None:
        """Range from 0 to `most`; `name` is for those who cannot see it."""
        super().__init__()
        self._usual = usual
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, most)
        self.slider.setPageStep(_PAGE)
        self.slider.setValue(usual)
        self.slider.setAccessibleName(name)
        self.slider.setMinimumWidth(40)
        self.slider.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.slider.installEventFilter(self)
        self.text = QLabel()
        self.text.setMinimumWidth(self.fontMetrics().horizontalAdvance(percent(8.88)))
        self.text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE)
        row.addWidget(self.slider, 1)
        row.addWidget(self.text)
        self.setFocusProxy(self.slider)
        self._show(usual)
        self.slider.valueChanged.connect(self._on_value_changed)

    def share(self) -> float:
        """Return the value, 1 being 100 percent."""
        return self.slider.value() / 100

    def show_share(self, share: float) -> None:
        """Show a value without saying so."""
        blocked = self.slider.blockSignals(True)
        self.slider.setValue(round(100 * share))
        self.slider.blockSignals(blocked)
        self._show(self.slider.value())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go back to what is usual at a double click."""
        if watched is self.slider and event.type() == QEvent.Type.MouseButtonDblClick:
            self.slider.setValue(self._usual)
            return True
        return super().eventFilter(watched, event)

    def _on_value_changed(self, value: int) -> None:
        self._show(value)
        self.changed.emit(value)

    def _show(self, value: int) -> None:
        self.text.setText(percent(value / 100))
