"""Source and remastered frame against each other: wipe, side by side, flip and difference."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from remaster_gui.base.language import tr
from remaster_gui.document.view_state import CompareMode, ViewState
from remaster_gui.ui.interaction import Interaction, Pointer
from remaster_gui.ui.painters import painting
from remaster_gui.ui.style import theme
from remaster_gui.ui.viewer.canvas import Canvas

_GRIP = 7.0
_KNOB, _KNOB_STEPS = 14.0, 60
"""Distance of the wipe's knob from the end of its line and from the edges; places that are tried for it."""
_DIFFERENCE_PASSES = 2
"""Doublings of the difference, so that what the eye would miss is seen: four times."""


class Compare:
    """The two pictures and how they are shown; a `Content` and an `Overlay` of the canvas.

    Where there is no remastered picture the source is shown everywhere, and a label says so.
    """

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._source = QImage()
        self._result: QImage | None = None
        self._still: QImage | None = None
        self._still_name = ""
        self._name = ""
        self._difference: QImage | None = None
        self._is_labelled = True
        self.look_at(ViewState())
        canvas.add_overlay(self)
        canvas.pointer.add_grip(WipeGrip(self, canvas))

    def look_at(self, view: ViewState) -> None:
        """Show the pictures as `view` says from now on."""
        self.view = view
        view.events.compare.connect(self._on_mode_changed)
        view.events.is_covered.connect(self._on_mode_changed)
        view.events.wipe.connect(self._on_wipe_moved)
        self._on_mode_changed()

    @property
    def mode(self) -> CompareMode:
        """How the pictures share the viewer."""
        return self.view.shown

    @property
    def has_source(self) -> bool:
        """Whether a frame of the film is shown."""
        return not self._source.isNull()

    @property
    def has_result(self) -> bool:
        """Whether there is a remastered picture."""
        return self._result is not None

    @property
    def has_two(self) -> bool:
        """Whether there are two pictures to compare."""
        return self._pair[1] is not None

    @property
    def shown(self) -> QImage:
        """The picture that scopes look at: the remastered one unless only the source is shown."""
        first, second = self._pair
        return first if second is None or self.mode is CompareMode.SOURCE else second

    @property
    def latest(self) -> QImage:
        """The remastered picture where there is one, else the source; null where no frame is shown."""
        return self._source if self._result is None else self._result

    @property
    def _pair(self) -> tuple[QImage, QImage | None]:
        """The two that are compared: a still takes the source's place, and the source that of a missing result."""
        if self._still is None:
            return self._source, self._result
        return self._still, self.latest

    def set_still(self, picture: QImage | None, name: str) -> None:
        """Compare with a still, called `name`, in place of the source; None ends that."""
        self._still, self._still_name = picture, name
        self._difference = None
        self._canvas.update()

    def set_labelled(self, on: bool) -> None:
        """Say on the pictures what they are, or not."""
        self._is_labelled = on
        self._canvas.update()

    def picture_at(self, point: QPointF) -> QImage | None:
        """Return the picture that is seen at a place in picture pixels; None where none is."""
        second = self.mode in (CompareMode.RESULT, CompareMode.DIFFERENCE, CompareMode.SIDE)
        wiped = (
            self.mode is CompareMode.WIPE and point.x() >= self.view.wipe * self._canvas.view.picture.width()
        )
        pair = self._pair
        found = pair[1] if pair[1] is not None and (second or wiped) else pair[0]
        return None if found.isNull() else found

    def set_pictures(self, source: QImage, result: QImage | None, *, name: str = "remastered") -> None:
        """Show another frame; `result`, called `name`, may have another size than the source."""
        self._source, self._result, self._name = source, result, name
        self._difference = None
        self._canvas.set_picture(source)

    def patch_result(self, patch: QImage, x: int, y: int) -> None:
        """Replace pixels of the second picture from (x, y) on."""
        if self._result is None:
            return
        before = self._result.cacheKey()
        with painting(self._result) as painter:
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
            painter.drawImage(x, y, patch)
        self._canvas.look.patch(before, self._result, patch, x, y)
        self._difference = None
        self._canvas.update_picture_rect(QRectF(x, y, patch.width(), patch.height()))

    def paint_pictures(self, painter: QPainter, canvas: Canvas, pane: int) -> None:
        """Paint the pictures that the pane shows; a difference is no picture to be seen through a LUT."""
        rect = canvas.view.picture_rect()
        source, result = self._pair
        if result is None or self.mode is CompareMode.SOURCE or (self.mode is CompareMode.SIDE and pane == 0):
            canvas.draw(painter, canvas.look.seen(source, "source"))
        elif self.mode is CompareMode.WIPE:
            canvas.draw(painter, canvas.look.seen(source, "source"))
            x = rect.width() * self.view.wipe
            painter.setClipRect(QRectF(x, 0, rect.width() - x, rect.height()), Qt.ClipOperation.IntersectClip)
            canvas.draw(painter, canvas.look.seen(result, "result"))
        elif self.mode is CompareMode.DIFFERENCE:
            if self._difference is None:
                self._difference = difference(source, result)
            canvas.draw(painter, self._difference)
        else:
            canvas.draw(painter, canvas.look.seen(result, "result"))

    def paint_marks(self, painter: QPainter, canvas: Canvas, pane: int) -> None:
        """Paint the wipe's line, and say what each picture is."""
        picture = canvas.transform(pane).mapRect(canvas.view.picture_rect())
        missing = self._pair[1] is None
        if self.mode is CompareMode.WIPE and not missing:
            line = self.wipe_line()
            painter.setPen(QPen(theme.ACCENT, 1))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, bool(self.view.rotation))
            painter.drawLine(line)
            painter.setBrush(theme.ACCENT)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawEllipse(_knob(line, QRectF(canvas.rect())), 4.5, 4.5)
            along = canvas.to_widget(QPointF(1, 0)) - canvas.to_widget(QPointF())
            self._label(painter, picture, self._looked(tr("source")), right=along.x() < 0)
            self._label(painter, picture, self._result_name(), right=along.x() >= 0)
        elif self.mode is CompareMode.SIDE:
            self._label(
                painter, picture, self._result_name() if pane else self._looked(tr("source")), right=False
            )
        elif self.mode is CompareMode.DIFFERENCE and not missing:
            self._label(painter, picture, tr("difference ×4"), right=False)
        elif self.mode is not CompareMode.SOURCE:
            self._label(painter, picture, self._result_name(), right=False)
        elif self._canvas.look.name or self._still is not None:
            self._label(painter, picture, self._looked(tr("source")), right=False)

    def wipe_line(self) -> QLineF:
        """Return the wipe's line in the widget, in the middle of a pixel where it is upright."""
        picture = self._canvas.view.picture
        x = picture.width() * self.view.wipe
        line = self._canvas.transform(0).map(QLineF(x, 0, x, picture.height()))
        if line.dx() == 0:
            line.translate(round(line.x1()) + 0.5 - line.x1(), 0)
        return line

    def set_wipe(self, share: float) -> None:
        """Move the wipe's line."""
        self.view.wipe = min(max(share, 0.0), 1.0)

    def _on_mode_changed(self) -> None:
        self._canvas.set_content(self, panes=2 if self.mode is CompareMode.SIDE else 1)

    def _on_wipe_moved(self) -> None:
        self._canvas.update()

    def _result_name(self) -> str:
        if self._result is None and self._still is not None:
            return self._looked(tr("present source"))
        return self._looked(tr("not remastered yet · P previews") if self._result is None else self._name)

    def _looked(self, name: str) -> str:
        """Add to what a picture is called through what it is seen; a still stands for the source."""
        if name == "source" and self._still is not None:
            name = self._still_name
        look = self._canvas.look.name
        return f"{name} · {look}" if look else name

    def _label(self, painter: QPainter, picture: QRectF, text: str, *, right: bool) -> None:
        if not self._is_labelled:
            return
        seen = picture.intersected(painter.clipBoundingRect())
        width = painter.fontMetrics().horizontalAdvance(text) + 14
        left = seen.right() - width - 8 if right else seen.left() + 8
        box = QRectF(left, seen.top() + 8, width, painter.fontMetrics().height() + 6)
        path = QPainterPath()
        path.addRoundedRect(box, 3, 3)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(path, QColor(20, 20, 20, 170))
        painter.setPen(theme.TEXT)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)


