from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from remaster_gui.painting.color_values import hex_of_lab, in_gamut, lab_of_hex, pick
from remaster_gui.painting.raster import Raster


@given(st.integers(0, 0xFFFFFF))
def test_hex_survives_lab(number: int) -> None:
    text = f"#{number:06x}"
    lab = lab_of_hex(text)
    assert lab is not None
    back = int(hex_of_lab(lab)[1:], 16)
    for shift in (0, 8, 16):
        assert abs((number >> shift & 255) - (back >> shift & 255)) <= 2


@pytest.mark.parametrize("text", ["", "#12", "#gggggg", "1234567", "red", "#12345"])
def test_what_is_no_colour_is_none(text: str) -> None:
    assert lab_of_hex(text) is None


def test_short_and_bare_forms_are_understood() -> None:
    assert lab_of_hex("#fa0") == lab_of_hex("ffaa00") == lab_of_hex(" #FFAA00 ")


@given(st.floats(0, 100), st.floats(-128, 127), st.floats(-128, 127))
def test_colours_are_brought_into_the_gamut_towards_grey(lightness: float, a: float, b: float) -> None:
    inside = in_gamut((lightness, a, b))
    assert inside[0] == lightness
    assert np.hypot(*inside[1:]) <= np.hypot(a, b) + 1e-6
    shown = lab_of_hex(hex_of_lab((lightness, a, b)))
    assert shown is not None and abs(shown[0] - lightness) < 1.5


def test_picking_takes_what_is_seen() -> None:
    raster = Raster.of_frame(np.full((20, 30), 128, np.uint8))
    raster.chrominance[:, 15:] = (168, 108)
    raster.coverage[:, 15:] = 128
    assert pick(raster, 3.5, 3.5) == pytest.approx((53.6, 0, 0), abs=0.3)
    assert pick(raster, 20.0, 3.5, 2)[1:] == pytest.approx((20, -10), abs=0.6)  # type: ignore[index]
    assert pick(raster, 15.0, 10, 4)[1] == pytest.approx(20 * 5 / 9, abs=0.6)  # type: ignore[index]
    assert pick(raster, 30.0, 3) is None and pick(raster, -0.1, 3) is None
