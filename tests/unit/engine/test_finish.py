"""What becomes of restored luminance: dirt is told from tones and grain, and single repairs are rejected or made."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from remaster_gui.base.choices import Grain
from remaster_gui.base.packed_regions import pack_region
from remaster_gui.base.spot_marks import SpotMark
from remaster_gui.engine.dirt import find_spots
from remaster_gui.engine.finish import Finish, finished
from remaster_gui.engine.grain import measured_grain, new_grain
from remaster_gui.engine.sizes import Size
from remaster_gui.engine.toned import with_restored_tones

FILM = Size(192, 160)
DARK, BRIGHT = (slice(40, 46), slice(60, 67)), (slice(100, 105), slice(130, 150))
FAINT = (slice(80, 86), slice(30, 36))


def clean_scene() -> np.ndarray:
    """Return a picture of soft things and sharp edges."""
    rows, columns = np.mgrid[: FILM.height, : FILM.width].astype(np.float32)
    scene = 0.45 + 0.15 * np.sin(columns / 23) * np.cos(rows / 31)
    scene[:, 160:] -= 0.2
    return scene.astype(np.float32)


def grain(deviation: float = 0.008, seed: int = 1) -> np.ndarray:
    drawn = np.random.default_rng(seed).standard_normal((FILM.height, FILM.width)).astype(np.float32)
    coarse = cv2.GaussianBlur(drawn, (0, 0), 0.8)
    return np.asarray(coarse * (deviation / coarse.std()), np.float32)


def old(clean: np.ndarray) -> np.ndarray:
    """Return the picture with dirt and grain, faded and with dark corners."""
    source = clean + grain()
    source[DARK] -= 0.2
    source[BRIGHT] += 0.2
    source[FAINT] -= 0.06
    rows, columns = np.mgrid[-1 : 1 : FILM.height * 1j, -1 : 1 : FILM.width * 1j]
    return ((0.15 + 0.7 * source) * (1 - 0.06 * (rows**2 + columns**2))).astype(np.float32)


@pytest.fixture(scope="module")
def pair() -> tuple[np.ndarray, np.ndarray]:
    """Return an old frame and what a perfect restoration makes of it."""
    clean = clean_scene()
    return old(clean), clean


def finish(pair: tuple[np.ndarray, np.ndarray], how: Finish, frame: int = 3) -> np.ndarray:
    return finished(*pair, how, frame, FILM).luminance


def test_tones_are_no_dirt_and_dirt_no_tones(pair: tuple[np.ndarray, np.ndarray]) -> None:
    own = with_restored_tones(*pair)
    # What is left is the dirt, and the grain with the contrast that restoration gave the film.
    undamaged = np.ones(own.shape, bool)
    undamaged[DARK] = undamaged[BRIGHT] = undamaged[FAINT] = False
    assert float(np.abs(own - pair[1])[undamaged].mean()) < 0.01
    spots = find_spots(own, pair[1])
    dark, bright = spots.taken(1.0)
    assert dark[43, 63] and bright[102, 140] and dark[83, 33]
    assert not (dark[BRIGHT].any() or bright[DARK].any())
    assert (spots.count(1.0), spots.count(0.5), spots.count(0.0)) == (3, 2, 0)
    assert int(dark.sum()) < 4 * (6 * 7 + 6 * 6) and int(bright.sum()) < 4 * 5 * 20


def test_kept_grain_is_the_films_own_wherever_no_dirt_lies(pair: tuple[np.ndarray, np.ndarray]) -> None:
    restored = pair[1]
    kept = finish(pair, Finish(grain="keep"))
    for box in (DARK, BRIGHT, FAINT):
        np.testing.assert_allclose(kept[box], restored[box], atol=0.012)
    np.testing.assert_allclose(kept[10:30, 10:30], with_restored_tones(*pair)[10:30, 10:30], atol=1e-5)
    np.testing.assert_array_equal(finish(pair, Finish(grain="out")), restored)
    half = finish(pair, Finish(0.5, "out"))
    np.testing.assert_allclose(half, (pair[0] + restored) / 2, atol=1e-6)


@pytest.mark.parametrize("how", ["out", "keep"])
def test_less_sensitivity_hands_faint_dirt_back(pair: tuple[np.ndarray, np.ndarray], how: Grain) -> None:
    own = with_restored_tones(*pair)
    less = finish(pair, Finish(grain=how, sensitivity=0.5))
    np.testing.assert_allclose(less[82:84, 32:34], own[82:84, 32:34], atol=0.02)
    np.testing.assert_allclose(less[DARK], pair[1][DARK], atol=0.012)
    none = finish(pair, Finish(grain=how, sensitivity=0.0))
    np.testing.assert_allclose(none[42:44, 62:65], own[42:44, 62:65], atol=0.02)


def test_new_grain_is_as_strong_and_as_coarse_as_the_films_was(pair: tuple[np.ndarray, np.ndarray]) -> None:
    flat = np.full((FILM.height, FILM.width), 0.5, np.float32)
    grainy = flat + grain(0.012)
    grainy[:, 96:] = (flat + grain(0.004, seed=2))[:, 96:] + 0.3
    plain = cv2.GaussianBlur(grainy, (0, 0), 6)
    plain[:, :96], plain[:, 96:] = 0.5, 0.8
    model = measured_grain(grainy, plain)
    assert model is not None
    made = new_grain(model, plain, frame=7)
    for part, deviation in ((slice(8, 88), 0.012), (slice(104, 184), 0.004)):
        assert float(made[:, part].std()) == pytest.approx(deviation, rel=0.35)

    def alike(picture: np.ndarray) -> float:
        here, next_ = picture[:, 8:87].ravel(), picture[:, 9:88].ravel()
        return float(np.corrcoef(here, next_)[0, 1])

    assert alike(made) == pytest.approx(alike(grainy - plain), abs=0.15)
    np.testing.assert_array_equal(new_grain(model, plain, 7), made)
    assert float(np.abs(new_grain(model, plain, 8) - made).mean()) > 0.003
    again = finish(pair, Finish(grain="measured"))
    np.testing.assert_array_equal(again, finish(pair, Finish(grain="measured")))
    assert float((again - pair[1])[110:150, 20:120].std()) > 0.004


def test_a_rejected_repair_is_the_films_own_again_and_nothing_else_changes(
    pair: tuple[np.ndarray, np.ndarray],
) -> None:
    mark = SpotMark("reject", 56, 36, 15, 14)
    rejected, before = finish(pair, Finish(marks=(mark,))), finish(pair, Finish())
    own = with_restored_tones(*pair)
    np.testing.assert_allclose(rejected[DARK], own[DARK], atol=1e-5)
    far = np.ones(own.shape, bool)
    far[28:58, 48:80] = False
    np.testing.assert_array_equal(rejected[far], before[far])
    # The latest word counts.
    repaired = finish(pair, Finish(marks=(mark, SpotMark("repair", 56, 36, 15, 14))))
    np.testing.assert_allclose(repaired[DARK], pair[1][DARK], atol=0.03)


def test_a_repair_by_hand_takes_what_neighbours_agree_on_else_the_surroundings() -> None:
    rng = np.random.default_rng(5)
    scene = cv2.GaussianBlur(rng.random((FILM.height, FILM.width + 12)).astype(np.float32), (0, 0), 2.5)
    scene = (scene - scene.min()) / (scene.max() - scene.min())
    before, here, after = (np.ascontiguousarray(scene[:, at : at + FILM.width]) for at in (0, 3, 6))
    damaged = here.copy()
    damaged[70:82, 90:104] = 1.0
    shape = np.zeros((16, 18), bool)
    shape[1:15, 1:17] = True
    mark = SpotMark("repair", 88, 68, 18, 16, pack_region(shape))
    how = Finish(marks=(mark,))
    box = (slice(70, 82), slice(90, 104))
    by_neighbours = finished(damaged, damaged, how, 0, FILM, (before * 0.9, after * 0.9 + 0.05)).luminance
    assert float(np.abs(by_neighbours - here)[box].mean()) < 0.03
    by_surroundings = finished(damaged, damaged, how, 0, FILM).luminance
    assert 0.03 < float(np.abs(by_surroundings - here)[box].mean()) < 0.3
    # Neighbours that do not agree are not believed.
    strange = finished(damaged, damaged, how, 0, FILM, (before, before[::-1].copy())).luminance
    assert float(np.abs(strange - by_surroundings)[box].mean()) < 0.15
    far = np.ones(here.shape, bool)
    far[60:92, 80:114] = False
    np.testing.assert_array_equal(by_neighbours[far], damaged[far])
