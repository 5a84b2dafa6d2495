"""Named colours: drawn on a reference, found in previews as mattes, and given other colours."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from remaster_gui.base.packed_regions import unpack_region
from remaster_gui.painting.raster import Raster
from remaster_gui.project import edits, name_edits
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow
from remaster_gui.ui.qimage import to_array

from .conftest import WAIT
from .test_region_controller import chosen, drag

__all__ = ["chosen"]

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def test_a_name_is_drawn_without_a_change_of_what_counts(
    qtbot: Any, window: MainWindow, session: FilmSession, chosen: str
) -> None:
    panel, document = session.widgets.names, session.film.document
    window.actions_["name_color"].trigger()
    qtbot.waitUntil(panel.name.isVisible)
    panel.name.setText(" tunic ")
    QTest.keyClick(panel.name, Qt.Key.Key_Return)
    view = session.film.view
    assert (view.name, view.is_naming, view.tool) == ("tunic", True, "region_lasso")
    assert panel.draw.isChecked() and panel.row is not None and document.project.names == ()
    assert panel.nothing.text() == "Now draw around it on this reference." and panel.wheel.isHidden()
    drag(session, (0.1, 0.1), (0.4, 0.1), (0.4, 0.9), (0.1, 0.9))
    (named,) = document.project.named
    record = document.project.reference(chosen)
    assert record is not None and not record.validity.region
    height, width = unpack_region(named.region).shape
    assert unpack_region(named.region)[height // 2, width // 4] and (named.name, named.reference) == (
        "tunic",
        chosen,
    )
    assert named.color == pytest.approx((4.5, 10), abs=4)
    assert session.widgets.region.mask is not None
    assert panel.nothing.isHidden() and not panel.wheel.isHidden()
    assert document.stack.undoText() == "Draw the region of tunic"
    assert document.engine_references()[0].named == (named,)
    panel.draw.click()
    assert not view.is_naming and session.widgets.region.mask is None
    drag(session, (0.5, 0.1), (0.9, 0.1), (0.9, 0.9), (0.5, 0.9))
    record = document.project.reference(chosen)
    assert record is not None and record.validity.region and document.project.named == (named,)
    item = panel.list.topLevelItem(0)
    assert item is not None
    item.setText(0, "coat")
    assert [each.name for each in document.project.named] == ["coat"] and view.name == "coat"
    document.stack.undo()
    view.name = "tunic"
    panel.remove.click()
    assert document.project.named == () and view.name is None and panel.row is None
    document.stack.undo()
    assert document.project.named == (named,)
    view.go(9)
    panel.name_typed.emit("sky")
    qtbot.waitUntil(
        lambda: panel.nothing.text() == "Go to a reference and draw around it there.", timeout=WAIT
    )


def test_another_color_is_seen_without_another_preview(
    qtbot: Any, window: MainWindow, session: FilmSession, own: Path, shipped: Path
) -> None:
    document, info = session.film.document, session.film.info
    window.network.allow(own)
    settings = replace(document.project.settings, weights=own, edge=64, restoration=False)
    raster = Raster.of_frame(np.full((info.height, info.width), 90, np.uint8))
    raster.chrominance[:], raster.coverage[:] = (150, 120), 255
    id_ = document.add_reference("imported", 0, raster)
    named = name_edits.with_named_region(document.project, "all", id_, b"", (22.0, -8.0))
    document.edit(edits.with_settings(named, settings), "Settings")
    session.film.view.name = "all"
    session.preview.start("around")
    panel, overlay = session.widgets.names, session.widgets.matte
    qtbot.waitUntil(lambda: overlay.matte is not None and session.names.in_shots() != (), timeout=WAIT)
    assert overlay.matte is not None and overlay.matte.max() > 50
    assert overlay.name == session.film.view.name
    session.preview.stop()
    qtbot.waitUntil(
        lambda: panel.row is not None and panel.row.frames > 0 and panel.row.shots != (), timeout=WAIT
    )
    assert panel.row is not None
    found, before = session.preview.result(0), to_array(session.widgets.compare.latest)
    window.show()
    panel.show()
    panel.wheel.resize(160, 160)
    QTest.mouseClick(panel.wheel, LEFT, NONE, QPoint(40, 40))
    (change,) = document.project.recolorings
    assert change.before == (22.0, -8.0) and change.after[0] < 0 < change.after[1]
    assert session.preview.result(0) == found and not session.preview.is_running
    assert np.abs(to_array(session.widgets.compare.latest)[..., 0].mean() - before[..., 0].mean()) > 2
    assert panel.row is not None and panel.row.wanted == change.after and panel.own.isEnabled()
    panel.own.click()
    assert document.project.recolorings == ()
