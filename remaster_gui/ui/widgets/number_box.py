"""A field for a whole number, which begins where the texts of other fields do."""

from __future__ import annotations

from PySide6.QtWidgets import QSpinBox

_MARGIN = 5
"""Pixels before the number: the stylesheet's padding does not reach it."""


class NumberBox(QSpinBox):
    """Asks for a whole number."""

    def __init__(self) -> None:
        super().__init__()
        self.lineEdit().setTextMargins(_MARGIN, 0, 0, 0)
