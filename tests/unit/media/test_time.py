"""Clocks of films as the world has them: joined, restarted, wrapped, with stamps doubled, missing or far away."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from remaster_gui.base.timebase import FrameRange
from remaster_gui.media import decoder, open_film
from remaster_gui.media.packet_stamps import NO_TIME, Stamps, divide, in_presentation_order, rising_times

from .conftest import FILMS, Kind, barcode

Reader = Callable[[np.ndarray], int]
NONE = NO_TIME


@pytest.fixture(autouse=True)
def _small_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep two pictures at most, so that going back really seeks."""
    monkeypatch.setattr(decoder, "CACHE_BYTES", 40_000)


def write_part(path: Path, kind: Kind, numbers: range, late: Fraction = Fraction(0)) -> bytes:
    """Encode the frames of the given numbers as a film whose clock starts `late` seconds after the usual."""
    with av.open(str(path), "w", format=kind.container) as container:
        stream = container.add_stream(kind.codec, rate=kind.rate, options=dict(kind.options))
        stream.width, stream.height, stream.pix_fmt = 96, 64, kind.pixel_format
        stream.codec_context.time_base = 1 / kind.rate
        stream.codec_context.thread_count = 1
        packets = []
        for index, number in enumerate(numbers):
            frame = av.VideoFrame.from_ndarray(barcode(number), "gray").reformat(format=kind.pixel_format)
            frame.pts, frame.time_base = index, 1 / kind.rate
            packets += stream.encode(frame)
        for packet in [*packets, *stream.encode(None)]:
            pts, dts = packet.pts, packet.dts
            packet.time_base = Fraction(1, 90000)
            packet.pts, packet.dts = (round((time / kind.rate + late) * 90000) for time in (pts, dts))
            container.mux(packet)
    return path.read_bytes()


def check_numbers(path: Path, shown: Reader, expected: list[int]) -> None:
    """Compare what frames show when read in order, backwards and in any order."""
    with open_film(path) as film:
        count = film.info.frame_count
        assert [shown(frame.pixels) for frame in film.frames(FrameRange(0, count))] == expected
    with open_film(path) as film:
        for index in [*reversed(range(count)), *random.Random(1).sample(range(count), count)]:
            assert shown(film.read(index).pixels) == expected[index], index


class TestJoinedStreams:
    @pytest.mark.parametrize("name", ["h264-ts", "mpeg2-ts", "mpeg2-ps"])
    @pytest.mark.parametrize("late", [Fraction(0), Fraction(13, 60), Fraction(-1, 4), Fraction(20000)])
    def test_two_parts_follow_each_other(
        self, name: str, late: Fraction, tmp_path: Path, shown: Reader
    ) -> None:
        kind = FILMS[name]
        path = tmp_path / f"joined{kind.suffix}"
        first = write_part(tmp_path / f"a{kind.suffix}", kind, range(20), late=Fraction(1))
        path.write_bytes(first + write_part(tmp_path / f"b{kind.suffix}", kind, range(20, 40), late=1 + late))
        with open_film(path) as film:
            assert film.info.frame_count == 40
            assert (film.info.rate, film.info.variable_rate) == (kind.rate, False)
            assert film.times[39] == 39 / kind.rate
            assert [restart.frame for restart in film.restarts] == [20]
            assert abs(film.restarts[0].shift + late - 20 / kind.rate) < Fraction(1, 1000)
            assert abs(film.restarts[0].position - len(first)) < 4096
            assert film.info.complete
            (problem,) = film.problems
            what = "leaps 19999 seconds ahead" if late > 3600 else "is set anew"
            assert problem.startswith(f"The clock of {path.name} {what} at frame 20;")
        check_numbers(path, shown, list(range(40)))

    def test_many_parts(self, tmp_path: Path, shown: Reader) -> None:
        kind = FILMS["h264-ts"]
        path = tmp_path / "joined.ts"
        path.write_bytes(
            b"".join(write_part(tmp_path / "a.ts", kind, range(at, at + 12)) for at in range(0, 60, 12))
        )
        with open_film(path) as film:
            assert [restart.frame for restart in film.restarts] == [12, 24, 36, 48]
            assert "4 times, first at frame 12" in film.problems[0]
            assert film.info.rate == kind.rate and not film.info.variable_rate
        check_numbers(path, shown, list(range(60)))

    @pytest.mark.parametrize("codec", ["mpeg4", "libx264"])
    def test_fragmented_parts_lose_no_frame(self, codec: str, tmp_path: Path, shown: Reader) -> None:
        parts = b"".join(
            write_fragments(tmp_path / "a.mp4", codec, range(at, at + 12)) for at in range(0, 36, 12)
        )
        path = tmp_path / "joined.mp4"
        path.write_bytes(parts)
        with open_film(path) as film:
            assert [restart.frame for restart in film.restarts] == [12, 24]
            assert film.info.complete and film.info.rate == 25 and not film.info.variable_rate
        check_numbers(path, shown, list(range(36)))

    @pytest.mark.parametrize(
        ("first", "second"), [("mpeg2-ts", "h264-ts"), ("h264-ts", "mpeg2-ts")], ids=["to-h264", "to-mpeg2"]
    )
    def test_a_codec_that_changes_cuts_the_film(
        self, first: str, second: str, tmp_path: Path, shown: Reader
    ) -> None:
        path = tmp_path / "joined.ts"
        path.write_bytes(
            write_part(tmp_path / "a.ts", FILMS[first], range(12))
            + write_part(tmp_path / "b.ts", FILMS[second], range(12, 24))
        )
        with open_film(path) as film:
            assert not film.info.complete and film.restarts == ()
            (problem,) = film.problems
            assert problem.startswith(
                "joined.ts changes to another codec; the 12 frames of one of them are read"
            )
        # The library opens the film with the codec that it meets last while it looks at the first megabytes.
        check_numbers(path, shown, list(range(12, 24)))

    def test_a_stream_whose_counter_begins_again(self, tmp_path: Path, shown: Reader) -> None:
        """33 bits at 90 kHz last for 26 and a half hours."""
        kind = FILMS["mpeg2-ts"]
        path = tmp_path / "wrapped.ts"
        write_part(path, kind, range(40), late=Fraction(2**33, 90000) - Fraction(5, 2))
        with open_film(path) as film:
            assert film.info.frame_count == 40
            assert film.problems == () and film.restarts == ()
            assert (film.info.rate, film.info.variable_rate) == (25, False)
        check_numbers(path, shown, list(range(40)))


