"""All that works on a film is made when it opens and gone when it closes: objects, threads, connections."""

from __future__ import annotations

import gc
import logging
import threading
import weakref
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import SIGNAL, QAbstractAnimation, QMetaMethod, QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication

from remaster_gui.base.frozen_objects import freeze_until_thaw, thaw_count
from remaster_gui.document.document import Document
from remaster_gui.document.view_state import ViewState
from remaster_gui.ui.controllers.controller import Controller
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow
from remaster_gui.workers.worker import Service, Worker

WAIT = 300_000
FILMS = 6
OF_A_FILM = (FilmSession, Controller, Document, Service)


def _open(qtbot: Any, window: MainWindow, film: Path) -> FilmSession:
    window.open_path(film)
    qtbot.waitUntil(
        lambda: window.session is not None and window.session.viewer.shown_frame == 0, timeout=WAIT
    )
    assert window.session is not None
    return window.session


def _objects(window: MainWindow) -> list[QObject]:
    """Return all that belongs to the window but movements of docks, which Qt begins and ends in its own time."""
    found = [window, *window.findChildren(QObject)]
    return [each for each in found if not isinstance(each, QAbstractAnimation)]


def _kind(each: QObject) -> str:
    return f"{type(each).__name__} {each.objectName()}"


def _kinds(window: MainWindow) -> Counter[str]:
    return Counter(map(_kind, _objects(window)))


def _connections(window: MainWindow) -> Counter[str]:
    """Count who listens to the signals of anything in the window.

    Tool buttons of Qt listen to their actions once more with every change of these.
    """
    count = Counter[str]()
    for each in _objects(window):
        if isinstance(each, QAction):
            continue
        meta = each.metaObject()
        for index in range(meta.methodCount()):
            method = meta.method(index)
            if method.methodType() == QMetaMethod.MethodType.Signal:
                signal = bytes(method.methodSignature()).decode()
                count[f"{_kind(each)} {signal}"] += each.receivers(SIGNAL(signal))
    return count


def _live(*kinds: type, but: Sequence[object] = ()) -> list[object]:
    gc.collect()
    known = {id(each) for each in but}
    return [each for each in gc.get_objects() if issubclass(type(each), kinds) and id(each) not in known]


def test_films_leave_nothing_behind(
    qtbot: Any, window: MainWindow, own_film: Path, request: pytest.FixtureRequest
) -> None:
    # What is logged of an exception holds all that the frames that it went through knew.
    logging.disable(logging.CRITICAL)
    request.addfinalizer(lambda: logging.disable(logging.NOTSET))
    # Docks that are still moving have objects and listeners for it, which Qt ends in its own time.
    window.setAnimated(False)
    # What other tests have left is theirs.
    others = _live(*OF_A_FILM, ViewState)
    objects, connections = Counter[str](), Counter[str]()
    threads: set[threading.Thread] = set()
    for number in range(FILMS):
        session = _open(qtbot, window, own_film)
        # What outlives the film has something to say to what does not.
        window.actions_["tool_brush"].trigger()
        window.actions_["attention"].trigger()
        window.widgets.tool_settings.step_size(1)
        assert len(session.findChildren(Worker)) > 3
        if number % 2:
            window.actions_["close_project"].trigger()
        else:
            window.opening.close()
        assert window.session is None
        del session
        QApplication.processEvents()
        QApplication.processEvents()
        # A thread may still be on its way out of what it was doing.
        qtbot.waitUntil(lambda: not _live(*OF_A_FILM, but=others), timeout=WAIT)
        # None but that of no film.
        qtbot.waitUntil(lambda: len(_live(ViewState, but=others)) <= 1, timeout=WAIT)
        # The first has made what all others use.
        if number == 1:
            threads = set(threading.enumerate())
            objects, connections = _kinds(window), _connections(window)

    def nothing_grows_with_each_film() -> None:
        """Something passing, like a timer, may be there, and something that is made at its first use."""
        for grown in (_kinds(window) - objects, _connections(window) - connections):
            assert max(grown.values(), default=0) < FILMS - 2, grown

    qtbot.waitUntil(nothing_grows_with_each_film, timeout=WAIT)
    qtbot.waitUntil(lambda: set(threading.enumerate()) <= threads, timeout=WAIT)


def test_a_film_that_is_open_as_the_network_comes_in_is_let_go_as_others_are(
    qtbot: Any, window: MainWindow, own_film: Path
) -> None:
    session = _open(qtbot, window, own_film)
    kept = weakref.ref(session.preview.stores)
    freeze_until_thaw(thaw_count())
    window.opening.close()
    del session
    qtbot.waitUntil(lambda: gc.collect() >= 0 and kept() is None, timeout=WAIT)


def test_one_film_takes_the_place_of_another_only_once_it_can_be_read(
    qtbot: Any, window: MainWindow, own_film: Path, tmp_path: Path
) -> None:
    first = _open(qtbot, window, own_film)
    broken = tmp_path / "broken.mkv"
    broken.write_bytes(b"no film at all")
    window.open_path(broken)
    qtbot.waitUntil(lambda: window.widgets.messages.current is not None, timeout=WAIT)
    assert window.session is first, "what is open stays open"
    other = tmp_path / "other.mkv"
    other.write_bytes(own_film.read_bytes())
    window.open_path(other)
    qtbot.waitUntil(
        lambda: window.session is not None and window.session.film.info.path == other, timeout=WAIT
    )
    assert not shiboken6.isValid(first)
    del first
    assert len(_live(FilmSession)) == 1, "the first is gone before the other one is made"


def test_nothing_of_a_closed_film_is_shown(qtbot: Any, window: MainWindow, own_film: Path) -> None:
    session = _open(qtbot, window, own_film)
    session.references.mark()
    qtbot.waitUntil(lambda: bool(session.film.document.project.references), timeout=WAIT)
    window.actions_["tool_eyedropper"].trigger()
    window.actions_["attention"].trigger()
    window.actions_["play"].trigger()
    window.actions_["close_project"].trigger()
    widgets = window.widgets
    assert widgets.pages.currentWidget() is widgets.start_page
    assert not widgets.overlay.is_visible and not widgets.compare.has_source
    assert widgets.canvas.pointer.tool is None
    assert widgets.history.stack() is None
    assert window.actions_["undo"].iconText() == "Undo"
    assert not any(window.actions_[id_].isChecked() for id_ in ("attention", "tool_eyedropper", "loop"))


def test_what_a_film_had_begun_beside_the_window_is_given_up_with_it(
    qtbot: Any, window: MainWindow, own_film: Path
) -> None:
    session = _open(qtbot, window, own_film)
    begun, may_end, told = threading.Event(), threading.Event(), []

    def work(cancelled: threading.Event) -> bool:
        begun.set()
        may_end.wait(WAIT / 1000)
        return cancelled.is_set()

    task = session.tasks.start(work, doing="waiting")
    task.finished.connect(told.append)
    qtbot.waitUntil(begun.is_set, timeout=WAIT)
    window.opening.close()
    assert task.cancelled.is_set()
    may_end.set()
    window.tasks.drain()
    QApplication.processEvents()
    assert told == []
    # The threads go on for others.
    after = window.tasks.start(lambda _cancelled: 7, doing="counting")
    with qtbot.waitSignal(after.finished, timeout=WAIT) as found:
        pass
    assert found.args == [7]
