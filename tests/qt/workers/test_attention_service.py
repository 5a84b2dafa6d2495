"""Attention beside the window: the newest question wins, stale answers are dropped, the lane is remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from remaster_gui.engine.frame_store import CURRENT
from remaster_gui.engine.messages import Reference
from remaster_gui.engine.preview_plan import PreviewRequest
from remaster_gui.engine.preview_results import PreviewStores
from remaster_gui.media import FilmFile
from remaster_gui.workers.attention_service import AttentionService
from remaster_gui.workers.network_slot import NetworkSlot
from remaster_gui.workers.preview_service import PreviewService

WAIT = 300_000
FRAMES = 48
RequestFor = Callable[..., PreviewRequest]
ReferenceFor = Callable[..., Reference]


@pytest.fixture
def attention(film: Path, slot: NetworkSlot, stores: PreviewStores) -> Iterator[AttentionService]:
    controller = AttentionService(FilmFile(film), FRAMES, stores, slot)
    yield controller
    controller.close()


def test_maps_and_points_come_with_their_generation(
    qtbot: Any, attention: AttentionService, request_for: RequestFor, reference: ReferenceFor
) -> None:
    attention.set_guidance(request_for(0, reference(1), reference(2)).guidance)
    with qtbot.waitSignal(attention.map_ready, timeout=WAIT) as found:
        attention.request_map(7, generation=3)
    frame, answer, generation = found.args
    assert (frame, generation) == (7, 3)
    assert answer.references == ("1:0", "2:0")
    assert answer.shares.shape == (8, 10, 2)
    with qtbot.waitSignal(attention.point_ready, timeout=WAIT) as found:
        attention.request_point(7, 40.0, 30.0, "coarse", generation=4)
    frame, heat, generation = found.args
    assert (frame, heat.layer, generation) == (7, "coarse", 4)
    assert heat.shares.sum() == pytest.approx(1, abs=1e-4)


def test_only_the_newest_point_matters(
    qtbot: Any, attention: AttentionService, request_for: RequestFor
) -> None:
    attention.set_guidance(request_for(0).guidance)
    came: list[int] = []
    attention.point_ready.connect(lambda frame, heat, generation: came.append(generation))
    for generation in range(1, 101):
        attention.request_point(7, float(generation % 80), 30.0, generation=generation)
    qtbot.waitUntil(lambda: bool(came) and came[-1] == 100, timeout=WAIT)
    assert len(came) < 100
    assert came == sorted(came)


def test_the_lane_fills_and_is_remembered(
    qtbot: Any, attention: AttentionService, request_for: RequestFor, reference: ReferenceFor
) -> None:
    first = request_for(0, reference(1), reference(2))
    attention.set_guidance(first.guidance)
    came: list[int] = []
    attention.shares_ready.connect(lambda frame, shares: came.append(frame))
    attention.request_shares([30, 3, 40])
    assert attention.is_running
    qtbot.waitUntil(lambda: not attention.is_running, timeout=WAIT)
    assert came == [30, 3, 40]
    certainty = attention.certainty()
    assert np.flatnonzero(~np.isnan(certainty)).tolist() == [3, 30, 40]
    shares = attention.shares(30)
    assert shares is not None
    assert shares.shares.sum() == pytest.approx(1, abs=1e-4)
    # Equal guidance asks the same.
    attention.set_guidance(request_for(0, reference(1), reference(2)).guidance)
    attention.request_shares([3, 30])
    assert not attention.is_running
    with qtbot.waitSignal(attention.lane_changed, timeout=WAIT):
        attention.set_guidance(request_for(0, reference(1), reference(2, revision=1)).guidance)
    assert attention.shares(30) is None
    assert np.isnan(attention.certainty()).all()
    attention.set_guidance(first.guidance)
    assert attention.shares(30) is shares, "an undone stroke costs nothing"


def test_answers_for_former_references_are_dropped(
    qtbot: Any, attention: AttentionService, request_for: RequestFor, reference: ReferenceFor
) -> None:
    attention.set_guidance(request_for(0, reference(1)).guidance)
    came: list[tuple[str, ...]] = []
    attention.map_ready.connect(lambda frame, answer, generation: came.append(answer.references))
    attention.request_map(7)
    attention.set_guidance(request_for(0, reference(2)).guidance)
    attention.request_map(7)
    qtbot.waitUntil(lambda: bool(came), timeout=WAIT)
    assert came == [("2:0",)]


def test_nothing_is_asked_before_it_is_known_of_what(attention: AttentionService) -> None:
    attention.request_map(3)
    attention.request_point(3, 1.0, 1.0)
    attention.request_shares([3])
    assert not attention.is_running


def test_preview_and_attention_share_network_and_references(
    qtbot: Any, attention: AttentionService, preview: PreviewService, slot: NetworkSlot, request_for: RequestFor
) -> None:  # fmt: skip
    request = request_for(2)
    attention.set_guidance(request.guidance)
    preview.request(request)
    qtbot.waitUntil(lambda: preview.states(request.guidance)[2] == CURRENT, timeout=WAIT)
    with qtbot.waitSignal(attention.map_ready, timeout=WAIT) as found:
        attention.request_map(2)
    assert found.args[1].restored
    qtbot.waitUntil(lambda: not preview.is_running, timeout=WAIT)
    assert slot.loaded().references.encoded == 1


def test_a_failure_is_told_once_and_the_next_question_answered(
    qtbot: Any, attention: AttentionService, request_for: RequestFor, tmp_path: Path
) -> None:
    from functools import partial

    from remaster_gui.media import read_picture

    sentences: list[str] = []
    attention.failed.connect(sentences.append)
    broken = Reference("broken", "broken:0", partial(read_picture, tmp_path / "gone.png"))
    attention.set_guidance(request_for(0, broken).guidance)
    attention.request_shares(range(10))
    qtbot.waitUntil(lambda: bool(sentences) and not attention.is_running, timeout=WAIT)
    attention.set_guidance(request_for(0).guidance)
    with qtbot.waitSignal(attention.map_ready, timeout=WAIT):
        attention.request_map(3)
    # By now frames that were begun before the first one was told have failed as well.
    assert len(sentences) == 1
    assert "gone.png" in sentences[0]


def test_other_weights_make_the_lane_stale(
    qtbot: Any, attention: AttentionService, slot: NetworkSlot, request_for: RequestFor,
    weights: Path, tmp_path: Path,
) -> None:  # fmt: skip
    attention.set_guidance(request_for(0).guidance)
    with qtbot.waitSignal(attention.shares_ready, timeout=WAIT):
        attention.request_shares([3])
    copy = tmp_path / "copy.safetensors"
    copy.write_bytes(weights.read_bytes())
    with qtbot.waitSignal(attention.lane_changed, timeout=WAIT):
        slot.use(copy, "cpu")
    assert attention.shares(3) is None


def test_closing_while_working_is_clean_and_silent(
    qtbot: Any, film: Path, stores: PreviewStores, slot: NetworkSlot, request_for: RequestFor
) -> None:
    attention = AttentionService(FilmFile(film), FRAMES, stores, slot)
    attention.set_guidance(request_for(0).guidance)
    heard: list[object] = []
    with qtbot.waitSignal(attention.shares_ready, timeout=WAIT):
        attention.request_shares(range(FRAMES))
    attention.shares_ready.connect(lambda *values: heard.append(values))
    attention.close()
    qtbot.wait(1)
    assert heard == []
