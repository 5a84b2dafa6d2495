"""Markers in the editor: put, named, gone to and taken away, each as one named step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from remaster_gui.project import edits
from remaster_gui.project.schema import FrameMarker
from remaster_gui.ui.dialogs import file_dialogs
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow
from remaster_gui.ui.timeline.view import HEADER_WIDTH

from .conftest import WAIT

LEFT = Qt.MouseButton.LeftButton


def steps(session: FilmSession) -> list[str]:
    stack = session.film.document.stack
    return [stack.text(number) for number in range(stack.count())]


def test_marking_twice_opens_the_name(window: MainWindow, session: FilmSession) -> None:
    window.show()
    document, panel = session.film.document, session.widgets.markers
    session.film.view.go(10)
    assert session.markers.here is None and not session.markers.has_any
    session.markers.mark()
    assert document.project.markers == (FrameMarker(10),)
    assert not window.layout_.is_shown("markers"), "the first press only marks"
    session.markers.mark()
    assert document.project.markers == (FrameMarker(10),) and window.layout_.is_shown("markers")
    panel.name.setText("Coat")
    panel.name.editingFinished.emit()
    panel.colors.chosen.emit("red")
    panel.note.setFocus()
    panel.note.insertPlainText("ask\nagain")
    session.film.view.go(11)
    assert document.project.markers == (FrameMarker(10, "Coat", "red", "ask\nagain"),), "kept as it is left"
    assert panel.note.toPlainText() == "" and not panel.name.isVisible()
    assert steps(session) == [
        "Mark frame 10",
        "Name of the marker at frame 10",
        "Colour of the marker at frame 10",
        "Note of the marker at frame 10",
    ]
    document.stack.setIndex(1)
    assert document.project.markers == (FrameMarker(10),)


def test_what_is_typed_stays_while_it_is_kept(window: MainWindow, session: FilmSession) -> None:
    window.show()
    panel, document = session.widgets.markers, session.film.document
    document.edit(edits.with_markers(document.project, [FrameMarker(0)]), "Mark")
    session.markers.show_list()
    panel.note.show()
    panel.note.setFocus()
    panel.note.insertPlainText("half a ")
    panel.note.edited.emit(0, "half a ")
    assert panel.note.toPlainText() == "half a " and panel.note.isVisible()
    panel.note.insertPlainText("word")
    panel.note.edited.emit(0, "half a word")
    marker = document.project.marker(0)
    assert marker is not None and marker.note == "half a word"
    assert steps(session) == ["Mark", "Note of the marker at frame 0"], "one step, however long it took"


def test_the_list_and_keys_lead_from_one_to_the_next(session: FilmSession) -> None:
    document, view, panel = session.film.document, session.film.view, session.widgets.markers
    document.edit(edits.with_markers(document.project, map(FrameMarker, (5, 20, 40))), "Mark")
    for direction, frame in ((1, 5), (1, 20), (1, 40), (1, 40), (-1, 20)):
        session.playback.jump_to_marker(direction)
        assert view.playhead == frame
    assert [index.row() for index in panel.list.selectionModel().selectedRows()] == [1]
    assert [panel.model.index(row, 0).data() for row in range(3)] == [
        "00:00:00:05",
        "00:00:00:20",
        "00:00:01:16",
    ]
    panel.list.clicked.emit(panel.model.index(2, 0))
    assert view.playhead == 40
    session.markers.delete()
    assert [each.frame for each in document.project.markers] == [5, 20] and panel.model.rowCount() == 2
    assert not panel.list.selectionModel().hasSelection()


def test_the_ruler_shows_markers_and_opens_them(window: MainWindow, session: FilmSession) -> None:
    window.show()
    document, timeline = session.film.document, session.widgets.timeline
    marker = FrameMarker(20, "Coat", "red", "too green")
    document.edit(edits.with_markers(document.project, [marker]), "Mark")
    scale, ruler = timeline.scale, timeline.ruler
    x = scale.x_of(20)
    assert ruler.marker_at(x + 3, scale) == marker and ruler.marker_at(x + 9, scale) is None
    assert ruler.tip_at(x, scale) == "Coat\n00:00:00:20\ntoo green"
    place = QPoint(round(HEADER_WIDTH + x + 2), 20)
    seen = timeline.grab().toImage().pixelColor(place)
    assert seen.red() > 1.8 * seen.blue() and seen.red() > 1.8 * seen.green()
    QTest.mouseClick(timeline, LEFT, pos=place)
    assert session.film.view.playhead == 20, "the playhead snaps to it"
    session.film.view.go(0)
    QTest.mouseDClick(timeline, LEFT, pos=place)
    assert session.film.view.playhead == 20 and window.layout_.is_shown("markers")
    QTest.mouseDClick(timeline, LEFT, pos=place + QPoint(60, 0))
    assert session.film.view.playhead != 20, "elsewhere it is one press more"


def test_cut_lists_are_given_the_markers(
    qtbot: Any, session: FilmSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, document, bar = tmp_path / "a.csv", session.film.document, session.widgets.messages
    document.edit(edits.with_markers(document.project, [FrameMarker(30, "Coat", "red", "too green")]), "Mark")
    monkeypatch.setattr(file_dialogs, "ask_cut_list_name", lambda _parent, usual: path)
    session.cut_lists.ask_where()
    qtbot.waitUntil(lambda: bar.current is not None and "The shots are in" in bar.current.text, timeout=WAIT)
    assert path.read_text().splitlines()[2].endswith(",30: Coat: too green")


def test_nothing_is_changed_where_nothing_may_be(window: MainWindow, session: FilmSession) -> None:
    window.show()
    panel, document = session.widgets.markers, session.film.document
    document.edit(edits.with_markers(document.project, [FrameMarker(0)]), "Mark")
    session.markers.show_list()
    assert panel.name.isEnabled() and panel.name.isVisible()
    document.read_only_reason = "The disk is read-only."
    document.read_only_changed.emit(document.read_only_reason)
    assert not panel.name.isEnabled() and not panel.note.isEnabled()
