"""Colours follow the motion from the frames that references show, within their shot, and the same from wherever."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from threading import Event

import cv2
import numpy as np
import pytest
import torch

from remaster_gui.base.arrays import Float
from remaster_gui.base.color import NEUTRAL, lab_to_rgb
from remaster_gui.base.timebase import FrameRange
from remaster_gui.base.validity import Validity
from remaster_gui.engine import motion_following, stream
from remaster_gui.engine.device import Plan
from remaster_gui.engine.loaded import LoadedNetwork
from remaster_gui.engine.messages import Reference, RemasteredFrame, RemasteredWindow, Settings
from remaster_gui.engine.motion_following import Following
from remaster_gui.engine.session import FrameReader, Session
from remaster_gui.engine.sizes import Size
from remaster_gui.engine.trails import Trails

FRAMES, SIZE, STEP = 20, Size(96, 64), 2
SHOT = FrameRange(0, FRAMES)
RED, BLUE = (0.56, 0.54), (0.47, 0.44)


@pytest.fixture(scope="module")
def film() -> Float:
    """A smooth texture that moves by `STEP` pixels to the right with each frame."""
    rng = np.random.default_rng(5)
    wide = rng.random((16, 40), np.float32)
    texture = cv2.resize(wide, (160, 64), interpolation=cv2.INTER_CUBIC).clip(0, 1)
    return (
        np.stack([texture[:, 60 - STEP * t : 60 - STEP * t + SIZE.width] for t in range(FRAMES)]) * 0.5 + 0.25
    )


def tied(film: Float, frame: int | None, right: tuple[float, float] = RED, **validity: object) -> Reference:
    """A reference whose left half is blue."""
    chrominance = np.full((SIZE.height, SIZE.width, 2), right, np.float32)
    chrominance[:, : SIZE.width // 2] = BLUE
    pixels = np.rint(lab_to_rgb(film[frame or 0], chrominance) * 255).astype(np.uint8)
    return Reference(
        f"{frame}",
        f"{frame}",
        lambda: pixels,
        frame,
        validity=Validity(**validity),  # type: ignore[arg-type]
    )


def followed(
    film: Float,
    *references: Reference,
    span: FrameRange = SHOT,
    shot: FrameRange = SHOT,
    trails: Trails | None = None,
    own: Size | None = None,
) -> Following:
    """Follow references by motion that is looked for ahead, or with `trails` when frames are asked for.

    `own`: the size of the film itself.
    """

    def frames(needed: FrameRange) -> Generator[Float]:
        assert shot.start <= needed.start and needed.stop <= shot.stop
        yield from film[needed.start : needed.stop]

    found = Following(
        references, shot, SIZE, own or SIZE, frames, trails or Trails(), looks_ahead=trails is None
    )
    found.prepare(span)
    found.look(span)
    return found


def test_colours_go_where_things_go(film: Float) -> None:
    brought = followed(film, tied(film, 4)).brought(0, FRAMES)
    assert brought is not None
    for frame in (0, 4, 10, 19):
        luminance, a, _, strength, near = brought[0, frame, :5].numpy()
        edge = SIZE.width // 2 + STEP * (frame - 4)
        inside = slice(34, 80)  # what is in the picture all the time
        assert np.abs(luminance - film[frame])[:, inside].mean() < 0.03
        wanted = np.where(np.arange(SIZE.width) < edge, BLUE[0], RED[0])[inside] - NEUTRAL
        assert np.abs(a[32, inside] - wanted).mean() < 0.02
        assert strength[32, 40] == 1 and near[32, 40] == pytest.approx(1 / (abs(frame - 4) + 3))
    assert not brought[0, :, 5:].any()


def test_frames_are_followed_from_both_sides_within_reach_shot_and_ranges(
    film: Float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(motion_following, "REACH", 3)
    both = followed(film, tied(film, 2), tied(film, 12))
    assert [sorted(both.places(frame)) for frame in (0, 2, 5, 6, 8, 9, 11, 12, 15, 16)] == [
        [0], [0], [0], [], [], [1], [1], [1], [1], [],
    ]  # fmt: skip
    between, nowhere = both.brought(6, 2), followed(film, tied(film, None)).brought(6, 2)
    assert between is not None and not between.any() and nowhere is None
    near = followed(film, tied(film, 2), tied(film, 4))
    assert near.places(3) == {0, 1} and near.places(4) == {1}
    cut = followed(film, tied(film, 2), tied(film, 12), shot=FrameRange(0, 4), span=FrameRange(0, 4))
    assert cut.places(3) == {0}
    ranged = followed(film, tied(film, 2, ranges=(FrameRange(3, 5),)))
    assert [bool(ranged.places(frame)) for frame in (2, 3, 4, 5)] == [False, True, True, False]
    passed = followed(film, tied(film, 2), tied(film, 4, ranges=(FrameRange(8, 9),)))
    assert passed.places(5) == {0}, "what does not count there stands in nobody's way"
    half = followed(film, tied(film, 2, strength=0.5)).brought(2, 1)
    assert half is not None and half[0, 0, 3].amax() == 0.5


def test_what_is_no_frame_of_the_film_is_not_followed(film: Float) -> None:
    wide = Reference("wide", "wide", lambda: np.zeros((64, 200, 3), np.uint8), 4)
    guess = Reference("guess", "guess", tied(film, 4).load, 4, is_guessed=True)
    assert followed(film, wide, guess, tied(film, None)).brought(0, FRAMES) is None
    whole = Reference("whole", "whole", lambda: np.zeros((54, 72, 3), np.uint8), 4)
    assert followed(film, whole, own=Size(80, 60)).places(4) == {0}, "working sizes are rounded"
    # Another one of the same frame stands in.
    assert followed(film, wide, tied(film, 4)).places(4) == {1}


def test_motion_is_the_same_whenever_it_is_looked_for(film: Float) -> None:
    references, trails = (tied(film, 3), tied(film, 14)), Trails(1)
    ahead = followed(film, *references)
    asked = followed(film, *references, trails=trails)
    for frame in (5, 1, 12, 19, 5, 8):
        found, expected = asked.brought(frame, 1), ahead.brought(frame, 1)
        assert found is not None and expected is not None and torch.equal(found, expected)


def test_what_is_urgent_goes_by_the_motion_that_is_known(film: Float) -> None:
    trails, reference = Trails(), tied(film, 3)
    followed(film, reference, trails=trails).brought(5, 1)
    urgent = Following([reference], SHOT, SIZE, SIZE, None, trails)
    urgent.prepare(SHOT)
    known, unknown = urgent.brought(4, 1), urgent.brought(7, 1)
    assert known is not None and known.any() and unknown is not None and not unknown.any()


@pytest.fixture(scope="module")
def colored(film: Float, full_weights: Path) -> Callable[..., np.ndarray]:
    """Chrominance of frames `span` by a network with every part, from two references."""
    loaded = LoadedNetwork.load(full_weights, "cpu")

    def run(
        reader: Callable[..., FrameReader], span: FrameRange, window: int, *, follows: bool
    ) -> np.ndarray:
        references = [tied(film, 3), tied(film, 14, (0.46, 0.57))]
        session = Session(
            loaded.network, loaded.references.all_features(references, SIZE), film_size=SIZE, given=references,
            settings=Settings(edge=64, restoration=False, following=follows), plan=Plan(window, None, 2**22),
        )  # fmt: skip
        steps = session.remaster(reader(film), SHOT, span, Event())
        frames = [frame for step in steps if isinstance(step, RemasteredWindow) for frame in step.frames]
        for frame in frames:
            assert frame.draws is not None and frame.chrominance is not None
            # Whatever a followed reference becomes, the frame may become.
            assert not follows or motion_following.REACH < FRAMES or not frame.draws.limits.any()
        return np.stack([frame.chrominance for frame in frames])

    return run


def test_a_part_is_as_within_the_whole_and_other_than_without_following(
    colored: Callable[..., np.ndarray], reader: Callable[..., FrameReader]
) -> None:
    whole, part = colored(reader, SHOT, 5, follows=True), colored(reader, FrameRange(7, 11), 3, follows=True)
    np.testing.assert_allclose(part, whole[7:11], atol=2e-5)
    assert np.abs(whole - colored(reader, SHOT, 5, follows=False)).max() > 0.01


def test_windows_and_steps_make_no_difference_where_frames_lie_out_of_reach(
    colored: Callable[..., np.ndarray], reader: Callable[..., FrameReader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(motion_following, "REACH", 3)
    whole = colored(reader, SHOT, FRAMES, follows=True)
    monkeypatch.setattr(motion_following, "LOOKED_AT", 7)
    np.testing.assert_allclose(colored(reader, SHOT, 2, follows=True), whole, atol=2e-5)


def test_colours_of_a_part_are_those_within_the_whole_to_the_bit_wherever_it_begins(
    full_weights: Path, reader: Callable[..., FrameReader], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where motion is looked for anew, in the middle of both networks' memory of the shot."""
    for module in (motion_following, stream):
        monkeypatch.setattr(module, "LOOKED_AT", 32)
    rng, size, count = np.random.default_rng(3), Size(80, 64), 44
    scene = cv2.resize(rng.random((9, 30)).astype(np.float32), (size.width + count, size.height))
    moving = np.stack([scene[:, at : at + size.width] for at in range(count)])
    moving = np.clip(moving + rng.normal(0, 0.03, moving.shape), 0, 1).astype(np.float32)
    loaded = LoadedNetwork.load(full_weights, "cpu")
    colors = rng.integers(0, 256, (2, size.height, size.width, 3), np.uint8)
    references = [
        Reference(str(at), str(at), lambda picture=picture: picture, at)
        for at, picture in zip((9, 40), colors, strict=True)
    ]

    def run(first: int) -> list[RemasteredFrame]:
        session = Session(
            loaded.network, loaded.references.all_features(references, size), film_size=size, given=references,
            settings=Settings(edge=64), plan=Plan(5, None, 2**22),
        )  # fmt: skip
        steps = session.remaster(reader(moving), FrameRange(0, count), FrameRange(first, count), Event())
        return [frame for step in steps if isinstance(step, RemasteredWindow) for frame in step.frames]

    first = 36
    for mine, theirs in zip(run(first), run(0)[first:], strict=True):
        assert mine.index == theirs.index and mine.chrominance is not None and theirs.chrominance is not None
        assert np.array_equal(mine.luminance, theirs.luminance)
        assert np.array_equal(mine.chrominance, theirs.chrominance)
