"""Previews come back from the disk: as up to date where all that they depend on is as it was, else as stale."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject

from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine import kept_previews
from remaster_gui.engine.finish import PLAIN
from remaster_gui.engine.frame_store import CURRENT, NONE, STALE
from remaster_gui.engine.kept_previews import KeptFrame, KeptPreviews
from remaster_gui.engine.messages import Reference, Settings
from remaster_gui.engine.preview_plan import Guidance, PreviewRequest
from remaster_gui.engine.preview_results import PreviewedFrame, PreviewStores, result_keys
from remaster_gui.engine.sizes import Size
from remaster_gui.media import FilmFile
from remaster_gui.workers.network_slot import NetworkSlot
from remaster_gui.workers.preview_keeping import PreviewKeeper, PreviewKeeping
from remaster_gui.workers.preview_service import PreviewService

from .conftest import FRAMES

RequestFor = Callable[..., PreviewRequest]
BUDGET = 2**26


@pytest.fixture(autouse=True)
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Machines that test may have little room."""
    monkeypatch.setattr(kept_previews, "LEAST_FREE", 0)


class Opened:
    """A film that is open, with its previews, as after the start of the program."""

    def __init__(self, film: Path, folder: Path, slot: NetworkSlot) -> None:
        self.stores = PreviewStores(FRAMES)
        self.keeper = PreviewKeeper(FilmFile(film), self.stores, BUDGET, folder)
        self.owner = QObject()
        self.keeping = PreviewKeeping(self.keeper, self.owner)
        self.preview = PreviewService(FilmFile(film), self.stores, slot, self.owner, keeper=self.keeper)
        self.keeping.network_known.connect(lambda identity: self.preview.expect(Size(80, 64), identity))
        self.slot = slot

    def run(self, qtbot: Any, request: PreviewRequest) -> list[int]:
        """Preview to the end, and write what comes; returns the frames that came."""
        came: list[int] = []
        self.preview.frames_ready.connect(came.extend)
        self.preview.request(request)
        qtbot.waitUntil(lambda: not self.preview.is_running)
        self.preview.frames_ready.disconnect(came.extend)
        keys, facts = self.preview.keys(request.guidance), self.slot.facts
        assert keys is not None
        if facts is not None:
            self.keeping.keep(tuple(came), request.guidance, keys, self.slot.weights, facts)
            self.keeping.drain()
        return came

    def restore(self, qtbot: Any, request: PreviewRequest) -> list[int]:
        """Bring back what there is."""
        came: list[int] = []
        self.keeping.brought.connect(came.extend)
        with qtbot.waitSignal(self.keeping.brought, check_params_cb=lambda frames: frames == ()):
            self.keeping.restore(request, Size(80, 64), self.slot.weights, "")
        return came


@pytest.fixture
def open_film(film: Path, tmp_path: Path, weights: Path) -> Iterator[Callable[..., Any]]:
    @contextmanager
    def opened(chosen: Path = weights, shown: Path = film) -> Iterator[Opened]:
        each = Opened(shown, tmp_path / "previews", NetworkSlot(chosen, "cpu"))
        yield each
        each.preview.close()
        each.keeping.close()
        each.owner.deleteLater()

    yield opened


def test_what_was_made_is_there_again_before_the_network_is_loaded(
    qtbot: Any, open_film: Callable[..., Any], request_for: RequestFor, reference: Callable[..., Reference]
) -> None:
    request = request_for(2, reference(1), saturation=1.3)
    with open_film() as first:
        first.run(qtbot, request)
        made = first.preview.result(5, request.guidance)
    with open_film() as again:
        assert sorted(again.restore(qtbot, request)) == list(range(12))
        assert again.slot.facts is None
        states = again.preview.states(request.guidance)
        assert (states[:12] == CURRENT).all() and (states[12:] == NONE).all()
        found = again.preview.result(5, request.guidance)
        assert made is not None and found is not None and found[1] == CURRENT
        for name in ("rgb", "chrominance", "restored", "share"):
            assert np.array_equal(getattr(found[0], name), getattr(made[0], name)), name
        assert (found[0].saturation, found[0].finish.share) == (1.3, 1.0)
        again.preview.request(request)
        assert not again.preview.is_running, "nothing is left to do"
        painted = replace(request.guidance, references=(reference(1, revision=1),))
        assert (again.preview.states(painted)[:12] == STALE).all()


def test_what_has_changed_meanwhile_makes_all_stale(
    qtbot: Any, open_film: Callable[..., Any], request_for: RequestFor, reference: Callable[..., Reference]
) -> None:
    """A project that was copied and goes on with another picture gives it the same revision."""
    with open_film() as first:
        first.run(qtbot, request_for(2, reference(1)))
    other = replace(reference(2), digest=reference(1).digest)
    request = request_for(2, other)
    with open_film() as again:
        again.restore(qtbot, request)
        assert (again.preview.states(request.guidance)[:12] == STALE).all()
        came = again.run(qtbot, request)
        assert sorted(set(came)) == list(range(12))
        assert (again.preview.states(request.guidance)[:12] == CURRENT).all()


