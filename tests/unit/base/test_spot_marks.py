"""What is decided about single spots, as plain data and as an identity."""

from __future__ import annotations

import numpy as np
import pytest

from remaster_gui.base.packed_regions import pack_region
from remaster_gui.base.spot_marks import SpotMark, marks_as_data, marks_identity, marks_of_data

MARKS = (
    (3, (SpotMark("reject", 1, 2, 3, 4, pack_region(np.eye(3, dtype=bool))), SpotMark("repair", 5, 6, 7, 8))),
    (9, (SpotMark("reject", 0, 0, 1, 1),)),
)


def test_marks_come_back_from_plain_data() -> None:
    assert marks_of_data(marks_as_data(MARKS)) == MARKS


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        [[3, []]],
        [[3, [["reject", 0, 0, 1, 1, ""]]], [3, [["reject", 0, 0, 1, 1, ""]]]],
        [[3, [["vanish", 0, 0, 1, 1, ""]]]],
        [[3, [["reject", -1, 0, 1, 1, ""]]]],
        [[3, [["reject", 0, 0, 0, 1, ""]]]],
        [[3, [["reject", 0, 0, 1, 1, "?"]]]],
        [[3, [["reject", 0, 0, 1, 1]]]],
        [[3, [["reject", 0, 0, 2**21, 1, ""]]]],
    ],
)
def test_whatever_makes_no_sense_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError):
        marks_of_data(wrong)


def test_every_property_of_a_mark_changes_the_identity() -> None:
    marks = [
        (),
        (SpotMark("reject", 1, 2, 3, 4),),
        (SpotMark("repair", 1, 2, 3, 4),),
        (SpotMark("reject", 2, 2, 3, 4),),
        (SpotMark("reject", 1, 2, 3, 4, b"x"),),
        (SpotMark("reject", 1, 2, 3, 4), SpotMark("reject", 1, 2, 3, 4)),
    ]
    assert len({marks_identity(each) for each in marks}) == len(marks)
