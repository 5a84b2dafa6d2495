"""Frames worth colouring: one for each look, wherever it comes back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event

import cv2
import numpy as np
import pytest

from remaster_gui.base.notices import Progress, complete
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.frame_samples import sample_frames
from remaster_gui.engine.preview_plan import shot_at
from remaster_gui.engine.suggestions import MOST_SAMPLES, Suggestion, suggest_frames
from remaster_gui.media import open_film

from .conftest import shots_from_cuts

SHOT = 24
HEIGHT, WIDTH = 96, 128


def scene(seed: int) -> np.ndarray:
    """A picture larger than the frame, so that the camera can move."""
    rng = np.random.default_rng(seed)
    rough = cv2.resize(
        rng.random((5, 6)).astype(np.float32), (WIDTH + 20, HEIGHT), interpolation=cv2.INTER_CUBIC
    )
    fine = cv2.resize(rng.random((24, 32)).astype(np.float32), (WIDTH + 20, HEIGHT))
    return (0.7 * rough + 0.3 * fine).clip(0, 1)


@pytest.fixture
def film_of(write_film: Callable[..., Path], tmp_path: Path) -> Callable[[Sequence[int | None]], Path]:
    """Write a film whose shots show these scenes, panning slowly; None is black."""

    def make(scenes: Sequence[int | None]) -> Path:
        rng = np.random.default_rng(0)
        frames = [
            np.zeros((HEIGHT, WIDTH)) if seed is None else scene(seed)[:, t // 2 : t // 2 + WIDTH]
            for seed in scenes
            for t in range(SHOT)
        ]
        grainy = [(f + rng.normal(0, 0.005, f.shape)).clip(0, 1).astype(np.float32) for f in frames]
        return write_film(tmp_path / "film.mkv", np.stack(grainy))

    return make


def suggested(path: Path, count: int, **options: object) -> list[Suggestion]:
    shots = shots_from_cuts(range(0, count * SHOT, SHOT), count * SHOT)
    with open_film(path) as film:
        return list(complete(suggest_frames(film, shots, cancel=Event(), **options))[0])  # type: ignore[arg-type]


def test_one_for_each_look_the_commonest_first(film_of: Callable[..., Path]) -> None:
    scenes = [1, 2, 1, 3, 1, 2]
    found = suggested(film_of(scenes), len(scenes))
    assert [scenes[each.frame // SHOT] for each in found] == [1, 2, 3]
    assert [each.share for each in found] == pytest.approx([3 / 6, 2 / 6, 1 / 6])


def test_what_is_coloured_needs_no_more(film_of: Callable[..., Path]) -> None:
    scenes = [1, 2, 1, 3]
    path = film_of(scenes)
    found = suggested(path, len(scenes), colored=[2 * SHOT + 5])
    assert sorted(scenes[each.frame // SHOT] for each in found) == [2, 3]
    assert suggested(path, len(scenes), colored=[5, SHOT + 5, 3 * SHOT + 5]) == []


def test_black_shots_are_not_worth_it(film_of: Callable[..., Path]) -> None:
    scenes = [None, 1, None]
    assert [scenes[each.frame // SHOT] for each in suggested(film_of(scenes), 3)] == [1]
    assert suggested(film_of([None]), 1) == []


def test_no_more_than_asked_for(film_of: Callable[..., Path]) -> None:
    scenes = [1, 2, 3, 4]
    assert len(suggested(film_of(scenes), 4, most=2)) == 2


def test_progress_and_cancel(film_of: Callable[..., Path]) -> None:
    cancel = Event()
    shots = shots_from_cuts((0, SHOT), 2 * SHOT)
    with open_film(film_of([1, 2])) as film:
        assert list(suggest_frames(film, shots, cancel=cancel)) == [Progress(n + 1, 4) for n in range(4)]
        search = suggest_frames(film, shots, cancel=cancel)
        assert next(search) == Progress(1, 4)
        cancel.set()
        assert complete(search)[0] == ()


def test_a_long_film_is_looked_at_in_a_bounded_number_of_places() -> None:
    rng = np.random.default_rng(0)
    count = 180_000
    shots = shots_from_cuts(sorted(rng.integers(0, count, 1500).tolist()), count)
    samples = sample_frames(shots, 24.0, MOST_SAMPLES)
    assert len(samples) <= MOST_SAMPLES
    few = sample_frames((FrameRange(0, count),), 24.0, MOST_SAMPLES)
    assert len(few) <= MOST_SAMPLES
    assert sum(weight for _, weight in few) == pytest.approx(count)
    assert all(0 <= frame < count for frame, _ in samples + few)


def test_every_shot_of_a_real_film_gets_its_own(shared: Path) -> None:
    with open_film(shared / "data" / "vintage" / "a-bomb_blast_effects_part.mp4") as film:
        shots = shots_from_cuts((44, 134, 299), film.info.frame_count)
        found = complete(suggest_frames(film, shots, cancel=Event()))[0]
    assert {shot_at(shots, each.frame) for each in found} == set(shots)
    assert len(found) <= 6
