"""What every kind of film promises, checked on every format on clips whose frames show their own index."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from remaster_gui.base.errors import SettingsError
from remaster_gui.base.timebase import FrameRange
from remaster_gui.media import Film, decoder, open_film
from remaster_gui.media.streams import PictureInput

Reader = Callable[[np.ndarray], int]


@pytest.fixture
def small_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep two pictures at most, so that going back really seeks."""
    monkeypatch.setattr(decoder, "CACHE_BYTES", 40_000)


def test_counts_frames_and_knows_the_rate(clips, film_name: str) -> None:
    kind = clips.kind(film_name)
    with open_film(clips.film(film_name)) as film:
        assert film.info.frame_count == clips.frames == len(film.times)
        assert film.info.bit_depth == kind.bits
        assert (film.info.width, film.info.height) == (96, 64)
        assert film.info.complete and film.problems == ()
        if kind.ticks is None:
            assert film.info.rate == kind.rate
            assert not film.info.variable_rate
            assert list(film.times) == [index / kind.rate for index in range(clips.frames)]
        else:
            assert film.info.variable_rate
            assert list(film.times) == [Fraction(kind.ticks(index), 1000) for index in range(clips.frames)]


@pytest.mark.usefixtures("small_cache")
def test_reads_any_frame_in_any_order(clips, film_name: str, shown: Reader) -> None:
    order = random.Random(film_name).sample(range(clips.frames), clips.frames)
    with open_film(clips.film(film_name)) as film:
        for index in order:
            frame = film.read(index)
            assert frame.index == index
            assert frame.time == film.times[index]
            assert shown(frame.pixels) == index


@pytest.mark.usefixtures("small_cache")
def test_steps_back_and_forth(clips, film_name: str, shown: Reader) -> None:
    with open_film(clips.film(film_name)) as film:
        for index in (25, 24, 23, 22, 23, 24, 39, 38, 0, 1, 39):
            assert shown(film.read(index).pixels) == index


JUMP_ABOUT = """\
import random, sys
from remaster_gui.media import open_film
for seed in range(15):
    with open_film(sys.argv[1]) as film:
        order = list(range(film.info.frame_count))
        random.Random(seed).shuffle(order)
        for index in order:
            film.read(index)
"""


@pytest.mark.parametrize("name", ["hevc-10bit-mkv", "h264-open-gop-mkv"])
def test_jumping_about_comes_to_an_end(clips, name: str) -> None:
    """Threads of the codec library have waited for each other for ever, once in some hundred jumps."""
    subprocess.run([sys.executable, "-c", JUMP_ABOUT, clips.film(name)], check=True, timeout=600)


def test_reads_ranges_in_order(clips, film_name: str, shown: Reader) -> None:
    with open_film(clips.film(film_name)) as film:
        for span in (
            FrameRange(0, 40),
            FrameRange(13, 22),
            FrameRange(12, 13),
            FrameRange(38, 40),
            FrameRange(7, 7),
        ):
            assert [shown(frame.pixels) for frame in film.frames(span)] == list(span)


def test_random_access_is_as_exact_as_decoding_in_order(clips, film_name: str) -> None:
    """Pictures after a seek are the same to the bit, so no frame was made from missing neighbours."""
    with open_film(clips.film(film_name)) as film:
        in_order = [frame.pixels for frame in film.frames(FrameRange(0, clips.frames))]
    for index in (11, 19, 20, 21, 33):
        with open_film(clips.film(film_name)) as film:
            np.testing.assert_array_equal(film.read(index).pixels, in_order[index])


def test_a_late_frame_does_not_cost_the_whole_film(
    clips, film_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if film_name in ("h264-raw", "h264-intra-refresh-mkv"):
        pytest.skip("has no times, or no entry but the first frame")
    with open_film(clips.film(film_name)) as film:
        decoded = []
        decode = PictureInput.decode
        monkeypatch.setattr(PictureInput, "decode", lambda *given: decoded.append(1) or decode(*given))
        film.read(35)
        # One group of frames, at worst two in an open group, and what the codec's threads hold back.
        assert len(decoded) <= 27


def test_frames_are_contiguous_read_only_and_full_range(clips, film_name: str) -> None:
    deep = clips.kind(film_name).bits > 8
    with open_film(clips.film(film_name)) as film:
        for channels, shape in (("luma", (64, 96)), ("rgb", (64, 96, 3))):
            pixels = film.read(5, channels).pixels
            assert pixels.shape == shape
            assert pixels.dtype == (np.uint16 if deep else np.uint8)
            assert pixels.flags.c_contiguous and not pixels.flags.writeable
            scale = 257 if deep else 1
            assert abs(int(np.median(pixels[:28, :20])) / scale - 190) <= 4


def test_refuses_frames_outside(clips, film_name: str) -> None:
    with open_film(clips.film(film_name)) as film:
        for index in (-1, clips.frames):
            with pytest.raises(SettingsError, match="outside"):
                film.read(index)


def test_sequence_is_a_film_like_any_other(clips, sequence_name: str, shown: Reader) -> None:
    folder = clips.sequence(sequence_name)
    extension = next(folder.iterdir()).suffix
    for path in (folder, folder / f"scan.%06d{extension}", folder / f"scan.######{extension}"):
        with open_film(path, rate=Fraction(18)) as film:
            assert film.info.frame_count == clips.frames
            assert film.info.rate == 18
            assert film.times[17] == Fraction(17, 18)
            assert [shown(frame.pixels) for frame in film.frames(FrameRange(0, clips.frames))] == list(
                range(clips.frames)
            )
            for index in (30, 3, 29):
                assert shown(film.read(index, "rgb").pixels) == index
            pixels = film.read(0).pixels
            assert pixels.dtype == (np.uint8 if sequence_name in ("png", "jpg") else np.uint16)
            assert not pixels.flags.writeable
            assert abs(int(np.median(pixels)) / (257 if pixels.dtype == np.uint16 else 1) - 60) <= 1
            with pytest.raises(SettingsError, match="outside"):
                film.read(clips.frames)


def test_sequence_runs_at_24_frames_unless_told(clips) -> None:
    with open_film(clips.sequence("png")) as film:
        assert isinstance(film, Film)
        assert film.info.rate == 24
        assert film.info.path == Path(clips.sequence("png"))
