"""A tiny prior, whose opinion is noise, and what a painter may rely on all the same."""

from __future__ import annotations

from threading import Event

import numpy as np
import pytest
import torch

from remaster_gui.base.errors import SettingsError
from remaster_gui.engine import colorist as colorist_module
from remaster_gui.engine.colorist import MOST_PIXELS, Colorist, asked_size
from remaster_gui.engine.likely_colors import PAINTED
from remaster_gui.model.prior import ColorPrior, PriorConfig
from remaster_gui.painting.painted_hints import CarriedColors
from remaster_gui.painting.raster import PAINTED as WHOLE
from remaster_gui.painting.raster import SPREAD, Raster


@pytest.fixture(scope="module")
def prior() -> ColorPrior:
    torch.manual_seed(1)
    network = ColorPrior(PriorConfig((16, 16, 16, 16, 16), (1, 0, 0, 0, 0), (0, 0, 0, 1), 0, bins=12))
    network.centres.copy_(torch.randint(-80, 80, (12, 2)).float())
    torch.nn.init.normal_(network.color.weight, std=0.1)
    return network.eval().fold()


@pytest.fixture
def colorist(prior: ColorPrior) -> Colorist:
    return Colorist(prior)


@pytest.fixture
def raster() -> Raster:
    """A frame of 90x70, dark at the left and light at the right, with two strokes."""
    luma = np.full((70, 90), 60, np.uint8)
    luma[:, 45:] = 190
    raster = Raster.of_frame(luma)
    for columns, color in ((slice(10, 20), (168, 148)), (slice(60, 70), (108, 88))):
        raster.chrominance[20:24, columns] = color
        raster.coverage[20:24, columns] = WHOLE
    return raster


def test_strokes_stay_exactly_and_all_else_is_spread(colorist: Colorist, raster: Raster) -> None:
    before = raster.copy()
    change = colorist.spread(raster)
    assert change is not None
    np.testing.assert_array_equal(raster.chrominance, before.chrominance)
    change.apply(raster)
    painted = before.coverage == WHOLE
    np.testing.assert_array_equal(raster.chrominance[painted], before.chrominance[painted])
    np.testing.assert_array_equal(raster.coverage, np.where(painted, WHOLE, SPREAD))
    np.testing.assert_array_equal(raster.luminance, before.luminance)
    again = colorist.spread(raster)
    assert again is None, "what grew is no hint, so that it grows to the same again"


def test_a_stroke_reaches_to_the_edges_of_its_thing(colorist: Colorist, raster: Raster) -> None:
    change = colorist.spread(raster)
    assert change is not None
    change.apply(raster)
    colors = raster.chrominance.astype(float)
    for near, beyond, color in (
        (slice(22, 26), slice(47, 51), (168, 148)),
        (slice(54, 58), slice(39, 43), (108, 88)),
    ):
        off = [np.linalg.norm(colors[20:24, columns] - color, axis=2).mean() for columns in (near, beyond)]
        assert off[0] < 0.5 * off[1]


def test_nothing_to_spread_and_cancelling(colorist: Colorist, raster: Raster) -> None:
    cancel = Event()
    cancel.set()
    assert colorist.spread(raster, cancel=cancel) is None
    raster.coverage[:] = 0
    assert colorist.spread(raster) is None


def test_what_references_carry_stays_where_nothing_contradicts_it(colorist: Colorist, raster: Raster) -> None:
    carried = CarriedColors(np.zeros((35, 45, 2), np.float32), np.ones((35, 45), np.float32))
    carried.chrominance[:, :22] = (5, 25)  # the stroke at the left is of another colour
    carried.chrominance[:, 22:] = (-20, -40)
    change = colorist.spread(raster, carried)
    assert change is not None
    change.apply(raster)
    colors = raster.chrominance.astype(float) - 128
    assert np.abs(colors[5:65, 55:85] - (-20, -40)).max() < 4
    assert np.abs(colors[60, 5:35] - (5, 25)).max() > 8


def test_the_prior_is_asked_once_for_one_thing(
    colorist: Colorist, raster: Raster, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, ...]] = []
    guess = ColorPrior.guess

    def counted(self: ColorPrior, luminance: torch.Tensor, *rest: object) -> object:
        asked.append(tuple(luminance.shape))
        return guess(self, luminance, *rest)

    monkeypatch.setattr(ColorPrior, "guess", counted)
    change = colorist.spread(raster)
    assert change is not None
    change.apply(raster)
    colorist.outlook(raster)
    assert asked == [(1, 1, 70, 90)]
    raster.coverage[60, 80] = WHOLE
    colorist.outlook(raster)
    assert len(asked) == 2


