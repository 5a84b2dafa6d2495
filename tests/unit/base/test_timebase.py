from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remaster_gui.base.errors import SettingsError
from remaster_gui.base.timebase import (
    FrameRange,
    counted_timecode,
    format_timecode,
    frame_of_number,
    frame_of_timecode,
    nominal_rate,
    parse_range,
    parse_rate,
    parse_timecode,
)

NTSC_FILM = Fraction(24000, 1001)
NTSC = Fraction(30000, 1001)
RATES = st.sampled_from(
    [Fraction(16), Fraction(18), NTSC_FILM, Fraction(24), Fraction(25), NTSC, Fraction(60000, 1001)]
)
DROP_RATES = st.sampled_from([NTSC, Fraction(60000, 1001)])


class TestFrameRange:
    def test_counts_and_holds_its_frames(self) -> None:
        span = FrameRange(3, 6)
        assert len(span) == 3
        assert list(span) == [3, 4, 5]
        assert 5 in span and 6 not in span and "5" not in span
        assert str(span) == "3:6"

    @pytest.mark.parametrize(("start", "stop"), [(-1, 3), (4, 3)])
    def test_refuses_what_is_no_range(self, start: int, stop: int) -> None:
        with pytest.raises(ValueError):
            FrameRange(start, stop)

    @given(*[st.integers(0, 50)] * 4)
    def test_intersection_holds_exactly_the_common_frames(self, a: int, b: int, c: int, d: int) -> None:
        first, second = FrameRange(min(a, b), max(a, b)), FrameRange(min(c, d), max(c, d))
        assert set(first.intersection(second)) == set(first) & set(second)


class TestTimecode:
    @given(st.integers(0, 24 * 3600 * 16 - 1), RATES)
    def test_survives_the_way_to_text_and_back(self, index: int, rate: Fraction) -> None:
        assert parse_timecode(format_timecode(index, rate), rate) == index

    @given(st.integers(0, 2_589_407), DROP_RATES)
    def test_drop_frame_survives_the_way_to_text_and_back(self, index: int, rate: Fraction) -> None:
        text = format_timecode(index, rate, "00:00:00;00")
        assert ";" in text
        assert parse_timecode(text, rate) == index

    @given(st.integers(0, 2_589_406), DROP_RATES)
    def test_drop_frame_never_uses_a_dropped_label(self, index: int, rate: Fraction) -> None:
        text = format_timecode(index, rate, "00:00:00;00")
        minutes, seconds, frames = int(text[3:5]), int(text[6:8]), int(text[9:])
        dropped = 2 if rate == NTSC else 4
        assert not (minutes % 10 and seconds == 0 and frames < dropped)

    @given(st.integers(0, 100_000))
    def test_drop_frame_keeps_up_with_the_clock(self, seconds: int) -> None:
        index = round(seconds % 86400 * NTSC)
        text = format_timecode(index, NTSC, "00:00:00;00")
        shown = int(text[:2]) * 3600 + int(text[3:5]) * 60 + int(text[6:8]) + Fraction(int(text[9:]), 30)
        assert abs(shown - seconds % 86400) < Fraction(1, 5)

    @pytest.mark.parametrize(
        ("index", "rate", "start", "text"),
        [
            (1799, NTSC, "00:00:00;00", "00:00:59;29"),
            (1800, NTSC, "00:00:00;00", "00:01:00;02"),
            (17981, NTSC, "00:00:00;00", "00:09:59;29"),
            (17982, NTSC, "00:00:00;00", "00:10:00;00"),
            (3600, Fraction(60000, 1001), "00:00:00;00", "00:01:00;04"),
            (0, NTSC_FILM, "01:00:00:00", "01:00:00:00"),
            (25, NTSC_FILM, "01:00:00:00", "01:00:01:01"),
            (1, Fraction(24), "23:59:59:23", "00:00:00:00"),
            (90, Fraction(18), None, "00:00:05:00"),
            (119, Fraction(120), None, "00:00:00:119"),
        ],
    )
    def test_known_labels(self, index: int, rate: Fraction, start: str | None, text: str) -> None:
        assert format_timecode(index, rate, start) == text

    @pytest.mark.parametrize(
        ("text", "rate"),
        [
            ("00:01:00;00", NTSC),
            ("00:00:00;10", Fraction(25)),
            ("00:00:00:24", NTSC_FILM),
            ("00:60:00:00", NTSC),
            ("24:00:00:00", NTSC),
            ("one hour", NTSC),
            ("00:00:10", NTSC),
        ],
    )
    def test_refuses_labels_that_do_not_exist(self, text: str, rate: Fraction) -> None:
        with pytest.raises(SettingsError) as caught:
            parse_timecode(text, rate)
        assert str(caught.value).endswith(".")

    def test_rate_of_the_labels(self) -> None:
        assert [nominal_rate(rate) for rate in (NTSC_FILM, NTSC, Fraction(25, 2), Fraction(50, 3))] == [
            24,
            30,
            13,
            17,
        ]