def test_other_weights_make_all_stale(
    qtbot: Any, open_film: Callable[..., Any], request_for: RequestFor, weights: Path, tmp_path: Path
) -> None:
    request = request_for(2)
    with open_film() as first:
        first.run(qtbot, request)
    same = tmp_path / "same.safetensors"
    same.write_bytes(weights.read_bytes())
    with open_film(same) as again:
        again.restore(qtbot, request)
        assert again.preview.keys(request.guidance) is None, "nobody knows before they are read"
        assert (again.preview.states(request.guidance)[:12] == STALE).all()


def test_what_the_memory_had_no_room_for_is_not_made_again(
    qtbot: Any, open_film: Callable[..., Any], request_for: RequestFor
) -> None:
    with open_film() as first:
        assert first.run(qtbot, request_for(6)).count(6) == 2
        first.stores.results.forget(range(4, 9))
        # A draft of frame 6 would come before it.
        assert sorted(first.run(qtbot, request_for(6))) == [4, 5, 6, 7, 8]
        assert (first.preview.states(request_for(6).guidance)[:12] == CURRENT).all()


def test_what_a_stroke_leaves_as_it_is_counts_as_up_to_date_and_is_so_the_next_time(
    qtbot: Any,
    open_film: Callable[..., Any],
    voting_weights: Path,
    scenes: np.ndarray,
    write_film: Callable[..., Path],
    tmp_path: Path,
) -> None:
    """No preview is under way when it is painted; nothing is made for it."""
    film = write_film(tmp_path / "scenes.mkv", np.repeat(scenes[:2], 12, 0))
    shots = (FrameRange(0, 12), FrameRange(12, 24))

    def painted(tint: tuple[float, float, float]) -> Reference:
        picture = (255 * (scenes[0][..., None] + 0.12 * np.array(tint, np.float32))).round().astype(np.uint8)
        return Reference("first", f"first:{tint}", lambda: picture)

    other = (255 * (scenes[1][..., None] + 0.1 * np.float32([0, 1, -1]))).round().astype(np.uint8)
    second = Reference("second", "second:0", lambda: other)
    settings = Settings(edge=64, restoration=False)
    before, after = (
        PreviewRequest(Guidance(shots, (painted(tint), second), settings), FrameRange(0, 24), 2)
        for tint in ((1.0, 0.0, -1.0), (-1.0, 1.0, 0.0))
    )
    with open_film(voting_weights, film) as first:
        first.run(qtbot, before)
        assert (first.preview.states(after.guidance)[:24] == STALE).all()
        with qtbot.waitSignal(first.preview.frames_ready) as ready:
            first.preview.reuse(after.guidance)
        assert set(ready.args[0]) == set(range(12, 24)) and not first.preview.is_running
        states = first.preview.states(after.guidance)[:24]
        assert (states[:12] == STALE).all() and (states[12:] == CURRENT).all()
    with open_film(voting_weights, film) as again:
        again.restore(qtbot, after)
        states = again.preview.states(after.guidance)[:24]
        assert (states[:12] == STALE).all() and (states[12:] == CURRENT).all()
        drawn = again.preview.result(15, after.guidance)[0].drawn
        assert drawn is not None and drawn.references[1] == "second:0"
        assert drawn.references[0] not in ("first", after.guidance.references[0].digest), (
            "what it was made with"
        )


def test_what_is_just_being_written_is_renamed_after_that(
    film: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request_for: RequestFor,
    reference: Callable[..., Reference],
) -> None:
    before, after = (request_for(2, reference(number)) for number in (1, 2))
    old, new = (result_keys(each.guidance, Size(80, 64), "weights") for each in (before, after))
    rgb, luminance = np.zeros((64, 80, 3), np.uint8), np.zeros((64, 80), np.uint16)
    stores = [PreviewStores(FRAMES) for _ in range(2)]
    keepers = [PreviewKeeper(FilmFile(film), each, BUDGET, tmp_path / "previews") for each in stores]
    stores[0].results.put(5, old.at(5), PreviewedFrame(5, rgb, None, None, luminance, PLAIN, 1.0))
    renaming = Thread(target=keepers[0].rename, args=((5,), old.at(5), new.at(5), after.guidance))
    put = KeptPreviews.put

    def interrupted(kept: KeptPreviews, frames: Sequence[KeptFrame]) -> None:
        renaming.start()
        renaming.join(0.2)  # as far as it comes: it has to wait
        put(kept, frames)

    monkeypatch.setattr(KeptPreviews, "put", interrupted)
    keepers[0].keep((5,), before.guidance, old)
    renaming.join()
    keepers[1].bring(after, new, Event(), whole=True, came=lambda _: None)
    assert stores[1].results.get(5, new.at(5)) is not None
