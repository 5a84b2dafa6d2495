"""What is looked at, and how: never undone. Free of Qt, shared by canvas, menus and tests."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import ClassVar, Literal

from psygnal import SignalGroupDescriptor

from remaster_gui.base.choices import Layer

Tool = Literal[
    "navigate",
    "brush",
    "eraser",
    "fill",
    "eyedropper",
    "region_brush",
    "region_lasso",
    "region_key",
    "region_similar",
    "dirt",
]


class CompareMode(Enum):
    """How source and remastered frame share the viewer."""

    SOURCE = "source"
    RESULT = "result"
    WIPE = "wipe"
    SIDE = "side"
    DIFFERENCE = "difference"


@dataclass(kw_only=True, eq=False)
class ViewState:
    """How a film is looked at. Lives on the GUI thread.

    Every field has a signal of its own in `events`, which tells the new value and the old one when it is another one:
    ``view.events.compare.connect(...)``. Methods are held weakly, so that a connection keeps no object alive.
    """

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()
    frame_count: int = 1
    playhead: int = 0
    """The frame that is wanted on the screen; see `go`."""
    selected_reference: str | None = None
    """Id of the chosen reference."""
    selected_references: frozenset[str] = frozenset()
    """Ids of all that are chosen together with `selected_reference`; of no account where that is not among them."""
    name: str | None = None
    """The named colour that is looked at."""
    is_naming: bool = False
    """Whether the region's tools say which part of a reference has that name, instead of which part counts."""
    is_matte_on: bool = True
    """Whether all that does not have that name is dimmed."""
    by_shot: bool = False
    """Whether settings are shown and changed for the shot at the playhead alone, instead of for the film."""
    compare: CompareMode = CompareMode.SOURCE
    is_covered: bool = False
    """Whether something that is being painted is seen even where only the source would be."""
    wipe: float = 0.5
    """Place of the wipe's line as part of the picture's width."""
    attention: bool = False
    """Whether the overlay shows which reference each region drew from."""
    origin: bool = False
    """Whether an overlay shows which colours are guessed."""
    dirt: bool = False
    """Whether an overlay shows what restoration has taken away."""
    layer: Layer = "fine"
    """Which of the two attentions it shows."""
    lut: Path | None = None
    """A ``.cube`` file through which pictures are seen; see `is_lut_on`."""
    is_lut_on: bool = False
    tool: Tool = "navigate"
    """What the pointer does on the picture."""
    is_looping: bool = False
    is_sounding: bool = False
    """Whether the sound is switched on; it is heard where the film plays forwards at its own rate."""
    zoom: float = 1.0
    """Pixels of the screen for one of the picture."""
    center: tuple[float, float] = (0.0, 0.0)
    """The place of the picture, in its pixels, that lies in the middle of the viewer."""
    rotation: float = 0.0
    """Degrees by which the picture is turned clockwise on the screen, from 0 to 360."""
    is_mirrored: bool = False
    """Whether left and right of the picture change places, before it is turned."""
    is_fitted: bool = True
    """Whether all of the picture is shown, whatever the viewer's size."""

    @property
    def shown(self) -> CompareMode:
        """How the pictures are seen to share the viewer."""
        is_hidden = self.compare is CompareMode.SOURCE and self.is_covered
        return CompareMode.RESULT if is_hidden else self.compare

    def go(self, frame: int) -> None:
        """Move the playhead, held within the film."""
        self.playhead = min(max(frame, 0), self.frame_count - 1)

    def toggle(self, mode: CompareMode) -> None:
        """Compare in this way, or no longer."""
        self.compare = CompareMode.RESULT if self.compare is mode else mode

    def turn(self, degrees: float) -> None:
        """Turn the picture on the screen, clockwise."""
        self.rotation = (self.rotation + degrees) % 360

    def mirror(self) -> None:
        """Let left and right of what is seen change places."""
        self.is_mirrored, self.rotation = not self.is_mirrored, -self.rotation % 360

    def stand_upright(self) -> None:
        """Neither turn nor mirror the picture."""
        self.is_mirrored, self.rotation = False, 0.0

    def flip(self) -> None:
        """Show the source in place of the other picture, or that in place of the source."""
        if self.shown is CompareMode.SOURCE:
            self.compare = CompareMode.RESULT
        else:
            self.is_covered = False
            self.compare = CompareMode.SOURCE