class TestParseRange:
    @given(st.integers(0, 499), st.integers(1, 500))
    def test_reads_what_a_range_writes(self, start: int, length: int) -> None:
        span = FrameRange(start, min(500, start + length))
        assert parse_range(str(span), 500, Fraction(24)) == span

    @given(st.integers(0, 499), st.integers(1, 500), RATES)
    def test_reads_timecodes(self, start: int, length: int, rate: Fraction) -> None:
        span = FrameRange(start, min(500, start + length))
        text = f"{format_timecode(span.start, rate)}:{format_timecode(span.stop, rate)}"
        assert parse_range(text, 500, rate) == span

    @pytest.mark.parametrize(
        ("text", "span"),
        [
            (":", FrameRange(0, 100)),
            ("40:", FrameRange(40, 100)),
            (":40", FrameRange(0, 40)),
            ("00:00:01:00:", FrameRange(24, 100)),
            (":00:00:01:00", FrameRange(0, 24)),
            ("005:00:00:01:00", FrameRange(5, 24)),
        ],
    )
    def test_sides_may_be_missing(self, text: str, span: FrameRange) -> None:
        assert parse_range(text, 100, Fraction(24)) == span

    def test_timecodes_count_from_that_of_the_film(self) -> None:
        span = parse_range("01:00:01:00:01:00:02:00", 100, Fraction(24), start_timecode="01:00:00:00")
        assert span == FrameRange(24, 48)

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("-5:10", "begins before"),
            ("10:-5", "begins before"),
            ("100:", "outside"),
            ("0:101", "outside"),
            ("20:20", "holds no frame"),
            ("20:10", "holds no frame"),
            ("", "not a range"),
            ("10", "not a range"),
            ("a:b", "not a range"),
            ("1:2:3", "not a range"),
            ("10:00:00:01:00", "two ways"),
        ],
    )
    def test_refuses_the_rest_in_one_sentence(self, text: str, reason: str) -> None:
        with pytest.raises(SettingsError, match=reason) as caught:
            parse_range(text, 100, Fraction(24))
        assert str(caught.value).endswith(".") and "\n" not in str(caught.value)

    def test_refuses_a_timecode_before_the_film(self) -> None:
        with pytest.raises(SettingsError, match="begins before"):
            parse_range("00:00:00:00:", 100, Fraction(24), start_timecode="01:00:00:00")


class TestParseRate:
    @pytest.mark.parametrize(
        ("text", "rate"),
        [
            ("18", Fraction(18)),
            ("16.0", Fraction(16)),
            ("12.5", Fraction(25, 2)),
            ("24000/1001", Fraction(24000, 1001)),
            ("23.976", Fraction(24000, 1001)),
            ("23.98", Fraction(24000, 1001)),
            ("29.97", Fraction(30000, 1001)),
            ("24.0", Fraction(24)),
        ],
    )
    def test_rates_are_exact(self, text: str, rate: Fraction) -> None:
        assert parse_rate(text) == rate

    @pytest.mark.parametrize(
        "text", ["", "0", "0.0", "-24", "24/0", "24/00", "nan", "inf", "1e9", "film", "24 fps", "5000"]
    )
    def test_refuses_the_rest_in_one_sentence(self, text: str) -> None:
        with pytest.raises(SettingsError, match="not a frame rate") as caught:
            parse_rate(text)
        assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