class WipeGrip(Interaction):
    """Moves the wipe's line; only there while the wipe is."""

    def __init__(self, compare: Compare, canvas: Canvas) -> None:
        self._compare, self._canvas = compare, canvas
        self._before = compare.view.wipe

    def press(self, pointer: Pointer) -> bool:
        """Take hold of the line."""
        self._before = self._compare.view.wipe
        return self._is_near(pointer)

    def move(self, pointer: Pointer) -> None:
        """Follow the pointer."""
        self._compare.set_wipe(pointer.position.x() / max(1.0, self._canvas.view.picture.width()))

    def cancel(self) -> None:
        """Put the line back."""
        self._compare.set_wipe(self._before)

    def cursor(self, pointer: Pointer) -> Qt.CursorShape | None:
        """Tell that the line can be moved."""
        if not self._is_near(pointer):
            return None
        line = self._compare.wipe_line()
        is_steep = abs(line.dy()) >= abs(line.dx())
        return Qt.CursorShape.SplitHCursor if is_steep else Qt.CursorShape.SplitVCursor

    def _is_near(self, pointer: Pointer) -> bool:
        wiping = self._compare.mode is CompareMode.WIPE and self._compare.has_two
        view = self._canvas.view
        beside = pointer.position.x() - view.picture.width() * self._compare.view.wipe
        return wiping and abs(beside) * view.scale.width() <= _GRIP


def _knob(line: QLineF, seen: QRectF) -> QPointF:
    """Return the place on a line, near its lower end as far as that is seen, by which one sees that it can be moved."""
    if line.dy() < 0:
        line = QLineF(line.p2(), line.p1())
    line.setLength(max(0.0, line.length() - _KNOB))
    seen = seen.adjusted(_KNOB, _KNOB, -_KNOB, -_KNOB)
    places = (line.pointAt(1 - step / _KNOB_STEPS) for step in range(_KNOB_STEPS + 1))
    return next((place for place in places if seen.contains(place)), line.p2())


def difference(source: QImage, result: QImage) -> QImage:
    """Return the absolute difference of two pictures, four times amplified, at the smaller one's size."""
    size = QSize(min(source.width(), result.width()), min(source.height(), result.height()))
    layout = QImage.Format.Format_RGB32

    def fitted(picture: QImage) -> QImage:
        scaled = picture.scaled(
            size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        return scaled.convertToFormat(layout)

    found = fitted(source)
    with painting(found) as painter:
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Difference)
        painter.drawImage(0, 0, fitted(result))
    for _ in range(_DIFFERENCE_PASSES):
        doubled = found.copy()
        with painting(found) as painter:
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Plus)
            painter.drawImage(0, 0, doubled)
    return found
