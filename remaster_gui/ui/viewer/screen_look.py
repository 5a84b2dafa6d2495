"""Pictures as a viewing LUT shows them: made beside the window, kept for a while, never what is measured or saved."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QPainter

from remaster_gui.ui.painters import painting

_KEPT = 4
"""Pictures: both that are compared, one that is painted on for another screen, and one before."""
_ROWS = 64
"""What is looked up at a time, so that it stays near the processor."""
_RGB = 0xFFFFFF


class ScreenLook(QObject):
    """What canvases draw in place of pictures. Lives on the GUI thread."""

    wanted = Signal(QImage)
    """A picture that is drawn and is not there yet; to be answered with `put`."""
    changed = Signal()
    """Pictures are to be drawn anew."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Show pictures as they are."""
        super().__init__(parent)
        self._table: NDArray[np.uint32] | None = None
        self.name = ""
        """What the user calls the LUT; '' while pictures are shown as they are."""
        self._seen: OrderedDict[int, QImage] = OrderedDict()
        self._last: dict[str, QImage] = {}

    @property
    def table(self) -> NDArray[np.uint32] | None:
        """What every colour of the screen becomes, see `screen_table`; None: what it is."""
        return self._table

    def set_table(self, table: NDArray[np.uint32] | None, name: str = "") -> None:
        """Show pictures by another table, which is called `name`; None: as they are."""
        self._table, self.name = table, "" if table is None else name
        self._seen.clear()
        self._last.clear()
        self.changed.emit()

    def seen(self, picture: QImage, part: str) -> QImage:
        """Return how a picture is seen; until that is known, how the one before it of the same `part` was."""
        if self._table is None or picture.isNull():
            return picture
        found = self._seen.get(picture.cacheKey())
        if found is None:
            self.wanted.emit(picture)
            return self._last.get(part, picture)
        self._seen.move_to_end(picture.cacheKey())
        self._last[part] = found
        return found

    def put(self, key: int, seen: QImage) -> None:
        """Take how the picture of this cache key is seen."""
        self._keep(key, seen)
        self.changed.emit()

    def patch(self, key: int, picture: QImage, patch: QImage, x: int, y: int) -> None:
        """Follow a picture, of this key until now, of which the pixels from (x, y) on were replaced."""
        seen = self._seen.pop(key, None)
        if self._table is None or seen is None:
            return
        with painting(seen) as painter:
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
            painter.drawImage(x, y, through(self._table, patch))
        self._keep(picture.cacheKey(), seen)

    def _keep(self, key: int, seen: QImage) -> None:
        self._seen[key] = seen
        while len(self._seen) > _KEPT:
            self._seen.popitem(last=False)


def through(table: NDArray[np.uint32], picture: QImage) -> QImage:
    """Return a picture of which every pixel is looked up in a table; safe on any thread."""
    opaque = picture.convertToFormat(QImage.Format.Format_RGB32)
    width, height = opaque.width(), opaque.height()
    found = QImage(width, height, QImage.Format.Format_RGB32)
    source = np.frombuffer(opaque.constBits(), np.uint32).reshape(height, -1)
    target = np.frombuffer(found.bits(), np.uint32).reshape(height, -1)
    for row in range(0, height, _ROWS):
        block = slice(row, row + _ROWS)
        table.take(source[block, :width] & _RGB, out=target[block, :width], mode="clip")
    return found
