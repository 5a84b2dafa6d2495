"""The open film as controllers share it, and what all controllers have in common."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject

from remaster_gui.document.document import Document
from remaster_gui.document.view_state import ViewState
from remaster_gui.media.film import FilmInfo
from remaster_gui.ui.desk import Desk
from remaster_gui.workers.decode import DecodeController


@dataclass(frozen=True, slots=True)
class OpenFilm:
    """A film that is open, from the moment its facts are known until it is closed."""

    info: FilmInfo
    document: Document
    decoder: DecodeController
    view: ViewState


class Controller(QObject):
    """Base of all controllers: lives as long as the window, serves one film after the other.

    Actions are connected once, in `__init__`; what belongs to a film is connected in `begin` and ends with its owner.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.desk = desk
        self.film: OpenFilm | None = None

    def begin(self, film: OpenFilm) -> None:
        """Take up work on a film."""
        self.film = film

    def end(self) -> None:
        """Let go of the film."""
        self.film = None
