"""Cuts are found, and only cuts."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from remaster_gui.base.notices import Progress, complete, followed
from remaster_gui.base.timebase import FrameRange
from remaster_gui.media import PRESETS, Film, SegmentWriter, find_shots, open_film

Scene = Callable[[int], np.ndarray]


def scene(seed: int) -> Scene:
    """A picture of blobs that moves slowly, with grain and flicker like old film."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:96, 0:128]
    centres = rng.uniform(0, 1, (12, 4))

    def picture(index: int) -> np.ndarray:
        grey = np.full((96, 128), 0.2 + 0.3 * rng.random())
        for cx, cy, radius, light in centres:
            inside = (x - cx * 128 - index * 0.7) ** 2 + (y - cy * 96) ** 2 < (10 + radius * 25) ** 2
            grey[inside] = light
        return grey * (1 + 0.05 * np.sin(index * 1.3)) + rng.normal(0, 0.03, grey.shape)

    return picture


def write(path: Path, pictures: list[np.ndarray]) -> Path:
    with SegmentWriter(path, PRESETS["ffv1-10"], 128, 96, Fraction(24)) as writer:
        for index, grey in enumerate(pictures):
            frame = np.repeat(np.clip(grey, 0, 1)[..., None], 3, axis=2).astype(np.float32)
            writer.write(frame, Fraction(index, 24))
    return path


@pytest.fixture(scope="module")
def three_shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    first, second = scene(1), scene(2)
    pictures = (
        [first(i) for i in range(20)] + [second(i) for i in range(15)] + [first(i) for i in range(20, 40)]
    )
    # One torn white frame in the middle of a shot, as old prints have them.
    pictures[45] = np.ones((96, 128))
    return write(tmp_path_factory.mktemp("shots") / "film.mkv", pictures)


def shots_of(film: Film) -> list[FrameRange]:
    return complete(find_shots(film, Event()))[0]


def test_finds_the_cuts_and_nothing_else(three_shots: Path) -> None:
    done: list[Progress] = []
    with open_film(three_shots) as film:
        shots = followed(find_shots(film, Event()), done.append)
    assert shots == [FrameRange(0, 20), FrameRange(20, 35), FrameRange(35, 55)]
    assert done == [Progress(index + 1, 55, doing="Looking for cuts") for index in range(55)]


def test_film_without_cuts_is_one_shot(tmp_path: Path) -> None:
    picture = scene(3)
    with open_film(write(tmp_path / "film.mkv", [picture(i) for i in range(12)])) as film:
        assert shots_of(film) == [FrameRange(0, 12)]


@pytest.mark.parametrize("frames", [1, 2])
def test_shortest_films(frames: int, tmp_path: Path) -> None:
    picture = scene(3)
    with open_film(write(tmp_path / "film.mkv", [picture(i) for i in range(frames)])) as film:
        assert shots_of(film) == [FrameRange(0, frames)]


def test_cancel_ends_within_a_frame_and_covers_the_film(three_shots: Path) -> None:
    cancel = Event()
    done: list[int] = []

    def progress(step: Progress) -> None:
        done.append(step.done)
        if step.done == 30:
            cancel.set()

    with open_film(three_shots) as film:
        shots = followed(find_shots(film, cancel), progress)
    assert done[-1] == 30
    assert shots == [FrameRange(0, 20), FrameRange(20, 55)]


def test_real_film(shared: Path) -> None:
    with open_film(shared / "data" / "vintage" / "a-bomb_blast_effects_part.mp4") as film:
        assert [shot.start for shot in shots_of(film)] == [0, 44, 134, 299]
        assert film.info.frame_count == 360


@pytest.mark.parametrize("name", ["oldfilm_001", "oldfilm_002.mp4", "oldfilm_003.mp4"])
def test_real_film_of_one_shot(name: str, shared: Path) -> None:
    """Flicker, dust and a shaking gate are no cuts."""
    with open_film(shared / "data" / "vintage" / name) as film:
        assert shots_of(film) == [FrameRange(0, film.info.frame_count)]
