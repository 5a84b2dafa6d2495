"""Importing pictures: reviewed one dialog at a time, made into references as they were accepted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import shiboken6

from remaster_gui.ui.dialogs.import_dialog import ImportDialog
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow

from .conftest import WAIT


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "colours.png"
    cv2.imwrite(str(path), np.random.default_rng(1).integers(0, 256, (48, 64, 3), np.uint8))
    return path


def _dialog(window: MainWindow) -> ImportDialog:
    (dialog,) = (each for each in window.findChildren(ImportDialog) if each.isVisible())
    return dialog


def test_an_accepted_picture_is_a_reference_that_can_be_laid_elsewhere(
    qtbot: Any, window: MainWindow, session: FilmSession, picture: Path
) -> None:
    document = session.film.document
    assert not session.imports.can_lay_anew
    session.imports.import_pictures([picture])
    dialog = _dialog(window)
    qtbot.waitUntil(dialog.details.free.isEnabled, timeout=WAIT)
    dialog.details.free.click()
    qtbot.waitUntil(dialog.accept_button.isEnabled, timeout=WAIT)
    dialog.accept_button.click()
    qtbot.waitUntil(lambda: len(document.project.references) == 1, timeout=WAIT)
    (made,) = document.project.references
    assert (made.kind, made.frame, made.name) == ("imported", None, "colours")
    assert session.film.view.selected_reference == made.id and session.widgets.status.note == ""
    assert session.imports.can_lay_anew
    session.imports.lay_anew()
    anew = _dialog(window)
    assert anew is not dialog
    anew.reject()
    assert document.project.references == (made,)


def test_a_review_that_is_given_up_leaves_nothing_behind(
    qtbot: Any, window: MainWindow, session: FilmSession, picture: Path
) -> None:
    session.imports.import_pictures([picture], dropped_on=3)
    dialog = _dialog(window)
    service = dialog.service
    dialog.reject()
    qtbot.waitUntil(lambda: not shiboken6.isValid(dialog) and not shiboken6.isValid(service), timeout=WAIT)
    assert not session.film.document.project.references and session.film.document.stack.count() == 0


def test_a_review_ends_with_the_film(window: MainWindow, session: FilmSession, picture: Path) -> None:
    session.imports.import_pictures([picture])
    dialog = _dialog(window)
    window.opening.close()
    assert window.session is None and not dialog.isVisible()
