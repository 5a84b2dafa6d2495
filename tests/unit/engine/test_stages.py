"""Each stage of a render is counted by itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from remaster_gui.engine.stages import Stages, Work


def test_work_adds_up_in_the_order_of_the_stages() -> None:
    stages = Stages()
    stages.add("encode", 1, 0.5)
    stages.add("decode", 2, 0.25)
    stages.add("encode", 3, 1.5)
    assert list(stages.done().items()) == [("decode", Work(2, 0.25)), ("encode", Work(4, 2.0))]
    assert stages.done()["encode"].rate == 2
    assert stages.done()["encode"].share(8) == 0.25


def test_what_is_taken_is_counted_no_more() -> None:
    stages = Stages()
    stages.add("compose", 2, 0.5)
    assert stages.taken() == {"compose": Work(2, 0.5)}
    stages.add("compose", 1, 0.5)
    assert stages.taken() == {"compose": Work(1, 0.5)} and stages.done() == {}


def test_nothing_done_has_no_rate() -> None:
    assert Stages().done() == {}
    assert Work().rate == 0 and Work(0, 1.0).share(0) == 0


def test_each_frame_that_is_passed_on_counts() -> None:
    stages = Stages()
    assert list(stages.each("decode", iter("abc"))) == ["a", "b", "c"]
    assert stages.done()["decode"].frames == 3


def test_what_fails_is_no_work_done() -> None:
    stages = Stages()
    with pytest.raises(ValueError, match="torn"), stages.working("compose"):
        raise ValueError("torn")
    assert stages.done() == {}


def test_threads_add_to_the_same_count() -> None:
    stages = Stages()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: stages.add("prepare", 1, 1.0), range(400)))
    assert stages.done()["prepare"] == Work(400, 400.0)
