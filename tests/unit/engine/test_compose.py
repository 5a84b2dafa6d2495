from __future__ import annotations

import numpy as np
import pytest

from remaster_gui.base import system
from remaster_gui.base.color import lab_to_rgb, luma_to_lightness, rgb_to_lab
from remaster_gui.base.guided import upsample_chrominance
from remaster_gui.engine.compose import compose, composing_threads
from remaster_gui.engine.messages import RemasteredFrame
from remaster_gui.engine.sizes import Size


def _two_fields(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """A dark red field beside a bright blue one, the border slanted."""
    y, x = np.mgrid[:height, :width] / np.float32(height)
    left = (x + 0.3 * y < 0.6)[..., None]
    rgb = np.where(left, np.float32([0.5, 0.1, 0.1]), np.float32([0.6, 0.7, 0.95])).astype(np.float32)
    return rgb_to_lab(rgb)


def test_colours_end_at_the_edges_of_the_picture() -> None:
    luminance, chrominance = _two_fields(480, 640)
    small = np.ascontiguousarray(chrominance.reshape(120, 4, 160, 4, 2).mean((1, 3)))
    guided = upsample_chrominance(small, luminance)
    plain = np.kron(small, np.ones((4, 4, 1), np.float32))
    assert np.abs(guided - chrominance).max() < 0.5 * np.abs(plain - chrominance).max()
    assert np.abs(guided - chrominance).mean() < 0.005


def test_flat_colour_stays_flat() -> None:
    luminance = np.random.default_rng(0).random((64, 96), np.float32)
    small = np.full((16, 24, 2), 0.6, np.float32)
    np.testing.assert_allclose(upsample_chrominance(small, luminance), 0.6, atol=1e-4)


def test_equal_sizes_pass_through() -> None:
    luminance, chrominance = _two_fields(32, 48)
    assert upsample_chrominance(chrominance, luminance) is chrominance


def test_a_frame_without_colours_is_grey() -> None:
    luminance = np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8)
    rgb = compose(RemasteredFrame(0, luminance, None), Size(8, 8))
    assert np.ptp(rgb, axis=2).max() < 2e-3


def test_working_size_luminance_is_enlarged() -> None:
    luminance, chrominance = _two_fields(48, 64)
    rgb = compose(RemasteredFrame(0, luminance, chrominance), Size(128, 96))
    assert rgb.shape == (96, 128, 3) and rgb.min() >= 0 and rgb.max() <= 1


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_grey_keeps_its_tone(dtype: type) -> None:
    levels = np.linspace(0, np.iinfo(dtype).max, 256).astype(dtype)[None]
    luminance = luma_to_lightness(levels)
    rgb = lab_to_rgb(luminance, np.full((1, 256, 2), 128 / 255, np.float32))
    expected = levels.astype(np.float32) / np.iinfo(dtype).max
    np.testing.assert_allclose(rgb[0], np.repeat(expected[0][:, None], 3, 1), atol=2.5e-3)


def test_lab_round_trip() -> None:
    rgb = 0.1 + 0.8 * np.random.default_rng(0).random((32, 32, 3), np.float32)  # purest blue lies beyond ±100
    np.testing.assert_allclose(lab_to_rgb(*rgb_to_lab(rgb)), rgb, atol=0.01)


@pytest.mark.parametrize(
    ("cores", "gigabytes", "size", "threads"),
    [
        (2, 4, Size(432, 320), 1),
        (8, 8, Size(1920, 1440), 2),
        (16, 16, Size(1920, 1440), 4),
        (64, 128, Size(1920, 1440), 16),
        (64, 16, Size(8192, 4320), 1),
        (1, 0, Size(8192, 4320), 1),
    ],
)
def test_as_many_threads_compose_as_there_are_cores_and_memory_for(
    monkeypatch: pytest.MonkeyPatch, cores: int, gigabytes: int, size: Size, threads: int
) -> None:
    monkeypatch.setattr(system, "usable_cores", lambda: cores)
    monkeypatch.setattr(system, "free_memory", lambda: gigabytes * 2**30)
    assert composing_threads(size) == threads
