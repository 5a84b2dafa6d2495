"""Coloured pictures are found in the film by what they show, whatever became of them on the way."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Event

import cv2
import numpy as np
import pytest

from remaster_gui.base.notices import Progress
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.frame_names import frame_named
from remaster_gui.engine.picture_search import FrameSearch, Placed
from remaster_gui.media import Film, open_film

SHOTS = (FrameRange(0, 20), FrameRange(20, 41), FrameRange(41, 50))
SIZE = (144, 192)


def _things(seed: int) -> np.ndarray:
    """A wide grey scene full of corners."""
    rng = np.random.default_rng(seed)
    scene = cv2.resize(
        rng.uniform(0.2, 0.8, (14, 24)).astype(np.float32), (310, 190), interpolation=cv2.INTER_CUBIC
    )
    for _ in range(150):
        x, y, wide, high = rng.integers((0, 0, 5, 5), (310, 190, 26, 26))
        cv2.rectangle(scene, (x, y), (x + wide, y + high), float(rng.uniform(0, 1)), -1)
    return cv2.GaussianBlur(scene, (0, 0), 0.7).clip(0, 1)


def _picture(index: int) -> np.ndarray:
    """What frame `index` shows ``(h, w)`` in [0, 1]: the camera pans over things, some of which move."""
    number, shot = next((n, s) for n, s in enumerate(SHOTS) if index in s)
    at = 4 * (index - shot.start)
    picture = _things(number)[20 : 20 + SIZE[0], 10 + at : 10 + at + SIZE[1]].copy()
    for way in range(3):
        x, y = 140 - 35 * way + (way - 1) * 3 * (index - shot.start), 35 + 30 * way
        cv2.rectangle(picture, (x, y), (x + 14, y + 10), 0.95 * (way % 2), -1)
    return picture


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    folder = tmp_path_factory.mktemp("film")
    rng = np.random.default_rng(1)
    for index in range(50):
        noisy = _picture(index) + rng.normal(0, 0.02, SIZE)
        cv2.imwrite(str(folder / f"{index:04d}.png"), (noisy.clip(0, 1) * 255).astype(np.uint8))
    return open_film(folder)


def _find(
    film: Film, pictures: Sequence[np.ndarray], hints: Sequence[Sequence[int]] | None = None
) -> tuple[dict[int, Placed], int]:
    """What was found for each picture, and how many frames were looked at all over the film."""
    bytes_ = [(picture * 255).astype(np.uint8) for picture in pictures]
    found, looked = {}, 0
    for step in FrameSearch(film, SHOTS).find(bytes_, hints or [()] * len(bytes_), Event()):
        if isinstance(step, Placed):
            found[step.number] = step
        else:
            looked += 1
    return found, looked


def test_each_picture_is_found_where_it_belongs(film: Film) -> None:
    cropped = _picture(33)[10:120, 20:160]
    large = cv2.resize(_picture(7), None, fx=2.2, fy=2.2, interpolation=cv2.INTER_CUBIC)
    barred = np.pad(_picture(45), ((40, 40), (0, 0)))
    pale = _picture(22) ** 1.4 * 0.6 + 0.2
    elsewhere = _things(9)[20:164, 30:222]
    found, _ = _find(film, [cropped, large.clip(0, 1), barred, pale, elsewhere])
    assert [found[number].frame for number in range(4)] == [33, 7, 45, 22]
    assert [found[number].registration.fits for number in range(5)] == [True] * 4 + [False]
    np.testing.assert_allclose(found[0].registration.matrix, [[1, 0, -20], [0, 1, -10]], atol=0.3)


def test_a_frame_that_is_named_is_tried_first(film: Film) -> None:
    found, looked = _find(film, [_picture(12)], [[12]])
    assert found[0].frame == 12 and looked == 0


def test_a_name_that_leads_astray_does_no_harm(film: Film) -> None:
    found, looked = _find(film, [_picture(12)], [[30]])
    assert found[0].frame == 12 and looked > 0


def test_the_search_can_be_given_up(film: Film) -> None:
    cancel = Event()
    picture = (_picture(3) * 255).astype(np.uint8)
    steps = []
    for step in FrameSearch(film, SHOTS).find([picture], [()], cancel):
        steps.append(step)
        cancel.set()
    assert [type(step) for step in steps] == [Progress]


def test_names_of_pictures_say_frames() -> None:
    assert frame_named(Path("reel_000012.png"), 50, None) == 12
    assert frame_named(Path("reel_000062.png"), 50, None) is None
    assert frame_named(Path("holiday 12.png"), 50, None) is None
    assert frame_named(Path("reel_86402.png"), 3, (86400, 86402, 86403)) == 1


def test_it_says_what_it_does_while_it_fits_what_it_has_found(film: Film) -> None:
    picture = (_picture(3) * 255).astype(np.uint8)
    steps = list(FrameSearch(film, SHOTS).find([picture], [()], Event()))
    said = [(step.doing, step.done, step.total) for step in steps if isinstance(step, Progress)]
    assert said[-1] == ("Fitting pictures", 0, 1) and all(doing == "" for doing, _, _ in said[:-1])
