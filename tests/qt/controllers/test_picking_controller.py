"""The eyedropper on the bin: colours of a reference's own pixels, given back where it is given up."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF

from remaster_gui.painting.color_values import pick
from remaster_gui.ui.film_session import FilmSession

WAIT = 300_000


def test_a_colour_is_picked_or_given_back(qtbot: Any, session: FilmSession) -> None:
    session.references.mark()
    qtbot.waitUntil(lambda: bool(session.film.document.project.references), timeout=WAIT)
    id_ = session.film.document.project.references[0].id
    raster = session.film.document.raster(id_)
    assert raster is not None
    raster.chrominance[:, raster.width // 2 :] = (170, 90)
    raster.coverage[:, raster.width // 2 :] = 255
    settings, panel = session.widgets.tool_settings, session.widgets.bin
    before = settings.foreground
    panel.picking.emit(id_, QPointF(0.75, 0.5))
    there = pick(raster, 0.75 * raster.width, 0.5 * raster.height)
    assert settings.foreground == there != before
    panel.pick_ended.emit(False)
    assert settings.foreground == before
    panel.picking.emit(id_, QPointF(0.75, 0.5))
    panel.pick_ended.emit(True)
    assert settings.foreground == there
