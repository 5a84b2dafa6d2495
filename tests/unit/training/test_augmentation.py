from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remaster_gui.base.errors import SettingsError
from remaster_gui.training.augmentation import (
    TABLE_3,
    Alteration,
    AlterationTarget,
    Augmentation,
    CropView,
    change_tones,
    corrupt,
    crop,
    draw,
    draw_view,
    soften,
)

DRAWS = 3000


def picture(height: int = 90, width: int = 120) -> np.ndarray:
    """Smooth RGB whose red grows to the right and whose green grows downwards."""
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([x * 2, y * 2, np.full_like(x, 80)], -1).astype(np.uint8)


@pytest.mark.parametrize("target", AlterationTarget)
def test_rows_happen_as_often_and_as_strongly_as_the_table_says(target: AlterationTarget) -> None:
    draws = [draw(TABLE_3, target, np.random.default_rng(seed)) for seed in range(DRAWS)]
    rows = [row for row in TABLE_3 if row.target is target]
    assert {kind for drawn in draws for kind in drawn} == {row.kind for row in rows}
    for row in rows:
        values = np.array([drawn[row.kind] for drawn in draws if row.kind in drawn])
        share = len(values) / DRAWS
        assert abs(share - row.probability) < 4 * np.sqrt(0.25 / DRAWS)
        assert row.low <= values.min() <= values.max() <= row.high
        assert np.isclose(values.mean(), (row.low + row.high) / 2, atol=0.04 * (row.high - row.low) + 1e-9)


def test_the_table_is_the_papers() -> None:
    """Table 3 as printed: kind, target, percent, range."""
    printed = """
        horizontal flip | x,y | 50 |      -
        horizontal flip | z   | 50 |      -
        scaling         | x,y | 100 |     256 400
        rotation        | x,y | 100 |     -5 5
        brightness      | x,y | 20 |      0.8 1.2
        contrast        | x,y | 20 |      0.9 1.0
        JPEG            | x   | 90 |      15 40
        JPEG            | z   | 90 |      15 40
        noise           | x   | 10 |      0.04 0.04
        noise           | z   | 10 |      0.04 0.04
        blur            | x   | 50 |      2 4
        contrast        | x   | 33 |      0.6 1.0
        scaling         | z   | 100 |     256 320
        saturation      | z   | 10 |      0.3 1.0
    """
    rows = []
    for line in filter(None, map(str.strip, printed.splitlines())):
        kind, target, percent, span = (part.strip() for part in line.split("|"))
        low, high = (0.0, 0.0) if span == "-" else map(float, span.split())
        rows.append(Augmentation(Alteration(kind), AlterationTarget(target), int(percent) / 100, low, high))
    assert tuple(rows) == TABLE_3


@given(seed=st.integers(0, 2**32), target=st.sampled_from(AlterationTarget))
def test_draws_depend_on_the_generator_alone(seed: int, target: AlterationTarget) -> None:
    first, second = (draw(TABLE_3, target, np.random.default_rng(seed)) for _ in range(2))
    assert first == second


def test_one_row_leaves_the_others_alone() -> None:
    never = tuple(Augmentation(r.kind, r.target, 0.0) if r.kind is Alteration.JPEG else r for r in TABLE_3)
    for seed in range(50):
        full = draw(TABLE_3, AlterationTarget.SOURCE, np.random.default_rng(seed))
        full.pop(Alteration.JPEG, None)
        assert draw(never, AlterationTarget.SOURCE, np.random.default_rng(seed)) == full


def test_crop_without_change_is_a_slice() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8)
    view = CropView(scale=1.0, x=50.0, y=40.0, angle=0.0, flip=False, size=32)
    assert np.array_equal(crop(frame, view), frame[24:56, 34:66])
    mirrored = CropView(scale=1.0, x=50.0, y=40.0, angle=0.0, flip=True, size=32)
    assert np.array_equal(crop(frame, mirrored), frame[24:56, 34:66][:, ::-1])


@given(
    scale=st.floats(0.5, 2.0),
    angle=st.floats(-8, 8),
    flip=st.booleans(),
    shift=st.tuples(st.floats(-3, 3), st.floats(-3, 3)),
)
@settings(max_examples=60)
def test_crop_shows_what_its_view_says(
    scale: float, angle: float, flip: bool, shift: tuple[float, float]
) -> None:
    size = 24
    view = CropView(scale, 60 * scale, 45 * scale, angle, flip, size)
    got = crop(picture(), view, shift).astype(float)
    # The picture's colour is its own coordinate, so the colour in the crop says where it was taken.
    turn = np.deg2rad(angle)
    offsets = np.arange(size) - (size - 1) / 2
    u, v = np.meshgrid(-offsets if flip else offsets, offsets)
    x = (60 * scale + shift[0] + np.cos(turn) * u - np.sin(turn) * v) / scale - 0.5
    y = (45 * scale + shift[1] + np.sin(turn) * u + np.cos(turn) * v) / scale - 0.5
    assert np.abs(got[..., 0] - 2 * x).max() < 2.5
    assert np.abs(got[..., 1] - 2 * y).max() < 2.5


