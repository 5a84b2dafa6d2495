"""A film as the thread of a worker has it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

from remaster_gui.base.errors import RemasterError
from remaster_gui.media import Film, FilmFile


class HeldFilm:
    """Opened when it is first read from, kept for what is read next, and closed on the same thread."""

    def __init__(self, file: FilmFile) -> None:
        self._file = file
        self._film: Film | None = None

    @contextmanager
    def reading(self, cancel: Event) -> Iterator[Film]:
        """Lend the film for a block; raises what `FilmFile.open` does.

        After an unforeseen exception its state is unknown, so it is opened anew the next time.
        """
        try:
            if self._film is None:
                self._film = self._file.open(cancel)
            yield self._film
        except RemasterError:
            raise
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of it."""
        film, self._film = self._film, None
        if film is not None:
            film.close()
