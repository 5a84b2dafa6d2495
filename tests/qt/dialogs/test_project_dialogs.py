from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from remaster_gui.project.schema import FilmIdentity
from remaster_gui.ui.dialogs.about import AboutDialog
from remaster_gui.ui.dialogs.files import FILM_SUFFIXES, name_filter
from remaster_gui.ui.dialogs.recover import RecoverDialog
from remaster_gui.ui.dialogs.relink import RelinkDialog

LEFT = Qt.MouseButton.LeftButton
FILM = FilmIdentity(Path("/media/films/blast.mp4"), 48_000_000, "", Fraction(24), 2400, 640, 480)


@pytest.fixture
def relink(qtbot: Any) -> RelinkDialog:
    dialog = RelinkDialog(FILM)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_a_place_is_compared_before_it_is_taken(relink: RelinkDialog, qtbot: Any, tmp_path: Path) -> None:
    path = tmp_path / "blast.mp4"
    with qtbot.waitSignal(relink.candidate_chosen) as asked:
        relink.field.set_path(path)
    assert asked.args == [path] and relink._bar.isVisible() and not relink.relink.isEnabled()
    relink.set_verdict(path, True)
    assert not relink._bar.isVisible()
    with qtbot.waitSignal(relink.relink_requested) as taken:
        QTest.mouseClick(relink.relink, LEFT)
    assert taken.args == [path] and not relink.isVisible()


def test_another_film_is_refused(relink: RelinkDialog, tmp_path: Path) -> None:
    path = tmp_path / "other.mp4"
    relink.field.set_path(path)
    relink.set_verdict(path, False)
    assert "other.mp4 is not the film" in relink._verdict.text.text() and not relink.relink.isEnabled()
    QTest.keyClick(relink, Qt.Key.Key_Return)
    assert relink.isVisible()


def test_answers_about_earlier_places_are_dropped(relink: RelinkDialog, qtbot: Any) -> None:
    asked: list[Path] = []
    relink.candidate_chosen.connect(asked.append)
    QTest.keyClicks(relink.field.edit, "/a/b")
    assert asked[-1] == Path("/a/b")
    relink.set_verdict(Path("/a"), True)
    assert not relink.relink.isEnabled() and relink._bar.isVisible()


def test_recovering_goes_into_a_new_file_and_says_what_is_lost(qtbot: Any, tmp_path: Path) -> None:
    path = tmp_path / "film.remaster"
    dialog = RecoverDialog(path, "film.remaster is damaged.")
    qtbot.addWidget(dialog)
    dialog.show()
    with qtbot.waitSignal(dialog.recover_requested) as asked:
        QTest.mouseClick(dialog.go, LEFT)
    into = tmp_path / "film recovered.remaster"
    assert asked.args == [into] and dialog._bar.isVisible() and not dialog.go.isEnabled()
    dialog.set_losses(["The cuts are lost."])
    assert dialog.losses() == ["The cuts are lost."] and not dialog._bar.isVisible()
    with qtbot.waitSignal(dialog.open_requested) as opened:
        QTest.mouseClick(dialog.go, LEFT)
    assert opened.args == [into]


def test_the_damaged_file_is_never_written_over(qtbot: Any, tmp_path: Path) -> None:
    path = tmp_path / "film.remaster"
    dialog = RecoverDialog(path, "film.remaster is damaged.")
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.field.edit.selectAll()
    QTest.keyClicks(dialog.field.edit, str(path))
    assert not dialog.go.isEnabled() and "not written over" in dialog._verdict.text.text()
    with qtbot.assertNotEmitted(dialog.recover_requested):
        QTest.keyClick(dialog.field.edit, Qt.Key.Key_Return)


def test_where_nothing_can_be_recovered_another_try_is_possible(qtbot: Any, tmp_path: Path) -> None:
    dialog = RecoverDialog(tmp_path / "film.remaster", "film.remaster is damaged.")
    qtbot.addWidget(dialog)
    dialog.show()
    QTest.mouseClick(dialog.go, LEFT)
    dialog.set_fault("The disk is full; choose another place.")
    assert dialog.go.isEnabled() and dialog.field.isEnabled()
    assert dialog._verdict.text.text() == "The disk is full; choose another place."


def test_about_hands_facts_to_the_clipboard(qtbot: Any) -> None:
    dialog = AboutDialog((("Device", "CPU, 2 cores"),))
    qtbot.addWidget(dialog)
    dialog.show()
    QTest.mouseClick(dialog.copy, LEFT)
    text = QGuiApplication.clipboard().text()
    assert text.startswith("Version: ") and "Device: CPU, 2 cores" in text
    with qtbot.waitSignal(dialog.logs_requested):
        QTest.mouseClick(dialog.logs, LEFT)
    for label in dialog.findChildren(QLabel):
        if label.wordWrap():
            assert label.height() >= label.heightForWidth(label.width())


def test_filters_find_suffixes_in_capitals() -> None:
    text = name_filter("Films", FILM_SUFFIXES)
    assert text.startswith("Films (") and "*.mkv " in text and "*.MKV " in text
