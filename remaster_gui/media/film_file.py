"""Which film is read, and how: what several readers have to agree on to see the same frames."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from threading import Event

from remaster_gui.media.faults import reading
from remaster_gui.media.film import Film, FilmInfo
from remaster_gui.media.opening import open_film
from remaster_gui.media.sequences import is_sequence


@dataclass(frozen=True, slots=True)
class FilmFile:
    """A film on disk, and how it is read; see `open_film`."""

    path: Path
    deinterlace: bool = False

    @classmethod
    def of(cls, info: FilmInfo) -> FilmFile:
        """Return the file of an open film, to be read in the same way once more."""
        return cls(info.path, info.deinterlaced)

    def open(self, cancel: Event | None = None) -> Film:
        """Open it; raises what `open_film` does. Pictures have no fields that could be joined."""
        with reading(self.path):
            has_fields = not is_sequence(self.path)
        return open_film(self.path, deinterlace=self.deinterlace and has_fields, cancel=cancel)
