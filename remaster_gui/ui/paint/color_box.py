"""The colour picker: two colours at hand, chroma wheel, luminance to see them at, hex, and recent colours."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from remaster_gui.base.language import tr
from remaster_gui.painting.color_values import Lab, hex_of_lab, in_gamut, lab_of_hex
from remaster_gui.project.schema import Swatch
from remaster_gui.ui.paint.chroma_wheel import ChromaWheel
from remaster_gui.ui.paint.swatches import ColorPair, SwatchGrid
from remaster_gui.ui.paint.tool_settings import ToolSettings
from remaster_gui.ui.paint.value_bar import ValueBar
from remaster_gui.ui.style import theme

_RECENT = 8


class ColorBox(QWidget):
    """Shows and changes the settings's colours."""

    def __init__(self, settings: ToolSettings, swap: QAction, parent: QWidget | None = None) -> None:
        """`swap`: the action that a click on the two colours stands for."""
        super().__init__(parent)
        self._settings = settings
        self.pair = ColorPair()
        self.pair.swap_requested.connect(swap.trigger)
        self.hex = QLineEdit()
        self.hex.setMaxLength(9)
        self.hex.setFixedWidth(78)
        self.hex.setFont(theme.digits_font(self.hex.font()))
        self.hex.setToolTip(
            tr("<b>Colour as #rrggbb</b><br>Painting takes its chroma and keeps the frame's luminance")
        )
        self.hex.setAccessibleName(tr("Colour as hexadecimal number"))
        self.hex.editingFinished.connect(self._on_hex_edited)
        self.wheel = ChromaWheel()
        self.wheel.color_changed.connect(settings.set_foreground)
        self.luminance = ValueBar(
            tr("Luminance"),
            0.0,
            100.0,
            tip=tr("At which luminance the colours are shown here; painting keeps that of the frame"),
        )
        self.luminance.value_changed.connect(self._on_luminance_chosen)
        self.recent = SwatchGrid(can_edit=False)
        self.recent.setAccessibleName(tr("Colours used last"))
        self.recent.setToolTip(tr("Recent colours"))
        self.recent.chosen.connect(self._on_recent_chosen)
        self._recent: tuple[str, ...] = ()
        first = QHBoxLayout()
        first.setSpacing(theme.SPACE)
        first.addWidget(self.pair)
        first.addStretch(1)
        first.addWidget(self.hex, 0, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE // 2)
        column.addLayout(first)
        column.addWidget(self.wheel)
        column.addWidget(self.luminance)
        column.addWidget(self.recent)
        settings.colors_changed.connect(self._on_colors_changed)
        self._on_colors_changed()
        self.set_recent(())

    def set_recent(self, colors: Sequence[str]) -> None:
        """Show the colours used last (#rrggbb), the newest first."""
        self._recent = tuple(colors[:_RECENT])
        self.recent.set_swatches([Swatch("recent", color) for color in self._recent])

    def _on_colors_changed(self) -> None:
        front, back = self._settings.foreground, self._settings.background
        self.pair.set_colors(hex_of_lab(front), hex_of_lab(back))
        self.wheel.set_colors(front, back)
        self.luminance.set_value(front[0])
        self.hex.setText(hex_of_lab(front))

    def _on_luminance_chosen(self, lightness: float) -> None:
        """Show chroma at another luminance; it is taken back only where the screen cannot show it there."""
        front: Lab = (lightness, *self._settings.foreground[1:])
        self._settings.set_foreground(front)

    def _on_hex_edited(self) -> None:
        color = lab_of_hex(self.hex.text())
        if color is not None and self.hex.text() != hex_of_lab(self._settings.foreground):
            self._settings.set_foreground(in_gamut(color))
        self.hex.setText(hex_of_lab(self._settings.foreground))

    def _on_recent_chosen(self, place: int) -> None:
        self._settings.set_foreground_hex(self._recent[place])
