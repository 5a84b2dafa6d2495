"""The preview beside the window: newest request wins, what is finished stays, failures are one sentence."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QTimer

from remaster_gui.base.notices import Progress
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.frame_store import CURRENT, DRAFT, NONE, STALE
from remaster_gui.engine.messages import Reference
from remaster_gui.engine.preview_plan import PreviewRequest
from remaster_gui.engine.preview_results import PreviewStores
from remaster_gui.media import FilmFile
from remaster_gui.workers import preview_service
from remaster_gui.workers.network_slot import NetworkSlot
from remaster_gui.workers.preview_service import PreviewService

from .conftest import Gate

WAIT = 300_000
RequestFor = Callable[..., PreviewRequest]
ReferenceFor = Callable[..., Reference]


def run(qtbot: Any, preview: PreviewService, request: PreviewRequest) -> list[int]:
    """Preview to the end; returns the frames in the order in which they came, the draft of one before all others."""
    came: list[int] = []
    preview.frames_ready.connect(came.extend)
    preview.request(request)
    qtbot.waitUntil(lambda: not preview.is_running, timeout=WAIT)
    preview.frames_ready.disconnect(came.extend)
    return came


def test_frames_come_once_each_and_are_there(
    qtbot: Any, preview: PreviewService, request_for: RequestFor
) -> None:
    request = request_for(2)
    assert preview.result(2, request.guidance) is None
    assert preview.keys(request.guidance) is None
    progress: list[Progress] = []
    preview.progress_changed.connect(progress.append)
    came = run(qtbot, preview, request)
    assert came[0] == 2, "a draft"
    assert sorted(came[1:]) == list(range(12))
    assert set(came[1:6]) == set(range(2, 7)), "the frames from the playhead on come first"
    assert progress[0] == Progress(0, 12) and progress[0].seconds_left is None
    assert (progress[-1].done, progress[-1].total) == (12, 12)
    frame, state = preview.result(2, request.guidance) or pytest.fail("no result")
    assert state == CURRENT
    assert frame.index == 2
    assert frame.rgb.shape == (64, 80, 3)
    states = preview.states(request.guidance)
    assert (states[:12] == CURRENT).all()
    assert (states[12:] == NONE).all()


def test_the_library_comes_in_beside_the_window_when_a_preview_can_be_expected(
    qtbot: Any, preview: PreviewService, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []
    monkeypatch.setattr(
        preview_service, "bring_in_torch", lambda _cancel: threads.append(threading.current_thread())
    )
    preview.prepare()
    qtbot.waitUntil(lambda: len(threads) == 1)
    assert threads[0] is not threading.main_thread() and not preview.is_running


def test_a_draft_is_shown_as_such_until_the_frame_is_there(
    qtbot: Any, preview: PreviewService, request_for: RequestFor
) -> None:
    request = request_for(2)
    seen: list[tuple[int, int]] = []

    def look(_frames: tuple[int, ...]) -> None:
        _, state = preview.result(2, request.guidance) or pytest.fail("nothing")
        seen.append((state, preview.states(request.guidance)[2]))

    with qtbot.waitSignal(preview.frames_ready, timeout=WAIT) as ready:
        preview.frames_ready.connect(look)
        preview.request(request)
    assert ready.args[0] == (2,)
    draft, _ = preview.result(2, request.guidance) or pytest.fail("no draft")
    qtbot.waitUntil(lambda: not preview.is_running, timeout=WAIT)
    found, _ = preview.result(2, request.guidance) or pytest.fail("no result")
    assert seen[0] == (DRAFT, DRAFT) and seen[-1] == (CURRENT, CURRENT)
    assert found is not draft


def test_other_references_make_frames_stale_until_they_are_remade(
    qtbot: Any, preview: PreviewService, request_for: RequestFor, reference: ReferenceFor
) -> None:
    first, second = request_for(2, reference(1)), request_for(2, reference(1, revision=1))
    run(qtbot, preview, first)
    before = preview.result(3, first.guidance)
    assert before is not None
    with qtbot.waitSignal(preview.key_changed, timeout=WAIT):
        preview.request(second)
    assert preview.result(3, second.guidance) == (before[0], STALE)
    assert (preview.states(second.guidance)[:12] == STALE).all()
    qtbot.waitUntil(lambda: not preview.is_running, timeout=WAIT)
    after = preview.result(3, second.guidance)
    assert after is not None
    assert after[1] == CURRENT
    assert not np.array_equal(after[0].rgb, before[0].rgb)
    # An undone stroke costs nothing.
    assert run(qtbot, preview, first) == []
    assert preview.result(3, first.guidance) == (before[0], CURRENT)


def test_a_new_request_wins_over_the_one_under_way(
    qtbot: Any, preview: PreviewService, request_for: RequestFor, reference: ReferenceFor, previewing: Gate
) -> None:
    whole = FrameRange(0, 48)
    first = request_for(0, reference(1), span=whole)
    previewing.hold()
    with qtbot.waitSignal(preview.frames_ready, timeout=WAIT):
        preview.request(first)
    second = request_for(30, reference(2), span=FrameRange(28, 34))
    preview.request(second)
    previewing.open()
    ready = run(qtbot, preview, second)
    assert set(range(28, 34)) <= set(ready)
    assert (preview.states(first.guidance)[:24] == CURRENT).sum() < 24, "the first request was given up"


def test_a_moving_playhead_interrupts_nothing(
    qtbot: Any, preview: PreviewService, request_for: RequestFor, previewing: Gate
) -> None:
    running: list[bool] = []
    preview.running_changed.connect(running.append)
    previewing.hold()
    with qtbot.waitSignal(preview.frames_ready, timeout=WAIT):
        preview.request(request_for(2))
    qtbot.waitUntil(lambda: bool(previewing.cancels), timeout=WAIT)
    for playhead in range(3, 12):
        preview.request(request_for(playhead))
    (cancel,) = previewing.cancels
    assert not cancel.is_set()
    previewing.open()
    qtbot.waitUntil(lambda: not preview.is_running, timeout=WAIT)
    assert (preview.states(request_for(11).guidance)[:12] == CURRENT).all()
    # Everything is there: a playhead that comes to rest starts nothing.
    preview.request(request_for(5))
    resting = preview.findChildren(QTimer)
    assert any(timer.isActive() for timer in resting)
    qtbot.waitUntil(lambda: not any(timer.isActive() for timer in resting), timeout=WAIT)
    assert running == [True, False]


def test_a_resting_playhead_draws_the_work_to_it(
    qtbot: Any, preview: PreviewService, request_for: RequestFor, previewing: Gate
) -> None:
    whole = FrameRange(0, 48)
    previewing.hold()
    with qtbot.waitSignal(preview.frames_ready, timeout=WAIT):
        preview.request(request_for(0, span=whole))
    preview.request(request_for(40, span=whole))
    qtbot.waitUntil(lambda: len(previewing.cancels) == 2, timeout=WAIT)
    previewing.pass_one()
    qtbot.waitUntil(lambda: preview.states(request_for(40).guidance)[40] == CURRENT, timeout=WAIT)
    assert (preview.states(request_for(40).guidance)[:40] == CURRENT).sum() < 40
    preview.stop()


def test_stop_leaves_what_is_finished(
    qtbot: Any, preview: PreviewService, request_for: RequestFor, previewing: Gate
) -> None:
    request = request_for(0, span=FrameRange(0, 48))
    previewing.hold()
    previewing.pass_one()  # the draft
    preview.request(request)
    qtbot.waitUntil(lambda: (preview.states(request.guidance) == CURRENT).any(), timeout=WAIT)
    preview.stop()
    previewing.open()
    assert not preview.is_running
    assert (preview.states(request.guidance) == CURRENT).sum() < 48
    run(qtbot, preview, request)
    assert (preview.states(request.guidance) == CURRENT).all()


def test_moved_cuts_forget_the_frames_of_those_shots(
    qtbot: Any, preview: PreviewService, request_for: RequestFor
) -> None:
    request = request_for(22, span=FrameRange(20, 28))
    run(qtbot, preview, request)
    shots = (FrameRange(0, 12), FrameRange(12, 18), FrameRange(18, 24), FrameRange(24, 48))
    parted = replace(request, guidance=replace(request.guidance, shots=shots))
    preview.request(parted)
    states = preview.states(parted.guidance)
    assert (states[20:24] != CURRENT).all()
    assert (states[24:28] == CURRENT).all()
    qtbot.waitUntil(lambda: not preview.is_running, timeout=WAIT)
    assert (preview.states(parted.guidance)[20:28] == CURRENT).all()


@pytest.mark.parametrize("missing", ["film", "weights"])
def test_what_is_missing_is_told_in_one_sentence(
    qtbot: Any, film: Path, weights: Path, stores: PreviewStores, request_for: RequestFor, tmp_path: Path, missing: str
) -> None:  # fmt: skip
    nowhere = tmp_path / "nowhere.mkv"
    slot = NetworkSlot(nowhere if missing == "weights" else weights, "cpu")
    preview = PreviewService(FilmFile(nowhere if missing == "film" else film), stores, slot)
    with qtbot.waitSignal(preview.failed, timeout=WAIT) as failed:
        preview.request(request_for(2))
    assert "nowhere.mkv" in failed.args[0]
    assert not preview.is_running
    if missing == "weights":
        slot.allow(weights)
        slot.use(weights, "cpu")
        assert len(run(qtbot, preview, request_for(2))) == 12 + 1
    preview.close()


def test_a_defect_is_logged_and_the_next_request_is_served(
    qtbot: Any, preview: PreviewService, request_for: RequestFor, reference: ReferenceFor,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    def broken() -> Any:
        raise ZeroDivisionError("of ours")

    with caplog.at_level(logging.CRITICAL + 1), qtbot.waitSignal(preview.failed, timeout=WAIT) as failed:
        caplog.handler.setLevel(logging.ERROR)
        logging.getLogger("remaster_gui.workers.background_tasks").setLevel(logging.ERROR)
        preview.request(request_for(2, Reference("broken", "broken:0", broken)))
    assert failed.args[0].startswith("Something went wrong while making the preview (ZeroDivisionError)")
    assert len(run(qtbot, preview, request_for(2, reference(1)))) == 12 + 1


def test_closing_while_working_is_clean_and_silent(
    qtbot: Any, film: Path, slot: NetworkSlot, stores: PreviewStores, request_for: RequestFor
) -> None:
    preview = PreviewService(FilmFile(film), stores, slot)
    with qtbot.waitSignal(preview.frames_ready, timeout=WAIT):
        preview.request(request_for(0, span=FrameRange(0, 48)))
    heard: list[object] = []
    for signal in (preview.frames_ready, preview.running_changed, preview.failed, preview.progress_changed):
        signal.connect(lambda *values: heard.append(values))
    preview.close()
    qtbot.wait(1)
    assert heard == []


def test_other_weights_remake_everything(
    qtbot: Any, preview: PreviewService, slot: NetworkSlot, request_for: RequestFor, weights: Path, tmp_path: Path
) -> None:  # fmt: skip
    import torch

    from remaster_gui.model import save_network
    from remaster_gui.model.weights import read_network

    network = read_network(weights)
    with torch.no_grad():
        network.colorization.decoder[-1].conv.bias += 0.3
    other = tmp_path / "other.safetensors"
    save_network(network, other, licence="test", metrics={})
    facts: list[Any] = []
    slot.facts_changed.connect(facts.append)
    request = request_for(2)
    run(qtbot, preview, request)
    slot.use(other, "cpu")
    slot.allow(other)
    assert preview.keys(request.guidance) is None
    assert len(run(qtbot, preview, request)) == 12 + 1
    assert [f and f.weights for f in facts] == [weights.name, None, other.name]
    assert not facts[0].is_gpu
    assert facts[0].free_bytes > 0
