from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from remaster_gui.cutlists import differences

CUTS = st.lists(st.integers(0, 60), max_size=12, unique=True).map(sorted)


def test_each_difference_is_named() -> None:
    found = differences([0, 44, 134, 299], [0, 44, 136, 200, 310])
    assert [(each.kind, each.frame, each.by) for each in found] == [
        ("moved", 136, 2),
        ("added", 200, 0),
        ("moved", 310, 11),
    ]
    assert [str(each) for each in found] == ["moved 2 frames later", "added", "moved 11 frames later"]
    assert [str(each) for each in differences([0, 10, 90], [0, 9])] == ["moved 1 frame earlier", "removed"]


def test_the_closest_belong_together() -> None:
    assert [(each.kind, each.frame, each.by) for each in differences([10, 16], [15])] == [
        ("removed", 10, 0),
        ("moved", 15, -1),
    ]


@given(CUTS, CUTS)
def test_differences_lead_from_one_list_to_the_other(before: list[int], after: list[int]) -> None:
    cuts = set(before)
    found = differences(before, after)
    for each in found:
        cuts -= {each.frame} if each.kind == "removed" else {each.frame - each.by} if each.by else set()
    cuts |= {each.frame for each in found if each.kind != "removed"}
    assert cuts == set(after)
    assert all(0 < abs(each.by) <= 12 for each in found if each.kind == "moved")
