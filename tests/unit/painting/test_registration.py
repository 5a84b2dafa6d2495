"""Pictures are found where they lie: cropped, padded, scaled, turned and bent; what they do not reach stays open."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from remaster_gui.painting.imported_pictures import aligned, is_grey, lab_bytes
from remaster_gui.painting.placement import Region
from remaster_gui.painting.registration import Registration, register

FRAME = (180, 240)


def _scene(seed: int, height: int = 260, width: int = 340) -> np.ndarray:
    """A colourful picture with corners and structure at all sizes."""
    rng = np.random.default_rng(seed)
    rgb = np.zeros((height, width, 3), np.float32)
    for size in (6, 14, 40):
        noise = rng.uniform(0, 1, (size, size * 4 // 3, 3)).astype(np.float32)
        rgb += cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC) / 3
    for _ in range(40):
        x, y, wide, high = rng.integers((0, 0, 6, 6), (width, height, 40, 40))
        color = tuple(map(float, rng.uniform(0.1, 0.9, 3)))
        cv2.rectangle(rgb, (x, y), (x + wide, y + high), color, -1)
    return (cv2.GaussianBlur(rgb, (0, 0), 0.8).clip(0.05, 1) * 255).astype(np.uint8)


def _frame(scene: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Luminance and true chrominance of a frame cut from the middle of a scene."""
    return lab_bytes(scene[40 : 40 + FRAME[0], 50 : 50 + FRAME[1]])


