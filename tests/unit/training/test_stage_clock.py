from __future__ import annotations

from dataclasses import replace

import pytest

from remaster_gui.training.recipes import COMPACT_RECIPE
from remaster_gui.training.stage_clock import StageClock, Stopwatch, shared_time

STAGE = replace(COMPACT_RECIPE.stages[0], iterations=10, validate_every=4)


def test_iterations_tell_how_far_a_stage_is() -> None:
    clock = StageClock(STAGE)
    reached = []
    for clock.iteration in range(11):
        reached.append((clock.progress(), clock.milestone(clock.progress())))
    assert [progress for progress, _ in reached] == pytest.approx([n / 10 for n in range(11)])
    assert [due for _, due in reached] == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3]


def test_every_number_of_iterations_is_measured_at_its_multiples() -> None:
    for iterations in (7, 200, 1200, 1500):
        clock = StageClock(replace(STAGE, iterations=iterations, validate_every=7))
        due = []
        for clock.iteration in range(1, iterations + 1):
            before = clock.milestone((clock.iteration - 1) / iterations)
            if clock.milestone(clock.progress()) > before:
                due.append(clock.iteration)
        assert due == sorted({*range(7, iterations + 1, 7), iterations})


def test_time_tells_where_there_is_a_budget() -> None:
    assert StageClock(STAGE, 100.0, iteration=9, spent=25.0).progress() == pytest.approx(0.25, abs=0.01)
    assert StageClock(STAGE, 100.0, spent=100.0).progress() == 1.0
    assert StageClock(STAGE, 0.0).progress() == 1.0


def test_how_many_iterations_fit_is_expected_from_those_that_were_made() -> None:
    assert StageClock(STAGE, iteration=4).expected() == 10
    assert StageClock(STAGE, 100.0, iteration=9, spent=25.0, now=lambda: 0.0).expected() == 36
    assert StageClock(STAGE, 100.0, iteration=9, spent=200.0, now=lambda: 0.0).expected() == 9
    assert StageClock(STAGE, 100.0, spent=25.0, now=lambda: 0.0).expected() == 10, "nothing is known yet"


def test_stages_share_what_is_left() -> None:
    stages = tuple(replace(STAGE, share=share) for share in (1.0, 2.0, 1.0))
    assert shared_time(None, stages) is None
    assert shared_time(80.0, stages) == 20.0
    assert shared_time(60.0, stages[1:]) == 40.0
    assert shared_time(-3.0, stages) == 0.0


def test_a_stopwatch_tells_shares_of_a_lap() -> None:
    watch = Stopwatch()
    with watch.measuring("samples"), watch.measuring("disk"):
        pass
    seconds, shares = watch.lap()
    assert seconds > 0 and set(shares) == {"samples", "disk"}
    assert all(0 <= share <= 1 for share in shares.values())
    assert watch.lap()[1] == {}


def test_only_what_counts_takes_time() -> None:
    now = [10.0]
    clock = StageClock(STAGE, 100.0, spent=5.0, now=lambda: now[0])
    now[0] += 20.0
    with clock.standing():
        now[0] += 1000.0
    now[0] += 5.0
    assert clock.elapsed == 30.0 and clock.progress() == 0.3
