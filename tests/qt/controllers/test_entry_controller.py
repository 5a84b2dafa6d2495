"""What was open before is offered, and forgotten where it is not wanted any more."""

from __future__ import annotations

from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow


def test_a_project_that_was_open_is_offered_until_it_is_forgotten(
    window: MainWindow, session: FilmSession
) -> None:
    path = session.film.document.path
    assert window.opening.close()
    (recent,) = window.settings.recent
    assert (recent.path, recent.film) == (path, "film.mkv")
    assert window.settings.recent_picture(path) is not None
    window.widgets.start_page.project_forgotten.emit(path)
    assert window.settings.recent == ()
