"""Films and pictures on disk: reading any frame exactly, writing by shots, finding cuts."""

from __future__ import annotations

from remaster_gui.media.film import Channels, ColorTags, FieldOrder, Film, FilmInfo, Frame
from remaster_gui.media.opening import open_film

__all__ = ["Channels", "ColorTags", "FieldOrder", "Film", "FilmInfo", "Frame", "open_film"]
