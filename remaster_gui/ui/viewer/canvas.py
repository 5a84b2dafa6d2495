"""The canvas: shows pictures, zooms to the pointer, and hands mouse and pen to whoever works on the picture."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPointingDevice,
    QResizeEvent,
    QTabletEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from remaster_gui.base.language import tr
from remaster_gui.document.view_state import ViewState
from remaster_gui.ui.interaction import Pointer
from remaster_gui.ui.painters import painting, saved
from remaster_gui.ui.style import theme
from remaster_gui.ui.viewer.canvas_pointer import CanvasPointer
from remaster_gui.ui.viewer.layers import Content, Overlay
from remaster_gui.ui.viewer.screen_look import ScreenLook
from remaster_gui.ui.viewer.viewport import Viewport

WHEEL_STEP = 1.2
"""Factor of zoom for one notch of the wheel."""
PANE_GAP = 6.0
MARGIN = 10.0
_PLACES = ("zoom", "center", "rotation", "is_mirrored", "is_fitted")
"""What of the view says where the picture is."""
SHARP_FROM = 6.0
"""Device pixels per picture pixel from which single pixels are shown as squares."""


class Canvas(QWidget):
    """A picture with overlays, seen through a viewport; `pointer` says who has mouse and pen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 180)
        self.setAccessibleName(tr("Picture"))
        self.view = Viewport()
        self._picture = QImage()
        self._content: Content | None = None
        self._message, self._panes = "", 1
        self._overlays: list[Overlay] = []
        self.pointer = CanvasPointer(self, self.view)
        self.set_look(ScreenLook(self))
        self.look_at(self.view.state)

    # What is shown

    def set_look(self, look: ScreenLook) -> None:
        """Draw pictures as `look` shows them."""
        self.look = look
        look.changed.connect(self.update)

    def look_at(self, state: ViewState) -> None:
        """Show that part of the picture which `state` says from now on, and tell it of every move."""
        self.view.state = state
        for name in _PLACES:
            state.events[name].connect(self._on_view_moved)
        self._on_view_moved()

    def set_picture_size(self, size: QSize, pixel_aspect: float = 1.0) -> None:
        """Set the size of the film's pictures in pixels; pictures of other sizes are stretched to it."""
        if self.view.picture != QSizeF(size) or self.view.pixel_aspect != pixel_aspect:
            self.view.picture, self.view.pixel_aspect = QSizeF(size), pixel_aspect
            self.fit()

    def set_picture(self, picture: QImage) -> None:
        """Show a picture; the first one, or one while no size is set, sets the size as well."""
        self._picture = picture
        if self.view.picture.isEmpty() and not picture.isNull():
            self.set_picture_size(picture.size())
        self._message = ""
        self.update()

    def patch_picture(self, patch: QImage, x: int, y: int) -> None:
        """Replace the pixels of the picture from (x, y) on; only that part is drawn again."""
        before = self._picture.cacheKey()
        with painting(self._picture) as painter:
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
            painter.drawImage(x, y, patch)
        self.look.patch(before, self._picture, patch, x, y)
        self.update_picture_rect(QRectF(x, y, patch.width(), patch.height()))

    def picture(self) -> QImage:
        """Return the picture that was set last; null before that."""
        return self._picture

    def set_content(self, content: Content | None, panes: int = 1) -> None:
        """Show `content` in place of the single picture, in one pane or two side by side; None ends that."""
        self._content = content
        if panes != self._panes:
            self._panes = panes
            self._resize_view()
        self.update()

    def set_message(self, text: str) -> None:
        """Show a sentence in place of a picture: nothing open, loading, or a fault; '' for none."""
        self._message = text
        self.setAccessibleDescription(text)
        self.update()

    def add_overlay(self, overlay: Overlay, *, below: bool = False) -> None:
        """Draw `overlay` above the picture, the last added on top, or with `below` under all others."""
        self._overlays.insert(0 if below else len(self._overlays), overlay)
        self.update()

    # Where the picture is

    def pane_rect(self, pane: int) -> QRectF:
        """Return the part of the widget that one pane takes."""
        width = (self.width() - PANE_GAP * (self._panes - 1)) / self._panes
        return QRectF(pane * (width + PANE_GAP), 0.0, width, float(self.height()))

    def pane_count(self) -> int:
        """Return 2 while two panes are side by side, else 1."""
        return self._panes

    def transform(self, pane: int) -> QTransform:
        """Return the map from picture pixels to the widget within a pane."""
        rect = self.pane_rect(pane)
        return self.view.transform() * QTransform.fromTranslate(rect.x(), rect.y())

    def to_picture(self, position: QPointF) -> QPointF:
        """Map a place in the widget to picture pixels, in the pane that it lies in."""
        inverse, _ = self.transform(self._pane_at(position)).inverted()
        return inverse.map(position)

    def to_widget(self, position: QPointF, pane: int = 0) -> QPointF:
        """Map picture pixels to a place in the widget."""
        return self.transform(pane).map(position)

    def update_picture_rect(self, rect: QRectF) -> None:
        """Draw a part of the picture again, given in picture pixels."""
        for pane in range(self._panes):
            self.update(self.transform(pane).mapRect(rect).adjusted(-2, -2, 2, 2).toAlignedRect())

    def fit(self) -> None:
        """Show all of the picture, and keep doing so when the widget is resized."""
        self.view.fit()

    def zoom_to(self, zoom: float, anchor: QPointF | None = None) -> None:
        """Set device pixels per picture pixel, keeping the point under `anchor` (default: the middle) in place."""
        rect = self.pane_rect(0 if anchor is None else self._pane_at(anchor))
        local = QPointF(rect.width() / 2, rect.height() / 2) if anchor is None else anchor - rect.topLeft()
        self.view.zoom_to(zoom, local)

    def zoom_by(self, factor: float, anchor: QPointF | None = None) -> None:
        """Zoom relative to the present zoom."""
        self.zoom_to(self.view.zoom * factor, anchor)

    def zoom_in(self) -> None:
        """Zoom in a good step."""
        self.zoom_by(WHEEL_STEP**2)

    def zoom_out(self) -> None:
        """Zoom out a good step."""
        self.zoom_by(WHEEL_STEP**-2)

    def _pane_at(self, position: QPointF) -> int:
        return int(self._panes == 2 and position.x() > self.width() / 2)

    def _on_view_moved(self) -> None:
        if self.view.state.is_fitted:
            self.view.fit()
        self.update()

    def _resize_view(self) -> None:
        self.view.device_ratio = self.devicePixelRatioF()
        self.view.resize(self.pane_rect(0).size(), MARGIN)
        self.update()

    # Qt

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw surround, content, overlays and the gesture's feedback."""
        with painting(self) as painter:
            painter.fillRect(event.rect(), theme.SURROUND)
            if self._message or (self._content is None and self._picture.isNull()):
                painter.setPen(theme.MUTED)
                box = QRectF(self.rect()).adjusted(24, 24, -24, -24)
                flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(box, int(flags), self._message)
                return
            for pane in range(self._panes):
                self._paint_pane(painter, pane)
            self.pointer.paint(painter)

    def _paint_pane(self, painter: QPainter, pane: int) -> None:
        with saved(painter):
            painter.setClipRect(self.pane_rect(pane))
            with saved(painter):
                painter.setTransform(self.transform(pane), True)
                if self._content is not None:
                    self._content.paint_pictures(painter, self, pane)
                else:
                    self.draw(painter, self.look.seen(self._picture, "alone"))
            for overlay in self._overlays:
                with saved(painter):
                    overlay.paint_marks(painter, self, pane)

    def draw(self, painter: QPainter, picture: QImage) -> None:
        """Draw a picture over the whole place of the film's, smoothly but where one looks at single pixels of the film.

        Those of smaller pictures are made up anyway: squares of them would only hide what is there.
        """
        rect = self.view.picture_rect()
        is_whole = picture.width() >= rect.width()
        smooth = self.view.zoom < SHARP_FROM or not is_whole
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(rect, picture)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep a fitted picture fitted."""
        self._resize_view()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom to the pointer; trackpads' two-finger moves pan."""
        notches = event.angleDelta().y() / 120.0
        trackpad = event.device() is not None and event.device().type() == QPointingDevice.DeviceType.TouchPad
        if trackpad and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.view.pan(QPointF(event.pixelDelta()))
        elif notches:
            self.zoom_by(WHEEL_STEP**notches, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to pan, or hand the press to grips and tool."""
        self.pointer.press(self._pointer_of_mouse(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan, or let the gesture or the hovering tool follow."""
        self.pointer.move(self._pointer_of_mouse(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End panning or commit the gesture."""
        self.pointer.release(self._pointer_of_mouse(event))

    def tabletEvent(self, event: QTabletEvent) -> None:
        """Take the pen with its pressure and its two ends; accepted, so that no mouse event doubles it."""
        pointer = Pointer(
            self.to_picture(event.position()),
            event.position(),
            event.modifiers(),
            event.button(),
            event.pressure(),
            event.pointerType() == QPointingDevice.PointerType.Eraser,
        )
        kind = event.type()
        if kind == QTabletEvent.Type.TabletPress:
            # A mouse gives the focus by itself, a pen does not: its keys would go on into a field.
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.pointer.press(pointer)
        elif kind == QTabletEvent.Type.TabletMove:
            self.pointer.move(pointer)
        elif kind == QTabletEvent.Type.TabletRelease:
            self.pointer.release(pointer)
        else:
            event.ignore()
            return
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc takes back the gesture in progress, or what the tool has left open between gestures."""
        if event.key() != Qt.Key.Key_Escape or not self.pointer.give_up():
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Another window took the pointer: nothing half-done stays."""
        if event.reason() == Qt.FocusReason.ActiveWindowFocusReason:
            self.pointer.cancel()
        super().focusOutEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Feedback of the tool appears with the pointer."""
        self.update()

    def leaveEvent(self, event: object) -> None:
        """Feedback of the tool goes with the pointer."""
        self.pointer.leave()

    def _pointer_of_mouse(self, event: QMouseEvent) -> Pointer:
        position = event.position()
        return Pointer(self.to_picture(position), position, event.modifiers(), event.button())
