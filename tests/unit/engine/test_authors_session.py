"""The authors' way of running their networks: blocks of five frames that know nothing of each other."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.authors_session import AuthorsSession, grey_input, letterbox
from remaster_gui.engine.messages import Reference, RemasteredWindow, Settings
from remaster_gui.engine.session import FrameReader
from remaster_gui.engine.sizes import Size
from remaster_gui.model import ColorizationConfig, ModelConfig, RemasterNetwork, RestorationConfig

FRAMES, HEIGHT, WIDTH = 7, 64, 80


@pytest.fixture
def frames() -> NDArray[np.uint16]:
    """Frames as they are read, RGB ``(T, H, W, 3)``."""
    return np.random.default_rng(5).integers(0, 2**16, (FRAMES, HEIGHT, WIDTH, 3), np.uint16)


def _reader(frames: NDArray[np.uint16], reader: Callable[..., FrameReader]) -> FrameReader:
    return reader(frames / 65535)


def _remastered(
    network: RemasterNetwork, read: FrameReader, picture: NDArray[np.uint8]
) -> list[RemasteredWindow]:
    session = AuthorsSession(
        network,
        [Reference("a", "a", lambda: picture)],
        film_size=Size(WIDTH, HEIGHT),
        settings=Settings(edge=HEIGHT),
    )
    whole = FrameRange(0, FRAMES)
    return list(session.remaster(read, whole, whole, Event()))


@torch.inference_mode()
def test_frames_are_computed_in_blocks_of_five_on_their_own(
    network: RemasterNetwork, frames: NDArray[np.uint16], reader: Callable[..., FrameReader]
) -> None:
    picture = np.random.default_rng(6).integers(0, 256, (64, 80, 3), np.uint8)
    windows = _remastered(network, _reader(frames, reader), picture)
    assert [[frame.index for frame in window.frames] for window in windows] == [[0, 1, 2, 3, 4], [5, 6]]
    references = [network.encode_references(torch.from_numpy(letterbox([picture]))[None])]
    for window in windows:
        span = slice(window.frames[0].index, window.frames[-1].index + 1)
        grey = np.stack([grey_input(frame, Size(WIDTH, HEIGHT)) for frame in frames[span]])
        luminance = network.restore(torch.from_numpy(grey.astype(np.float32) / np.float32(255))[None, None])
        chrominance = network.colorize(luminance, references)
        for t, frame in enumerate(window.frames):
            np.testing.assert_allclose(frame.luminance, luminance[0, 0, t], atol=1e-6)
            assert frame.chrominance is not None
            np.testing.assert_allclose(frame.chrominance, chrominance[0, :, t].permute(1, 2, 0), atol=1e-6)


def test_no_block_depends_on_another(
    network: RemasterNetwork, frames: NDArray[np.uint16], reader: Callable[..., FrameReader]
) -> None:
    picture = np.random.default_rng(6).integers(0, 256, (64, 80, 3), np.uint8)
    changed = frames.copy()
    changed[:5] = 0
    before, after = (_remastered(network, _reader(each, reader), picture) for each in (frames, changed))
    for one, other in zip(before[1].frames, after[1].frames, strict=True):
        np.testing.assert_array_equal(one.luminance, other.luminance)
        np.testing.assert_array_equal(one.chrominance, other.chrominance)


@torch.inference_mode()
def test_networks_that_note_from_where_they_draw_take_several_references(
    frames: NDArray[np.uint16], reader: Callable[..., FrameReader]
) -> None:
    torch.manual_seed(3)
    color = ColorizationConfig(width=1 / 16, key_channels=8, carried_color=True, attention="cosine")
    network = RemasterNetwork(ModelConfig("tiny", RestorationConfig(width=1 / 16), color)).fold()
    pictures = np.random.default_rng(6).integers(0, 256, (3, 64, 80, 3), np.uint8)
    session = AuthorsSession(
        network,
        [Reference(str(number), str(number), lambda n=number: pictures[n]) for number in range(3)],
        film_size=Size(WIDTH, HEIGHT),
        settings=Settings(edge=HEIGHT),
    )
    whole = FrameRange(0, FRAMES)
    windows = session.remaster(_reader(frames, reader), whole, whole, Event())
    assert [len(window.frames) for window in windows] == [5, 2]
