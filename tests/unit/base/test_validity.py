"""Where references count: ranges, and what is written down of them."""

from __future__ import annotations

import numpy as np
import pytest

from remaster_gui.base.packed_regions import pack_region
from remaster_gui.base.timebase import FrameRange
from remaster_gui.base.validity import EVERYWHERE, Validity, joined_ranges, left_open


def _ranges(*ends: tuple[int, int]) -> tuple[FrameRange, ...]:
    return tuple(FrameRange(*each) for each in ends)


def test_a_reference_counts_everywhere_unless_ranges_are_said() -> None:
    assert EVERYWHERE.holds_at(0) and EVERYWHERE.holds_at(10**6)
    some = Validity(_ranges((3, 5), (9, 10)))
    assert [frame for frame in range(12) if some.holds_at(frame)] == [3, 4, 9]


def test_ranges_are_joined_in_order() -> None:
    assert joined_ranges(_ranges((9, 12), (1, 3), (3, 5), (10, 11), (7, 7))) == _ranges((1, 5), (9, 12))
    for wrong in (_ranges((5, 6), (1, 2)), _ranges((1, 3), (3, 4)), _ranges((2, 2))):
        with pytest.raises(ValueError, match="ranges"):
            Validity(wrong)


def test_what_no_reference_covers_is_left_open() -> None:
    assert left_open([], 10) == _ranges((0, 10))
    assert left_open([_ranges((2, 4)), ()], 10) == ()
    assert left_open([_ranges((2, 4)), _ranges((3, 6), (9, 20))], 10) == _ranges((0, 2), (6, 9))
    assert left_open([_ranges((0, 10))], 10) == ()


REGION = pack_region(np.eye(3, dtype=bool))


def test_validity_comes_back_as_it_was_written() -> None:
    for each in (EVERYWHERE, Validity(_ranges((1, 3), (5, 9)), 0.3, REGION), Validity(strength=0.0)):
        assert Validity.of_data(each.as_data()) == each
    assert EVERYWHERE.as_data() == {}


@pytest.mark.parametrize(
    "data",
    [
        [],
        {"strength": 2},
        {"strength": "1"},
        {"ranges": [[3, 1]]},
        {"ranges": [[3, 5], [1, 2]]},
        {"region": "é"},
    ],
)
def test_what_makes_no_sense_is_refused(data: object) -> None:
    with pytest.raises(ValueError):  # said by whoever checks each value
        Validity.of_data(data)


def test_the_identity_says_what_results_depend_on_beside_pixels_and_frames() -> None:
    assert Validity(_ranges((1, 2))).identity == EVERYWHERE.identity == ""
    others = [Validity(strength=0.5), Validity(region=b"a"), Validity(region=b"b"), Validity((), 0.5, b"b")]
    assert len({each.identity for each in others} | {""}) == 5
