"""Stills in the editor: grabbed as they are seen, laid against what is seen later, written, deleted, brought back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from remaster_gui.document.still_gallery import GrabbedStill
from remaster_gui.document.view_state import CompareMode
from remaster_gui.media import read_picture
from remaster_gui.ui.dialogs import file_dialogs
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow
from remaster_gui.ui.qimage import to_array

from .conftest import WAIT


def grab(qtbot: Any, session: FilmSession, frame: int) -> None:
    session.film.view.go(frame)
    qtbot.waitUntil(lambda: session.viewer.shown_frame == frame, timeout=WAIT)
    count = session.widgets.stills.list.count()
    session.stills.grab()
    qtbot.waitUntil(lambda: session.widgets.stills.list.count() == count + 1, timeout=WAIT)


def color_at(session: FilmSession, x: int) -> tuple[int, int, int]:
    canvas = session.widgets.canvas
    place = canvas.to_widget(QPointF(x, 32)).toPoint()
    return canvas.grab().toImage().pixelColor(place).getRgb()[:3]


def test_a_still_is_what_is_seen_and_takes_the_sources_place(
    qtbot: Any, window: MainWindow, session: FilmSession
) -> None:
    window.show()
    grab(qtbot, session, 0)
    stills, compare, view = session.stills, session.widgets.compare, session.film.view
    first = to_array(compare.shown)
    assert window.layout_.is_shown("stills") and stills.current == GrabbedStill(1, 0)
    folder = session.film.document.path.with_name("film.stills")
    np.testing.assert_array_equal(read_picture(folder / GrabbedStill(1, 0).name), first)
    view.go(40)
    qtbot.waitUntil(lambda: session.viewer.shown_frame == 40, timeout=WAIT)
    second = to_array(compare.shown)
    assert not np.array_equal(first, second)
    stills.toggle()
    qtbot.waitUntil(lambda: stills.compared == GrabbedStill(1, 0), timeout=WAIT)
    assert view.compare is CompareMode.WIPE and compare.has_two
    left, right = compare.picture_at(QPointF(10, 32)), compare.picture_at(QPointF(70, 32))
    assert left is not None and right is not None
    np.testing.assert_array_equal(to_array(left), first)
    np.testing.assert_array_equal(to_array(right), second)
    view.compare = CompareMode.SOURCE
    np.testing.assert_array_equal(to_array(compare.shown), first)
    stills.toggle()
    assert stills.compared is None
    np.testing.assert_array_equal(to_array(compare.shown), second)


def test_another_still_that_is_chosen_is_compared_at_once(qtbot: Any, session: FilmSession) -> None:
    grab(qtbot, session, 0)
    grab(qtbot, session, 40)
    stills, panel = session.stills, session.widgets.stills
    assert stills.current == GrabbedStill(2, 40)
    stills.toggle()
    qtbot.waitUntil(lambda: stills.compared == GrabbedStill(2, 40), timeout=WAIT)
    panel.list.setCurrentRow(0)
    qtbot.waitUntil(lambda: stills.compared == GrabbedStill(1, 0), timeout=WAIT)
    stills.go()
    assert session.film.view.playhead == 0


def test_stills_are_written_deleted_and_brought_back(
    qtbot: Any, session: FilmSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grab(qtbot, session, 3)
    bar, panel = session.widgets.messages, session.widgets.stills
    picture = to_array(session.widgets.compare.shown)
    path = tmp_path / "out.tif"
    monkeypatch.setattr(file_dialogs, "ask_frame_name", lambda _parent, usual: path)
    session.stills.export()
    qtbot.waitUntil(
        lambda: bar.current is not None and bar.current.text == f"The still is in {path}.", timeout=WAIT
    )
    np.testing.assert_array_equal(read_picture(path), picture)
    session.stills.toggle()
    qtbot.waitUntil(lambda: session.stills.compared is not None, timeout=WAIT)
    session.stills.delete()
    qtbot.waitUntil(lambda: panel.list.count() == 0, timeout=WAIT)
    assert session.stills.compared is None and session.stills.current is None
    assert bar.current is not None and bar.current.button is not None and "is deleted" in bar.current.text
    bar.current.button.press()
    qtbot.waitUntil(lambda: panel.list.count() == 1, timeout=WAIT)


def test_stills_come_back_with_the_project(qtbot: Any, window: MainWindow, session: FilmSession) -> None:
    grab(qtbot, session, 5)
    session.stills.toggle()
    qtbot.waitUntil(lambda: session.stills.compared is not None, timeout=WAIT)
    project = session.film.document.path
    (project.with_name("film.stills") / GrabbedStill(7, 1).name).write_bytes(b"damaged")
    window.opening.close()
    assert window.widgets.stills.list.count() == 0 and not window.widgets.compare.has_two
    window.open_path(project)
    qtbot.waitUntil(lambda: window.widgets.stills.list.count() == 2, timeout=WAIT)
    assert window.session is not None
    again = window.session.stills
    assert again.compared is None
    window.widgets.stills.list.setCurrentRow(1)
    again.toggle()
    bar = window.widgets.messages
    qtbot.waitUntil(lambda: bar.current is not None and bar.current.kind == "fault", timeout=WAIT)
    assert again.compared is None
