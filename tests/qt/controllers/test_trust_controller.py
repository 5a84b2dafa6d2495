"""Weights that a project names are not opened before the user has said so, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from remaster_gui.base.errors import WeightsError
from remaster_gui.document.user_settings import UserSettings
from remaster_gui.media import open_film
from remaster_gui.project import edits
from remaster_gui.project.film_identity import identify
from remaster_gui.project.schema import Project, ProjectSettings
from remaster_gui.project.store import ProjectStore
from remaster_gui.ui.main_window import MainWindow

WAIT = 300_000


@pytest.fixture
def project(film: Path, weights: Path, tmp_path: Path) -> Path:
    """A project that came with weights beside it."""
    own = tmp_path / "from somebody"
    own.mkdir()
    (own / "film.mkv").write_bytes(film.read_bytes())
    (own / "their.safetensors").write_bytes(weights.read_bytes())
    with open_film(own / "film.mkv") as opened:
        settings = ProjectSettings(weights=own / "their.safetensors")
        plain = edits.with_cuts(Project(identify(opened.info), settings=settings), [])
    ProjectStore.create(own / "film.remaster", plain).close()
    return own / "film.remaster"


@pytest.fixture
def open_project(qtbot: Any, open_window: Callable[[], MainWindow]) -> Callable[[Path], MainWindow]:
    """Make windows with the same settings and a project open."""

    def make(project: Path) -> MainWindow:
        window = open_window()
        window.open_path(project)
        qtbot.waitUntil(
            lambda: window.session is not None and window.session.viewer.shown_frame == 0, timeout=WAIT
        )
        return window

    return make


def _is_asked(window: MainWindow) -> bool:
    message = window.widgets.messages.current
    return message is not None and message.button is not None and message.button.text == "Use these weights"


def test_the_user_is_asked_once(
    qtbot: Any, open_project: Callable[[Path], MainWindow], project: Path, weights: Path
) -> None:
    window = open_project(project)
    qtbot.waitUntil(lambda: _is_asked(window), timeout=WAIT)
    message = window.widgets.messages.current
    assert message is not None and str(project.with_name("their.safetensors")) in message.text
    assert message.text.endswith(".") and message.text.count(". ") == 0
    with pytest.raises(WeightsError, match="have not used before"):
        window.network.loaded()
    window.widgets.messages.button.click()
    assert not _is_asked(window)
    assert window.network.loaded().path == project.with_name("their.safetensors")
    window.close()
    # The same file elsewhere is known by its content.
    moved = project.with_name("moved.safetensors")
    project.with_name("their.safetensors").rename(moved)
    store = ProjectStore.open(project)
    read = store.load()
    store.save(edits.with_settings(read, replace(read.settings, weights=moved)))
    store.close()
    again = open_project(project)
    qtbot.waitUntil(lambda: again.network.allows(moved), timeout=WAIT)
    assert not _is_asked(again)


def test_other_weights_under_the_same_name_are_asked_for_again(
    qtbot: Any, open_project: Callable[[Path], MainWindow], project: Path
) -> None:
    window = open_project(project)
    qtbot.waitUntil(lambda: _is_asked(window), timeout=WAIT)
    window.widgets.messages.button.click()
    window.close()
    with project.with_name("their.safetensors").open("ab") as file:
        file.write(b"\0")
    again = open_project(project)
    qtbot.waitUntil(lambda: _is_asked(again), timeout=WAIT)


def test_nothing_is_exported_with_them_before(
    qtbot: Any, open_project: Callable[[Path], MainWindow], project: Path, tmp_path: Path
) -> None:
    from remaster_gui.base.timebase import FrameRange
    from remaster_gui.ui.dialogs.export_choice import ExportChoice

    window = open_project(project)
    qtbot.waitUntil(lambda: _is_asked(window), timeout=WAIT)
    window.session.export.add(
        ExportChoice(FrameRange(0, 2), tmp_path / "out.mkv", "ffv1-10", 64, "source", False)
    )
    assert window.exports.service.jobs == ()
    message = window.widgets.messages.current
    assert message is not None and "have not used before" in message.text


def test_weights_of_the_user_s_own_choice_need_no_question(
    qtbot: Any, open_project: Callable[[Path], MainWindow], project: Path, tmp_path: Path
) -> None:
    settings = UserSettings(tmp_path / "settings.json")
    settings.weights = project.with_name("their.safetensors")
    settings.sync()
    window = open_project(project)
    assert window.network.allows(settings.weights)
    # Whatever had been begun about them when the project was opened is done by then, and told.
    window.tasks.drain()
    QApplication.processEvents()
    assert not _is_asked(window)
