"""Regions as bytes and as text, and what is none."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

from remaster_gui.base.named_colors import NamedRegion
from remaster_gui.base.packed_regions import LONGEST, pack_region, region_as_text, unpack_region
from remaster_gui.base.spot_marks import SpotMark
from remaster_gui.base.validity import Validity


@pytest.mark.parametrize("shape", [(1, 1), (7, 13), (64, 96), (360, LONGEST)])
def test_a_region_comes_back_as_it_was_packed(shape: tuple[int, int]) -> None:
    mask = np.random.default_rng(1).random(shape) > 0.5
    mask[0, 0] = False
    assert np.array_equal(unpack_region(pack_region(mask)), mask)
    assert pack_region(np.ones(shape, bool)) == b""


def test_what_is_no_region_is_refused() -> None:
    good = pack_region(np.zeros((20, 30), bool))
    bomb = good[:8] + zlib.compress(bytes(10_000_000))
    for bad in (b"RGN1", good[:-3], b"X" + good[1:], good + b"x", bomb, good[:4] + b"\xff\xff" + good[6:]):
        with pytest.raises(ValueError, match="region"):
            unpack_region(bad)


def test_what_is_no_region_is_refused_wherever_it_is_read() -> None:
    good = pack_region(np.eye(5, dtype=bool))
    for text, is_one in (
        ("", True),
        (region_as_text(good), True),
        (region_as_text(good[:-1]), False),
        ("é", False),
    ):
        for read in (
            lambda text: Validity.of_data({"region": text}).region,
            lambda text: SpotMark.of_data(["reject", 0, 0, 1, 1, text]).shape,
            lambda text: (
                NamedRegion.of_data({"name": "a", "reference": "b", "region": text, "color": [0, 0]}).region
            ),
        ):
            if is_one:
                assert read(text) == (good if text else b"")
            else:
                with pytest.raises(ValueError, match="region"):
                    read(text)
