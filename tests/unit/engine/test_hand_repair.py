"""Marks laid over pictures."""

from __future__ import annotations

import numpy as np

from remaster_gui.base.spot_marks import SpotMark
from remaster_gui.engine.hand_repair import placed
from remaster_gui.engine.sizes import Size

FILM = Size(64, 48)


def test_a_mark_that_reaches_beyond_its_film_counts_within_it() -> None:
    beyond, within = (
        SpotMark("repair", 40, 20, width, height) for width, height in ((2**20 - 40, 2**20 - 20), (24, 28))
    )
    found, right = placed(beyond, FILM, FILM), placed(within, FILM, FILM)
    assert found is not None and right is not None
    assert (found.rows, found.columns) == (right.rows, right.columns)
    np.testing.assert_array_equal(found.share, right.share)
    assert placed(SpotMark("repair", 64, 0, 9, 9), FILM, FILM) is None
