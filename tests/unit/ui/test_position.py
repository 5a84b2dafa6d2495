from fractions import Fraction

import pytest

from remaster_gui.base.errors import SettingsError
from remaster_gui.ui.timeline.position import parse_position

RATE = Fraction(24)


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ("123", 123),
        (" +20 ", 120),
        ("-20", 80),
        ("+2s", 148),
        ("-1000", 0),
        ("999999", 499),
        ("00:00:03:04", 76),
        ("3:04", 76),
        ("0:3:04", 76),
    ],
)
def test_what_may_be_typed(text: str, frame: int) -> None:
    assert parse_position(text, 100, 500, RATE, None) == frame


def test_timecode_counts_from_that_of_the_film() -> None:
    assert parse_position("01:00:01:00", 0, 500, RATE, "01:00:00:00") == 24


@pytest.mark.parametrize("text", ["", "abc", "1:2:3:4:5", "00:00:00:24", "+"])
def test_anything_else_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(SettingsError, match=r"\.$"):
        parse_position(text, 0, 500, RATE, None)


@pytest.mark.parametrize(
    ("text", "frame"), [("86403", 2), ("86402", 2), ("86400", 0), ("3", 3), ("99999", 4), ("+1", 1)]
)
def test_numbers_of_pictures(text: str, frame: int) -> None:
    assert parse_position(text, 0, 5, RATE, None, (86400, 86401, 86403, 86404, 86405)) == frame


@pytest.mark.parametrize("text", ["9" * 5000, "+" + "9" * 5000, "٣"])
def test_digits_without_end(text: str) -> None:
    with pytest.raises(SettingsError):
        parse_position(text, 0, 500, RATE, None)
