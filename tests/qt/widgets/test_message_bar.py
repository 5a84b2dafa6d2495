from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QToolButton, QVBoxLayout, QWidget

from remaster_gui.base.notices import Notice, Reveal
from remaster_gui.ui.widgets.message_bar import Button, Message, MessageBar, ReadOnlyBar

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def bar(qtbot: Any) -> MessageBar:
    window = QWidget()
    qtbot.addWidget(window)
    bar = MessageBar()
    column = QVBoxLayout(window)
    column.addWidget(bar)
    column.addStretch(1)
    window.resize(700, 200)
    window.show()
    bar.window_ = window  # type: ignore[attr-defined]
    return bar


def close_button(bar: MessageBar) -> QToolButton:
    return bar.findChildren(QToolButton)[0]


def test_it_takes_no_room_while_there_is_nothing_to_say(bar: MessageBar) -> None:
    assert not bar.isVisible()
    bar.show_message(Message("The film was moved."))
    assert bar.isVisible() and 24 <= bar.height() <= 48
    bar.clear()
    assert not bar.isVisible()


def test_the_newest_is_seen_and_the_older_come_back(bar: MessageBar, qtbot: Any) -> None:
    bar.show_message(Message("First.", "fault", "first"))
    bar.show_message(Message("Second.", "warning", "second"))
    assert bar.text.text() == "Second."
    QTest.mouseClick(close_button(bar), LEFT)
    assert bar.text.text() == "First."


def test_a_message_replaces_the_one_with_its_id(bar: MessageBar) -> None:
    bar.show_message(Message("The disk has 1 MB left.", "fault", "disk"))
    bar.show_message(Message("The disk is full.", "fault", "disk"))
    bar.show_message(Message("The disk is full.", "fault", "disk"))
    bar.withdraw("another")
    assert bar.isVisible()
    bar.withdraw("disk")
    assert not bar.isVisible()


def test_no_way_out_is_lost_where_another_says_the_same(bar: MessageBar) -> None:
    pressed: list[str] = []
    bar.show_message(
        Message("Unknown weights.", "warning", "ask", Button("Use", lambda: pressed.append("use")))
    )
    for _ in range(2):
        choose = Button("Choose…", lambda: pressed.append("choose"))
        bar.show_message(Message("Unknown weights.", "fault", "preview", choose))
    assert bar.button.text() == "Choose…"
    QTest.mouseClick(close_button(bar), LEFT)
    QTest.mouseClick(bar.button, LEFT)
    assert pressed == ["use"] and not bar.isVisible()


def test_what_lasts_stays_when_its_film_goes(bar: MessageBar) -> None:
    bar.show_message(Message("film.mov is exported.", lasts=True))
    bar.show_message(Message("torn.mp4 cannot be read.", "fault"))
    bar.clear(also_lasting=False)
    assert bar.text.text() == "film.mov is exported."
    bar.clear()
    assert not bar.isVisible()


def test_the_button_is_there_only_for_messages_that_have_one(bar: MessageBar, qtbot: Any) -> None:
    button = bar.findChildren(QPushButton)[0]
    pressed: list[str] = []
    relink = Button("Relink…", lambda: pressed.append("relink"))
    bar.show_message(Message("The film was moved.", "warning", "film", relink))
    assert button.isVisible() and button.text() == "Relink…"
    QTest.mouseClick(button, LEFT)
    assert pressed == ["relink"] and not bar.isVisible()
    bar.show_message(Message("Done."))
    assert not button.isVisible()


def test_notes_go_by_themselves_and_faults_stay(bar: MessageBar, qtbot: Any) -> None:
    (timer,) = bar.findChildren(QTimer)
    timer.setInterval(20)
    bar.show_message(Message("A fault.", "fault"))
    bar.show_message(Message("A note."))
    qtbot.waitUntil(lambda: bar.text.text() == "A fault.", timeout=300_000)
    assert bar.isVisible() and not timer.isActive()


def test_long_sentences_break_and_stay_whole(bar: MessageBar, qtbot: Any) -> None:
    window: QWidget = bar.window_  # type: ignore[attr-defined]
    window.resize(320, 300)
    bar.show_message(
        Message("The film cannot be read from frame 1204 on, because the disk was removed. " * 2)
    )
    qtbot.waitUntil(lambda: bar.height() > 60, timeout=300_000)
    assert bar.text.height() >= bar.text.heightForWidth(bar.text.width())


def test_read_only_offers_a_copy(qtbot: Any) -> None:
    bar = ReadOnlyBar()
    qtbot.addWidget(bar)
    bar.set_reason("This project is open in another window.")
    assert bar.isVisible()
    with qtbot.waitSignal(bar.copy_requested):
        QTest.mouseClick(bar.button, LEFT)
    bar.set_reason("")
    assert not bar.isVisible()


def test_a_notice_of_long_work_is_shown_with_what_it_offers(
    bar: MessageBar, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    bar.show_notice(Notice("warning", "The sound is converted to AAC."), id_="export")
    assert bar.text.text() == "The sound is converted to AAC." and not bar.button.isVisible()
    bar.show_notice(Notice("note", "film.mov is exported.", (Reveal(tmp_path / "film.mov"),)), id_="export")
    assert bar.text.text() == "film.mov is exported."
    QTest.mouseClick(bar.button, LEFT)
    assert opened == [str(tmp_path)] and not bar.isVisible()
