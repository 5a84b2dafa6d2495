"""How far references reach: told on their cards of the frames that a preview has made, and of no others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from remaster_gui.engine.reach import HELPS_FROM, Reach
from remaster_gui.painting.raster import PAINTED, Raster
from remaster_gui.project import edits
from remaster_gui.ui.film_session import FilmSession
from remaster_gui.ui.main_window import MainWindow

from .conftest import WAIT


def _colored(session: FilmSession, tint: tuple[int, int]) -> str:
    """A free-standing reference of one colour."""
    raster = Raster.of_frame(np.full((64, 80), 120, np.uint8))
    raster.chrominance[:], raster.coverage[:] = tint, PAINTED
    return session.film.document.add_reference("imported", None, raster)


def test_cards_say_what_a_preview_has_found(
    qtbot: Any, window: MainWindow, session: FilmSession, weights: Path
) -> None:
    document, bin_ = session.film.document, session.widgets.bin
    window.network.allow(weights)
    settings = replace(document.project.settings, weights=weights, edge=64, restoration=False)
    document.edit(edits.with_settings(document.project, settings), "Settings")
    first, second = _colored(session, (160, 100)), _colored(session, (100, 160))
    document.edit(edits.with_segment(document.project, 22, 26), "Segment")
    assert bin_.reaches == {}
    session.preview.start("segment")
    # The cut at 24 lies in the segment.
    qtbot.waitUntil(
        lambda: [bin_.reaches[id_].known if id_ in bin_.reaches else 0 for id_ in (first, second)] == [4, 4],
        timeout=WAIT,
    )
    shares = [session.preview.drawn(frame) for frame in range(22, 26)]
    assert all(sum(each.values()) == pytest.approx(1, abs=1e-3) for each in shares)
    for id_ in (first, second):
        own = [share for each in shares for digest, share in each.items() if digest.startswith(id_)]
        helped = [share for share in own if share >= HELPS_FROM]
        shots = {frame >= 24 for frame, share in enumerate(own, 22) if share >= HELPS_FROM}
        mean = pytest.approx(sum(helped) / len(helped), abs=1e-6)
        assert len(own) == 4 and bin_.reaches[id_] == Reach(4, len(helped), len(shots), mean)
    session.preview.stop()
    document.edit(edits.with_settings(document.project, replace(settings, restoration=True)), "Settings")
    qtbot.waitUntil(lambda: bin_.reaches == {}, timeout=WAIT)
