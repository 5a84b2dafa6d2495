"""Colours of overlays that no reference has, in films as on the screen."""

from __future__ import annotations

PAINTED_COLOR, GUESSED_COLOR = "#f4f4f4", "#d63fd6"
STRONGEST = 0.58
"""Alpha where colours are sure, or are surely guessed; the picture below stays visible."""
