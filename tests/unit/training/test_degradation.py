from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remaster_gui.training.augmentation import Alteration, AlterationTarget, Augmentation
from remaster_gui.training.damage import DamageSplit, Example
from remaster_gui.training.degradation import ALIGNED, FILM, Condition, Degradation, Strength, degrade_clip
from remaster_gui.training.film_faults import FrameWindow, lay_example
from remaster_gui.training.film_time import Event
from remaster_gui.training.line_scratches import Scratch, draw_scratch

HEIGHT, WIDTH = 96, 128
NONE = ALIGNED.times(0)
SEEDS = st.integers(0, 2**62)


def clean(frames: int = 4) -> np.ndarray:
    """A soft still picture, ``(frames, 96, 128)`` float32."""
    noise = np.random.default_rng(0).uniform(0, 1, (HEIGHT, WIDTH)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 6)
    soft = (soft - soft.min()) / np.ptp(soft) * 0.6 + 0.2
    return np.repeat(soft[None], frames, axis=0)


@given(seed=SEEDS)
@settings(max_examples=10)
def test_a_frame_looks_the_same_in_any_order(seed: int) -> None:
    frame = clean()[0]
    film = Degradation(seed, HEIGHT, WIDTH, strength=FILM)
    in_order = [film.apply(frame, index) for index in range(3)]
    alone = Degradation(seed, HEIGHT, WIDTH, strength=FILM).apply(frame, 2)
    assert np.array_equal(in_order[2], alone)
    assert in_order[0].dtype == np.float32
    assert min(f.min() for f in in_order) >= 0
    assert max(f.max() for f in in_order) <= 1


@given(seed=SEEDS, split=st.sampled_from(DamageSplit))
@settings(max_examples=8)
def test_clips_are_functions_of_their_seed(seed: int, split: DamageSplit) -> None:
    film = clean(3)
    once, again = (degrade_clip(film, seed, split) for _ in range(2))
    assert np.array_equal(once, again)
    assert not np.array_equal(once, film)
    assert not np.array_equal(once, degrade_clip(film, seed + 1, split))
    assert np.array_equal(film, clean(3))  # the argument is left alone


def test_bytes_stay_bytes_and_agree() -> None:
    levels = np.rint(clean() * 255).astype(np.uint8)
    as_bytes = degrade_clip(levels, 3)
    assert as_bytes.dtype == np.uint8
    as_floats = degrade_clip(levels.astype(np.float32) / 255, 3)
    assert np.abs(as_bytes / 255 - as_floats).max() <= 0.5 / 255 + 1e-6


def test_training_and_evaluation_show_different_examples() -> None:
    film = clean(6)
    only_examples = Strength(3.0, 0, 0, 0, 0, 0, 0)
    masks = [
        np.abs(degrade_clip(film, seed, split, only_examples, table=()) - film) > 0.1
        for seed in range(6)
        for split in DamageSplit
    ]
    covered = [mask for mask in masks if mask.any()]
    assert len(covered) >= 10
    for first, second in zip(masks[::2], masks[1::2], strict=True):
        assert not np.array_equal(first, second)


def test_strength_zero_changes_nothing() -> None:
    film = clean()
    assert np.abs(degrade_clip(film, 11, strength=NONE, table=()) - film).max() < 1e-6


@pytest.mark.parametrize("name", [n for n in Strength.__dataclass_fields__])
def test_each_strength_is_its_fault_alone(name: str) -> None:
    film = clean(12)
    changes = []
    for seed in range(12):
        strength = Strength(**{**vars(NONE), name: 1.0})
        changes.append(float(np.abs(degrade_clip(film, seed, strength=strength, table=()) - film).mean()))
    stronger = Strength(**{**vars(NONE), name: 2.0})
    twice = [
        float(np.abs(degrade_clip(film, s, strength=stronger, table=()) - film).mean()) for s in range(12)
    ]
    assert 1e-5 < max(changes) < 0.2
    assert sum(twice) > 1.2 * sum(changes)


def test_aligned_damage_leaves_the_picture_in_its_place() -> None:
    film = clean(8)

    def displacement(strength: Strength) -> float:
        aged = degrade_clip(film, 4, strength=strength, table=())
        shifts = [cv2.phaseCorrelate(a, b)[0] for a, b in zip(film, aged, strict=True)]
        return float(np.abs(shifts).max())

    assert displacement(ALIGNED) < 0.25
    assert displacement(Strength(weave=3.0)) > 0.5


def test_usual_damage_is_visible_but_not_ruin() -> None:
    film = clean(3)
    errors = [float(((degrade_clip(film, seed, table=()) - film) ** 2).mean()) for seed in range(40)]
    psnr = -10 * np.log10(errors)
    assert 22 < psnr.mean() < 34
    assert psnr.min() > 12


