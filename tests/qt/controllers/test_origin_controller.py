"""Where colours come from: told of frames that are up to date, and what strokes have painted apart from the rest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from remaster_gui.painting.brush import Brush
from remaster_gui.painting.raster import LAID, PAINTED, Raster
from remaster_gui.painting.stroke import Stroke
from remaster_gui.project import edits
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow

from .conftest import WAIT


def test_strokes_on_a_picture_are_painted_and_the_rest_of_it_is_carried_over(
    qtbot: Any, window: MainWindow, session: FilmSession, own: Path, shipped: Path
) -> None:
    document, info = session.film.document, session.film.info
    window.network.allow(own)
    settings = replace(document.project.settings, weights=own, edge=64, restoration=False)
    document.edit(edits.with_settings(document.project, settings), "Settings")
    raster = Raster.of_frame(np.full((info.height, info.width), 90, np.uint8))
    raster.chrominance[:], raster.coverage[:] = (150, 120), LAID
    id_ = document.add_reference("imported", 0, raster)
    session.film.view.origin = True
    session.preview.start("around")
    overlay = session.widgets.origin
    qtbot.waitUntil(lambda: bool(overlay.parts), timeout=WAIT)
    assert [name for name, _ in overlay.parts] == ["carried over", "guessed"]
    live = document.raster(id_)
    assert live is not None
    stroke = Stroke(live, Brush(size=20, color=(40, 10)))
    stroke.add(info.width / 2, info.height / 2)
    change = stroke.finish()
    assert change is not None
    document.paint(id_, change, "Paint")
    qtbot.waitUntil(
        lambda: [n for n, _ in overlay.parts] == ["painted", "carried over", "guessed"], timeout=WAIT
    )
    share = (live.coverage == 255).mean()
    assert 0 < overlay.parts[0][1] <= 1.2 * share


def test_nothing_is_known_before_a_preview(session: FilmSession) -> None:
    session.origin.toggle()
    assert session.film.view.origin and session.widgets.origin.parts == ()
    assert not session.widgets.certainty.guessed
    session.origin.toggle()
    assert not session.film.view.origin


def test_it_is_told_of_what_is_up_to_date(
    qtbot: Any, window: MainWindow, session: FilmSession, own: Path, shipped: Path
) -> None:
    document, view = session.film.document, session.film.view
    overlay, lane = session.widgets.origin, session.widgets.certainty
    window.network.allow(own)
    settings = replace(document.project.settings, weights=own, edge=64, restoration=False)
    document.edit(edits.with_settings(document.project, settings), "Settings")
    raster = Raster.of_frame(np.full((64, 80), 120, np.uint8))
    raster.chrominance[:], raster.coverage[:] = (160, 100), PAINTED
    document.add_reference("painted", 0, raster)
    document.edit(edits.with_segment(document.project, 0, 2), "Segment")
    view.origin = True
    session.preview.start("segment")
    qtbot.waitUntil(lambda: set(lane.guessed) == {0, 1}, timeout=WAIT)
    assert [name for name, _ in overlay.parts] == ["painted", "carried over", "guessed"]
    view.playhead = 1
    parts = dict(overlay.parts)
    assert set(parts) == {"carried over", "guessed"} and parts["guessed"] == lane.guessed[1]
    view.playhead = 2
    assert overlay.parts == ()
    view.playhead = 1
    session.preview.stop()
    document.edit(edits.with_settings(document.project, replace(settings, restoration=True)), "Settings")
    assert overlay.parts == (), "what is shown is out of date"
    qtbot.waitUntil(lambda: not lane.guessed, timeout=WAIT)