def _moved(scene: np.ndarray, matrix: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The scene as a picture of `size` shows it; `matrix` from the picture to the frame."""
    into_scene = matrix.copy()
    into_scene[:, 2] += (50, 40)
    flags = cv2.INTER_AREA | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(scene, into_scene, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)


def _turned(degrees: float, scale: float, x: float, y: float) -> np.ndarray:
    turn = np.deg2rad(degrees)
    cos, sin = scale * np.cos(turn), scale * np.sin(turn)
    return np.array([[cos, -sin, x], [sin, cos, y]])


def _inverse(matrix: np.ndarray) -> np.ndarray:
    return np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))[:2]


def _farthest(found: Registration, truth: np.ndarray, where: Region) -> float:
    """How far, in pixels of the picture, the places found are from the true ones within a box of the frame."""
    columns, rows = found.places(FRAME[1], FRAME[0])
    x, y, wide, high = map(int, where)
    grid = np.stack(np.meshgrid(np.arange(FRAME[1]), np.arange(FRAME[0])), axis=-1)
    true = grid @ truth[:, :2].T + truth[:, 2]
    off = np.hypot(columns - true[..., 0], rows - true[..., 1])
    return float(off[y : y + high, x : x + wide].max())


@pytest.mark.parametrize(
    ("matrix", "size"),
    [
        (_turned(0, 1, 3.0, -5.0), (240, 180)),
        (_turned(0, 0.8, 24, 18), (240, 180)),  # a detail, enlarged
        (_turned(0, 2.0, 0, 0), (120, 90)),
        (_turned(3, 1.1, -4, -12), (240, 180)),
        (_turned(-6, 1.0, 30, 40), (150, 110)),
    ],
)
def test_shift_scale_turn_and_crop_are_found(matrix: np.ndarray, size: tuple[int, int]) -> None:
    scene = _scene(1)
    luminance, _ = _frame(scene)
    found = register(lab_bytes(_moved(scene, matrix, size))[0], luminance)
    columns, rows = found.places(FRAME[1], FRAME[0])
    ys, xs = np.nonzero(found.inside(columns, rows))
    inner = (xs.min(), ys.min(), np.ptp(xs), np.ptp(ys))
    assert _farthest(found, _inverse(matrix), inner) < 1.5
    assert found.fit > 0.9


def test_toning_does_not_matter() -> None:
    scene = _scene(2)
    luminance, _ = _frame(scene)
    picture = _moved(scene, _turned(2, 1.05, 5, 3), (240, 180))
    toned = (255 * (picture / 255.0) ** 1.6 * 0.7 + 30).astype(np.uint8)
    assert register(lab_bytes(toned)[0], luminance).fit > 0.85


def test_a_mild_lens_is_followed() -> None:
    scene = _scene(3)
    luminance, _ = _frame(scene)
    y, x = np.mgrid[: FRAME[0], : FRAME[1]].astype(np.float32)
    u, v = (x - 119.5) / 120, (y - 89.5) / 120
    bend = 0.035 * (u * u + v * v)
    columns, rows = x + 120 * u * bend, y + 120 * v * bend
    # The picture is bent: what lies at a place of the frame is at another one of the picture.
    picture = cv2.remap(scene, columns + 50, rows + 40, cv2.INTER_LINEAR)
    found = register(lab_bytes(picture)[0], luminance)
    straight = replace(found, bend=None)
    at = found.places(FRAME[1], FRAME[0])
    back = [
        cv2.remap(each, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) for each in (columns, rows)
    ]
    inner = (slice(20, -20), slice(20, -20))
    off = np.hypot(back[0] - x, back[1] - y)[inner]
    plain = straight.places(FRAME[1], FRAME[0])
    before = [
        cv2.remap(each, *plain, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) for each in (columns, rows)
    ]
    assert found.bend is not None
    assert off.mean() < 0.5 * np.hypot(before[0] - x, before[1] - y)[inner].mean()
    assert off.mean() < 0.8


def test_another_picture_does_not_fit() -> None:
    luminance, _ = _frame(_scene(4))
    found = register(lab_bytes(_scene(5)[40:220, 50:290])[0], luminance)
    assert not found.fits and found.fit < 0.35


def test_what_lies_outside_the_picture_stays_open() -> None:
    scene = _scene(6)
    luminance, true = _frame(scene)
    matrix = _turned(4, 1.0, 60, 30)
    picture = _moved(scene, matrix, (130, 100))
    barred = np.zeros((140, 130, 3), np.uint8)
    barred[20:120] = picture
    chrominance, coverage = aligned(barred, luminance)
    inside = cv2.warpAffine(np.full((100, 130), 255, np.uint8), matrix, FRAME[::-1])
    near = cv2.dilate(inside, np.ones((7, 7), np.uint8)) > 0
    core = cv2.erode(inside, np.ones((7, 7), np.uint8)) == 255
    assert not coverage[~near].any() and coverage[core].min() == 255
    assert set(np.unique(coverage)) == {0, 255}
    assert (chrominance[coverage == 0] == 128).all()
    off = np.abs(chrominance.astype(int) - true).max(axis=2)
    assert off[core].mean() < 4


def test_a_picture_that_is_the_frame_is_taken_pixel_by_pixel() -> None:
    scene = _scene(7)[40:220, 50:290]
    luminance, true = lab_bytes(scene)
    chrominance, coverage = aligned(scene, luminance)
    np.testing.assert_array_equal(chrominance, true)
    assert coverage.min() == 255


def test_grey_and_toned_pictures_are_told_from_coloured_ones() -> None:
    scene = _scene(8)
    grey = cv2.cvtColor(cv2.cvtColor(scene, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    sepia = np.rint(grey * np.array([1.0, 0.93, 0.8])).astype(np.uint8)
    tinted = grey.copy()
    tinted[60:120, 60:120] = scene[60:120, 60:120]
    noise = np.random.default_rng(0).normal(0, 3, grey.shape)
    noisy = (grey + noise).clip(0, 255).astype(np.uint8)
    assert [is_grey(each) for each in (grey, sepia, noisy, grey[:1, :1])] == [True] * 4
    assert [is_grey(each) for each in (scene, tinted, scene.astype(np.uint16) * 257)] == [False] * 3


def test_the_same_holds_at_other_sizes() -> None:
    scene = _scene(1)
    luminance, _ = _frame(scene)
    found = register(lab_bytes(_moved(scene, _turned(3, 1.1, -4, -12), (240, 180)))[0], luminance)
    found = replace(found, bend=np.random.default_rng(0).uniform(-3, 3, (10, 2)))
    other = found.scaled(480, 360).on_frame(120, 90)
    at = [(each + 0.5) / 2 - 0.5 for each in other.places(60, 45)]
    np.testing.assert_allclose(at, found.places(60, 45), atol=1e-3)
    np.testing.assert_array_equal(other.inside(*other.places(60, 45)), found.inside(*found.places(60, 45)))