def test_an_outlook_sums_to_one_and_knows_what_is_painted(colorist: Colorist, raster: Raster) -> None:
    seen = colorist.outlook(raster)
    assert seen.likelihood.shape == (18, 23, 12) and seen.luminance.shape == (18, 23)
    np.testing.assert_allclose(seen.likelihood.astype(float).sum(2), 1, atol=0.01)
    assert not seen.likelihood.flags.writeable
    assert 1 <= len(seen.at(0.5, 0.5)) <= 5
    lightness = seen.lightness_at(15 / 90, 22 / 70)
    assert seen.painted.name == PAINTED and seen.painted.share(lightness, (40, 20)) == 1


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (4096, 3), (12288, 180), (640, 480), (300, 5000)])
def test_the_prior_is_asked_at_a_bounded_size(size: tuple[int, int]) -> None:
    width, height = asked_size(*size)
    assert 1 <= width <= size[0] and 1 <= height <= size[1]
    assert width * height <= MOST_PIXELS * 1.02 or min(size) == 1


def test_pictures_of_any_shape_are_spread(colorist: Colorist, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(colorist_module, "MOST_PIXELS", 900)
    for height, width in ((1, 2), (3, 2), (5, 300), (41, 7)):
        raster = Raster.of_frame(np.full((height, width), 120, np.uint8))
        raster.chrominance[0, 0], raster.coverage[0, 0] = (160, 100), WHOLE
        change = colorist.spread(raster)
        assert change is not None
        change.apply(raster)
        assert raster.coverage.min() >= SPREAD and tuple(raster.chrominance[0, 0]) == (160, 100)


def test_hint_pictures_are_heeded(colorist: Colorist) -> None:
    luminance = np.random.default_rng(0).random((40, 60), np.float32)
    chrominance, confidence = np.full((40, 60, 2), np.nan, np.float32), np.zeros((40, 60), np.float32)
    plain = colorist.color(luminance)
    assert plain.shape == (40, 60, 2) and 0 <= plain.min() <= plain.max() <= 1
    np.testing.assert_array_equal(colorist.color(luminance, chrominance, confidence), plain)
    chrominance[10:20, 10:20], confidence[10:20, 10:20] = 0.9, 1.0
    assert np.abs(colorist.color(luminance, chrominance, confidence) - plain).max() > 1e-3


def _hints(**changes: np.ndarray | None) -> dict[str, np.ndarray | None]:
    good: dict[str, np.ndarray | None] = {
        "luminance": np.full((8, 12), 0.5, np.float32),
        "chrominance": np.full((8, 12, 2), 0.5, np.float32),
        "confidence": np.ones((8, 12), np.float32),
    }
    return good | changes


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"chrominance": np.full((8, 11, 2), 0.5)}, "as large as the picture, 12x8 pixels"),
        ({"chrominance": np.full((8, 12, 3), 0.5)}, "as large as the picture"),
        ({"confidence": np.ones((12, 8))}, "as large as the picture"),
        ({"confidence": None}, "two pictures"),
        ({"confidence": np.full((8, 12), 1.01)}, "confidence of hints lies between 0 and 1"),
        ({"confidence": np.full((8, 12), -0.01)}, "confidence of hints lies between 0 and 1"),
        ({"confidence": np.full((8, 12), np.nan)}, "confidence of hints lies between 0 and 1"),
        ({"chrominance": np.full((8, 12, 2), np.nan)}, "chrominance of hints lies between 0 and 1"),
        ({"chrominance": np.full((8, 12, 2), 60.0)}, "chrominance of hints lies between 0 and 1"),
        ({"luminance": np.full((8, 12), np.inf)}, "luminance of a picture lies between 0 and 1"),
        ({"luminance": np.full((8, 12), 50.0)}, "luminance of a picture lies between 0 and 1"),
        ({"luminance": np.zeros((8, 12, 3))}, "one plane of luminance"),
        ({"luminance": np.zeros((0, 12))}, "one plane of luminance"),
    ],
)
def test_other_hint_pictures_are_refused(
    colorist: Colorist, changes: dict[str, np.ndarray | None], said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        colorist.color(**_hints(**changes))
