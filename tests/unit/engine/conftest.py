"""A tiny network in inference form, and films served from memory."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from remaster_gui.base.notices import complete
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.messages import Settings
from remaster_gui.engine.references import find_references
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.media import Frame
from remaster_gui.model import ColorizationConfig, ModelConfig, RemasterNetwork, RestorationConfig
from tests.conftest import make_network

RATE = Fraction(24)
TINY_PAPER = ModelConfig(
    "tiny", RestorationConfig(width=1 / 16), ColorizationConfig(width=1 / 16, key_channels=8)
)


def shots_from_cuts(cuts: Sequence[int], frame_count: int) -> tuple[FrameRange, ...]:
    """Return the shots between `cuts` (first frames of shots, sorted; 0 may be among them); they cover the film."""
    edges = sorted({0, frame_count, *(cut for cut in cuts if 0 < cut < frame_count)})
    return tuple(FrameRange(start, stop) for start, stop in pairwise(edges))


def _reader(luma: NDArray[np.float32]) -> Callable[[FrameRange], Generator[Frame]]:
    """Serve frames from memory as the session reads them from a film."""

    def read(span: FrameRange) -> Generator[Frame]:
        for index in span:
            yield Frame(index, index / RATE, np.rint(luma[index] * 65535).astype(np.uint16))

    return read


@pytest.fixture
def network() -> RemasterNetwork:
    """A tiny network of the paper's kind, in inference form, in which every part has its say."""
    return make_network(TINY_PAPER).fold()


@pytest.fixture(scope="session")
def reader() -> Callable[..., Callable[[FrameRange], Generator[Frame]]]:
    return _reader


@pytest.fixture
def two_scenes(
    own: Path, shipped: Path, tmp_path: Path, write_film: Callable[..., Path]
) -> Callable[..., RenderRequest]:
    """Make requests to colour a film of two stills, each of half its frames, by two references of one colour each.

    Of that which is tied to frame 1 the first `painted` rows are strokes.
    """

    def make(output: str, frames: int, names: tuple[str, str], painted: int, **more: Any) -> RenderRequest:
        rng = np.random.default_rng(0)
        scenes = [cv2.resize(rng.random((5, 6)).astype(np.float32), (96, 64)) for _ in range(2)]
        cut = frames // 2
        film = write_film(tmp_path / "film.mkv", np.stack([scenes[t // cut] for t in range(frames)]))
        (tmp_path / "references").mkdir()
        for name, color in zip(names, ((40, 90, 200), (200, 90, 40)), strict=True):
            cv2.imwrite(str(tmp_path / "references" / name), np.full((64, 96, 3), color, np.uint8))
        strokes = np.zeros((64, 96), np.uint8)
        strokes[:painted] = 255
        found = complete(find_references(tmp_path / "references", frames))[0]
        references = tuple(replace(r, load_strokes=lambda: strokes) if r.frame == 1 else r for r in found)
        return RenderRequest(
            film, tmp_path / output, references, weights=own, device="cpu",
            settings=Settings(edge=64, restoration=False, luminance="source"),
            shots=(FrameRange(0, cut), FrameRange(cut, frames)), **more,
        )  # fmt: skip

    return make
