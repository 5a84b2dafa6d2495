"""Ways into the editor: dialogs, drag and drop, recent projects and the demo."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event

from PySide6.QtCore import QDateTime, QLocale, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from remaster_gui.base.language import tr
from remaster_gui.base.paths import user_folder
from remaster_gui.document.demo_project import make_demo_project
from remaster_gui.document.user_settings import RecentEntry, UserSettings
from remaster_gui.ui.controllers.controller import OpenFilm
from remaster_gui.ui.controllers.opening_controller import OpeningController
from remaster_gui.ui.dialogs import file_dialogs as files
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.start_page import RecentProject

_PICTURE = QSize(416, 416)
"""Largest picture of a recent project: that of the start page on a screen of double density."""


class EntryController(QObject):
    """Asks what to open, and remembers what was open."""

    def __init__(self, widgets: EditorWidgets, opening: OpeningController, settings: UserSettings) -> None:
        super().__init__(widgets)
        self._widgets, self._opening, self._settings = widgets, opening, settings
        widgets.start_page.project_chosen.connect(opening.open_path)
        widgets.start_page.project_forgotten.connect(self._on_project_forgotten)
        opening.opened.connect(self._remember)
        opening.closing.connect(self._on_closing)
        # Not at once: something else may be about to be opened, and the start page is not seen at all.
        opening.closed.connect(lambda: QTimer.singleShot(0, self, self._refresh))
        self.show_recent()

    def ask_film(self) -> None:
        """Ask for a film, and open it."""
        self._ask(files.ask_film, "film")

    def ask_folder(self) -> None:
        """Ask for a folder of pictures, and open it as a film."""
        self._ask(files.ask_film_folder, "film")

    def ask_project(self) -> None:
        """Ask for a project, and open it."""
        self._ask(files.ask_project, "project")

    def open_demo(self) -> None:
        """Make the demo film with its project, unless they are there, and open them."""
        self._opening.announce(tr("Making the demo film; this takes some seconds …"))

        def work(_cancelled: Event) -> Path:
            return make_demo_project(user_folder("data"))

        self._opening.work(work, tr("making the demo"), self._opening.open_path)

    def show_recent(self) -> None:
        """List recent projects on the start page."""
        self._widgets.start_page.set_recent([self._recent(entry) for entry in self._settings.recent])

    def _refresh(self) -> None:
        if self._widgets.pages.currentWidget() is self._widgets.start_page:
            self.show_recent()

    def _ask(self, ask: Callable[[QWidget, Path], Path | None], purpose: str) -> None:
        path = ask(self._widgets.window, self._settings.folder(purpose))
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

    def _on_closing(self, film: OpenFilm) -> None:
        """Remember the project by what was seen last."""
        picture = self._widgets.compare.shown
        if not picture.isNull():
            mode = Qt.AspectRatioMode.KeepAspectRatio
            small = picture.scaled(_PICTURE, mode, Qt.TransformationMode.SmoothTransformation)
            self._remember(film, small)

    def _remember(self, film: OpenFilm, picture: QImage | None = None) -> None:
        now = QDateTime.currentDateTime().toString(Qt.DateFormat.ISODate)
        self._settings.add_recent(RecentEntry(film.document.path, film.info.path.name, now), picture)

    def _on_project_forgotten(self, path: Path) -> None:
        self._settings.forget_recent(path)
        self.show_recent()
