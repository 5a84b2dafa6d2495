"""What the tools paint on, as they see it."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF

from remaster_gui.painting.color_values import Lab
from remaster_gui.painting.raster import Box, PixelDelta, Raster


class PaintTarget(Protocol):
    """The reference that is being painted; everything on the GUI thread.

    Positions are pixels of the canvas' picture, which are those of the raster.
    """

    @property
    def raster(self) -> Raster | None:
        """The pixels, which tools change in place; None while there are none."""

    @property
    def blocked_reason(self) -> str:
        """Why nothing can be painted now, in one sentence for the user; '' if it can."""

    def refuse(self, reason: str) -> None:
        """Tell the user why a gesture did nothing."""

    def pixels_changed(self, box: Box, pixels: NDArray[np.uint8] | None = None) -> None:
        """Show a box of the raster anew. `pixels`: its sRGB (h, w, 3) where that has been made already."""

    def commit(self, delta: PixelDelta, text: str, *, joins: bool = False) -> None:
        """Keep a change that the raster shows already as one step to undo, named as the menu says it.

        `joins`: as part of the step before, if that painted the same raster.
        """

    def pick(self, point: QPointF) -> Lab | None:
        """Return the colour seen at a place of the canvas' picture, whoever shows it there; None for none."""
