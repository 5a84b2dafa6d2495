"""Ways into the editor: dialogs, drag and drop, recent projects and the demo."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event

from PySide6.QtCore import QDateTime, QLocale, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from remaster_gui.base.places import user_folder
from remaster_gui.document.user_settings import RecentEntry, UserSettings
from remaster_gui.ui.controllers.demo_project import make_demo_project
from remaster_gui.ui.controllers.film import OpenFilm
from remaster_gui.ui.controllers.opening import OpeningController
from remaster_gui.ui.desk import Desk
from remaster_gui.ui.dialogs import files
from remaster_gui.ui.start_page import RecentProject

_PICTURE = QSize(416, 416)
"""Largest picture of a recent project: that of the start page on a screen of double density."""


class EntryController(QObject):
    """Asks what to open, and remembers what was open."""

    def __init__(self, desk: Desk, opening: OpeningController, settings: UserSettings) -> None:
        super().__init__(desk)
        self._desk, self._opening, self._settings = desk, opening, settings
        actions = desk.actions
        for id_, slot in {
            "open_film": lambda: self._ask(files.ask_film, "film"),
            "open_folder": lambda: self._ask(files.ask_film_folder, "film"),
            "open_project": lambda: self._ask(files.ask_project, "project"),
            "open_demo": self.open_demo,
            "close_project": lambda: opening.close(),
        }.items():
            actions.connect_to(id_, slot)
        actions["close_project"].setEnabled(False)
        desk.start_page.project_chosen.connect(opening.open_path)
        desk.start_page.project_forgotten.connect(self._on_project_forgotten)
        self._film: OpenFilm | None = None
        opening.opened.connect(self._on_opened)
        opening.closing.connect(self._on_closing)
        # Not at once: something else may be about to be opened, and the start page is not seen at all.
        opening.closed.connect(lambda: QTimer.singleShot(0, self, self._refresh))
        self.show_recent()

    def open_demo(self) -> None:
        """Make the demo film with its project, unless they are there, and open them."""
        self._opening.announce("Making the demo film; this takes some seconds …")

        def work(_cancelled: Event) -> Path:
            return make_demo_project(user_folder("data"))

        self._opening.work(work, "making the demo", self._opening.open_path)

    def show_recent(self) -> None:
        """List recent projects on the start page."""
        self._desk.start_page.set_recent([self._recent(entry) for entry in self._settings.recent])

    def _refresh(self) -> None:
        if self._desk.pages.currentWidget() is self._desk.start_page:
            self.show_recent()

    def _ask(self, ask: Callable[[QWidget, Path], Path | None], purpose: str) -> None:
        path = ask(self._desk.window, self._settings.folder(purpose))
        if path is not None:
            self._settings.set_folder(purpose, path.parent)
            self._opening.open_path(path)

    def _recent(self, entry: RecentEntry) -> RecentProject:
        opened = QDateTime.fromString(entry.opened, Qt.DateFormat.ISODate)
        when = QLocale().toString(opened.date(), QLocale.FormatType.ShortFormat)
        picture = self._settings.recent_picture(entry.path)
        return RecentProject(
            entry.path, entry.path.stem, f"{entry.film} · {when}", picture, entry.path.exists()
        )

    def _on_opened(self, film: OpenFilm) -> None:
        self._film = film
        self._remember(film)

    def _on_closing(self) -> None:
        """Remember the project by what was seen last."""
        picture = self._desk.compare.shown
        if self._film is not None and not picture.isNull():
            mode = Qt.AspectRatioMode.KeepAspectRatio
            small = picture.scaled(_PICTURE, mode, Qt.TransformationMode.SmoothTransformation)
            self._remember(self._film, small)
        self._film = None

    def _remember(self, film: OpenFilm, picture: QImage | None = None) -> None:
        now = QDateTime.currentDateTime().toString(Qt.DateFormat.ISODate)
        self._settings.add_recent(RecentEntry(film.document.path, film.info.path.name, now), picture)

    def _on_project_forgotten(self, path: Path) -> None:
        self._settings.forget_recent(path)
        self.show_recent()
