"""Plans of previews: exactly what is missing, cut at shots, the nearest to the playhead first."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.messages import Reference, Settings
from remaster_gui.engine.preview_plan import (
    FIRST_RUN,
    Guidance,
    plan_runs,
    proxy_size,
    shot_at,
)
from remaster_gui.engine.preview_results import ResultKey, result_keys
from remaster_gui.engine.sizes import SMALLEST_EDGE, Size

from .conftest import shots_from_cuts


@st.composite
def situations(draw: st.DrawFn) -> tuple[tuple[FrameRange, ...], FrameRange, int, np.ndarray]:
    count = draw(st.integers(1, 200))
    cuts = draw(st.lists(st.integers(0, count), max_size=6))
    start = draw(st.integers(0, count - 1))
    span = FrameRange(start, draw(st.integers(start, count)))
    done = np.array(draw(st.lists(st.booleans(), min_size=count, max_size=count)), np.bool_)
    if draw(st.booleans()):
        done &= np.arange(count) // 17 % 2 == 0
    return shots_from_cuts(cuts, count), span, draw(st.integers(0, count - 1)), done


@given(situations())
def test_runs_cover_just_what_is_missing_inside_shots(
    situation: tuple[tuple[FrameRange, ...], FrameRange, int, np.ndarray],
) -> None:
    shots, span, playhead, done = situation
    runs = plan_runs(shots, span, playhead, done)
    planned = [frame for run in runs for frame in run.span]
    assert sorted(planned) == [frame for frame in span if not done[frame]]
    for run in runs:
        assert run.shot in shots
        assert run.shot.start <= run.span.start < run.span.stop <= run.shot.stop
        assert not run.span.start < playhead < run.span.stop, "the playhead begins a run"
    distances = [run.distance(playhead) for run in runs]
    assert distances == sorted(distances)
    for run, distance in zip(runs, distances, strict=True):
        assert distance == min(abs(frame - playhead) for frame in run.span)


@given(st.integers(1, 400), st.lists(st.integers(-5, 405), max_size=8))
def test_shots_cover_the_film(count: int, cuts: list[int]) -> None:
    shots = shots_from_cuts(cuts, count)
    assert shots[0].start == 0
    assert shots[-1].stop == count
    assert all(before.stop == after.start for before, after in pairwise(shots))
    assert all(frame in shot_at(shots, frame) for frame in range(count))


def test_runs_before_the_playhead_grow_with_their_distance() -> None:
    shot = FrameRange(0, 500)
    runs = plan_runs([shot], shot, 300, np.zeros(500, np.bool_))
    assert runs[0].span == FrameRange(300, 500)
    assert [len(run.span) for run in runs[1:]] == [FIRST_RUN, 2 * FIRST_RUN, 4 * FIRST_RUN, 8 * FIRST_RUN, 60]


def test_proxies_shrink_down_to_what_networks_can_do() -> None:
    film = Size(640, 480)
    assert proxy_size(film, 320, "full") == Size(432, 320)
    assert proxy_size(film, 320, "half") == Size(208, 160)
    assert min(vars_of(proxy_size(film, 128, "quarter"))) == SMALLEST_EDGE


def vars_of(size: Size) -> tuple[int, int]:
    return size.width, size.height


@pytest.mark.parametrize(
    ("changed", "luminance_too"),
    [
        ({"edge": 64}, True),
        ({"restoration": False}, True),
        ({"colorization": False}, False),
        ({"luminance": "source"}, False),
        ({"following": False}, False),
        ({"luminance": "working"}, None),
    ],
)
def test_keys_hold_what_results_depend_on(changed: dict[str, object], luminance_too: bool | None) -> None:
    shots = (FrameRange(0, 10),)
    before_keys = result_keys(Guidance(shots, settings=Settings()), Size(320, 240), "w")
    settings = Settings(**changed)  # type: ignore[arg-type]
    after_keys = result_keys(Guidance(shots, settings=settings), Size(320, 240), "w")
    before, after = before_keys.at(3), after_keys.at(3)
    assert (after == before) == (luminance_too is None)
    assert (after.luminance != before.luminance) == bool(luminance_too)


def test_where_references_lie_has_a_say_where_colours_follow_the_motion() -> None:
    def key(frame: int, *, follows: bool) -> ResultKey:
        reference = Reference("a", "digest", lambda: np.zeros((4, 4, 3), np.uint8), frame)
        guidance = Guidance((FrameRange(0, 10),), (reference,), Settings(following=follows))
        return result_keys(guidance, Size(320, 240), "w").at(3)

    assert key(2, follows=False) == key(5, follows=False)
    assert key(2, follows=True) != key(5, follows=True)