@given(seed=st.integers(0, 2**32))
@settings(max_examples=50)
def test_crops_stay_inside_and_fill(seed: int) -> None:
    rng = np.random.default_rng(seed)
    drawn = draw(TABLE_3, AlterationTarget.SOURCE_AND_TARGET, rng)
    view = draw_view((90, 120), drawn, 128, rng)
    scale = drawn[Alteration.SCALING] / 90
    assert view.scale == pytest.approx(scale)
    assert 64 <= view.x <= 120 * scale - 64
    assert 64 <= view.y <= 90 * scale - 64
    assert -5 <= view.angle <= 5
    assert crop(np.full((90, 120, 3), 200, np.uint8), view).min() == 200  # no black corner


def test_shrinking_does_not_alias() -> None:
    stripes = np.zeros((400, 400, 3), np.uint8)
    stripes[:, ::2] = 255
    shrunk = crop(stripes, CropView(0.3, 60, 60, 2.0, False, 64))
    assert shrunk.std() < 25  # of 127 where every second column is taken


def test_crop_larger_than_the_frame_is_refused() -> None:
    with pytest.raises(SettingsError, match="does not fit"):
        draw_view((90, 120), {Alteration.SCALING: 100.0}, 128, np.random.default_rng(0))


def test_tones_change_all_frames_alike() -> None:
    frames = np.random.default_rng(1).uniform(0.2, 0.6, (3, 8, 8, 3)).astype(np.float32)
    bright = change_tones(frames, {Alteration.BRIGHTNESS: 1.2})
    assert np.allclose(bright, frames * 1.2, atol=1e-6)
    flat = change_tones(frames, {Alteration.CONTRAST: 0.9})
    assert np.allclose(flat - frames.mean(), (frames - frames.mean()) * 0.9, atol=1e-6)
    grey = change_tones(frames, {Alteration.SATURATION: 0.0})
    assert np.ptp(grey, axis=-1).max() < 1e-6
    assert change_tones(frames, {Alteration.BRIGHTNESS: 3.0}).max() == 1.0


def test_blur_takes_detail_and_keeps_tone() -> None:
    frames = np.random.default_rng(2).uniform(0, 1, (2, 64, 64)).astype(np.float32)
    soft = soften(frames, {Alteration.BLUR: 3.0})
    assert soft.shape == frames.shape
    assert soft.std() < 0.75 * frames.std()
    assert abs(float(soft.mean() - frames.mean())) < 0.02
    assert np.allclose(soften(frames, {Alteration.CONTRAST: 0.5}).std(), frames.std() * 0.5, rtol=1e-4)


def test_noise_is_new_in_each_frame() -> None:
    frames = np.full((2, 128, 128), 0.5, np.float32)
    noisy = corrupt(frames, {Alteration.NOISE: 0.04}, np.random.default_rng(0))
    assert np.isclose(noisy.std(), 0.04, rtol=0.03)
    assert abs(np.corrcoef(noisy[0].ravel(), noisy[1].ravel())[0, 1]) < 0.05


@pytest.mark.parametrize("channels", [(), (3,)])
def test_jpeg_loses_little_and_more_at_low_quality(channels: tuple[int, ...]) -> None:
    noise = np.random.default_rng(3).uniform(0, 1, (1, 64, 64, *channels)).astype(np.float32)
    frames = cv2.GaussianBlur(noise[0], (0, 0), 2)[None]
    rng = np.random.default_rng(0)
    errors = [float(np.abs(corrupt(frames, {Alteration.JPEG: q}, rng) - frames).mean()) for q in (15, 40, 95)]
    assert 0.05 > errors[0] > errors[1] > errors[2] > 0


def test_jpeg_keeps_red_red() -> None:
    red = np.zeros((1, 16, 16, 3), np.float32)
    red[..., 0] = 1.0
    back = corrupt(red, {Alteration.JPEG: 30}, np.random.default_rng(0))
    assert back[..., 0].min() > 0.9
    assert back[..., 2].max() < 0.1
