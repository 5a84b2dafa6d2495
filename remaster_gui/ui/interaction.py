"""Gestures: what happens between a press and its release, as objects that can be staged, finished or taken back."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

NO_MODIFIER = Qt.KeyboardModifier.NoModifier


@dataclass(frozen=True, slots=True)
class Pointer:
    """Mouse or pen at one moment.

    `position`: in the host's own coordinates: pixels of the picture on the canvas (pixel 0 reaches from 0.0 to 1.0,
    positions outside the picture are possible), pixels of the widget on the timeline. `widget`: pixels of the widget.
    `pressure`: 0 to 1, always 1 for a mouse. `button`: that of the press, none while hovering. `is_eraser`: whether it
    is the other end of a pen.
    """

    position: QPointF
    widget: QPointF
    modifiers: Qt.KeyboardModifier = NO_MODIFIER
    button: Qt.MouseButton = Qt.MouseButton.NoButton
    pressure: float = 1.0
    is_eraser: bool = False


class Interaction:
    """Base of all gestures; every method may be left as it is. Lives on the GUI thread.

    The host calls `press`; where that returns True the gesture owns the pointer: `move` for every motion, then either
    `release`, or `cancel` (Esc, or the window lost the pointer), after which the document has to be as before.
    """

    def press(self, pointer: Pointer) -> bool:
        """Begin at `pointer`; False leaves the press to whoever is asked next."""
        return False

    def move(self, pointer: Pointer) -> None:
        """Follow the pointer while the button is down."""

    def release(self, pointer: Pointer) -> None:
        """Commit."""

    def cancel(self) -> None:
        """Take back whatever was staged since the press."""

    def give_up(self) -> bool:
        """Take back what is left open between gestures (Esc while no button is down); False when there is nothing."""
        return False

    def hover(self, pointer: Pointer | None) -> None:
        """Follow the pointer while no button is down; None when it has left."""

    def cursor(self, pointer: Pointer) -> Qt.CursorShape | None:
        """Return the shape to show over this place, or None to leave it to others."""
        return None

    def paint(self, painter: QPainter) -> None:
        """Draw feedback above the host's content, in pixels of the widget."""


class GestureSlot:
    """Holds the gesture that has the pointer of a widget, from its press until it is released or taken back."""

    def __init__(self) -> None:
        self.active: Interaction | None = None
        """The gesture in progress."""

    def press(self, pointer: Pointer, *offered: Interaction) -> bool:
        """Offer a press to each in turn until one takes it; False when none does, or one has the pointer yet."""
        if self.active is not None:
            return False
        self.active = next((each for each in offered if each.press(pointer)), None)
        return self.active is not None

    def move(self, pointer: Pointer) -> bool:
        """Let the gesture follow; False when there is none."""
        if self.active is None:
            return False
        self.active.move(pointer)
        return True

    def release(self, pointer: Pointer) -> bool:
        """Commit the gesture; False when there is none."""
        active, self.active = self.active, None
        if active is not None:
            active.release(pointer)
        return active is not None

    def cancel(self) -> bool:
        """Take back the gesture; False when there is none."""
        active, self.active = self.active, None
        if active is not None:
            active.cancel()
        return active is not None