def test_table_comes_before_and_after_the_damage() -> None:
    film = clean(2)
    contrast = (Augmentation(Alteration.CONTRAST, AlterationTarget.SOURCE, 1.0, 0.6, 0.6),)
    flat = degrade_clip(film, 0, strength=NONE, table=contrast)
    assert np.allclose(flat.std(), film.std() * 0.6, rtol=1e-3)
    others = (Augmentation(Alteration.CONTRAST, AlterationTarget.REFERENCE, 1.0, 0.6, 0.6),)
    assert np.abs(degrade_clip(film, 0, strength=NONE, table=others) - film).max() < 1e-6


def test_a_crop_shows_its_part_of_the_vignette_and_the_scratches() -> None:
    grey = np.full((HEIGHT, WIDTH), 0.5, np.float32)
    for faults in (Strength(0, 1, 0, 0, 0, 0, 0), Strength(0, 0, 0, 0, 1, 0, 0)):
        whole = Degradation(12, HEIGHT, WIDTH, strength=faults).apply(grey, 30)
        window = FrameWindow(HEIGHT, WIDTH, 32, 40)
        part = Degradation(12, 48, 64, strength=faults, window=window).apply(grey[:48, :64], 30)
        assert np.ptp(whole) > 0.004
        assert np.allclose(part, whole[32:80, 40:104], atol=1e-5)


def test_a_scratch_stays_and_wanders() -> None:
    scratch = Scratch(seed=9, place=0.5, width=1.0, strength=0.4, wander=3.0, broken=0.0, rim=0.0)
    event = Event(0, 200, scratch)
    columns = []
    for index in range(40, 140):
        frame = np.zeros((HEIGHT, WIDTH), np.float32)
        draw_scratch(frame, event, index, FrameWindow(HEIGHT, WIDTH), 1.0)
        weight = frame.sum(axis=0)
        assert weight.sum() > 0.2 * HEIGHT
        columns.append(float((weight * np.arange(WIDTH)).sum() / weight.sum()))
    assert np.abs(np.diff(columns)).max() < 1.5
    assert np.ptp(columns) > 2
    assert abs(np.mean(columns) - WIDTH / 2) < 8


def test_larger_frames_show_larger_damage() -> None:
    assert Degradation(1, 400, 500).unit == 1.0
    assert Degradation(1, 1080, 1920).unit == pytest.approx(2.7)
    big = Degradation(20, 1080, 1440, strength=FILM).apply(np.full((1080, 1440), 0.5, np.float32), 3)
    assert big.shape == (1080, 1440)
    assert big.std() > 0.005


def test_frames_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="degradation for"):
        Degradation(1, 10, 12).apply(np.zeros((12, 10), np.float32), 0)


@pytest.mark.parametrize("shape", [(256, 256), (128, 128), (360, 640), (300, 200)])
def test_examples_are_scaled_as_the_paper_says(shape: tuple[int, int]) -> None:
    """A grid of dots 60 pixels apart, laid over a frame, shows the scale: U(256, 720) of 720 pixels."""
    mask = np.zeros((720, 960), np.float32)
    mask[30::60, 30::60] = 1
    example = Example.of(cv2.GaussianBlur(mask, (0, 0), 3) * 50, 1.0)
    spacings = []
    for seed in range(150):
        laid = lay_example(example, shape, 1.0, np.random.default_rng(seed))
        assert laid.shape == shape
        assert laid.dtype == np.uint8
        count = cv2.connectedComponents((laid > 100).astype(np.uint8))[0] - 1
        spacings.append(np.sqrt(shape[0] * shape[1] / max(count, 1)))
    smallest = max(256, shape[0], shape[1] * 3 / 4)
    assert min(spacings) > 60 * smallest / 720 * 0.75
    assert max(spacings) < 60 * 1.5
    assert np.mean(spacings) == pytest.approx(60 * (smallest + 720) / 2 / 720, rel=0.12)


def test_conditions_vary() -> None:
    films = [Condition.drawn(np.random.default_rng(seed)) for seed in range(300)]
    for name in ("scratches", "stains", "vignetting", "bleed", "flicker"):
        without = sum(getattr(film, name) == 0 for film in films)
        assert 30 < without < 270
    assert np.mean([film.white for film in films]) == pytest.approx(0.5, abs=0.06)


def test_scans_are_used_where_given(tmp_path: Path) -> None:
    for number in range(20):
        mark = np.zeros((40, 40, 4), np.uint8)
        cv2.circle(mark, (20, 20), 12, (255, 255, 255, 255), -1)
        cv2.imwrite(str(tmp_path / f"mark{number}.png"), mark)
    film = clean(6)
    only_examples = Strength(3.0, 0, 0, 0, 0, 0, 0)
    without = degrade_clip(film, 7, strength=only_examples, table=())
    scanned = degrade_clip(film, 7, strength=only_examples, table=(), folder=tmp_path)
    assert not np.array_equal(without, scanned)
