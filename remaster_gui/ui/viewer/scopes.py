"""The scopes panel: one to four scopes of what the viewer shows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSlider, QToolButton, QVBoxLayout, QWidget

from remaster_gui.base.language import tr
from remaster_gui.ui.style import theme
from remaster_gui.ui.style.icons import icon
from remaster_gui.ui.viewer.scope_data import SCOPES, Scope, ScopePictures
from remaster_gui.ui.viewer.scope_views import NAMES, ScopeView

_TIPS: dict[Scope, str] = {
    "vectorscope": tr("Hue and saturation; skin of every complexion lies along the line"),
    "waveform": tr("Luma from left to right of the picture"),
    "parade": tr("Red, green and blue from left to right of the picture"),
    "histogram": tr("How many pixels have each level"),
}
_WIDE = 1.25
"""Shape of a cell in which a scope is read best."""


class ScopesPanel(QWidget):
    """Shows the `ScopePictures` that it is given (see `scope_data.compute`, which runs on any thread)."""

    appeared = Signal()
    """The panel is in sight again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.views: dict[Scope, ScopeView] = {}
        self.buttons: dict[Scope, QToolButton] = {}
        self._shown: tuple[Scope, ...] = ()
        self._columns = 0
        bar = QHBoxLayout()
        bar.setContentsMargins(4, 4, 6, 4)
        bar.setSpacing(2)
        for kind in SCOPES:
            button = QToolButton()
            button.setIcon(icon(f"scope-{kind}"))
            button.setIconSize(QSize(18, 18))
            button.setAccessibleName(NAMES[kind])
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setToolTip(f"<b>{NAMES[kind]}</b><br>{_TIPS[kind]}")
            button.clicked.connect(lambda _checked, kind=kind: self._on_button_clicked(kind))
            self.buttons[kind] = button
            bar.addWidget(button)
        self.zoom = QToolButton()
        self.zoom.setText("2×")
        self.zoom.setCheckable(True)
        self.zoom.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.zoom.setToolTip(tr("<b>Enlarge the vectorscope</b><br>Hand-made colours are seldom strong"))
        self.brightness = QSlider(Qt.Orientation.Horizontal)
        self.brightness.setRange(0, 100)
        self.brightness.setValue(50)
        self.brightness.setMinimumWidth(40)
        self.brightness.setMaximumWidth(110)
        self.brightness.setToolTip(tr("<b>Brightness</b> of the traces"))
        self.brightness.setAccessibleName(tr("Brightness of the traces"))
        sun = QLabel()
        sun.setPixmap(icon("sun").pixmap(QSize(15, 15), self.devicePixelRatioF()))
        bar.addSpacing(theme.SPACE // 2)
        bar.addWidget(self.zoom)
        bar.addStretch(1)
        bar.addWidget(sun)
        bar.addWidget(self.brightness)
        self.note = QLabel()
        self.note.setProperty("role", "muted")
        self.note.setWordWrap(True)
        self.note.setContentsMargins(6, 0, 6, 2)
        self.note.hide()
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(2)
        for kind in SCOPES:
            view = ScopeView(kind, self)
            view.hide()
            self.views[kind] = view
            self.brightness.valueChanged.connect(lambda value, view=view: view.set_brightness(value / 100))
        self.zoom.toggled.connect(lambda on: self.views["vectorscope"].set_zoom(2 if on else 1))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self.note)
        column.addLayout(self._grid, 1)
        self.set_shown(("vectorscope", "parade"))

    @property
    def shown(self) -> tuple[Scope, ...]:
        """The scopes that are shown, in the order of `SCOPES`."""
        return self._shown

    def set_shown(self, kinds: Sequence[Scope]) -> None:
        """Show these scopes; at least one is always shown."""
        self._shown = tuple(kind for kind in SCOPES if kind in kinds) or ("vectorscope",)
        for kind, button in self.buttons.items():
            button.setChecked(kind in self._shown)
        self.zoom.setEnabled("vectorscope" in self._shown)
        self._columns = 0
        self._arrange()

    def set_note(self, text: str) -> None:
        """Say what is not measured; '' for nothing."""
        self.note.setText(text)
        self.note.setVisible(bool(text))

    def set_pictures(self, pictures: ScopePictures | None) -> None:
        """Show the measures of another picture; None when there is none."""
        for view in self.views.values():
            view.set_pictures(pictures)

    def showEvent(self, event: QShowEvent) -> None:
        """Say that the scopes are visible."""
        super().showEvent(event)
        self.appeared.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the scopes as the shape of the panel asks."""
        super().resizeEvent(event)
        self._arrange()

    def _on_button_clicked(self, kind: Scope) -> None:
        chosen = set(self._shown) ^ {kind}
        self.set_shown([each for each in SCOPES if each in chosen] or [kind])

    def _arrange(self) -> None:
        columns = best_columns(len(self._shown), self.width(), max(1, self.height() - 34))
        if columns == self._columns:
            return
        self._columns = columns
        for view in self.views.values():
            self._grid.removeWidget(view)
            view.hide()
        for number, kind in enumerate(self._shown):
            self._grid.addWidget(self.views[kind], number // columns, number % columns)
            self.views[kind].show()
        for at in range(len(SCOPES)):
            self._grid.setColumnStretch(at, int(at < columns))
            self._grid.setRowStretch(at, int(at < -(-len(self._shown) // columns)))


def best_columns(count: int, width: float, height: float) -> int:
    """Return in how many columns `count` scopes are seen largest."""

    def size(columns: int) -> float:
        rows = -(-count // columns)
        return min(width / columns, height / rows * _WIDE)

    return max(range(1, count + 1), key=size)
