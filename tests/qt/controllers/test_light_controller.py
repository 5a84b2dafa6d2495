"""Frames that draw from a part of a reference: lit while the pointer rests on it, and only while."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF

from remaster_gui.base.reference_grid import COLUMNS, ROWS
from remaster_gui.painting.raster import PAINTED, Raster
from remaster_gui.project import edits
from remaster_gui.ui.controllers.light_controller import DRAWS_FROM
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow

from .conftest import WAIT


def test_frames_that_draw_from_a_part_are_lit_while_the_pointer_rests_on_it(
    qtbot: Any, window: MainWindow, session: FilmSession, full_weights: Path
) -> None:
    document, widgets = session.film.document, session.widgets
    lane, status = widgets.timeline.references, widgets.status
    window.network.allow(full_weights)
    settings = replace(document.project.settings, weights=full_weights, edge=64, restoration=False)
    document.edit(edits.with_settings(document.project, settings), "Settings")
    raster = Raster.of_frame(np.full((64, 80), 120, np.uint8))
    raster.chrominance[:], raster.coverage[:] = (160, 100), PAINTED
    id_ = document.add_reference("imported", None, raster)
    widgets.bin.hovered.emit(id_, QPointF(0.5, 0.5))
    qtbot.waitUntil(lambda: status.note.startswith("Preview (P)"), timeout=WAIT)
    widgets.bin.hover_left.emit()
    assert status.note == "" and lane.light is None
    document.edit(edits.with_segment(document.project, 22, 26), "Segment")
    session.preview.start("segment")
    qtbot.waitUntil(
        lambda: all(session.preview.drawn_cells(frame, id_) is not None for frame in range(22, 26)),
        timeout=WAIT,
    )
    session.preview.stop()
    qtbot.waitUntil(lambda: not session.preview.is_running, timeout=WAIT)
    cells = [session.preview.drawn_cells(frame, id_) for frame in range(22, 26)]
    total = np.sum([each for each in cells if each is not None], axis=0)
    cell = int(np.argmax(total))
    place = QPointF((cell % COLUMNS + 0.5) / COLUMNS, (cell // COLUMNS + 0.5) / ROWS)
    widgets.bin.hovered.emit(id_, place)
    qtbot.waitUntil(lambda: lane.light is not None, timeout=WAIT)
    expected = [0 if each is None or each[cell] < DRAWS_FROM else int(each[cell]) for each in cells]
    assert lane.light is not None and lane.light[22:26].tolist() == expected and max(expected) > 0
    assert not lane.light[:22].any() and not lane.light[26:].any()
    widgets.bin.hovered.emit(id_, QPointF(0.999, 0.999) if cell != 47 else QPointF(0.0, 0.0))
    widgets.bin.hover_left.emit()
    assert lane.light is None, "it did not rest there"
