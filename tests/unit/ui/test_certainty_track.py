import numpy as np
import pytest

from remaster_gui.ui.timeline.certainty_track import CertaintyTrack
from remaster_gui.ui.timeline.scale import Scale


def shares(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_nothing_is_known_at_first_nor_after_forgetting() -> None:
    track = CertaintyTrack(10, 2)
    assert np.isnan(track.certainty).all() and track.shares_of(3) is None
    track.put(3, shares(1, 0), 0.5)
    assert track.shares_of(3) is not None
    track.forget()
    assert track.shares_of(3) is None and np.isnan(track.certainty).all()


def test_a_frame_stands_for_its_neighbours_up_to_the_cut() -> None:
    track = CertaintyTrack(20, 1)
    track.set_cuts((0, 8, 12))
    track.put(9, shares(1), 0.5, reach=5)
    assert np.flatnonzero(~np.isnan(track.certainty)).tolist() == [8, 9, 10, 11]


def test_the_nearer_look_counts_in_whatever_order_they_come() -> None:
    for order in ((4, 10), (10, 4)):
        track = CertaintyTrack(20, 1)
        for frame in order:
            track.put(frame, shares(1), frame / 10, reach=6)
        assert track.certainty[5] == pytest.approx(0.4) and track.certainty[9] == pytest.approx(1.0)


def test_a_later_look_at_the_same_frame_replaces_the_earlier() -> None:
    track = CertaintyTrack(5, 2)
    track.put(2, shares(1, 0), 0.2, reach=1)
    track.put(2, shares(0, 1), 0.8, reach=1)
    found = track.shares_of(1)
    assert found is not None and found.tolist() == [0, 1] and track.certainty[3] == pytest.approx(0.8)


def test_answers_to_older_questions_are_left_aside() -> None:
    track = CertaintyTrack(5, 2)
    track.put(2, shares(1, 0, 0), 0.2)
    track.put(7, shares(1, 0), 0.2)
    track.put(-1, shares(1, 0), 0.2)
    assert np.isnan(track.certainty).all()


def test_columns_narrower_than_frames_repeat_them() -> None:
    track = CertaintyTrack(4, 1)
    track.put(1, shares(1), 0.5)
    columns = track.columns(Scale(4, 40, 0.0, 10.0), 40)
    assert np.flatnonzero(~np.isnan(columns.certainty)).tolist() == list(range(10, 20))
    sharp = track.columns(Scale(4, 40, 0.0, 10.0), 80, density=2)
    assert np.flatnonzero(~np.isnan(sharp.certainty)).tolist() == list(range(20, 40))


def test_columns_wider_than_frames_hold_their_mean() -> None:
    track = CertaintyTrack(100, 2)
    for frame in range(50):
        track.put(frame, shares(frame >= 25, frame < 25), frame / 50)
    columns = track.columns(Scale(100, 10, 0.0, 0.1), 10)
    assert columns.certainty[:5] == pytest.approx([0.09, 0.29, 0.49, 0.69, 0.89])
    assert np.isnan(columns.certainty[5:]).all()
    assert columns.shares[0].tolist() == [0, 1] and columns.shares[4].tolist() == [1, 0]


def test_what_lies_beyond_the_film_is_unknown() -> None:
    track = CertaintyTrack(3, 1)
    for frame in range(3):
        track.put(frame, shares(1), 1.0)
    columns = track.columns(Scale(3, 100, 0.0, 10.0), 100)
    assert np.isnan(columns.certainty[30:]).all() and not np.isnan(columns.certainty[:30]).any()
    assert np.isnan(CertaintyTrack().columns(Scale(), 5).certainty).all()
