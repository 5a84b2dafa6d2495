"""The dirt overlay: over the frame, what restoration took away, dark and bright dirt apart, and what was decided."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from psygnal import SignalInstance
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from remaster_gui.base.arrays import Mask
from remaster_gui.base.counting import counted
from remaster_gui.base.language import tr
from remaster_gui.document.view_state import ViewState
from remaster_gui.ui.qimage import to_qimage
from remaster_gui.ui.viewer.canvas import Canvas
from remaster_gui.ui.viewer.legend import LegendPart, paint_legend
from remaster_gui.ui.viewer.wash import Wash

NOT_KNOWN = tr("Preview (P) to see what restoration takes away.")
DARK, BRIGHT = QColor("#e69f00"), QColor("#56b4e9")
"""Told apart by those who see red or green otherwise as well; so are the two below, by what is drawn."""
REJECTED, BY_HAND = QColor(255, 255, 255), QColor("#f0e442")
_OPACITY = 200


@dataclass(frozen=True, slots=True, eq=False)
class SeenDirt:
    """What is known of a frame: dirt that was taken away and marks ``(h, w)`` bool, all of one size, and how many."""

    dark: Mask
    bright: Mask
    rejected: Mask
    by_hand: Mask
    spots: int
    marks: tuple[int, int] = (0, 0)
    """How many repairs were rejected, and made by hand."""
    found_at: str = ""
    """The preview's size, where that is smaller than the film's: an export also sees what is smaller."""


def dirt_pixels(seen: SeenDirt) -> NDArray[np.uint8]:
    """Return RGBA ``(h, w, 4)`` uint8, straight alpha; what was rejected is drawn as a rim, what counts as a fill."""
    pixels = np.zeros((*seen.dark.shape, 4), np.uint8)
    fills = ((seen.dark & ~seen.rejected, DARK), (seen.bright & ~seen.rejected, BRIGHT))
    rims = ((_rim(seen.rejected), REJECTED), (_rim(seen.by_hand), BY_HAND))
    for mask, color in (*fills, *rims):
        pixels[mask] = color.red(), color.green(), color.blue(), _OPACITY
    return pixels


def _rim(mask: Mask) -> Mask:
    inside = np.pad(mask, 1)
    inner = inside[1:-1, :-2] & inside[1:-1, 2:] & inside[:-2, 1:-1] & inside[2:, 1:-1]
    return np.asarray(mask & ~inner, bool)


class DirtOverlay(Wash):
    """Marks dirt, and says in a legend how much of it there is."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self.legend: tuple[tuple[str, QColor | None], ...] = ((NOT_KNOWN, None),)
        """What the legend says, and the colours of its chips."""

    @property
    def is_visible(self) -> bool:
        """Whether dirt is looked at."""
        return self.view.dirt

    def _changes(self, view: ViewState) -> tuple[SignalInstance, ...]:
        return (view.events.dirt,)

    def show_dirt(self, seen: SeenDirt | None, why_not: str = NOT_KNOWN) -> None:
        """Show what was taken away of a frame; None: nothing is known, which `why_not` explains."""
        if seen is None:
            self._picture, self.legend = None, ((why_not, None),)
        else:
            self._picture = to_qimage(dirt_pixels(seen))
            spots = counted(seen.spots, "spot")
            if seen.found_at:
                spots = tr("{spots} at the preview’s {size}", spots=spots, size=seen.found_at)
            parts: list[tuple[str, QColor | None]] = [
                (spots, None),
                (tr("dark dirt"), DARK),
                (tr("bright dirt"), BRIGHT),
            ]
            for count, name, color in zip(
                seen.marks, (tr("rejected"), tr("by hand")), (REJECTED, BY_HAND), strict=True
            ):
                if count:
                    parts.append((f"{count} {name}", color))
            self.legend = tuple(parts)
        self._canvas.update()

    def clear(self) -> None:
        """Show nothing."""
        self.show_dirt(None)

    def _paint_legend(self, painter: QPainter, picture: QRectF, pane: QRectF) -> None:
        """Draw the legend into the lower right corner, or the upper one where the attention’s reaches to that."""
        parts = [LegendPart(text, color, color in (REJECTED, BY_HAND)) for text, color in self.legend]
        corner = Qt.Corner.TopRightCorner if self.view.attention else Qt.Corner.BottomRightCorner
        paint_legend(painter, parts, picture.intersected(pane), corner)
