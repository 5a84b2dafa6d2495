"""Versions in the editor: kept with a note, gone back to with pixels and settings, and undone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from remaster_gui.painting.raster import Box, PixelDelta, Raster
from remaster_gui.project import edits
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow

from .conftest import WAIT


def keep(qtbot: Any, session: FilmSession, note: str) -> None:
    panel = session.widgets.versions
    count = panel.list.count()
    panel.note.setText(note)
    panel.keep.click()
    qtbot.waitUntil(lambda: panel.list.count() == count + 1, timeout=WAIT)


def go_back(qtbot: Any, session: FilmSession, row: int) -> None:
    panel, stack = session.widgets.versions, session.film.document.stack
    index = stack.index()
    panel.list.setCurrentRow(row)
    panel.go.click()
    qtbot.waitUntil(lambda: stack.index() == index + 1, timeout=WAIT)


def add(session: FilmSession, frame: int, level: int) -> str:
    raster = Raster.of_frame(np.full((64, 80), level, np.uint8))
    return session.film.document.add_reference("painted", frame, raster)


def paint(session: FilmSession, id_: str, color: int) -> None:
    document = session.film.document
    raster = document.raster(id_)
    assert raster is not None
    box = Box(0, 0, 20, 20)
    before = raster.chrominance.copy(), raster.coverage.copy()
    raster.chrominance[box.slices], raster.coverage[box.slices] = color, 255
    tiles = box.tiles(raster.width, raster.height)
    delta = PixelDelta.between(before, (raster.chrominance, raster.coverage), tiles)
    assert delta is not None
    document.paint(id_, delta, "Paint")


def colors(session: FilmSession) -> list[int]:
    """Red of a painted place of each reference."""
    document = session.film.document
    return [int(document.pixels(r.id, r.revision)[5, 5, 0]) for r in document.project.references]


def test_a_version_is_kept_with_a_still_and_a_title(
    qtbot: Any, window: MainWindow, session: FilmSession
) -> None:
    panel = session.widgets.versions
    session.versions.ask_note()
    assert window.layout_.is_shown("versions")
    keep(qtbot, session, "before the coat")
    assert panel.list.item(0).text().endswith("before the coat") and panel.note.text() == ""
    assert session.film.document.path.name == "film.remaster", "one goes on in the project itself"
    qtbot.waitUntil(lambda: session.widgets.stills.list.count() == 1, timeout=WAIT)
    assert not window.layout_.is_shown("stills"), "the list of versions is what one looks at"


def test_going_back_brings_pixels_and_settings_and_is_undone(qtbot: Any, session: FilmSession) -> None:
    document = session.film.document
    painted, same = add(session, 3, 100), add(session, 9, 60)
    paint(session, painted, 200)
    keep(qtbot, session, "first")
    then, seen_then = document.project, colors(session)
    paint(session, painted, 60)
    document.edit(edits.without_cut(document.project, 24), "Join")
    document.edit(
        edits.with_settings(document.project, replace(document.project.settings, saturation=0.5)), "S"
    )
    gone = add(session, 30, 10)
    now, seen_now = document.project, colors(session)
    assert seen_now[:2] != seen_then
    go_back(qtbot, session, 0)
    past = document.project
    assert document.stack.undoText() == "Go back to version 1"
    assert (past.cuts, past.settings) == (then.cuts, then.settings)
    assert [(r.name, r.frame) for r in past.references] == [(r.name, r.frame) for r in then.references]
    assert colors(session) == seen_then
    assert past.references[1].id == same and past.references[0].id != painted, (
        "what is as it was is taken as it is"
    )
    assert past.reference(gone) is None
    document.stack.undo()
    assert document.project == replace(now, last_revision=document.project.last_revision)
    assert colors(session) == seen_now
    document.stack.redo()
    assert colors(session) == seen_then


def test_what_came_back_is_saved_like_all_else(qtbot: Any, window: MainWindow, session: FilmSession) -> None:
    painted = add(session, 3, 100)
    paint(session, painted, 200)
    keep(qtbot, session, "")
    seen_then = colors(session)
    paint(session, painted, 60)
    go_back(qtbot, session, 0)
    project = session.film.document.path
    window.opening.close()
    window.open_path(project)
    qtbot.waitUntil(
        lambda: window.session is not None and window.widgets.versions.list.count() == 1, timeout=WAIT
    )
    assert window.session is not None
    assert colors(window.session) == seen_then


def test_a_version_that_cannot_be_read_is_said_and_one_can_be_deleted(
    qtbot: Any, session: FilmSession
) -> None:
    keep(qtbot, session, "")
    keep(qtbot, session, "")
    panel, bar = session.widgets.versions, session.widgets.messages
    folder = session.film.document.path.with_name("film.versions")
    (folder / "version 002.remaster").write_bytes(b"damaged")
    panel.list.setCurrentRow(0)
    steps = session.film.document.stack.count()
    panel.go.click()
    qtbot.waitUntil(lambda: bar.current is not None and bar.current.kind == "fault", timeout=WAIT)
    assert session.film.document.stack.count() == steps
    panel.remove.click()
    qtbot.waitUntil(lambda: panel.list.count() == 1, timeout=WAIT)
    assert not (folder / "version 002.remaster").exists()