class TestNumbersOfPictures:
    NUMBERS = (86400, 86401, 86403, 86404, 86405)

    @pytest.mark.parametrize(
        ("text", "span"),
        [
            ("86401:86404", FrameRange(1, 3)),
            ("86402:86404", FrameRange(2, 3)),
            ("86403:", FrameRange(2, 5)),
            (":86401", FrameRange(0, 1)),
            ("86400:86406", FrameRange(0, 5)),
            ("1:3", FrameRange(1, 3)),
            (":", FrameRange(0, 5)),
        ],
    )
    def test_ranges(self, text: str, span: FrameRange) -> None:
        assert parse_range(text, 5, Fraction(24), numbers=self.NUMBERS) == span

    def test_a_range_is_counted_in_one_way(self) -> None:
        """Of a film that begins with picture 1, 0:3 are three frames from the first, 1:3 the pictures 1 and 2."""
        numbers = tuple(range(1, 11))
        assert parse_range("0:3", 10, Fraction(24), numbers=numbers) == FrameRange(0, 3)
        assert parse_range("1:3", 10, Fraction(24), numbers=numbers) == FrameRange(0, 2)
        assert parse_range("9:11", 10, Fraction(24), numbers=numbers) == FrameRange(8, 10)

    @pytest.mark.parametrize("text", ["86399:86402", "86402:86407", "86402:86403"])
    def test_outside_or_in_a_gap(self, text: str) -> None:
        with pytest.raises(SettingsError, match=r"\.$"):
            parse_range(text, 5, Fraction(24), numbers=self.NUMBERS)

    def test_single_numbers(self) -> None:
        assert [frame_of_number(n, self.NUMBERS) for n in (86400, 86402, 86403, 3)] == [0, 2, 2, 3]
        assert frame_of_number(7, None) == 7

    @pytest.mark.parametrize("text", ["9" * 5000 + ":", ":" + "9" * 5000, "٣:٤"])
    def test_digits_without_end(self, text: str) -> None:
        with pytest.raises(SettingsError):
            parse_range(text, 5, Fraction(24))


@pytest.mark.parametrize(
    ("rate", "start", "counted", "labels"),
    [
        (Fraction(60000, 1001), "01:00:00;10", 30, ["01:00:00;10", "01:00:00;10", "01:00:00;11"]),
        (Fraction(60000, 1001), "00:00:59;29", 30, ["00:00:59;29", "00:00:59;29", "00:01:00;02"]),
        (Fraction(60000, 1001), "01:00:00;10", 60, ["01:00:00;10", "01:00:00;11", "01:00:00;12"]),
        (Fraction(60), "01:00:00:29", 30, ["01:00:00:29", "01:00:00:29", "01:00:01:00"]),
        (Fraction(50), "10:00:00:24", 25, ["10:00:00:24", "10:00:00:24", "10:00:01:00"]),
        (Fraction(48), "00:00:00:23", 24, ["00:00:00:23", "00:00:00:23", "00:00:01:00"]),
        (Fraction(120000, 1001), "01:00:00;10", None, ["01:00:00;10", "01:00:00;10", "01:00:00;11"]),
        (Fraction(120000, 1001), "01:00:00;10", 30, ["01:00:00;10", "01:00:00;10", "01:00:00;10"]),
    ],
)
def test_timecode_may_count_slower_than_the_film(
    rate: Fraction, start: str, counted: int | None, labels: list[str]
) -> None:
    first = counted_timecode(start, rate, counted)
    assert first == start
    assert [format_timecode(index, rate, first) for index in range(3)] == labels
    found = [frame_of_timecode(label, rate, first) for label in labels]
    assert found == [labels.index(label) for label in labels]


@pytest.mark.parametrize("text", ["", "soon", "25:00:00:00", "01:00:00;10", "01:00:00:99"])
def test_a_timecode_that_does_not_exist_is_none(text: str) -> None:
    assert counted_timecode(text, Fraction(25), None) is None


@pytest.mark.parametrize(
    ("rate", "counted"),
    [(Fraction(50), 24), (Fraction(50), 30), (Fraction(60000, 1001), 25), (Fraction(24), 25)],
)
def test_labels_between_the_frames_name_none(rate: Fraction, counted: int) -> None:
    assert counted_timecode("01:00:00:10", rate, counted) is None
