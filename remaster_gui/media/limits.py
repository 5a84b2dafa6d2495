"""Sizes of pictures that this program works with."""

from __future__ import annotations

from pathlib import Path

from remaster_gui.base.errors import MediaError

SMALLEST = 16
"""Shorter edge in pixels: one cell of the network's coarsest features."""
LARGEST = 12288
"""Longer edge in pixels, more than any film scanner delivers."""


def check_size(path: Path, width: int, height: int) -> None:
    """Raise `MediaError` for a picture that is too small to hold anything or too large to be a film."""
    if min(width, height) < SMALLEST:
        raise MediaError(
            f"The frames of {path} measure {width}x{height} pixels; {SMALLEST}x{SMALLEST} is the least."
        )
    if max(width, height) > LARGEST:
        raise MediaError(
            f"The frames of {path} measure {width}x{height} pixels; scale them to {LARGEST} or less."
        )
