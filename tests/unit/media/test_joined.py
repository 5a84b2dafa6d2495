"""Films joined end to end in one file: all of their frames are read, or it is said that they are not."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from threading import Event

import av
import cv2
import numpy as np
import pytest

from remaster_gui.base.errors import MediaError
from remaster_gui.base.timebase import FrameRange
from remaster_gui.media import open_film
from remaster_gui.media.sound_track import SoundTrack

from .conftest import barcode

Reader = Callable[[np.ndarray], int]
Write = Callable[..., bytes]
COUNT = 12
LAYOUTS = {
    "plain": "",
    "tables-first": "faststart",
    "first-in-tables": "frag_keyframe",
    "absolute": "frag_keyframe+empty_moov",
    "relative": "frag_keyframe+empty_moov+default_base_moof",
}
"""Ways in which an MP4 file holds its frames, and how a writer is asked for them."""


@pytest.fixture(scope="module")
def write(tmp_path_factory: pytest.TempPathFactory) -> Write:
    """Write the film of a place among those that are joined: frames 0 to 11, 12 to 23, and so on."""
    folder, known = tmp_path_factory.mktemp("parts"), dict[object, bytes]()

    def written(
        place: int,
        layout: str = "plain",
        *,
        codec: str = "mpeg4",
        container: str = "mp4",
        size: tuple[int, int] = (96, 64),
        pixels: str = "yuv420p",
    ) -> bytes:
        key = (place, layout, codec, container, size)
        if key not in known:
            path = folder / "part"
            options = {"movflags": LAYOUTS[layout]} if LAYOUTS[layout] else {}
            with av.open(str(path), "w", format=container, container_options=options) as film:
                stream = film.add_stream(codec, rate=25)
                (stream.width, stream.height), stream.pix_fmt = size, pixels
                stream.codec_context.gop_size, stream.codec_context.thread_count = 6, 1
                for index in range(COUNT):
                    picture = cv2.resize(barcode(place * COUNT + index), size)
                    frame = av.VideoFrame.from_ndarray(picture, "gray").reformat(format=pixels)
                    frame.pts, frame.time_base = index, Fraction(1, 25)
                    film.mux(stream.encode(frame))
                film.mux(stream.encode(None))
            known[key] = path.read_bytes()
        return known[key]

    return written


def check(path: Path, shown: Reader, count: int) -> tuple[int, tuple[str, ...]]:
    """Read a film of ``count`` frames, or the first of them where it says so; returns how many and what was said."""
    with open_film(path) as film:
        found = [shown(frame.pixels) for frame in film.frames(FrameRange(0, film.info.frame_count))]
        assert found == list(range(len(found)))
        assert film.info.complete == (len(found) == count), film.problems
        said = [
            problem for problem in film.problems if "joined end to end" in problem or "cut short" in problem
        ]
        assert len(said) == (not film.info.complete)
        return len(found), film.problems


@pytest.mark.parametrize("first", LAYOUTS)
@pytest.mark.parametrize("second", LAYOUTS)
def test_two_films(first: str, second: str, write: Write, tmp_path: Path, shown: Reader) -> None:
    path, codec = tmp_path / "film.mp4", "libx264" if first == second else "mpeg4"
    path.write_bytes(write(0, first, codec=codec) + write(1, second, codec=codec))
    found, problems = check(path, shown, 2 * COUNT)
    assert found == (2 * COUNT if first == second == "relative" else COUNT)
    if found == COUNT:
        assert problems == (
            "film.mp4 is several films joined end to end, and only its first 12 frames are read; take the files that "
            "it was made of one by one, or join them with a program that writes them anew.",
        )


@pytest.mark.parametrize("junk", [b"\0" * 5, b"\0" * 999, b"x" * 777, random.Random(1).randbytes(5000)])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_lies_between_two_films_hides_neither(
    layout: str, junk: bytes, write: Write, tmp_path: Path, shown: Reader
) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(write(0, layout) + junk + write(1, layout))
    assert check(path, shown, 2 * COUNT)[0] == COUNT
    path.write_bytes(write(0, "plain") + junk)
    assert check(path, shown, COUNT) == (COUNT, ())


@pytest.mark.parametrize(
    ("layouts", "found"),
    [
        (["relative"] * 3, 36),
        (["relative", "relative", "plain"], 24),
        (["relative", "plain", "relative"], 12),
        (["plain"] * 3, 12),
        (["first-in-tables", "relative", "relative"], 12),
    ],
)
def test_three_films(layouts: list[str], found: int, write: Write, tmp_path: Path, shown: Reader) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"".join(write(place, layout) for place, layout in enumerate(layouts)))
    assert check(path, shown, 36)[0] == found


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("first", ["plain", "relative"])
def test_a_last_film_that_is_cut_short(
    first: str, layout: str, write: Write, tmp_path: Path, shown: Reader
) -> None:
    path, start, last = tmp_path / "film.mp4", write(0, first), write(1, layout)
    # Of a last fragment that is missing as a whole nothing tells.
    whole = last.rfind(b"moof") - 4 if layout == "relative" else -1
    for size in sorted({1, 5, 8, 20, *random.Random(2).sample(range(30, len(last) - 200), 5)} - {whole}):
        path.write_bytes(start + last[:size])
        with open_film(path) as film:
            found = [shown(frame.pixels) for frame in film.frames(FrameRange(0, film.info.frame_count))]
            assert found == list(range(len(found))) and len(found) >= COUNT
            assert not film.info.complete or size < 8 or found == list(range(2 * COUNT)), size


@pytest.mark.parametrize("layout", ["tables-first", "relative"])
@pytest.mark.parametrize("codec", ["mpeg4", "libx264"])
def test_a_first_film_that_is_cut_short_takes_nothing_of_the_next(
    layout: str, codec: str, write: Write, tmp_path: Path, shown: Reader
) -> None:
    path = tmp_path / "film.mp4"
    first, second = write(0, layout, codec=codec), write(1, layout, codec=codec)
    for cut in (150, 300):
        path.write_bytes(first[:-cut] + second)
        found, (problem, *_) = check(path, shown, 2 * COUNT)
        assert 0 < found < COUNT and "joined end to end" in problem


def test_a_fragment_that_is_cut_short_costs_no_other(write: Write, tmp_path: Path, shown: Reader) -> None:
    path, whole = tmp_path / "film.mp4", write(0, "relative")
    last = whole.rfind(b"moof") - 4
    for size in (last + 3, last + 8, last + 40, last + 100):
        path.write_bytes(whole[:size])
        found, (problem,) = check(path, shown, COUNT)
        assert found == 6 and "cut short" in problem


def test_films_that_differ_do_not_go_on(write: Write, tmp_path: Path, shown: Reader) -> None:
    path = tmp_path / "film.mp4"
    others = (write(1, "relative", codec="libx264"), write(1, "relative", size=(128, 80)))
    for other in others:
        path.write_bytes(write(0, "relative") + other)
        assert check(path, shown, 2 * COUNT)[0] == COUNT


def test_quicktime_of_old(write: Write, tmp_path: Path, shown: Reader) -> None:
    """Its files bear no type, and their tables lie before or behind their frames."""
    path = tmp_path / "film.mov"
    for layout in ("plain", "tables-first"):
        first, second = (write(at, layout, container="mov").replace(b"ftyp", b"wide", 1) for at in (0, 1))
        path.write_bytes(first + second)
        assert check(path, shown, 2 * COUNT)[0] == COUNT


def test_tables_that_are_there_twice_are_no_other_film(write: Write, tmp_path: Path, shown: Reader) -> None:
    path = tmp_path / "film.mov"
    for layout in ("plain", "tables-first"):
        film = write(0, layout)
        start = film.find(b"moov") - 4
        size = int.from_bytes(film[start : start + 4], "big")
        path.write_bytes(film + film[start : start + size])
        assert check(path, shown, COUNT) == (COUNT, ())


def test_a_film_without_tables_before_a_whole_one_is_refused(write: Write, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(write(0)[:300] + write(1))
    with pytest.raises(MediaError, match="not a film"):
        open_film(path)


@pytest.mark.parametrize(
    ("container", "codec", "pixels"),
    [
        ("flv", "flv1", "yuv420p"),
        ("asf", "mpeg4", "yuv420p"),
        ("nut", "mpeg4", "yuv420p"),
        ("rm", "rv10", "yuv420p"),
        ("swf", "flv1", "yuv420p"),
        ("apng", "apng", "rgb24"),
        ("matroska", "mpeg4", "yuv420p"),
        ("avi", "mpeg4", "yuv420p"),
        ("mxf", "mpeg2video", "yuv420p"),
        ("gif", "gif", "rgb8"),
        ("ivf", "libvpx-vp9", "yuv420p"),
        ("yuv4mpegpipe", "wrapped_avframe", "yuv420p"),
        ("mjpeg", "mjpeg", "yuvj420p"),
    ],
)
def test_other_formats(container: str, codec: str, pixels: str, write: Write, tmp_path: Path) -> None:
    path = tmp_path / "film.bin"
    parts = [write(at, codec=codec, container=container, pixels=pixels) for at in (0, 1)]
    path.write_bytes(parts[0])
    with open_film(path) as film:
        assert film.info.complete and film.info.frame_count == COUNT and film.problems == ()
    path.write_bytes(b"".join(parts))
    with open_film(path) as film:
        assert film.info.complete == (film.info.frame_count == 2 * COUNT), film.problems


def test_sound_ends_with_the_film_that_is_read(tmp_path: Path, write_sound_film: Callable[..., Path]) -> None:
    noise = np.random.default_rng(5).integers(-9000, 9000, (2, 24_000, 2), np.int16)
    parts = [write_sound_film(tmp_path / f"{at}.mov", noise[at]).read_bytes() for at in (0, 1)]
    path = tmp_path / "film.mov"
    path.write_bytes(b"".join(parts))
    heard = np.concatenate(list(SoundTrack(path).samples_from(Fraction(0), Event())))
    np.testing.assert_array_equal(heard, noise[0])
