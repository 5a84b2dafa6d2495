"""What a graphics card is given it can compute, and nothing waits for it without need; all without one."""

from __future__ import annotations

import copy
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

import numpy as np
import pytest
import torch

from remaster_gui.base.arrays import Float
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.loaded import LoadedNetwork
from remaster_gui.engine.messages import Reference
from remaster_gui.engine.motion_following import Following
from remaster_gui.engine.references import encode_reference
from remaster_gui.engine.sizes import Size
from remaster_gui.engine.stream import Pass, PassedFrame, ShotStream
from remaster_gui.evaluation.agreement import built_in_clip
from remaster_gui.model import RemasterNetwork
from remaster_gui.model.colorization import ReferenceFeatures
from remaster_gui.model.temporal import Limits
from tests.pretended_gpu import CARD, Waits, pretended_gpu, put_on_card

SIZE = Size(64, 48)
SHOT = FrameRange(0, 48)
WINDOW = 8
TIED = 6
NEEDED = {
    "model/motion.py begin_flow": 2,
    "engine/device.py to_host": 4,
}
"""What every window has to wait for: motion is looked for by the processor, in the film and in what was restored; and
luminance, chrominance, its share and what is drawn from references come back."""

Made = list[PassedFrame]


@dataclass
class Clip:
    frames: Float
    pictures: list[Float]

    def windows(self, span: FrameRange) -> Iterator[Float]:
        for start in range(span.start, span.stop, WINDOW):
            yield self.frames[start : min(start + WINDOW, span.stop)]

    def following(self) -> Following:
        def frames(span: FrameRange) -> Generator[Float]:
            yield from self.frames[span.start : span.stop]

        tied = Reference("tied", "tied", lambda: np.rint(255 * self.pictures[0]).astype(np.uint8), TIED)
        return Following(
            [tied, Reference("free", "free", lambda: self.pictures[1])], SHOT, SIZE, SIZE, frames
        )


@pytest.fixture(scope="module")
def clip() -> Clip:
    frames, pictures = built_in_clip(len(SHOT), SIZE)
    return Clip(frames, pictures[:2])


@pytest.fixture(scope="module")
def network() -> RemasterNetwork:
    """The one that ships, with the colour prior."""
    return LoadedNetwork.load(None, torch.device("cpu")).network


def _made(
    network: RemasterNetwork,
    references: list[ReferenceFeatures],
    clip: Clip,
    note: Callable[[], None] = lambda: None,
) -> Made:
    """Return what becomes of a clip; `note` is called after every window."""
    following, made = clip.following(), Made()
    following.prepare(SHOT)
    following.look(SHOT)
    stream, pushed = (
        ShotStream(Pass(network, references, SIZE, SIZE, limits=Limits(WINDOW), following=following)),
        0,
    )
    for window in clip.windows(SHOT):
        pushed += len(window)
        for ready in stream.push(torch.from_numpy(window), pushed == len(SHOT)):
            made += ready
        note()
    return made


@dataclass
class Runs:
    processor: Made
    card: Made
    waits: list[Waits]


@pytest.fixture(scope="module")
def runs(network: RemasterNetwork, clip: Clip) -> Runs:
    """The same clip on the processor, and on what says it is a card; what it was waited for in each window."""
    before = [encode_reference(network, picture) for picture in clip.pictures]
    on_processor = _made(network, before, clip)
    card, noted = copy.deepcopy(network), list[Waits]()
    put_on_card(card)
    with pretended_gpu() as waits:

        def note() -> None:
            noted.append(Waits(waits))
            waits.clear()

        features = [encode_reference(card, picture) for picture in clip.pictures]
        waits.clear()
        return Runs(on_processor, _made(card, features, clip, note), noted)


def test_a_card_is_given_all_that_it_computes_with(runs: Runs) -> None:
    """What lies elsewhere would have failed; so the same frames come out."""
    assert [frame.index for frame in runs.card] == list(SHOT)
    for one, other in zip(runs.processor, runs.card, strict=True):
        assert one.chrominance is not None and other.chrominance is not None
        np.testing.assert_allclose(one.luminance, other.luminance, atol=1e-3)
        np.testing.assert_allclose(one.chrominance, other.chrominance, atol=1e-2)


def test_a_window_waits_for_no_more_than_what_comes_back_and_for_motion(runs: Runs) -> None:
    """In the middle of a shot, where every window is as the one before."""
    middle = runs.waits[-2]
    assert set(middle) == set(NEEDED)
    assert all(middle[place] <= most for place, most in NEEDED.items()), middle


def test_what_a_card_would_be_waited_for_is_counted() -> None:
    with pretended_gpu() as waits, torch.inference_mode():
        here = torch.rand(3).to(CARD)
        assert waits.total() == 1
        assert bool((here >= 0).all())
        assert waits.total() == 2
        with pytest.raises(RuntimeError, match="same device"):
            here + torch.rand(3)
        with pytest.raises(TypeError, match="numpy"):
            here.numpy()
        assert (here + 1).device.type == "cuda"
