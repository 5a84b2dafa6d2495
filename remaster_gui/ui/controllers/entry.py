"""Ways into the editor: dialogs, drag and drop, recent projects and the demo."""

from __future__ import annotations

from pathlib import Path
from threading import Event

from platformdirs import user_data_path
from PySide6.QtCore import QObject

from remaster_gui.ui.controllers.demo_project import make_demo_project
from remaster_gui.ui.controllers.opening import OpeningController
from remaster_gui.ui.desk import Desk
from remaster_gui.ui.dialogs import files


class EntryController(QObject):
    """Asks what to open."""

    def __init__(self, desk: Desk, opening: OpeningController) -> None:
        super().__init__(desk)
        self._desk, self._opening = desk, opening
        actions = desk.actions
        for id_, slot in {
            "open_film": lambda: self._ask(files.ask_film),
            "open_project": lambda: self._ask(files.ask_project),
            "open_demo": self.open_demo,
            "close_project": lambda: opening.close(),
        }.items():
            actions.connect_to(id_, slot)
        desk.start_page.project_chosen.connect(opening.open_path)

    def open_demo(self) -> None:
        """Make the demo film with its project, unless they are there, and open them."""
        if not self._opening.close():
            return
        self._desk.show_film(True)
        self._desk.canvas.set_message("Making the demo film; this takes some seconds …")
        folder = user_data_path("remaster-gui", appauthor=False)

        def work(cancelled: Event) -> Path:
            return make_demo_project(folder)

        self._opening.work(work, "making the demo", self._opening.open_path)

    def _ask(self, ask: object) -> None:
        path = ask(self._desk.window, self._folder())  # type: ignore[operator]
        if path is not None:
            self._opening.open_path(path)

    def _folder(self) -> Path:
        return Path.home()
