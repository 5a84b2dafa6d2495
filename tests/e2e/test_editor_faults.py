"""What goes wrong around the editor: one clear sentence each, and nothing of the work is lost."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QPushButton

from remaster_gui.project.store import ProjectStore
from remaster_gui.ui.dialogs.export_dialog import ExportDialog
from remaster_gui.ui.dialogs.import_dialog import ImportDialog
from remaster_gui.ui.main_window import MainWindow
from remaster_gui.workers.export_service import ExportService

from .hands import Hand


def _said(hand: Hand) -> str:
    message = hand.widgets.messages.current
    return "" if message is None else message.text


def _offered(hand: Hand) -> str:
    message = hand.widgets.messages.current
    return "" if message is None or message.button is None else message.button.text


def _press_message_button(hand: Hand) -> None:
    hand.widgets.messages.findChild(QPushButton).click()


def test_a_moved_film_is_found_by_its_content(hand: Hand, project: Path, film: Path) -> None:
    opened = hand.film()
    hand.wait(lambda: opened.document.project.film.digest != "")
    before = opened.document.project
    hand.key("Ctrl+W")
    elsewhere = film.parent / "archive"
    elsewhere.mkdir()
    moved = Path(shutil.move(film, elsewhere / "reel 1.mkv"))
    hand.window.open_path(project)
    hand.wait(lambda: "is not at" in _said(hand))
    assert hand.widgets.pages.currentWidget() is hand.widgets.start_page
    hand.answer_file_dialog(moved)
    _press_message_button(hand)
    again = hand.film().document
    assert again.project.film.path == moved
    assert again.project.references == before.references


@pytest.fixture
def another_film(
    tmp_path: Path, textured: Callable[..., np.ndarray], write_quick_film: Callable[..., Path]
) -> Path:
    """A shorter one, of another size."""
    return write_quick_film(tmp_path / "other.mkv", textured(20, 64, 80))


def test_another_film_in_its_place_is_refused(
    hand: Hand, project: Path, film: Path, another_film: Path
) -> None:
    hand.key("Ctrl+W")
    another_film.replace(film)
    hand.window.open_path(project)
    hand.wait(lambda: f"{film.name} is not the film that {project.name} was made for" in _said(hand))
    assert hand.window.session is None


def test_a_film_deleted_while_open_is_said_and_work_goes_on(hand: Hand, project: Path, film: Path) -> None:
    hand.wait(lambda: hand.session.relinking.has_looked)
    film.unlink()
    hand.wait(lambda: "was moved or deleted while it was open" in _said(hand))
    hand.drag((0.2, 0.7), (0.5, 0.7))
    document = hand.film().document
    assert document.stack.undoText().startswith("Paint on frame ") and document.stack.count() == 3
    hand.wait(lambda: document.is_saved)


def test_a_film_replaced_while_open_is_said_and_work_is_kept(
    hand: Hand, project: Path, film: Path, another_film: Path
) -> None:
    hand.wait(lambda: hand.session.relinking.has_looked)
    another_film.replace(film)
    hand.wait(lambda: "was replaced by another file while it was open" in _said(hand))
    hand.drag((0.2, 0.7), (0.5, 0.7))
    document = hand.film().document
    hand.wait(lambda: document.is_saved)
    assert document.stack.count() == 3
    hand.key("Ctrl+W")
    hand.window.open_path(project)
    hand.wait(lambda: f"{film.name} is not the film that {project.name} was made for" in _said(hand))


def test_closing_with_everything_at_work_keeps_all(hand: Hand, project: Path, tmp_path: Path) -> None:
    hand.key("V", "P")
    hand.key("Ctrl+E")
    dialog = hand.dialog(ExportDialog)
    dialog.output.set_path(tmp_path / "exported.mp4")
    hand.wait(dialog.export.isEnabled)
    dialog.export.click()
    hand.key("B")
    hand.wait(lambda: not hand.session.painted.blocked_reason)
    hand.drag((0.2, 0.2), (0.3, 0.2))
    exports, painted = hand.window.exports.service, hand.film().document.project
    hand.wait(lambda: exports.jobs[0].state != "waiting")
    hand.key("Space", "S")
    hand.window.leaving.leave()
    assert hand.widgets.pages.currentWidget() is hand.widgets.start_page
    with contextlib.closing(ProjectStore.open(project)) as store:
        kept = store.load()
        assert kept.references == painted.references
        raster, revision = store.load_raster(painted.references[0].id)
    assert revision == painted.references[0].revision and raster.is_colored
    again = ExportService()
    hand.wait(lambda: bool(again.jobs))
    assert [job.state for job in again.jobs] in (["interrupted"], ["done"])
    again.close()


def test_an_unreadable_picture_is_refused(hand: Hand, project: Path, tmp_path: Path) -> None:
    picture = tmp_path / "colours.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\nno picture at all")
    hand.answer_file_dialog(picture)
    hand.key("Ctrl+I")
    dialog = hand.dialog(ImportDialog)
    hand.wait(lambda: "colours.png" in dialog.validation.text.text())
    assert not dialog.accept_button.isEnabled()
    dialog.reject()
    assert len(hand.film().document.project.references) == 1


def test_a_newer_project_is_left_alone(hand: Hand, project: Path) -> None:
    hand.key("Ctrl+W")
    with sqlite3.connect(project) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    content = project.read_bytes()
    hand.window.open_path(project)
    hand.wait(lambda: "newer" in _said(hand))
    assert hand.window.session is None
    assert project.read_bytes() == content


def test_a_damaged_project_is_recovered_into_a_new_file(hand: Hand, project: Path) -> None:
    hand.key("Ctrl+W")
    size = project.stat().st_size
    with project.open("r+b") as file:
        file.seek(size // 2)
        file.write(b"\xa5" * (size // 4))
    damaged = project.read_bytes()
    hand.window.open_path(project)
    hand.wait(lambda: hand.widgets.messages.current is not None or hand.window.session is not None)
    assert _offered(hand) == "Recover"
    _press_message_button(hand)
    opened = hand.film()
    assert opened.document.path.name == "film recovered.remaster"
    assert project.read_bytes() == damaged
    assert "film recovered.remaster" in _said(hand)


def test_a_full_disk_keeps_the_work(project_files: Any, hand: Hand, project: Path, film: Path) -> None:
    document = hand.film().document
    hand.wait(lambda: document.is_saved)
    project_files.limit(0)
    rng = np.random.default_rng(3)
    for _ in range(12):
        hand.drag(*((float(x), float(y)) for x, y in rng.random((6, 2))))
        hand.widgets.tool_settings.set_foreground_hex(f"#{rng.integers(0, 2**24):06x}")
    hand.wait(lambda: "is full" in _said(hand))
    assert document.stack.count() == 14 and not document.is_saved
    hand.key("Ctrl+W")
    assert hand.window.session is not None
    project_files.limit(100_000)
    hand.wait(lambda: document.is_saved)
    hand.wait(lambda: "is full" not in _said(hand))


def test_missing_weights_are_said_and_can_be_chosen(
    hand: Hand, film: Path, weights: Path, tmp_path: Path
) -> None:
    hand.settings.weights, hand.settings.proxy = tmp_path / "gone.safetensors", "quarter"
    hand.window.open_path(film)
    hand.film()
    hand.key("P")
    hand.wait(lambda: "gone.safetensors" in _said(hand))
    hand.answer_file_dialog(weights)
    _press_message_button(hand)
    hand.wait(lambda: hand.widgets.compare.has_result)
    hand.key("Ctrl+.")


def test_a_crash_of_the_preview_keeps_the_work(
    hand: Hand, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from remaster_gui.engine import preview

    def crash(*_: object) -> None:
        raise ZeroDivisionError

    document = hand.film().document
    monkeypatch.setattr(preview, "compose", crash)
    hand.key("P")
    hand.wait(lambda: "your work is kept" in _said(hand))
    monkeypatch.undo()
    assert document.project.references[0].colored
    hand.key("P")
    hand.wait(lambda: hand.widgets.compare.has_result)
    hand.key("Ctrl+.")


def test_a_second_window_only_looks(hand: Hand, project: Path, open_window: Callable[[], MainWindow]) -> None:
    hand.wait(lambda: hand.film().document.is_saved)
    second = Hand(open_window(), hand.qtbot)
    second.window.open_path(project)
    opened = second.film()
    assert "film.remaster" in opened.document.read_only_reason
    assert second.widgets.read_only.isVisible()
    assert not second.window.actions_["mark_reference"].isEnabled()
    second.answer_file_dialog(project.with_name("mine.remaster"))
    second.widgets.read_only.button.click()
    second.wait(lambda: opened.document.path.name == "mine.remaster")
    assert not second.widgets.read_only.isVisible()
    QApplication.processEvents()
    second.wait(lambda: second.window.actions_["mark_reference"].isEnabled())
