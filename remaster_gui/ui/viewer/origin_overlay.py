"""The origin overlay: what of a frame's colours is guessed, and the share of each origin."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from psygnal import SignalInstance
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from remaster_gui.base.language import percent, tr
from remaster_gui.document.view_state import ViewState
from remaster_gui.engine.origin import stroke_share
from remaster_gui.engine.overlay_colors import GUESSED_COLOR, PAINTED_COLOR, STRONGEST
from remaster_gui.ui.qimage import to_qimage
from remaster_gui.ui.style import theme
from remaster_gui.ui.viewer.canvas import Canvas
from remaster_gui.ui.viewer.legend import LegendPart, paint_legend
from remaster_gui.ui.viewer.wash import Wash

NOT_KNOWN = tr("Preview (P) to see which colours are guessed.")


def origin_pixels(share: NDArray[np.uint8], painted: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return a wash RGBA ``(h, w, 4)`` uint8, straight alpha: magenta as far as colours are guessed.

    share ``(h, w)``: how much references carried, over 0..255. painted ``(h, w)`` in [0, 1]: how much of a pixel
    strokes have painted on this very frame, which is washed in white.
    """
    pixels = np.empty((*share.shape, 4), np.uint8)
    guessed = 1 - share.astype(np.float32)[..., None] / 255
    ink, white = (
        np.array([int(color[n : n + 2], 16) for n in (1, 3, 5)], np.float32)
        for color in (GUESSED_COLOR, PAINTED_COLOR)
    )
    other = np.float32(STRONGEST / 2) * painted[..., None] * (1 - guessed)
    alpha = STRONGEST * guessed + other
    pixels[..., :3] = np.rint((STRONGEST * guessed * ink + other * white) / alpha.clip(1e-6))
    pixels[..., 3] = np.rint(255 * alpha)[..., 0]
    return pixels


class OriginOverlay(Wash):
    """Washes what is guessed, and says in a legend how much of the frame comes from where."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self.parts: tuple[tuple[str, float], ...] = ()
        """Origins and their parts of the frame, as the legend says; () where nothing is known."""

    @property
    def is_visible(self) -> bool:
        """Whether origins are looked at."""
        return self.view.origin

    def _changes(self, view: ViewState) -> tuple[SignalInstance, ...]:
        return (view.events.origin,)

    def set_share(self, share: NDArray[np.uint8] | None, strokes: NDArray[np.uint8] | None = None) -> None:
        """Show a frame's origin, see `origin_pixels`; None: it is not known.

        strokes ``(H, W)``: how much of each pixel they have painted on this very frame, over 0..255; None: nothing.
        """
        if share is None:
            self._picture, self.parts = None, ()
        else:
            size = (share.shape[1], share.shape[0])
            painted = np.zeros(share.shape, np.float32) if strokes is None else stroke_share(strokes, size)
            self._picture = to_qimage(origin_pixels(share, painted))
            known, drawn = float(share.mean()) / 255, float((share * painted).mean()) / 255
            parts = ((tr("painted"), drawn), (tr("carried over"), known - drawn), (tr("guessed"), 1 - known))
            self.parts = tuple(each for each in parts if each[0] != tr("painted") or drawn > 0)
        self._canvas.update()

    def clear(self) -> None:
        """Show nothing."""
        self.set_share(None)

    def _paint_legend(self, painter: QPainter, picture: QRectF, pane: QRectF) -> None:
        """Draw the legend into the lower left corner, or the upper one where the attention's is there."""
        colors = {tr("guessed"): QColor(GUESSED_COLOR), tr("painted"): QColor(PAINTED_COLOR)}
        parts = [
            LegendPart(f"{name}  {percent(part)}", colors.get(name, theme.MUTED), name not in colors)
            for name, part in self.parts
        ]
        corner = Qt.Corner.TopLeftCorner if self.view.attention else Qt.Corner.BottomLeftCorner
        paint_legend(painter, parts or [LegendPart(NOT_KNOWN)], picture.intersected(pane), corner)
