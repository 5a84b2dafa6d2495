"""A film's stores, a tiny network and references made of colours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Semaphore
from typing import Any

import numpy as np
import pytest

from remaster_gui.base.notices import Notice, Progress
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.messages import Reference, Settings
from remaster_gui.engine.preview_plan import Guidance, PreviewRequest
from remaster_gui.engine.preview_results import PreviewStores
from remaster_gui.media import FilmFile
from remaster_gui.workers.network_slot import NetworkSlot
from remaster_gui.workers.preview_service import Previewing, PreviewService

FRAMES = 48
SHOTS = (FrameRange(0, 12), FrameRange(12, 24), FrameRange(24, 48))
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
        return PreviewRequest(Guidance(SHOTS, references or (_reference(1),), chosen), span, playhead)

    return make


class Gate:
    """Lets what works beside the window pass, or holds it until a test has done what has to come first."""

    def __init__(self) -> None:
        self._is_open, self._passes = Event(), Semaphore(0)
        self._is_open.set()
        self.cancels: list[Event] = []
        """The events by which the works that have come here would be cancelled; the newest last."""

    def hold(self) -> None:
        """Let nothing pass from now on but what is cancelled."""
        self._is_open.clear()

    def pass_one(self) -> None:
        """Let pass whatever is held, or comes next; only that."""
        self._passes.release()

    def open(self) -> None:
        """Let all pass again."""
        self._is_open.set()

    def wait(self, cancel: Event) -> None:
        """Wait, on the thread of the work, until it may pass."""
        if cancel not in self.cancels:
            self.cancels.append(cancel)
        while not (self._is_open.is_set() or cancel.is_set() or self._passes.acquire(timeout=0.01)):
            pass


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.open()


@pytest.fixture
def previewing(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> Gate:
    """Stands in the preview's way behind every step that has brought frames."""
    preview = Previewing.preview

    def gated(
        self: Previewing, request: PreviewRequest, opened: Any, stepped: Callable[[Any], None], cancel: Event
    ) -> None:
        def step(each: Any) -> None:
            stepped(each)
            if not isinstance(each, Progress | Notice):
                gate.wait(cancel)

        preview(self, request, opened, step, cancel)

    monkeypatch.setattr(Previewing, "preview", gated)
    return gate


@pytest.fixture
def slot(weights: Path) -> NetworkSlot:
    return NetworkSlot(weights, "cpu")


@pytest.fixture
def stores() -> PreviewStores:
    return PreviewStores(FRAMES)


@pytest.fixture
def preview(film: Path, slot: NetworkSlot, stores: PreviewStores) -> Iterator[PreviewService]:
    controller = PreviewService(FilmFile(film), stores, slot)
    yield controller
    controller.close()