def write_stamped(path: Path, ticks: list[int], codec: str = "mpeg4") -> Path:
    """Write one frame for every stamp in 1/1000 s to a Matroska file, in that order, whatever the stamps are."""
    with av.open(str(path), "w", format="matroska") as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        packets = []
        for index in range(len(ticks)):
            frame = av.VideoFrame.from_ndarray(barcode(index), "gray").reformat(format="yuv420p")
            frame.pts, frame.time_base = index, Fraction(1, 25)
            packets += stream.encode(frame)
        packets += stream.encode(None)
        for packet, tick in zip(packets, ticks, strict=True):
            packet.time_base, packet.pts, packet.dts = Fraction(1, 1000), tick, tick
            container.mux(packet)
    return path


def write_fragments(path: Path, codec: str, numbers: range) -> bytes:
    """Write an MP4 that holds all its frames in fragments."""
    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    with av.open(str(path), "w", format="mp4", container_options=options) as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        stream.codec_context.gop_size, stream.codec_context.thread_count = 6, 1
        for index, number in enumerate(numbers):
            frame = av.VideoFrame.from_ndarray(barcode(number), "gray").reformat(format="yuv420p")
            frame.pts, frame.time_base = index, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path.read_bytes()


class TestSingleStamps:
    def test_one_doubled_stamp_leaves_a_varying_film_as_it_is(self, tmp_path: Path, shown: Reader) -> None:
        ticks = [40 * index for index in range(20)] + [800 + 80 * index for index in range(20)]
        doubled = [*ticks[:21], 800, *ticks[22:]]
        path = write_stamped(tmp_path / "film.mkv", doubled)
        with open_film(path) as film:
            assert film.info.variable_rate
            assert [time * 1000 for time in film.times] == ticks
            assert film.problems == (
                "Frame 21 of film.mkv bears no time or one that cannot be; it was put between its neighbours.",
            )
        check_numbers(path, shown, list(range(40)))

    def test_one_doubled_stamp_leaves_a_steady_film_steady(self, tmp_path: Path) -> None:
        ticks = [40 * index for index in range(30)]
        with open_film(write_stamped(tmp_path / "film.mkv", [*ticks[:9], ticks[8], *ticks[10:]])) as film:
            assert (film.info.rate, film.info.variable_rate) == (25, False)
            assert len(film.problems) == 1

    def test_a_huge_gap_is_bridged(self, tmp_path: Path, shown: Reader) -> None:
        path = write_stamped(tmp_path / "film.mkv", [0, 40, 80, 2**50, 2**50 + 40, 2**50 + 80])
        with open_film(path) as film:
            assert (film.info.rate, film.info.variable_rate) == (25, False)
            assert film.restarts[0].frame == 3 and film.restarts[0].shift == Fraction(120 - 2**50, 1000)
        check_numbers(path, shown, list(range(6)))

    def test_a_gap_of_hours_is_no_damage(self, tmp_path: Path, shown: Reader) -> None:
        ticks = [40 * index + (18_000_000 if index > 9 else 0) for index in range(20)]
        path = write_stamped(tmp_path / "film.mkv", ticks)
        with open_film(path) as film:
            assert film.info.complete and film.info.rate == 25
            assert film.problems == (
                "The clock of film.mkv leaps 18000 seconds ahead at frame 10; all frames follow each other in the "
                "order of the file.",
            )
        check_numbers(path, shown, list(range(20)))

    def test_a_gap_keeps_its_length(self, tmp_path: Path) -> None:
        ticks = [40 * index + (30_000 if index > 9 else 0) for index in range(20)]
        with open_film(write_stamped(tmp_path / "film.mkv", ticks)) as film:
            assert film.info.variable_rate and film.info.rate == 25
            assert film.times[10] - film.times[9] == Fraction(30_040, 1000)
            assert "for 30 seconds after frame 9" in film.problems[0]

    @pytest.mark.parametrize(
        ("step", "rate"), [(Fraction(1, 2000), 1000), (Fraction(2000), Fraction(1, 1000))]
    )
    def test_rates_that_are_not_counted_at(self, step: Fraction, rate: Fraction, tmp_path: Path) -> None:
        path = tmp_path / "film.mov"
        with av.open(str(path), "w") as container:
            stream = container.add_stream("mjpeg", rate=Fraction(1, 1) / step)
            stream.width, stream.height, stream.pix_fmt = 96, 64, "yuvj420p"
            stream.codec_context.time_base = stream.time_base = min(step, Fraction(1, 1000))
            for index in range(6):
                frame = av.VideoFrame.from_ndarray(barcode(index), "gray").reformat(format="yuvj420p")
                frame.pts = index * int(step / stream.codec_context.time_base)
                frame.time_base = stream.codec_context.time_base
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        with open_film(path) as film:
            assert film.info.rate == rate and film.info.variable_rate
            assert film.times[5] == 5 * step
            assert "keep their times" in film.problems[-1]


