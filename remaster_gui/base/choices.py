"""Choices that projects, the engine and every front end share, known without loading anything else."""

from dataclasses import dataclass, fields, replace
from typing import Any, Literal, TypeVar

Luminance = Literal["restored", "working", "source"]
"""Where the luminance of the output comes from.

Restored at full size in tiles, restored at working size and enlarged, or the source's own, untouched.
"""
LUMINANCES: tuple[Luminance, ...] = ("restored", "working", "source")

Proxy = Literal["quarter", "half", "full"]
"""How large the working size of a preview is, compared with that of an export."""
PROXIES: dict[Proxy, int] = {"quarter": 4, "half": 2, "full": 1}

OverlayKind = Literal["attention", "origin"]
"""What an overlay film shows: which reference each region draws from, or what is painted, carried and guessed."""
OVERLAY_KINDS: tuple[OverlayKind, ...] = ("attention", "origin")

Layer = Literal["fine", "coarse"]
"""Where references are attended to: at 1/8 or at 1/16 of the working size."""

SoundChoice = Literal["copy", "convert", "none"]
"""``copy``: as it is where that is possible, else converted; ``convert``: to what the container usually holds."""
SOUND_CHOICES: tuple[SoundChoice, ...] = ("copy", "convert", "none")

Grain = Literal["out", "keep", "measured"]
"""What becomes of a film's grain, and of what is as fine, where it is restored.

Taken out as far as restoration does; the film's own comes back wherever no dirt lies; or new grain as the film's was
measured to be.
"""
GRAINS: tuple[Grain, ...] = ("out", "keep", "measured")

DEFAULT_GRAIN: Grain = "keep"
"""A film that is restored must not look softer than it is."""

MOST_SENSITIVITY = 2.0
"""For dirt, 1 being the usual one."""

DEFAULT_VIVIDNESS = 0.5
"""Of colours that are guessed: half as colourful as photographs are, and without blotches on old film.

0 is the mean of what is likely, 1 the most vivid.
"""

MOST_SATURATION = 2.0
"""What colours can be strengthened to, 1 being as the network has them."""

DEFAULT_EDGE = 320
"""Shorter edge of the working size, as in the authors' script."""

EDGES = (256, 320, 384, 480, 576)
"""Shorter edges of the working size that are offered."""


@dataclass(frozen=True, slots=True)
class RemasterSettings:
    """How a film is remastered, as a project keeps it and as the engine takes it."""

    # The types are no strings: pages are built of the classes below, whose modules need not know these names.

    edge: int = DEFAULT_EDGE
    """Shorter edge of the working size."""
    luminance: Luminance = "restored"
    restoration: bool = True
    colorization: bool = True
    restoration_strength: float = 1.0
    """Share of the restored luminance in the result, from 0 to 1; the rest is the film's own, with its grain."""
    saturation: float = 1.0
    """How strong colours are, from 0 (none) over 1 (as the network has them) to `MOST_SATURATION`."""
    vividness: float = DEFAULT_VIVIDNESS
    """Of colours that are guessed where there are no references, from 0 to 1."""
    grain: Grain = DEFAULT_GRAIN
    dirt_sensitivity: float = 1.0
    """How faint a spot that restoration has taken away may be to count as dirt, from 0 (none does) to
    `MOST_SENSITIVITY`; what counts not is handed back."""
    following: bool = True
    """Whether the colours of references also follow the motion, from the frames that they show to those around."""

    @property
    def follows(self) -> bool:
        """Whether colours follow the motion after all of the settings."""
        return self.following and self.colorization

    @property
    def restored_share(self) -> float:
        """Share of the restored luminance after all of the settings."""
        return self.restoration_strength if self.restoration and self.luminance != "source" else 0.0


Remastered = TypeVar("Remastered", bound=RemasterSettings)


@dataclass(frozen=True, slots=True)
class ShotSettings:
    """What a shot has otherwise than its film, by the names in `RemasterSettings`; None: as the film has it."""

    luminance: Luminance | None = None
    restoration: bool | None = None
    colorization: bool | None = None
    restoration_strength: float | None = None
    saturation: float | None = None
    vividness: float | None = None
    grain: Grain | None = None
    dirt_sensitivity: float | None = None
    following: bool | None = None

    @property
    def own(self) -> dict[str, Any]:
        """Only what differs, by name."""
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in said.items() if value is not None}


OwnSettings = tuple[tuple[int, ShotSettings], ...]
"""The shots that have settings of their own, by their first frames."""


def effective_settings(film: Remastered, own: OwnSettings, first: int) -> Remastered:
    """Return how the shot that begins with frame `first` is remastered: as the film, but for what is its own.

    Raises what the kind of settings raises for values that mean nothing.
    """
    changes = next((settings.own for begin, settings in own if begin == first), None)
    return replace(film, **changes) if changes else film
