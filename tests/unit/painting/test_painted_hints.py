from __future__ import annotations

import numpy as np
import pytest

from remaster_gui.painting import painted_hints
from remaster_gui.painting.painted_hints import CarriedColors, PaintedHints, hints_of, laid_under
from remaster_gui.painting.raster import LAID, PAINTED, SPREAD, Raster


@pytest.fixture
def raster() -> Raster:
    """A grey frame of 400x300, its right half lighter."""
    luma = np.full((300, 400), 60, np.uint8)
    luma[:, 200:] = 190
    return Raster.of_frame(luma)


def paint(
    raster: Raster, rows: slice, columns: slice, color: tuple[int, int], coverage: int = PAINTED
) -> None:
    raster.chrominance[rows, columns] = (color[0] + 128, color[1] + 128)
    raster.coverage[rows, columns] = coverage


def test_hints_are_the_mean_of_what_is_painted(raster: Raster) -> None:
    paint(raster, slice(0, 300), slice(0, 400), (90, 90), SPREAD)
    paint(raster, slice(100, 120), slice(40, 60), (30, -20))
    hints = hints_of(raster, (100, 75))
    assert hints.weight.shape == hints.luminance.shape == (75, 100) and hints.chrominance.shape == (
        75,
        100,
        2,
    )
    assert hints.weight[25:30, 10:15].min() == pytest.approx(1, abs=1e-4)
    assert hints.weight.sum() == pytest.approx(25, rel=1e-3)
    np.testing.assert_allclose(hints.chrominance[27, 12], (30, -20), atol=0.01)
    assert not hints.chrominance[60, 60].any(), "what was spread is no hint"
    assert hints.known.sum() == 25


@pytest.mark.parametrize("width", [1, 2, 40])
def test_the_thinnest_stroke_is_a_hint(raster: Raster, width: int) -> None:
    paint(raster, slice(150, 150 + width), slice(90, 91), (30, -20))
    known = hints_of(raster, (40, 30)).known
    assert known.any() and known[14:20, 8:10].sum() == known.sum()


def test_bands_make_no_difference(raster: Raster, monkeypatch: pytest.MonkeyPatch) -> None:
    paint(raster, slice(30, 290), slice(180, 230), (30, -20))
    grown = np.zeros((75, 100, 2), np.float32)
    grown[:, :50] = (10, 40)
    whole = hints_of(raster, (100, 75))
    change = laid_under(raster, grown, whole.luminance)
    monkeypatch.setattr(painted_hints, "BAND", 4000)
    parts = hints_of(raster, (100, 75))
    np.testing.assert_allclose(parts.weight, whole.weight, atol=1e-4)
    np.testing.assert_allclose(parts.chrominance, whole.chrominance, atol=1e-2)
    assert laid_under(raster, grown, whole.luminance) == change


def test_colours_are_laid_under_what_is_painted(raster: Raster) -> None:
    paint(raster, slice(100, 140), slice(20, 80), (30, -20))
    paint(raster, slice(100, 140), slice(80, 84), (30, -20), 129)
    grown = np.zeros((75, 100, 2), np.float32)
    grown[:, :50] = (10, 40)
    paint(raster, slice(200, 240), slice(20, 80), (30, -20), LAID)
    before = raster.copy()
    change = laid_under(raster, grown, hints_of(raster, (100, 75)).luminance)
    assert change is not None
    np.testing.assert_array_equal(raster.chrominance, before.chrominance)
    change.apply(raster)
    assert (raster.coverage[100:140, 20:84] == PAINTED).all() and raster.coverage[0, 0] == SPREAD
    assert (raster.coverage[200:240, 20:80] == LAID).all(), "what came with a picture stays what it is"
    assert all(
        (raster.chrominance[rows, 20:80] == (158, 108)).all() for rows in (slice(100, 140), slice(200, 240))
    )
    np.testing.assert_allclose(raster.chrominance[110, 82].astype(float) - 128, (20, 10), atol=2)
    np.testing.assert_allclose(raster.chrominance[20, 190].astype(float) - 128, (10, 40), atol=4)
    np.testing.assert_allclose(raster.chrominance[20, 210].astype(float) - 128, (0, 0), atol=4)


def test_what_is_carried_yields_to_what_is_painted_on_the_same_thing(raster: Raster) -> None:
    carried = CarriedColors(np.zeros((300, 400, 2), np.float32), np.ones((300, 400), np.float32))
    carried.chrominance[:, :200] = (0, -30)
    carried.chrominance[:, 200:] = (20, 20)
    paint(raster, slice(100, 140), slice(20, 80), (40, 30))
    paint(raster, slice(100, 140), slice(300, 340), (22, 18))
    hints = hints_of(raster, (100, 75))
    beside = carried.at((100, 75)).beside(hints)
    assert not beside.share[:, :49].any(), "painted in another colour"
    assert (beside.share[:, 51:] == 1).all(), "painted in its own colour"


def test_what_is_not_carried_has_no_colour_when_it_is_made_smaller() -> None:
    chrominance, share = np.zeros((40, 40, 2), np.float32), np.zeros((40, 40), np.float32)
    chrominance[:, :15], share[:, :15] = (40, 20), 0.5
    small = CarriedColors(chrominance, share).at((4, 4))
    np.testing.assert_allclose(small.chrominance[0], [(40, 20), (40, 20), (0, 0), (0, 0)], atol=0.01)
    np.testing.assert_allclose(small.share[0], (0.5, 0.25, 0, 0), atol=1e-5)


def test_nothing_is_known_of_what_is_not_painted() -> None:
    nothing = np.zeros((4, 4), np.float32)
    assert not PaintedHints(nothing, nothing, np.zeros((4, 4, 2), np.float32)).known.any()
