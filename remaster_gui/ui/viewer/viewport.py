"""Which part of a picture is seen, how large, and which way up: the arithmetic of zooming, panning and turning."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QTransform

from remaster_gui.document.view_state import ViewState

SMALLEST_ZOOM = 0.02
LARGEST_ZOOM = 64.0


class Viewport:
    """A window of `size` (logical pixels) onto a picture of `picture` pixels.

    What of it is seen is kept in `state`, which others share. Its `zoom` counts device pixels per picture pixel
    (vertically, where pixels are not square), so 1.0 is sharp on every screen.
    """

    def __init__(self) -> None:
        self.state = ViewState()
        self.picture = QSizeF()
        self.pixel_aspect = 1.0
        self.device_ratio = 1.0
        self.size = QSizeF()
        self._margin = 0.0

    @property
    def zoom(self) -> float:
        """Device pixels per picture pixel."""
        return self.state.zoom

    @property
    def center(self) -> QPointF:
        """The place of the picture, in its pixels, that lies in the middle of the window."""
        return QPointF(*self.state.center)

    def picture_rect(self) -> QRectF:
        """Return the whole picture in its own pixels."""
        return QRectF(QPointF(), self.picture)

    def resize(self, size: QSizeF, margin: float) -> None:
        """Change the window's size; a fitted picture stays fitted, `margin` away from the edges."""
        self.size, self._margin = size, margin
        if self.state.is_fitted:
            self.fit()

    def fit(self) -> None:
        """Choose the largest zoom at which all is seen."""
        self.state.is_fitted = True
        if self.picture.isEmpty() or self.size.isEmpty():
            return
        width = max(1.0, self.size.width() - 2 * self._margin) * self.device_ratio
        height = max(1.0, self.size.height() - 2 * self._margin) * self.device_ratio
        shown = (
            QTransform()
            .rotate(self.state.rotation)
            .mapRect(QRectF(0, 0, self.picture.width() * self.pixel_aspect, self.picture.height()))
        )
        zoom = min(width / shown.width(), height / shown.height())
        self.state.zoom = min(max(zoom, SMALLEST_ZOOM), LARGEST_ZOOM)
        center = self.picture_rect().center()
        self.state.center = center.x(), center.y()

    def zoom_to(self, zoom: float, anchor: QPointF) -> None:
        """Set the zoom; what lies under `anchor` (a place in the window) stays there."""
        inverse, _ = self.transform().inverted()
        held = inverse.map(anchor)
        self.state.is_fitted = False
        self.state.zoom = min(max(zoom, SMALLEST_ZOOM), LARGEST_ZOOM)
        inverse, _ = self.transform().inverted()
        self._move_center(self.center + held - inverse.map(anchor))

    def pan(self, distance: QPointF) -> None:
        """Move the picture by a distance in the window; some of it always stays in sight."""
        inverse, _ = self.transform().inverted()
        self.state.is_fitted = False
        self._move_center(self.center - (inverse.map(distance) - inverse.map(QPointF())))

    def transform(self) -> QTransform:
        """Return the map from picture pixels to the window."""
        # What is said last happens to the picture first.
        upright = QTransform.fromTranslate(self.size.width() / 2, self.size.height() / 2)
        turned = upright.rotate(self.state.rotation)
        across, down = self.scale.width(), self.scale.height()
        placed = turned.scale(-across if self.state.is_mirrored else across, down)
        return placed.translate(-self.center.x(), -self.center.y())

    @property
    def scale(self) -> QSizeF:
        """Pixels of the window for one of the picture, along its own width and height."""
        scale = self.zoom / self.device_ratio
        return QSizeF(scale * self.pixel_aspect, scale)

    def _move_center(self, center: QPointF) -> None:
        self.state.center = (
            min(max(center.x(), 0.0), self.picture.width()),
            min(max(center.y(), 0.0), self.picture.height()),
        )
