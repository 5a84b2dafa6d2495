"""The store of results: never wrong, within its budget, the nearest stay, states say what is so."""

from __future__ import annotations

from threading import Thread

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.frame_store import CURRENT, DECODED, NONE, STALE, FrameStore, frames_of_other_shots

COUNT = 30
SIZE = 100


def value(number: int = 0) -> np.ndarray:
    return np.full(SIZE, number % 256, np.uint8)


operations = st.one_of(
    st.tuples(st.just("put"), st.integers(0, COUNT - 1), st.sampled_from("abc")),
    st.tuples(st.just("focus"), st.integers(0, COUNT - 1), st.just("")),
    st.tuples(st.just("forget"), st.integers(0, COUNT - 1), st.just("")),
)


@given(st.lists(operations, max_size=60), st.integers(1, 12))
def test_what_is_kept_is_right_and_within_the_budget(steps: list[tuple[str, int, str]], room: int) -> None:
    store: FrameStore[str, np.ndarray] = FrameStore(COUNT, room * SIZE)
    truth: dict[tuple[str, int], int] = {}
    for number, (step, frame, key) in enumerate(steps):
        if step == "put":
            kept = store.put(frame, key, value(number))
            truth[key, frame] = number
            assert kept == (store.get(frame, key) is not None)
        elif step == "focus":
            store.focus(frame)
        else:
            store.forget([frame])
            assert store.latest(frame) is None
            truth = {where: n for where, n in truth.items() if where[1] != frame}
        found = 0
        for (key, index), made in truth.items():
            stored = store.get(index, key)
            if stored is not None:
                assert stored[0] == made % 256
                found += 1
            assert store.held(key)[index] == (stored is not None)
        assert store.nbytes == found * SIZE <= room * SIZE


def test_the_nearest_stay_and_the_store_says_when_there_is_no_room() -> None:
    store: FrameStore[str, np.ndarray] = FrameStore(COUNT, 5 * SIZE)
    store.focus(10)
    assert all(store.put(frame, "a", value()) for frame in (8, 9, 10, 11, 12))
    assert not store.put(20, "a", value())
    assert np.flatnonzero(store.held("a")).tolist() == [8, 9, 10, 11, 12]
    store.focus(20)
    assert store.put(20, "a", value())
    assert np.flatnonzero(store.held("a")).tolist() == [9, 10, 11, 12, 20]


def test_results_of_earlier_keys_go_first() -> None:
    store: FrameStore[str, np.ndarray] = FrameStore(COUNT, 4 * SIZE)
    for frame in (0, 1):
        store.put(frame, "old", value())
    for frame in (10, 11, 12):
        assert store.put(frame, "new", value())
    assert store.held("new").sum() == 3
    assert store.held("old").sum() == 1


def test_states_as_seen_from_a_key() -> None:
    store: FrameStore[str, np.ndarray] = FrameStore(4, 100 * SIZE)
    store.put(1, "a", value())
    store.put(2, "b", value())
    decoded = np.array([True, True, False, False])
    assert store.states("a", decoded).tolist() == [DECODED, CURRENT, STALE, NONE]
    assert store.states("b", decoded).tolist() == [DECODED, STALE, CURRENT, NONE]
    assert store.states(None).tolist() == [NONE, STALE, STALE, NONE]


def test_the_latest_result_is_of_the_key_used_last() -> None:
    store: FrameStore[str, np.ndarray] = FrameStore(4, 100 * SIZE)
    for number, key in enumerate("aba"):
        store.put(1, key, value(number))
    latest = store.latest(1)
    assert latest is not None
    assert latest[0] == 2
    assert store.latest(0) is None


def test_only_frames_of_changed_shots_are_forgotten() -> None:
    before = [FrameRange(0, 3), FrameRange(3, 6), FrameRange(6, 9)]
    after = [FrameRange(0, 3), FrameRange(3, 9)]
    assert frames_of_other_shots(before, after) == [3, 4, 5, 6, 7, 8]
    assert frames_of_other_shots(before, before) == []


def test_threads_may_read_and_write_at_once() -> None:
    store: FrameStore[str, np.ndarray] = FrameStore(COUNT, 10 * SIZE)
    wrong: list[int] = []

    def work(key: str) -> None:
        for number in range(2000):
            frame = number % COUNT
            store.put(frame, key, value(frame))
            got = store.get(frame, "a")
            if got is not None and got[0] != frame:
                wrong.append(frame)
            store.states("a")

    threads = [Thread(target=work, args=(key,)) for key in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert store.nbytes == sum(int(store.held(key).sum()) for key in "abc") * SIZE <= 10 * SIZE
