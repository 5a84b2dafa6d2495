"""How the memory that the user grants is shared out among the caches of a film."""

from __future__ import annotations

_DECODED, _RESULTS, _LUMINANCE, _RASTERS = 0.3, 0.3, 0.15, 0.25


def decoding_budget(total: int) -> int:
    """Return the bytes for decoded frames."""
    return int(total * _DECODED)


def preview_budgets(total: int) -> tuple[int, int]:
    """Return the bytes for remastered frames and for restored luminance."""
    return int(total * _RESULTS), int(total * _LUMINANCE)


def raster_budget(total: int) -> int:
    """Return the bytes for rasters of references."""
    return int(total * _RASTERS)
