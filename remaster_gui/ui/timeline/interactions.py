"""Gestures on the timeline: scrubbing, scrolling, moving cuts and the ends of the segment, and copying references."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from remaster_gui.ui.interaction import Interaction, Pointer

if TYPE_CHECKING:
    from remaster_gui.ui.timeline.view import Timeline

_CLICK = 3
"""Pixels that a press may move and still be a click."""


class Scrub(Interaction):
    """The playhead follows the pointer and snaps to cuts, references and the segment; Alt switches snapping off."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._origin = timeline.playhead

    def press(self, pointer: Pointer) -> bool:
        """Go to the place at once."""
        self._timeline.scrub_began.emit()
        self.move(pointer)
        return True

    def move(self, pointer: Pointer) -> None:
        """Go on."""
        snap = not pointer.modifiers & Qt.KeyboardModifier.AltModifier
        frame = self._timeline.frame_for(pointer.position.x(), snap=snap)
        if frame != self._timeline.playhead:
            self._timeline.frame_requested.emit(frame)

    def cancel(self) -> None:
        """Go back to where the playhead was."""
        self._timeline.frame_requested.emit(self._origin)


class Scroll(Interaction):
    """The film follows the pointer."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._last = 0.0

    def press(self, pointer: Pointer) -> bool:
        """Take hold."""
        self._last = pointer.position.x()
        return True

    def move(self, pointer: Pointer) -> None:
        """Scroll by as much as the pointer has moved."""
        x = pointer.position.x()
        self._timeline.set_scale(self._timeline.scale.scrolled(self._last - x))
        self._last = x


class MoveEnd(Interaction):
    """An end of the segment follows the pointer; the project changes once, at the release."""

    def __init__(self, timeline: Timeline, end: str) -> None:
        self._timeline, self._end = timeline, end
        self._before = (timeline.ruler.in_point, timeline.ruler.out_point)

    def press(self, pointer: Pointer) -> bool:
        """Take hold."""
        return True

    def move(self, pointer: Pointer) -> None:
        """Stage the end at the frame border next to the pointer; it never passes the other end."""
        in_point, out_point = self._before
        scale = self._timeline.scale
        snap = not pointer.modifiers & Qt.KeyboardModifier.AltModifier
        frame = self._timeline.frame_for(pointer.position.x() + scale.frame_width / 2, snap=snap)
        if self._end == "in":
            last = (scale.frame_count if out_point is None else out_point) - 1
            in_point = min(frame, last)
        else:
            near_end = pointer.position.x() >= scale.x_of(scale.frame_count - 0.5)
            out_point = max(scale.frame_count if near_end else frame, (in_point or 0) + 1)
        self._timeline.ruler.set_segment(in_point, out_point)

    def release(self, pointer: Pointer) -> None:
        """Wish for the segment that is shown."""
        ruler = self._timeline.ruler
        if (ruler.in_point, ruler.out_point) != self._before:
            self._timeline.segment_requested.emit(ruler.in_point, ruler.out_point)

    def cancel(self) -> None:
        """Show the segment as it was."""
        self._timeline.ruler.set_segment(*self._before)


class MoveCut(Interaction):
    """A cut follows the pointer, and the playhead shows the frame that the shot would begin with.

    The project changes once, at the release. A click that does not move it chooses the shot under the pointer.
    """

    def __init__(self, timeline: Timeline, cut: int) -> None:
        self._timeline, self._cut = timeline, cut
        self._room = timeline.shots.room_of(cut)
        self._origin = timeline.playhead
        self._from = 0.0
        self._frame = cut
        self._has_moved = False

    def press(self, pointer: Pointer) -> bool:
        """Take hold."""
        self._from = pointer.position.x()
        return True

    def move(self, pointer: Pointer) -> None:
        """Stage the cut at the frame border next to the pointer; both shots keep a frame."""
        x = pointer.position.x()
        self._has_moved = self._has_moved or abs(x - self._from) >= _CLICK
        if not self._has_moved:
            return
        frame = self._timeline.scale.frame_at(x + self._timeline.scale.frame_width / 2)
        self._frame = min(max(frame, self._room.start), self._room.stop - 1)
        self._timeline.shots.stage(self._cut, self._frame)
        self._timeline.frame_requested.emit(self._frame)

    def release(self, pointer: Pointer) -> None:
        """Wish for the cut where it is shown."""
        self._timeline.shots.stage(None)
        if not self._has_moved:
            self._timeline.shots.press_at(pointer.position.x(), self._timeline.scale)
        elif self._frame != self._cut:
            self._timeline.cut_move_requested.emit(self._cut, self._frame)

    def cancel(self) -> None:
        """Show cut and playhead where they were."""
        self._timeline.shots.stage(None)
        self._timeline.frame_requested.emit(self._origin)


class CopyFlag(Interaction):
    """A copy of a reference's flag follows the pointer, and the playhead shows the frame that it would lie over.

    It snaps as the playhead does; the project changes once, at the release. A click chooses the flag.
    """

    def __init__(self, timeline: Timeline, x: float) -> None:
        self._timeline = timeline
        self._flag = timeline.references.flag_at(x, timeline.scale)
        self._origin = timeline.playhead
        self._from, self._frame = x, -1

    def press(self, pointer: Pointer) -> bool:
        """Take hold."""
        return self._flag is not None

    def move(self, pointer: Pointer) -> None:
        """Stage the copy at the frame under the pointer."""
        x = pointer.position.x()
        if self._frame < 0 and abs(x - self._from) < _CLICK:
            return
        snap = not pointer.modifiers & Qt.KeyboardModifier.AltModifier
        self._frame = self._timeline.frame_for(x, snap=snap)
        self._timeline.references.stage(self._flag, self._frame)
        self._timeline.frame_requested.emit(self._frame)

    def release(self, pointer: Pointer) -> None:
        """Wish for the copy where it is shown."""
        self._timeline.references.stage(None)
        if self._frame < 0:
            self._timeline.references.press_at(pointer.position.x(), self._timeline.scale)
        elif self._flag is not None and self._frame != self._flag.frame:
            self._timeline.copy_requested.emit(self._flag.id, self._frame)

    def cancel(self) -> None:
        """Show no copy, and the playhead where it was."""
        self._timeline.references.stage(None)
        self._timeline.frame_requested.emit(self._origin)
