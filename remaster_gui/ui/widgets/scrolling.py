"""What scrolls up and down where it does not fit, so that no panel makes its window higher than the screen."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QFrame,
    QScrollArea,
    QSlider,
    QWidget,
)

_STEPPED = (QComboBox, QSlider, QAbstractSpinBox)
"""What the wheel would change."""


def scrolling(page: QWidget) -> QScrollArea:
    """Return an area as wide as there is room, in which a page scrolls up and down.

    The wheel scrolls: it changes no list on its way, and no slider or number but one that was chosen before.
    """
    return _Scrolling(page)


class _Scrolling(QScrollArea):
    """Measures its page only when it is given its style, as it has come to its place.

    Whatever has been measured has its style, and is given it anew with all that it holds wherever it is moved to.
    """

    def __init__(self, page: QWidget) -> None:
        super().__init__()
        self._page = page
        page.setParent(self.viewport())
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def event(self, event: QEvent) -> bool:
        """Take the page in."""
        done = super().event(event)
        if event.type() == QEvent.Type.Polish and self.widget() is None:
            for field in self._page.findChildren(QWidget):
                if isinstance(field, _STEPPED):
                    field.installEventFilter(self)
                    # Else the wheel would choose it first.
                    field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setWidget(self._page)
        return done

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Pass the wheel on from fields that it would change."""
        if event.type() != QEvent.Type.Wheel or not isinstance(watched, _STEPPED):
            return super().eventFilter(watched, event)
        if watched.hasFocus() and not isinstance(watched, QComboBox):
            return False
        event.ignore()
        return True
