"""What is written can be read again, by us and by others, to the frame, at every rate that films have."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import opentimelineio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remaster_gui.base.timebase import SlowTimecode, format_timecode
from remaster_gui.cutlists import (
    FilmClock,
    ListError,
    Marker,
    ShotList,
    listed_shots,
    place,
    read_cut_list,
    write_cut_list,
)

RATES = {
    "16": (Fraction(16), ":"),
    "18": (Fraction(18), ":"),
    "23.976": (Fraction(24000, 1001), ":"),
    "24": (Fraction(24), ":"),
    "25": (Fraction(25), ":"),
    "29.97": (Fraction(30000, 1001), ":"),
    "29.97 drop": (Fraction(30000, 1001), ";"),
    "30": (Fraction(30), ":"),
    "48": (Fraction(48), ":"),
    "59.94 drop": (Fraction(60000, 1001), ";"),
}
IN_EDL = [name for name in RATES if name not in ("16", "18")]
WORDS = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=12)


@st.composite
def shot_lists(draw: st.DrawFn, rate: str) -> ShotList:
    frames_a_second, mark = RATES[rate]
    count = draw(st.integers(2, 400_000))
    cuts = draw(st.lists(st.integers(1, count - 1), max_size=12))
    starts = sorted({0, *cuts})
    notes = {start: draw(WORDS) for start in starts if draw(st.booleans())}
    names = {start: draw(WORDS) for start in starts if draw(st.booleans())}
    markers = [
        Marker(draw(st.integers(0, count - 1)), draw(WORDS), "red") for _ in range(draw(st.integers(0, 3)))
    ]
    origin = draw(st.none() | st.integers(0, 3600 * 20 * round(frames_a_second)))
    timecode = None if origin is None else format_timecode(origin, frames_a_second, f"00:00:00{mark}00")
    shots = listed_shots(cuts, count, names=names, notes=notes, markers=markers)
    return ShotList("film.mov", "REEL_1", frames_a_second, shots, timecode)


def _there_and_back(shots: ShotList, path: Path) -> None:
    write_cut_list(path, shots)
    clock = FilmClock(shots.rate, shots.frame_count, shots.timecode, shots.numbers)
    read = read_cut_list(path, shots.rate, shots.timecode)
    for by in ("record", "source") if path.suffix != ".csv" else ("record",):
        placed = place(read, clock, by=by)
        assert placed.shots(shots.frame_count) == tuple(shot.span for shot in shots.shots)
        assert dict(placed.texts) == {shot.span.start: shot.note for shot in shots.shots if shot.note}
        if path.suffix != ".csv":
            wanted = sorted((m.frame, m.text) for shot in shots.shots for m in shot.markers)
            assert sorted((m.frame, m.text) for m in placed.markers) == wanted


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("suffix", [".otio", ".csv"])
def test_timelines_and_tables_come_back_at_every_rate(
    rate: str, suffix: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("lists") / f"film{suffix}"

    @settings(max_examples=10)
    @given(shot_lists(rate))
    def comes_back(shots: ShotList) -> None:
        _there_and_back(shots, path)

    comes_back()


@pytest.mark.parametrize("rate", IN_EDL)
def test_edit_decision_lists_come_back_at_the_rates_that_they_know(
    rate: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("lists") / "film.edl"

    @settings(max_examples=10)
    @given(shot_lists(rate))
    def comes_back(shots: ShotList) -> None:
        _there_and_back(shots, path)

    comes_back()


@pytest.mark.parametrize("rate", RATES)
def test_others_read_our_timelines_to_the_frame(rate: str, tmp_path: Path) -> None:
    frames_a_second, mark = RATES[rate]
    start = f"01:00:00{mark}00"
    marker = Marker(25, "colour is guessed", "magenta", 5)
    shots = listed_shots([20, 33], 100, names={20: "é"}, notes={20: "too red"}, markers=[marker])
    write_cut_list(tmp_path / "a.otio", ShotList("film.mov", "REEL", frames_a_second, shots, start))
    timeline = opentimelineio.adapters.read_from_file(str(tmp_path / "a.otio"))
    (track,) = timeline.video_tracks()
    ranges = [track.range_of_child(clip) for clip in track]
    assert [(r.start_time.value, r.duration.value) for r in ranges] == [(0, 20), (20, 13), (33, 67)]
    assert Fraction(ranges[0].start_time.rate).limit_denominator(1001) == frames_a_second
    first = FilmClock(frames_a_second, 100, start).first()
    assert timeline.global_start_time.value == first
    assert track[1].source_range.start_time.value == first + 20
    assert track[1].name == "é" and track[1].metadata["remaster"]["note"] == "too red"
    assert track[1].markers[0].marked_range.start_time.value == first + 25


def test_lists_that_others_have_written_are_read_to_the_frame(tmp_path: Path) -> None:
    otio = opentimelineio
    rate = 24000 / 1001

    def span(start: int, frames: int) -> otio.opentime.TimeRange:
        return otio.opentime.TimeRange(
            otio.opentime.RationalTime(start, rate), otio.opentime.RationalTime(frames, rate)
        )

    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    slow = otio.schema.Clip("slow", source_range=span(86400, 20))
    slow.effects.append(otio.schema.LinearTimeWarp(time_scalar=0.5))
    track.extend([
        otio.schema.Clip("one", source_range=span(0, 40)),
        otio.schema.Gap(source_range=span(0, 10)),
        slow,
        otio.schema.Transition(
            transition_type="SMPTE_Dissolve",
            in_offset=otio.opentime.RationalTime(4, rate), out_offset=otio.opentime.RationalTime(8, rate),
        ),
        otio.schema.Clip("last", source_range=span(100, 30)),
    ])  # fmt: skip
    timeline = otio.schema.Timeline("edit")
    timeline.tracks.append(track)
    otio.adapters.write_to_file(timeline, str(tmp_path / "a.otio"))
    read = read_cut_list(tmp_path / "a.otio", Fraction(24))
    assert read.rate == Fraction(24000, 1001)
    assert [str(event.record) for event in read.events] == ["0:40", "50:70", "70:100"]
    assert str(read.events[1].source) == "86400:86410"
    placed = place(read, FilmClock(Fraction(24), 100))
    assert placed.cuts == (0, 40, 50, 72)
    assert [(str(mark.span), mark.text) for mark in placed.marks] == [
        ("50:70", "50 % speed"),
        ("66:78", "Dissolve of 12 frames from the shot before"),
    ]


def test_numbers_of_pictures_come_back(tmp_path: Path) -> None:
    numbers = (*range(86400, 86450), *range(86500, 86550))
    shots = ShotList("reel_######.dpx", "REEL", Fraction(18), listed_shots([7, 50], 100), numbers=numbers)
    write_cut_list(tmp_path / "a.csv", shots)
    assert (
        "86407,86449" in (tmp_path / "a.csv").read_text()
        and "86500,86549" in (tmp_path / "a.csv").read_text()
    )
    read = read_cut_list(tmp_path / "a.csv", Fraction(18))
    assert place(read, FilmClock(Fraction(18), 100, numbers=numbers)).cuts == (0, 7, 50)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"rate": Fraction(16)}, "24, 25, 30, 48, 50 or 60 frames a second, and this film has 16"),
        ({"rate": Fraction(18)}, "this film has 18"),
        ({"reel": "two words"}, "cannot name the reel"),
        ({"reel": "ä"}, "cannot name the reel"),
        ({"timecode": "23:59:58:00"}, "past midnight"),
        ({"shots": listed_shots(range(1, 10_000), 10_001)}, "9999 events"),
        (
            {"rate": Fraction(48), "timecode": SlowTimecode("01:00:00:00", 2), "shots": listed_shots([7], 100)},
            "at frame 7",
        ),
    ],
)  # fmt: skip
def test_what_an_edit_decision_list_cannot_say_is_refused(changes: dict, why: str, tmp_path: Path) -> None:
    facts = {
        "rate": Fraction(24),
        "shots": listed_shots([20, 60], 100),
        "reel": "REEL",
        "timecode": None,
    } | changes
    with pytest.raises(ListError, match=why):
        write_cut_list(tmp_path / "a.edl", ShotList("film.mov", **facts))
    assert not (tmp_path / "a.edl").exists()


def test_a_slow_timecode_comes_back(tmp_path: Path) -> None:
    start = SlowTimecode("01:00:00:00", 2)
    _there_and_back(
        ShotList("film.mov", "REEL", Fraction(48), listed_shots([8, 60], 100), start), tmp_path / "a.edl"
    )


def test_other_kinds_are_refused_in_either_direction(tmp_path: Path) -> None:
    shots = ShotList("film.mov", "REEL", Fraction(24), listed_shots([], 10))
    with pytest.raises(ListError, match=r"\.edl, \.otio or \.csv"):
        write_cut_list(tmp_path / "a.xml", shots)
    (tmp_path / "a.aaf").write_bytes(b"")
    with pytest.raises(ListError, match="no cut list that is known"):
        read_cut_list(tmp_path / "a.aaf", Fraction(24))
    with pytest.raises(ListError, match="There is no cut list"):
        read_cut_list(tmp_path / "gone.edl", Fraction(24))
