import pytest

from remaster_gui.ui.wording import (
    byte_size,
    counted,
    duration,
    frame_rate,
    memory_size,
    rough_duration,
)


@pytest.mark.parametrize(
    ("seconds", "text"), [(-3, "0:00"), (59.6, "1:00"), (61, "1:01"), (3600, "1:00:00"), (36061, "10:01:01")]
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1, "about 5 seconds"),
        (62, "about 60 seconds"),
        (100, "about 2 minutes"),
        (5300, "about 88 minutes"),
        (3600 * 2.4, "about 2.5 hours"),
        (3600 * 50, "about 2 days"),
    ],
)
def test_estimates_have_no_needless_digits(seconds: float, text: str) -> None:
    assert rough_duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1500, "1.5 kB"),
        (310e6, "310 MB"),
        (1.44e9, "1.4 GB"),
        (999.9e6, "1.0 GB"),
    ],
)
def test_sizes(count: float, text: str) -> None:
    assert byte_size(count) == text


def test_slow_rates_keep_the_digits_that_tell_them_apart() -> None:
    assert [frame_rate(rate) for rate in (0, 0.346, 12.34, 240)] == [
        "", "0.35 frames/s", "12.3 frames/s", "240 frames/s",
    ]  # fmt: skip


def test_one_thing_is_not_plural() -> None:
    assert counted(1, "frame") == "1 frame"
    assert counted(12000, "frame").replace("\N{NO-BREAK SPACE}", " ") == "12 000 frames"


def test_memory_is_counted_as_machines_count_it() -> None:
    assert [memory_size(count) for count in (5 * 2**20, 2 * 2**30, 1.5 * 2**30)] == ["5 MB", "2 GB", "1.5 GB"]
