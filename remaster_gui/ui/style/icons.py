"""Icons of one family: SVGs of the resources folder, drawn in the colours of the theme at any size."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from remaster_gui.ui.painters import painting
from remaster_gui.ui.style import theme
from remaster_gui.ui.style.resources import resources_folder

_INK = "#000"
"""Colour of lines in the files; replaced by one of the theme."""


@lru_cache(maxsize=128)
def icon(name: str) -> QIcon:
    """Return the icon ``resources/icons/NAME.svg``; to be called on the GUI thread."""
    text = (resources_folder() / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    return QIcon(_SvgEngine(text))


class _SvgEngine(QIconEngine):
    """Draws an icon at every size, so that it is sharp on every screen; what was drawn once is kept."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self._renderers: dict[_State, QSvgRenderer] = {}
        self._pixmaps: dict[tuple[int, int, _State], QPixmap] = {}

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        key = (mode == QIcon.Mode.Disabled, state == QIcon.State.On)
        if key not in self._renderers:
            text = self._text.replace(_INK, _COLORS[key].name())
            self._renderers[key] = QSvgRenderer(QByteArray(text.encode()))
        side = min(rect.width(), rect.height())
        box = QRectF(0, 0, side, side)
        box.moveCenter(QPointF(rect.center()) + QPointF(0.5, 0.5))
        self._renderers[key].render(painter, box)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        key = (size.width(), size.height(), (mode == QIcon.Mode.Disabled, state == QIcon.State.On))
        if key not in self._pixmaps:
            pixmap = QPixmap(size)
            pixmap.fill(Qt.GlobalColor.transparent)
            with painting(pixmap) as painter:
                self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
            self._pixmaps[key] = pixmap
        # A copy that shares its pixels: whoever asks may note a pixel ratio on it.
        return QPixmap(self._pixmaps[key])

    def clone(self) -> QIconEngine:
        return _SvgEngine(self._text)


_State = tuple[bool, bool]
"""Disabled, switched on."""
_COLORS: dict[_State, QColor] = {
    (False, False): theme.TEXT,
    (False, True): theme.ACCENT,
    (True, False): theme.FAINT,
    (True, True): theme.FAINT,
}
"""Ink by state."""
