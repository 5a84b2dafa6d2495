"""What the wiring once lost: a way out of a full disk, a drag that is no tap, what colours what, sentences, hints."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QPushButton

from remaster_gui.base.errors import MediaError
from remaster_gui.base.notices import Notice, Progress
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.export_list import ExportJob, ExportList, exports_folder
from remaster_gui.engine.session import CancelledError

from .hands import Hand


def _said(hand: Hand) -> str:
    message = hand.widgets.messages.current
    return "" if message is None else message.text


def _status(hand: Hand) -> str:
    return " ".join(label.text() for label in hand.widgets.status.findChildren(QLabel))


@pytest.fixture
def full_disk(hand: Hand, project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The disk on which the project lies has no room; elsewhere there is some."""
    from remaster_gui.project.store import ProjectStore

    save = ProjectStore.save

    def fail_there(self: ProjectStore, *more: Any) -> None:
        if self.path == project:
            raise sqlite3.OperationalError("database or disk is full")
        save(self, *more)

    monkeypatch.setattr(ProjectStore, "save", fail_there)
    yield


def test_work_that_cannot_be_saved_goes_on_elsewhere(hand: Hand, project: Path, full_disk: None) -> None:
    hand.drag((0.2, 0.7), (0.5, 0.7))
    hand.wait(lambda: project.name in _said(hand))
    hand.key("Ctrl+W")
    assert hand.window.session is not None, "what is not saved stays open"
    elsewhere = project.with_name("elsewhere.remaster")
    hand.answer_file_dialog(elsewhere)
    button = hand.widgets.messages.findChild(QPushButton)
    assert button.isVisible() and button.text() == "Save as…"
    button.click()
    document = hand.film().document
    hand.wait(lambda: document.path == elsewhere and document.is_saved)
    painted = document.project.references[0].revision
    hand.key("Ctrl+W")
    assert hand.window.session is None
    hand.window.open_path(elsewhere)
    assert hand.film().document.project.references[0].revision == painted


def test_quitting_asks_about_work_that_cannot_be_saved(hand: Hand, project: Path, full_disk: None) -> None:
    hand.drag((0.2, 0.7), (0.5, 0.7))
    hand.wait(lambda: project.name in _said(hand))
    hand.key("Ctrl+Q")
    _answer(hand, "Go on working")
    assert hand.window.isVisible() and hand.window.session is not None
    elsewhere = project.with_name("elsewhere.remaster")
    hand.answer_file_dialog(elsewhere)
    hand.key("Ctrl+Q")
    _answer(hand, "Save as…")
    document = hand.film().document
    hand.wait(lambda: document.path == elsewhere and document.is_saved)
    hand.key("Ctrl+Q")
    hand.wait(lambda: not hand.window.isVisible())


def test_quitting_without_saving_is_for_the_user_to_say(hand: Hand, project: Path, full_disk: None) -> None:
    hand.drag((0.2, 0.7), (0.5, 0.7))
    hand.wait(lambda: project.name in _said(hand))
    hand.key("Ctrl+Q")
    _answer(hand, "Quit without saving")
    hand.wait(lambda: not hand.window.isVisible())


def test_quitting_asks_about_exports(
    hand: Hand, film: Path, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(_request: object, cancel: Event, _workforce: object) -> Iterator[Progress]:
        while not cancel.wait(0.01):
            yield Progress(3, 12, 1.0)
        raise CancelledError

    monkeypatch.setattr("remaster_gui.engine.render.render", slow)
    exports = hand.window.exports
    exports.add(ExportJob(film, tmp_path / "exported.mp4", "h264-8", FrameRange(0, 12)))
    hand.wait(lambda: exports.service.jobs[0].done == 3)
    hand.key("Ctrl+Q")
    box = hand.dialog(QMessageBox)
    assert box.text() == "exported.mp4 is being exported: 3 of 12 frames are done."
    _answer(hand, "Go on working")
    assert hand.window.isVisible() and exports.service.jobs[0].state == "running"
    hand.key("Ctrl+Q")
    _answer(hand, "Quit")
    hand.wait(lambda: not hand.window.isVisible())
    assert [job.state for job in ExportList(exports_folder()).load()] == ["interrupted"]


def _answer(hand: Hand, text: str) -> None:
    box = hand.dialog(QMessageBox)
    next(button for button in box.buttons() if button.text() == text).click()


def test_dragging_with_the_space_bar_pans_and_does_not_play(hand: Hand, film: Path) -> None:
    hand.window.open_path(film)
    hand.film()
    hand.shown()
    canvas = hand.widgets.canvas
    canvas.setFocus()
    canvas.zoom_to(8)
    before = canvas.view.transform()
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    hand.drag((0.5, 0.5), (0.55, 0.55))
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    QApplication.processEvents()
    assert canvas.view.transform() != before
    assert hand.session.playback.speed == 0
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert hand.session.playback.speed == 1
    hand.key("Space")


def test_the_inspector_tells_how_much_a_reference_colours(hand: Hand, project: Path) -> None:
    hand.window.layout_.show("inspector")

    def told() -> str:
        return " ".join(label.text() for label in hand.widgets.inspector.findChildren(QLabel))

    assert "of the frame shown" not in told()
    hand.key("A")
    hand.wait(lambda: "100\N{NO-BREAK SPACE}% of the frame shown" in told())
    hand.key("A")


def test_the_inspector_tells_that_a_frame_is_remastered_while_its_reference_is_seen(
    hand: Hand, project: Path
) -> None:
    hand.window.layout_.show("inspector")

    def told() -> str:
        return " ".join(label.text() for label in hand.widgets.inspector.findChildren(QLabel))

    hand.wait(lambda: "not remastered yet" in told())
    hand.key("P")
    hand.wait(lambda: "remastered, up to date" in told())


def test_what_an_export_has_to_say_is_said(hand: Hand, tmp_path: Path) -> None:
    job = ExportJob(tmp_path / "film.mov", tmp_path / "exported.mp4", "h264-8", FrameRange(0, 12))
    hand.window.exports.service.noticed.emit(job, Notice("warning", "The sound was converted to AAC."))
    assert _said(hand) == "exported.mp4: The sound was converted to AAC."


def test_a_search_for_cuts_that_fails_leaves_no_hint_and_can_be_done_again(
    hand: Hand, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def fail(_film: object, _cancel: object) -> Generator[Progress, None, list[FrameRange]]:
        yield Progress(43, 100)
        raise MediaError("film.mkv cannot be read from frame 20 on; copy it anew.")

    with monkeypatch.context() as patch:
        patch.setattr("remaster_gui.workers.shot_service.find_shots", fail)
        patch.setattr(
            hand.widgets.status,
            "set_note",
            lambda text, show=hand.widgets.status.set_note: (seen.append(text), show(text)),
        )
        hand.window.open_path(film)
        hand.wait(lambda: "cannot be read" in _said(hand))
    assert "Looking for cuts: 43\N{NO-BREAK SPACE}%" in seen
    assert "Looking for cuts" not in _status(hand)
    hand.widgets.messages.findChild(QPushButton).click()
    hand.wait(lambda: hand.film().document.project.cuts == (0, 24))
    assert "Looking for cuts" not in _status(hand)
