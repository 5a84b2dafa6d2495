"""Choices that projects, the engine and every front end share, known without loading anything else."""

from dataclasses import dataclass
from typing import Literal

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

SoundChoice = Literal["copy", "convert", "none"]
"""``copy``: as it is where that is possible, else converted; ``convert``: to what the container usually holds."""
SOUND_CHOICES: tuple[SoundChoice, ...] = ("copy", "convert", "none")

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

    @property
    def restored_share(self) -> float:
        """Share of the restored luminance after all of the settings."""
        return self.restoration_strength if self.restoration and self.luminance != "source" else 0.0
