"""What is tried: each target makes good inputs, says what of them may be damaged, and hands an input to the product."""

from __future__ import annotations

from .base import Target, Trial, make
from .commands import ARGUMENTS
from .films import FILM, RENDER
from .jobs import JOBS
from .kept import GALLERY, PRESETS, PREVIEWS
from .lists import LISTS
from .luts import LUTS
from .networks import CACHE, CHECKPOINT, LISTING, WEIGHTS
from .pictures import DAMAGE, PICTURE, SEQUENCE
from .projects import PROJECT
from .states import EXPORTS, RESUME, SETTINGS

TARGETS: dict[str, Target] = {
    target.name: target
    for target in (
        FILM, RENDER, PICTURE, SEQUENCE, DAMAGE, PROJECT, WEIGHTS, CHECKPOINT, LISTING, CACHE, RESUME, SETTINGS,
        EXPORTS, ARGUMENTS, LISTS, LUTS, PREVIEWS, GALLERY, PRESETS, JOBS,
    )
}  # fmt: skip

__all__ = ["TARGETS", "Target", "Trial", "make"]
