"""How the memory that the user grants is shared out among the caches of a film."""

from __future__ import annotations

_DECODED, _RESULTS, _LUMINANCE, _PICTURES, _RASTERS = 0.3, 0.25, 0.1, 0.1, 0.25


def decoding_budget(total: int) -> int:
    """Return the bytes for decoded frames."""
    return int(total * _DECODED)


def preview_budgets(total: int) -> tuple[int, int]:
    """Return the bytes for remastered frames and for restored luminance."""
    return int(total * _RESULTS), int(total * _LUMINANCE)


def picture_budget(total: int) -> int:
    """Return the bytes for remastered frames at the film's size, as they are on the screen."""
    return int(total * _PICTURES)


def raster_budget(total: int) -> int:
    """Return the bytes for rasters of references."""
    return int(total * _RASTERS)
