"""What a painter has at hand: the brush, two colours, and how far a fill reaches."""

from __future__ import annotations

import dataclasses
from typing import Any

from PySide6.QtCore import QObject, Signal

from remaster_gui.painting.brush import LARGEST, SMALLEST, Brush, stepped_size
from remaster_gui.painting.color_values import Lab, hex_of_lab, lab_of_hex
from remaster_gui.painting.fill import TOLERANCE

ALIKE = 0.3
"""Share of the largest tolerance for what is alike, as long as nobody has chosen another one."""
_START: tuple[Lab, Lab] = ((65.0, 16.0, 22.0), (60.0, -4.0, -22.0))
"""A skin tone and a sky."""


class ToolSettings(QObject):
    """Shared by the tools, which use it, and the panel, which shows and changes it. Lives on the GUI thread.

    Colours are Lab; their L* only says at which luminance they are shown, for painting keeps that of the frame.
    """

    alike_changed = Signal()
    """How unlike things may be that are selected as alike."""
    brush_changed = Signal()
    """Size, hardness, opacity, flow, pressure or tolerance."""
    colors_changed = Signal()
    color_used = Signal(str)
    """A gesture has put this colour (#rrggbb) on a reference: the newest of the recent ones."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._brush = Brush()
        self._tolerance, self._alike = TOLERANCE, ALIKE
        self._foreground, self._background = _START

    @property
    def brush(self) -> Brush:
        """The brush, in the foreground colour."""
        return dataclasses.replace(self._brush, color=self._foreground[1:])

    @property
    def tolerance(self) -> float:
        """How far luminance may differ within a fill, in L*."""
        return self._tolerance

    @property
    def alike(self) -> float:
        """How unlike things may be that are selected as alike, from 0 to 1."""
        return self._alike

    @property
    def foreground(self) -> Lab:
        """The colour that paints."""
        return self._foreground

    @property
    def background(self) -> Lab:
        """The colour that waits."""
        return self._background

    def change_brush(self, **values: Any) -> None:
        """Change fields of the brush by name; sizes are held within bounds."""
        if "size" in values:
            values["size"] = min(max(float(values["size"]), SMALLEST), LARGEST)
        for name in ("hardness", "opacity", "flow"):
            if name in values:
                least = 0.0 if name == "hardness" else 0.01
                values[name] = min(max(float(values[name]), least), 1.0)
        brush = dataclasses.replace(self._brush, **values)
        if brush != self._brush:
            self._brush = brush
            self.brush_changed.emit()

    def step_size(self, steps: int, *, large: bool = False) -> None:
        """Make the brush larger or smaller, as the keys do."""
        self.change_brush(size=stepped_size(self._brush.size, steps, large=large))

    def set_tolerance(self, tolerance: float) -> None:
        """Choose how far a fill reaches, in L*."""
        tolerance = min(max(tolerance, 1.0), 60.0)
        if tolerance != self._tolerance:
            self._tolerance = tolerance
            self.brush_changed.emit()

    def set_alike(self, tolerance: float) -> None:
        """Choose how unlike things may be that are selected as alike, from 0 to 1."""
        tolerance = min(max(tolerance, 0.01), 1.0)
        if tolerance != self._alike:
            self._alike = tolerance
            self.alike_changed.emit()

    def set_foreground(self, color: Lab) -> None:
        """Choose the colour that paints."""
        if color != self._foreground:
            self._foreground = color
            self.colors_changed.emit()

    def set_foreground_hex(self, text: str) -> bool:
        """Choose the colour that paints by "#rrggbb"; False if that is none."""
        color = lab_of_hex(text)
        if color is None:
            return False
        self.set_foreground(color)
        return True

    def swap_colors(self) -> None:
        """Let the two colours change places."""
        self._foreground, self._background = self._background, self._foreground
        self.colors_changed.emit()

    def note_use(self) -> None:
        """Say that the foreground colour has been put on a reference."""
        self.color_used.emit(hex_of_lab(self._foreground))
