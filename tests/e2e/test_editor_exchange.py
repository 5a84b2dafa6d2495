"""What is open stays open until the other thing can be read."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QToolButton

from remaster_gui.document.view_state import CompareMode
from remaster_gui.media.container import ContainerFilm
from remaster_gui.ui.dialogs.import_dialog import ImportDialog

from .hands import Hand


@pytest.fixture
def film(tmp_path: Path, two_shots: Callable[..., np.ndarray], write_quick_film: Callable[..., Path]) -> Path:
    return write_quick_film(tmp_path / "film #1 50% ünï.mkv", two_shots(24, 96, 128))


def _drop(hand: Hand, *urls: QUrl) -> bool:
    """Drag something over the window and let it go; returns whether the window takes it."""
    data = QMimeData()
    data.setUrls(list(urls))
    window, place = hand.window, QPointF(hand.window.rect().center())
    actions = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
    more = (actions, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(place.toPoint(), *more)
    enter.setAccepted(False)
    QApplication.sendEvent(window, enter)
    if enter.isAccepted():
        drop = QDropEvent(place, *more)
        drop.setDropAction(Qt.DropAction.MoveAction)
        QApplication.sendEvent(window, drop)
        assert drop.dropAction() == Qt.DropAction.CopyAction, "whoever hears of a move may delete the file"
    return enter.isAccepted()


def _said(hand: Hand) -> str:
    message = hand.widgets.messages.current
    return "" if message is None else message.text


def test_what_cannot_be_read_closes_nothing(hand: Hand, film: Path, tmp_path: Path) -> None:
    text, torn = tmp_path / "note.txt", tmp_path / "torn.mp4"
    text.write_text("no film")
    torn.write_bytes(film.read_bytes()[:300])
    assert _drop(hand, QUrl.fromLocalFile(str(film)))
    opened = hand.film()
    hand.key("R")
    hand.wait(lambda: opened.document.stack.count() == 1)
    for path in (text, torn, tmp_path / "gone.mkv", tmp_path / "gone.remaster"):
        hand.widgets.messages.clear()
        hand.window.open_path(path)
        hand.wait(lambda path=path: path.name in _said(hand))
        assert hand.film() is opened and opened.document.stack.canUndo()
    assert not _drop(hand)
    assert not _drop(hand, QUrl("smb://server/share/film.mp4"))
    hand.key("Ctrl+Z")
    assert not opened.document.project.references


def test_no_message_outlives_what_it_is_about(hand: Hand, film: Path, tmp_path: Path) -> None:
    torn = tmp_path / "torn.mp4"
    torn.write_bytes(film.read_bytes()[:300])
    other = Path(shutil.copy(film, tmp_path / "other.mkv"))
    for path in (film, other):  # with nothing open, and beside a film
        hand.window.open_path(torn)
        hand.wait(lambda: "torn.mp4" in _said(hand))
        hand.window.report_defect("KeyError")
        hand.window.open_path(path)
        hand.wait(lambda path=path: hand.film().info.path == path)
        assert "KeyError" in _said(hand)
        hand.widgets.messages.findChild(QToolButton).click()
        assert _said(hand) == ""
    hand.window.open_path(torn)
    hand.wait(lambda: "torn.mp4" in _said(hand))
    hand.key("Ctrl+W")
    hand.wait(lambda: hand.window.session is None)
    assert _said(hand) == ""


def test_a_dropped_picture_is_offered_as_a_reference(hand: Hand, film: Path, tmp_path: Path) -> None:
    picture = tmp_path / "colours.png"
    cv2.imwrite(str(picture), np.random.default_rng(1).integers(0, 256, (96, 128, 3), np.uint8))
    hand.window.open_path(film)
    opened = hand.film()
    hand.shown()
    assert _drop(hand, QUrl.fromLocalFile(str(picture)))
    dialog = hand.dialog(ImportDialog)
    hand.wait(dialog.accept_button.isEnabled)
    dialog.accept_button.click()
    hand.wait(lambda: len(opened.document.project.references) == 1)
    assert hand.film() is opened


def test_another_film_takes_the_place_of_the_one_that_is_open(
    hand: Hand,
    film: Path,
    tmp_path: Path,
    textured: Callable[..., np.ndarray],
    write_quick_film: Callable[..., Path],
) -> None:
    other = write_quick_film(tmp_path / "other.mkv", textured(12, 64, 80))
    hand.window.open_path(film)
    first = hand.film()
    hand.shown()
    hand.window.open_path(other)
    hand.wait(lambda: hand.window.session is not None and hand.film() is not first)
    assert hand.film().info.frame_count == 12
    hand.shown()
    project = hand.film().document.path
    hand.window.open_path(project)
    hand.wait(lambda: hand.window.session is not None)
    assert hand.film().document.path == project and not hand.film().document.read_only_reason


def test_many_pictures_are_found_in_the_film_and_can_be_laid_elsewhere(
    hand: Hand, tmp_path: Path, write_quick_film: Callable[..., Path]
) -> None:
    rng = np.random.default_rng(3)
    shots = [cv2.resize(rng.uniform(0.1, 0.9, (30, 40)).astype(np.float32), (160, 120)) for _ in range(2)]
    film = write_quick_film(tmp_path / "two.mkv", np.stack([shots[0]] * 4 + [shots[1]] * 4))
    for number, shot in enumerate(shots):
        picture = np.stack([shot * 100, shot * 160, shot * 255], axis=-1).astype(np.uint8)
        picture[:, :80] = picture[:, :80, ::-1]
        cv2.imwrite(str(tmp_path / f"colour {number}.png"), picture[10:110, 20:140])
    hand.window.open_path(film)
    opened = hand.film()
    hand.shown()
    hand.wait(lambda: opened.document.project.cuts is not None)
    assert _drop(hand, *(QUrl.fromLocalFile(str(tmp_path / f"colour {n}.png")) for n in range(2)))
    dialog = hand.dialog(ImportDialog)
    hand.wait(dialog.accept_button.isEnabled)
    dialog.accept_button.click()
    hand.wait(lambda: len(opened.document.project.references) == 2)
    first, second = opened.document.project.references
    assert first.frame in range(4) and second.frame in range(4, 8)
    hand.wait(lambda: opened.document.raster(second.id) is not None)
    coverage = opened.document.raster(second.id).coverage
    assert coverage[15:105, 25:135].all() and not coverage[:8].any() and not coverage[:, :17].any()
    assert hand.session.references.chosen == second
    hand.menu("Reference", "Frame and placement…")
    dialog = hand.dialog(ImportDialog)
    hand.wait(dialog.accept_button.isEnabled)
    dialog.details.free.click()
    dialog.accept_button.click()
    hand.wait(lambda: opened.document.project.references[1].frame is None)
    laid = opened.document.project.references[1]
    assert (laid.width, laid.height, laid.name) == (120, 100, second.name)
    hand.key("Ctrl+Z")
    assert opened.document.project.references == (first, second)
    hand.key("Ctrl+Z")
    assert not opened.document.project.references


def test_a_first_frame_that_comes_late_does_not_stay_in_place_of_the_one_at_the_playhead(
    hand: Hand, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand.window.open_path(film)
    hand.film().view.go(17)
    hand.shown()
    hand.key("Ctrl+W")
    is_asked, read = Event(), ContainerFilm.read

    def late(self: ContainerFilm, frame: int, *more: Any) -> Any:
        found = read(self, frame, *more)
        assert frame or is_asked.wait(300)
        return found

    monkeypatch.setattr(ContainerFilm, "read", late)
    hand.window.open_path(film)
    hand.film()
    is_asked.set()
    hand.shown()
    assert hand.shown_frame == 17


def test_playhead_and_view_come_back_with_the_project(hand: Hand, film: Path) -> None:
    hand.window.open_path(film)
    first = hand.film()
    hand.shown()
    hand.wait(lambda: first.document.project.cuts is not None)
    hand.key("R")
    hand.wait(lambda: first.document.project.references != ())
    chosen = first.document.project.references[0].id
    first.view.go(17)
    hand.shown()
    hand.key("W")
    hand.widgets.canvas.zoom_to(6)
    center = first.view.center
    hand.key("Ctrl+W")
    assert hand.window.session is None
    hand.window.open_path(film)
    again = hand.film()
    hand.shown()
    assert hand.shown_frame == 17 and hand.widgets.timeline.playhead == 17
    assert (again.view.compare, again.view.selected_reference) == (CompareMode.WIPE, chosen)
    assert (again.view.zoom, again.view.is_fitted) == (6, False)
    assert again.view.center == pytest.approx(center)
