"""What is being looked at: neither undone nor saved. Lives on the GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class ViewState(QObject):
    """Where the playhead is and which reference is chosen."""

    playhead_changed = Signal(int)
    selection_changed = Signal(object)
    """Id of the chosen reference, or None."""

    def __init__(self, frame_count: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._frame_count = frame_count
        self._playhead = 0
        self._selected: str | None = None

    @property
    def playhead(self) -> int:
        """The frame that is shown."""
        return self._playhead

    @property
    def selected_reference(self) -> str | None:
        """Id of the chosen reference."""
        return self._selected

    def go(self, frame: int) -> None:
        """Move the playhead, held within the film."""
        frame = min(max(frame, 0), self._frame_count - 1)
        if frame != self._playhead:
            self._playhead = frame
            self.playhead_changed.emit(frame)

    def select(self, id_: str | None) -> None:
        """Choose a reference, or none."""
        if id_ != self._selected:
            self._selected = id_
            self.selection_changed.emit(id_)
