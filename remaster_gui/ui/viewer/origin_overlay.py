"""The origin overlay: what of a frame's colours is guessed, and the share of each origin."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from remaster_gui.base.language import tr
from remaster_gui.document.view_state import ViewState
from remaster_gui.engine.origin import stroke_share
from remaster_gui.engine.overlay_colors import GUESSED_COLOR, PAINTED_COLOR, STRONGEST
from remaster_gui.ui.qimage import to_qimage
from remaster_gui.ui.style import theme
from remaster_gui.ui.viewer.canvas import Canvas
from remaster_gui.ui.viewer.layers import draw_over
from remaster_gui.ui.viewer.legend import LegendPart, paint_legend

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


class OriginOverlay:
    """An `Overlay` of the canvas; keeps to itself while it is not visible. Lives on the GUI thread."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._picture: QImage | None = None
        self.parts: tuple[tuple[str, float], ...] = ()
        """Origins and their parts of the frame, as the legend says; () where nothing is known."""
        self.look_at(ViewState())
        canvas.add_overlay(self, below=True)

    def look_at(self, view: ViewState) -> None:
        """Be switched on as `view` says from now on."""
        self.view = view
        view.events.origin.connect(self._on_view_changed)
        self._on_view_changed()

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

    def paint_marks(self, painter: QPainter, canvas: Canvas, pane: int) -> None:
        """Wash the pane's picture; the legend goes into the last pane."""
        if not self.view.origin:
            return
        whole = canvas.transform(pane).mapRect(canvas.view.picture_rect())
        if self._picture is not None:
            draw_over(painter, canvas, pane, self._picture)
        if pane == canvas.pane_count() - 1:
            self._paint_legend(painter, whole.intersected(painter.clipBoundingRect()))

    def _on_view_changed(self) -> None:
        self._canvas.update()

    def _paint_legend(self, painter: QPainter, seen: QRectF) -> None:
        """Draw the legend into the lower left corner, or the upper one where the attention's is there."""
        colors = {tr("guessed"): QColor(GUESSED_COLOR), tr("painted"): QColor(PAINTED_COLOR)}
        parts = [
            LegendPart(
                f"{name}  {part:.0%}".replace("%", " %"), colors.get(name, theme.MUTED), name not in colors
            )
            for name, part in self.parts
        ]
        corner = Qt.Corner.TopLeftCorner if self.view.attention else Qt.Corner.BottomLeftCorner
        paint_legend(painter, parts or [LegendPart(NOT_KNOWN)], seen, corner)
