"""Whatever is raised on whatever thread of the editor: one sentence, an entry in the log, and a window that lives."""

from __future__ import annotations

import logging
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from remaster_gui.ui.defects import Defects
from remaster_gui.ui.dialogs.export_dialog import ExportDialog

from .hands import Hand

WORDS = "the log file says more, your work is kept"


class _UnforeseenError(Exception):
    """Nothing that anybody catches by its name."""


def _raise(*_: object, **__: object) -> None:
    raise _UnforeseenError


def _open(hand: Hand, film: Path) -> None:
    hand.window.open_path(film)


def _read_a_frame(hand: Hand, film: Path) -> None:
    hand.film().decoder.request(40, 1000)


def _preview(hand: Hand, film: Path) -> None:
    hand.key("P")


def _attend(hand: Hand, film: Path) -> None:
    hand.key("A")


def _export(hand: Hand, film: Path) -> None:
    hand.key("Ctrl+E")
    dialog = hand.dialog(ExportDialog)
    dialog.output.set_path(film.parent / "exported.mp4")
    hand.wait(dialog.export.isEnabled)
    dialog.export.click()


def _mark(hand: Hand, film: Path) -> None:
    hand.scrub(30)
    hand.shown()
    hand.key("R")


def _edit(hand: Hand, film: Path) -> None:
    hand.key("I")


def _load(hand: Hand, film: Path) -> None:
    hand.key("Ctrl+W")
    hand.window.open_path(film)
    hand.film()
    hand.key("B")


def _suggest(hand: Hand, film: Path) -> None:
    hand.session.suggestions.search()


def _thumbnails(hand: Hand, film: Path) -> None:
    hand.key("+", "+", "+")


def _search(hand: Hand, film: Path) -> None:
    hand.key("Ctrl+W")
    film.with_suffix(".remaster").unlink()
    hand.window.open_path(film)


KINDS = {
    "opening": ("media.film_file.FilmFile.open", _open),
    "decoding": ("media.container.ContainerFilm.read", _read_a_frame),
    "project": ("ui.controllers.opening_controller.identify", _open),
    "cuts": ("workers.shot_service.find_shots", _search),
    "suggestions": ("workers.suggestion_service.suggest_frames", _suggest),
    "thumbnails": ("workers.thumbnail_service.shrink", _thumbnails),
    "preview": ("workers.preview_service.Previewing.preview", _preview),
    "attention": ("workers.attention_service.Reading.answer", _attend),
    "exporting": ("engine.render.render", _export),
    "copying references": ("engine.export_list.ExportList.add", _export),
    "marking": ("painting.raster.Raster.of_frame", _mark),
    "saving": ("project.store.ProjectStore.save", _edit),
    "loading": ("project.store.ProjectStore.load_raster", _load),
}
"""What fails, and what makes it be done with a film open; "opening" and "project" need none."""


def _said(hand: Hand) -> str:
    """All that the window says: messages, and the cards of exports."""
    message = hand.widgets.messages.current
    cards = " ".join(label.text() for label in hand.widgets.jobs.findChildren(QLabel))
    return f"{'' if message is None else message.text} {cards}"


@pytest.mark.parametrize("kind", KINDS)
def test_an_unforeseen_fault_is_said_logged_and_survived(
    hand: Hand,
    film: Path,
    weights: Path,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    hand.settings.weights, hand.settings.proxy = weights, "quarter"
    place, act = KINDS[kind]
    if act is not _open:
        hand.paint_on_first_frame(film)
    with monkeypatch.context() as patch, caplog.at_level(logging.ERROR):
        patch.setattr(f"remaster_gui.{place}", _raise)
        act(hand, film)
        hand.wait(lambda: WORDS in _said(hand))
    assert any(r.exc_info is not None and r.exc_info[0] is _UnforeseenError for r in caplog.records)
    assert "_UnforeseenError" in _said(hand)
    hand.window.open_path(film)
    hand.shown()
    hand.wait(lambda: hand.film().document.is_saved)


def test_a_fault_in_a_slot_is_said_and_survived(
    hand: Hand, film: Path, caplog: pytest.LogCaptureFixture
) -> None:
    hand.window.open_path(film)
    hand.film()
    hand.window.actions_["fit"].triggered.connect(_raise)
    defects = Defects()
    defects.found.connect(hand.window.report_defect, Qt.ConnectionType.QueuedConnection)
    with defects.watching(), caplog.at_level(logging.ERROR):
        hand.key("F")
        hand.wait(lambda: WORDS in _said(hand))
    assert "Traceback" in caplog.text
    hand.scrub(30)
    hand.shown()


def test_the_window_closes_while_a_film_hangs_as_it_is_opened(
    hand: Hand, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = Event(), Event()

    def hang(*_: object, **__: object) -> None:
        begun.set()
        assert go_on.wait(300)
        raise OSError("the disk is back")

    monkeypatch.setattr("remaster_gui.media.film_file.FilmFile.open", hang)
    hand.window.open_path(film)
    hand.wait(begun.is_set)
    hand.window.close()
    try:
        assert not hand.window.isVisible()
    finally:
        go_on.set()
    QApplication.processEvents()
