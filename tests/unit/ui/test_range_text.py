"""Ranges of frames are written and read as people do, both ends included."""

from __future__ import annotations

from fractions import Fraction

import pytest

from remaster_gui.base.errors import SettingsError
from remaster_gui.base.timebase import FrameRange
from remaster_gui.ui.panels.range_text import read_ranges, write_ranges


def _read(text: str, timecode: str | None = None) -> list[str]:
    return [str(each) for each in read_ranges(text, 500, Fraction(24), timecode)]


def test_what_is_written_is_read_as_it_was() -> None:
    ranges = (FrameRange(0, 1), FrameRange(120, 251), FrameRange(300, 500))
    assert write_ranges(ranges) == "0, 120–250, 300–499"
    assert read_ranges(write_ranges(ranges), 500, Fraction(24)) == ranges
    assert write_ranges(()) == "" and read_ranges("  ", 500, Fraction(24)) == ()


def test_ends_are_numbers_or_timecodes() -> None:
    assert _read("250 - 260,120-130") == ["120:131", "250:261"]
    assert _read("00:00:01:00–00:00:02:00") == ["24:49"]
    assert _read("10:00:01:00", "10:00:00:00") == ["24:25"]
    assert _read("3-5, 6-9") == ["3:10"]


@pytest.mark.parametrize(
    "text", ["a", "5-3", "490-500", "1--2", "1-2-3", "-5", "99999999999", "00:00:99:00", "1;2"]
)
def test_other_texts_are_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(SettingsError) as info:
        _read(text)
    assert str(info.value).endswith(".")
