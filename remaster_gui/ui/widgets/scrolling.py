"""What scrolls up and down where it does not fit, so that no panel makes its window higher than the screen."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


def scrolling(page: QWidget) -> QScrollArea:
    """Return an area as wide as there is room, in which a page scrolls up and down."""
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
            self.setWidget(self._page)
        return done