def number(
    pts: list[int], dts: list[int] | None = None, key: set[int] | None = None, **facts: bool
) -> tuple[list[int] | None, list[Fraction] | None, list[int]]:
    """Order, times in the file's ticks and starts of pieces of frames whose packets bear the given stamps."""
    keys = [index in (key or {0}) for index in range(len(pts))]
    stamps = Stamps(
        np.array(pts, np.int64),
        np.array(pts if dts is None else dts, np.int64),
        np.array(keys),
        Fraction(1, 1000),
        **facts,
    )
    pieces = divide(stamps)
    order = in_presentation_order(stamps, pieces)
    if order is None:
        return None, None, pieces.starts.tolist()
    times = rising_times(pieces, order)
    ticks = None if times is None else [Fraction(int(tick), times.divisor) for tick in times.ticks]
    return order.tolist(), ticks, pieces.starts.tolist()


class TestNumbering:
    """Stamps as they stand in packets, in the order of the file."""

    def test_reordered_pictures(self) -> None:
        order, ticks, starts = number([80, 200, 120, 160, 320, 240, 280], [0, 40, 80, 120, 160, 200, 240])
        assert order == [0, 2, 3, 1, 5, 6, 4] and starts == [0]
        assert ticks == [80, 120, 160, 200, 240, 280, 320]

    def test_a_restart_within_reordered_pictures(self) -> None:
        pts, dts = [80, 200, 120, 160], [0, 40, 80, 120]
        order, ticks, starts = number(pts * 2, dts * 2, {0, 4})
        assert order == [0, 2, 3, 1, 4, 6, 7, 5] and starts == [0, 4]
        assert ticks == [80, 120, 160, 200, 240, 280, 320, 360]

    def test_a_wrong_stamp_does_not_move_what_follows(self) -> None:
        for wrong in (10**7, 0, -500):
            even = [40 * index for index in range(10)]
            order, ticks, starts = number([*even[:5], wrong, *even[6:]], in_order=True)
            assert (order, ticks, starts) == (list(range(10)), even, [0])

    def test_missing_stamps_are_filled_in(self) -> None:
        _, ticks, _ = number([NONE, 40, 80, NONE, NONE, 200, 240, NONE], in_order=True)
        assert ticks == [0, 40, 80, 120, 160, 200, 240, 280]

    def test_there_is_always_room_between_neighbours(self) -> None:
        _, ticks, _ = number([0, 1, 1, 1, 2, 3], in_order=True)
        assert ticks == [0, 1, Fraction(4, 3), Fraction(5, 3), 2, 3]

    def test_doubled_stamps_of_reordered_pictures_are_left_to_the_decoder(self) -> None:
        assert number([80, 200, 120, 120], [0, 40, 80, 120])[0] is None

    def test_a_counter_that_begins_again(self) -> None:
        top = 2**33
        pts = [top - 80, top - 40, 0, 40, 80]
        _, ticks, starts = number(pts, in_order=True, is_mpeg=True)
        assert starts == [0] and ticks == [top - 80, top - 40, top, top + 40, top + 80]

    def test_a_stamp_guessed_from_behind_a_joint_delays_nothing(self) -> None:
        """Programme streams: the last frame before the joint is said to be shown three frames late."""
        pts, dts = [40, 160, 80, 120, 300], [0, 40, 80, 120, 160]
        order, ticks, starts = number([*pts, 40, 80], [*dts, 0, 40], {0, 5}, is_mpeg=True, strays=True)
        assert order == [0, 2, 3, 1, 4, 5, 6] and starts == [0, 5]
        assert ticks == [40, 80, 120, 160, 200, 240, 280]

    def test_few_stamps_tell_nothing(self) -> None:
        assert number([0, NONE, NONE, NONE, NONE, 200], in_order=True)[1] is None
        assert number([NONE] * 4, in_order=True)[1] is None
        assert number([7], in_order=True)[1] == [7]
