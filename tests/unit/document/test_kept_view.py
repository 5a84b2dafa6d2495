"""A view comes back as it was, as far as the film and its references still have it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from remaster_gui.document.kept_view import pack_view, unpack_view
from remaster_gui.document.view_state import CompareMode, ViewState


def _view() -> ViewState:
    view = ViewState(frame_count=100, selected_reference="a1", compare=CompareMode.WIPE, wipe=0.25)
    view.attention, view.dirt, view.layer = True, True, "coarse"
    view.turn(-30)
    view.mirror()
    view.lut, view.is_lut_on = Path("/luts/print.cube"), True
    view.zoom, view.center, view.is_fitted, view.is_looping = 3.0, (12.5, 40.0), False, True
    view.go(70)
    return view


def test_a_view_comes_back() -> None:
    view, again = _view(), unpack_view(pack_view(_view()), 100, {"a1"})
    names = (
        "playhead", "selected_reference", "compare", "wipe", "zoom", "center", "is_fitted", "is_looping", "lut",
        "is_lut_on", "rotation", "is_mirrored", "attention", "origin", "dirt", "layer",
    )  # fmt: skip
    assert [getattr(again, name) for name in names] == [getattr(view, name) for name in names]


def test_what_is_there_no_more_is_not_looked_at() -> None:
    again = unpack_view(pack_view(_view()), 20, {"b2"})
    assert (again.playhead, again.selected_reference, again.frame_count) == (19, None, 20)


@pytest.mark.parametrize(
    "change",
    [{"playhead": -1}, {"playhead": "7"}, {"compare": "x"}, {"zoom": 0}, {"zoom": 1e9}, {"center": [1]},
     {"center": 3}, {"wipe": None}, {"is_fitted": 1}, {"selected": [1]}, {"lut": 3}, {"rotation": -1},
     {"is_mirrored": None}, {"is_lut_on": 0}, {"overlay": [True]},
     {"layer": "x"}],
)  # fmt: skip
def test_nonsense_is_a_new_view(change: dict[str, object]) -> None:
    content = json.dumps(json.loads(pack_view(_view())) | change).encode()
    again = unpack_view(content, 100, {"a1"})
    assert again.frame_count == 100
    assert change == {"selected": [1]} or (again.playhead, again.compare) == (0, CompareMode.SOURCE)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"\xff"])
def test_without_anything_readable_it_is_a_new_one(content: bytes) -> None:
    assert unpack_view(content, 9, ()).playhead == 0
