"""Marking, choosing, switching and deleting references, and what of it can be done and undone."""

from __future__ import annotations

from typing import Any

import numpy as np

from remaster_gui.painting.raster import Raster
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow
from remaster_gui.ui.panels.card_list import CardList

WAIT = 300_000


def _mark(qtbot: Any, session: FilmSession, frame: int = 0) -> str:
    session.film.view.go(frame)
    before = len(session.film.document.project.references)
    session.references.mark()
    qtbot.waitUntil(lambda: len(session.film.document.project.references) > before, timeout=WAIT)
    chosen = session.references.chosen
    assert chosen is not None and chosen.frame == frame
    return chosen.id


def test_a_frame_is_marked_once(qtbot: Any, window: MainWindow, session: FilmSession) -> None:
    assert not window.actions_["delete_reference"].isEnabled()
    first = _mark(qtbot, session)
    second = _mark(qtbot, session, 30)
    session.film.view.go(0)
    session.references.mark()
    assert session.film.view.selected_reference == first != second
    assert len(session.film.document.project.references) == 2
    assert session.playback.reference_frames == [0, 30]
    assert window.actions_["delete_reference"].isEnabled()


def test_a_reference_is_switched_off_and_on(qtbot: Any, window: MainWindow, session: FilmSession) -> None:
    _mark(qtbot, session)
    action = window.actions_["toggle_reference"]
    assert action.isChecked()
    action.trigger()
    chosen = session.references.chosen
    assert chosen is not None and not chosen.enabled and not action.isChecked()
    session.references.toggle()
    assert action.isChecked()


def test_deleting_is_undone_by_its_name(qtbot: Any, window: MainWindow, session: FilmSession) -> None:
    _mark(qtbot, session)
    session.references.delete()
    assert session.references.chosen is None and not session.film.document.project.references
    assert not window.actions_["rename_reference"].isEnabled()
    undo, redo = window.actions_["undo"], window.actions_["redo"]
    assert undo.iconText() == "Undo “Delete Frame 0”" and not redo.isEnabled()
    undo.trigger()
    assert len(session.film.document.project.references) == 1
    assert redo.iconText() == "Redo “Delete Frame 0”" and redo.isEnabled()


def test_what_is_chosen_together_is_changed_together_in_one_step(
    window: MainWindow, session: FilmSession
) -> None:
    document, view = session.film.document, session.film.view
    picture = np.full((32, 40, 3), (200, 80, 40), np.uint8)
    ids = [
        document.add_reference("imported", None, Raster.of_picture(picture), name)
        for name in ("Tunic", "Flag", "Sky")
    ]
    session.references.choose(ids[0])
    window.widgets.bin.selection_changed.emit(frozenset(ids[:2]))
    view.go(30)
    count = document.stack.count()
    where = window.widgets.inspector.reference.where
    for do, step in (
        (lambda: where.strength_changed.emit(0.5), "Strength 50\N{NO-BREAK SPACE}% of 2 references"),
        (window.actions_["count_only_here"].trigger, "Range of 2 references: 24–47"),
        (window.actions_["count_here"].trigger, "Range of 2 references: without 24–47"),
        (window.actions_["delete_reference"].trigger, "Delete 2 references"),
    ):
        before = document.project
        do()
        count += 1
        assert document.stack.count() == count and document.stack.undoText() == step
        changed = [r.id for r in before.references if document.project.reference(r.id) != r]
        assert changed == ids[:2]
    assert [r.id for r in document.project.references] == ids[2:]
    document.stack.undo()
    # The last shot that they counted in was taken from them.
    assert [r.enabled for r in document.project.references] == [False, False, True]
    view.selected_reference = ids[2]
    assert [r.id for r in session.references.all_chosen] == ids[2:], "another one is chosen alone"


def test_a_double_click_shows_a_free_standing_reference(qtbot: Any, session: FilmSession) -> None:
    picture = np.full((32, 40, 3), (200, 80, 40), np.uint8)
    id_ = session.film.document.add_reference("imported", None, Raster.of_picture(picture), "Tunic")
    session.widgets.bin.opened.emit(id_)
    qtbot.waitUntil(lambda: session.painted.shown is not None, timeout=WAIT)
    assert session.painted.shown is not None and session.painted.shown.id == id_
    assert session.film.view.tool == "brush" and session.painted.blocked_reason == ""
    session.film.view.go(2)
    assert session.painted.shown is None and session.references.chosen is None, "the film is looked at again"


def test_the_size_of_pictures_is_kept(window: MainWindow, session: FilmSession) -> None:
    cards, action = window.widgets.bin.findChild(CardList), window.actions_["large_cards"]
    assert cards is not None and not action.isChecked() and not cards.large
    action.trigger()
    assert action.isChecked() and cards.large
    assert window.settings.flag("large_cards", False), "for the next session"


def test_only_what_was_remastered_can_be_promoted(window: MainWindow, session: FilmSession) -> None:
    assert not session.references.can_promote
    assert not window.actions_["promote_frame"].isEnabled()
    session.references.promote()
    assert not session.film.document.project.references
