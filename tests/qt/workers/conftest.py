"""A film's stores, a tiny network and references made of colours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.messages import Reference, Settings
from remaster_gui.engine.preview_plan import PreviewRequest
from remaster_gui.engine.preview_results import PreviewStores
from remaster_gui.workers.network_slot import NetworkSlot
from remaster_gui.workers.preview_service import PreviewService

FRAMES = 48
SHOTS = (FrameRange(0, 24), FrameRange(24, 48))
START = FrameRange(0, 12)


def _reference(seed: int, revision: int = 0) -> Reference:
    picture = np.random.default_rng([seed, revision]).integers(0, 256, (64, 80, 3), np.uint8)
    return Reference(f"reference {seed}", f"{seed}:{revision}", lambda: picture, frame=None)


@pytest.fixture
def reference() -> Callable[..., Reference]:
    return _reference


@pytest.fixture
def request_for() -> Callable[..., PreviewRequest]:
    """Make a request at the smallest working size for the film's first 12 frames."""

    def make(
        playhead: int = 2, *references: Reference, span: FrameRange = START, **settings: object
    ) -> PreviewRequest:
        chosen = Settings(edge=64, **settings)  # type: ignore[arg-type]
        return PreviewRequest(SHOTS, span, playhead, references or (_reference(1),), chosen)

    return make


@pytest.fixture
def slot(weights: Path) -> NetworkSlot:
    return NetworkSlot(weights, "cpu")


@pytest.fixture
def stores() -> PreviewStores:
    return PreviewStores(FRAMES)


@pytest.fixture
def preview(film: Path, slot: NetworkSlot, stores: PreviewStores) -> Iterator[PreviewService]:
    controller = PreviewService(film, stores, slot)
    yield controller
    controller.close()
