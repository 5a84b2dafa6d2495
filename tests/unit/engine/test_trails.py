"""Trails lead to where pixels were, however far they have come, and in whatever light."""

from __future__ import annotations

from collections.abc import Callable, Generator

import cv2
import numpy as np
import pytest

from remaster_gui.base.arrays import Float
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine import trails as engine_trails
from remaster_gui.engine.sizes import Size
from remaster_gui.engine.trails import Frames, Trails

SIZE, LAST, TURN = Size(96, 80), 20, 2.5
INSIDE = (slice(24, 56), slice(32, 64))


@pytest.fixture(scope="module")
def texture() -> Float:
    rough = np.random.default_rng(7).random((20, 24), np.float32)
    smooth = cv2.resize(rough, (SIZE.width, SIZE.height), interpolation=cv2.INTER_CUBIC).clip(0, 1)
    return np.asarray(smooth * 0.6 + 0.2, np.float32)


def turned(frame: int) -> np.ndarray:
    """The turn from frame 0, by `TURN` degrees a frame about the middle."""
    return cv2.getRotationMatrix2D(((SIZE.width - 1) / 2, (SIZE.height - 1) / 2), TURN * frame, 1)


def turning(texture: Float, light: Callable[[int], float]) -> Frames:
    def frames(needed: FrameRange) -> Generator[Float]:
        for frame in needed:
            shape = (SIZE.width, SIZE.height)
            picture = cv2.warpAffine(
                texture, turned(frame), shape, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
            )
            yield np.asarray(light(frame) * picture, np.float32)

    return frames


def off(trails: Trails, origin: int, frame: int) -> float:
    """How far trails lead astray in the middle, in pixels: the mean over it."""
    found = trails.offsets(origin, frame, SIZE)
    assert found is not None
    (c, s, _), _ = turned(origin - frame)
    y, x = np.mgrid[: SIZE.height, : SIZE.width].astype(float)
    x, y = x - (SIZE.width - 1) / 2, y - (SIZE.height - 1) / 2
    wanted = np.dstack([c * x + s * y - x, c * y - s * x - y])
    return float(np.linalg.norm(found - wanted, axis=2)[INSIDE].mean())


@pytest.mark.parametrize("light", [lambda _: 1.0, lambda frame: 1 - 0.02 * frame], ids=["even", "fading"])
def test_errors_do_not_add_up(
    texture: Float, light: Callable[[int], float], monkeypatch: pytest.MonkeyPatch
) -> None:
    frames, trails = turning(texture, light), Trails()
    trails.follow(0, LAST, SIZE, frames)
    trails.follow(LAST, 0, SIZE, frames)
    found = off(trails, 0, LAST), off(trails, LAST, 0)
    monkeypatch.setattr(engine_trails, "registered", lambda _search, _here, _origin, offsets: offsets)
    unregistered = Trails()
    unregistered.follow(0, LAST, SIZE, frames)
    assert max(found) < 0.7 * off(unregistered, 0, LAST)


def test_trails_that_are_followed_together_are_those_of_each_alone(texture: Float) -> None:
    """They are followed side by side, and every frame is read once for all of them."""
    steady, read = turning(texture, lambda _: 1.0), list[int]()

    def frames(needed: FrameRange) -> Generator[Float]:
        read.extend(needed)
        yield from steady(needed)

    ways, together, alone = [(0, 8), (8, 2), (0, 5), (12, 8)], Trails(), Trails()
    together.follow_all(ways, SIZE, frames)
    assert sorted(read) == list(range(13))
    for origin, frame in ways:
        alone.follow(origin, frame, SIZE, steady)
        found, expected = together.offsets(origin, frame, SIZE), alone.offsets(origin, frame, SIZE)
        assert found is not None and expected is not None
        assert np.array_equal(found, expected)
