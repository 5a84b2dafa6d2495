"""Segments of every preset: what is written comes back, and nothing half-written stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from remaster_gui.base.errors import MediaError, SettingsError, StorageError
from remaster_gui.base.timebase import FrameRange
from remaster_gui.media import PRESETS, Preset, SegmentWriter, open_film, preset_for
from remaster_gui.media.codes import color_codes

RATE = Fraction(24000, 1001)
FAITHFUL = {
    "prores-hq": 6.0,
    "prores-4444": 4.0,
    "dnxhr-hqx": 6.0,
    "h264-8": 14.0,
    "h264-10": 14.0,
    "hevc-8": 14.0,
    "hevc-10": 14.0,
}
"""Largest deviation in 8-bit levels that lossy codecs may show on the test picture; others quantise only."""


def colors(width: int, height: int, phase: float) -> np.ndarray:
    """Smooth colours (H, W, 3) float32 in [0, 1], different for every phase."""
    y, x = np.mgrid[0:height, 0:width]
    channels = [x / (width - 1), y / (height - 1), np.full_like(x, phase, dtype=float)]
    return np.stack(channels, axis=-1).astype(np.float32)


def target(folder: Path, preset: Preset, name: str = "segment") -> Path:
    return folder / (name if preset.is_sequence else f"{name}{preset.suffixes[0]}")


def write(
    path: Path,
    preset: Preset,
    frames: int,
    size: tuple[int, int] = (272, 144),
    aspect: Fraction = Fraction(1),
) -> None:
    with SegmentWriter(path, preset, *size, RATE, aspect) as writer:
        for index in range(frames):
            writer.write(colors(*size, index / 10), index / RATE)


def content(path: Path) -> list[bytes]:
    return [each.read_bytes() for each in (sorted(path.iterdir()) if path.is_dir() else [path])]


@pytest.mark.parametrize("key", PRESETS)
def test_pictures_come_back(key: str, tmp_path: Path) -> None:
    preset = PRESETS[key]
    path = target(tmp_path, preset)
    write(path, preset, 7)
    with open_film(path) as film:
        assert film.info.frame_count == 7
        assert (film.info.width, film.info.height) == (272, 144)
        if not preset.is_sequence:
            assert film.info.rate == RATE
            assert not film.info.variable_rate
        assert film.info.bit_depth >= preset.bits
        step = 1 / 255 if preset.bits == 8 else 1 / 2**10
        if key in ("ffv1-16", "png16", "tiff16"):
            step = 1 / 2**16
        allowed = FAITHFUL[key] / 255 if key in FAITHFUL else 2.5 * step
        for index in (0, 4, 6):
            pixels = film.read(index, "rgb").pixels
            found = pixels / np.iinfo(pixels.dtype).max
            assert np.abs(found - colors(272, 144, index / 10)).max() <= allowed


@pytest.mark.parametrize("key", [key for key, preset in PRESETS.items() if not preset.is_sequence])
def test_tags_come_back_from_the_file(key: str, tmp_path: Path) -> None:
    preset = PRESETS[key]
    path = target(tmp_path, preset)
    write(path, preset, 2)
    with av.open(str(path)) as container:
        picture = next(container.decode(video=0))
    matrix = 0 if key == "ffv1-16" else 1
    range_ = 2 if key == "ffv1-16" else 1
    found = (picture.colorspace, picture.color_range, picture.color_primaries, picture.color_trc)
    assert found == (matrix, range_, 1, 1) == color_codes(preset)


@pytest.mark.parametrize("key", PRESETS)
def test_same_frames_give_the_same_bytes(key: str, tmp_path: Path) -> None:
    preset = PRESETS[key]
    first, second = target(tmp_path, preset, "first"), target(tmp_path, preset, "second")
    for path in (first, second):
        write(path, preset, 3)
    assert content(first) == content(second)


@pytest.mark.parametrize("key", ["h264-8", "h264-10", "hevc-8"])
def test_grainy_film_gives_the_same_bytes_every_time(key: str, tmp_path: Path) -> None:
    """Many frames with much to decide: here chance shows where an encoder leaves anything to it."""
    preset, rng = PRESETS[key], np.random.default_rng(5)
    scene, grain = rng.random((90, 130, 3), np.float32), rng.random((300, 420, 3), np.float32)
    scene = cv2.resize(scene, (520, 360), interpolation=cv2.INTER_CUBIC).clip(0, 1)
    paths = [target(tmp_path, preset, f"{number}") for number in range(2)]
    for path in paths:
        with SegmentWriter(path, preset, 400, 288, RATE) as writer:
            for index in range(16):
                seen = scene[index : index + 288, 2 * index : 2 * index + 400]
                dirt = grain[7 * index % 12 :, 5 * index % 20 :][:288, :400]
                writer.write(0.8 * seen + 0.1 * dirt, index / RATE)
    assert len({path.read_bytes() for path in paths}) == 1


@pytest.mark.parametrize("key", PRESETS)
@pytest.mark.parametrize("frames", [1, 2])
def test_shortest_shots(key: str, frames: int, tmp_path: Path) -> None:
    preset = PRESETS[key]
    path = target(tmp_path, preset)
    write(path, preset, frames)
    with open_film(path) as film:
        assert film.info.frame_count == frames
        assert film.read(frames - 1).index == frames - 1


@pytest.mark.parametrize("key", PRESETS)
def test_odd_sizes_lose_no_pixel(key: str, tmp_path: Path) -> None:
    preset = PRESETS[key]
    path = target(tmp_path, preset)
    size = (257, 145)
    write(path, preset, 2, size, Fraction(16, 15))
    with open_film(path) as film:
        assert (film.info.width, film.info.height) == preset.coded_size(*size)
        pixels = film.read(1, "rgb").pixels
        assert film.info.pixel_aspect == Fraction(16, 15)
    found = pixels / np.iinfo(pixels.dtype).max
    assert np.abs(found[:145, :257] - colors(*size, 0.1)).max() <= FAITHFUL.get(key, 1.0) / 255
    # What was added repeats the edge.
    assert np.abs(found[:145, 257:] - found[:145, 256:257]).max(initial=0) < 0.05
    assert (preset.size_note(*size) is None) == (preset.coded_size(*size) == size)


def test_even_sizes_need_no_note() -> None:
    assert all(preset.size_note(272, 144) is None for preset in PRESETS.values())


@pytest.mark.parametrize("key", ["h264-8", "ffv1-10", "png16"])
def test_abort_leaves_nothing(key: str, tmp_path: Path) -> None:
    preset = PRESETS[key]
    with (
        pytest.raises(KeyboardInterrupt),
        SegmentWriter(target(tmp_path, preset), preset, 64, 64, RATE) as writer,
    ):
        writer.write(colors(64, 64, 0), Fraction(0))
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("key", ["prores-hq", "png16"])
def test_killed_process_leaves_nothing_under_the_final_name(key: str, tmp_path: Path) -> None:
    preset = PRESETS[key]
    path = target(tmp_path, preset)
    script = f"""
        import os, signal
        import numpy as np
        from fractions import Fraction
        from pathlib import Path
        from remaster_gui.media import PRESETS, SegmentWriter
        writer = SegmentWriter(Path({str(path)!r}), PRESETS[{key!r}], 64, 64, Fraction(24))
        for index in range(20):
            writer.write(np.full((64, 64, 3), index % 7 / 7, np.float32), Fraction(index, 24))
        os.kill(os.getpid(), signal.SIGKILL)
    """
    process = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False)
    assert process.returncode == -signal.SIGKILL
    assert not path.exists() and any(tmp_path.iterdir())
    # The next run clears what the killed one left behind and ends as if nothing had happened.
    write(path, preset, 3)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    fresh = target(tmp_path, preset, "fresh")
    write(fresh, preset, 3)
    assert content(path) == content(fresh)


def test_full_disk_is_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    """A limit on the size of files stands in for a full disk: writing fails in mid-film."""
    script = f"""
        import resource, signal, sys
        import numpy as np
        from fractions import Fraction
        from pathlib import Path
        from remaster_gui.base.errors import StorageError
        from remaster_gui.media import PRESETS, SegmentWriter
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        noise = np.random.default_rng(1).random((128, 128, 3), np.float32)
        try:
            path = Path({str(tmp_path / "out.mkv")!r})
            with SegmentWriter(path, PRESETS["ffv1-16"], 128, 128, Fraction(24)) as writer:
                for index in range(100):
                    writer.write(noise, Fraction(index, 24))
        except StorageError as error:
            print(error)
    """
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True
    )
    assert result.stdout.count("\n") == 1 and result.stdout.endswith(".\n")
    assert "cannot be written" in result.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("key", ["ffv1-10", "png16"])
def test_missing_folder_is_one_sentence(key: str, tmp_path: Path) -> None:
    preset = PRESETS[key]
    with pytest.raises(StorageError, match="does not exist") as caught:
        SegmentWriter(target(tmp_path / "absent", preset), preset, 64, 64, RATE)
    assert str(caught.value).endswith(".")


def test_dnxhr_says_what_it_cannot_hold(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="at least 256x120"):
        SegmentWriter(tmp_path / "small.mov", PRESETS["dnxhr-hqx"], 128, 96, RATE)
    assert list(tmp_path.iterdir()) == []


def test_refuses_a_frame_of_another_size(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match="does not fit"),
        SegmentWriter(tmp_path / "film.mkv", PRESETS["ffv1-10"], 64, 64, RATE) as writer,
    ):
        writer.write(colors(64, 32, 0), Fraction(0))


def test_varying_times_are_kept(tmp_path: Path) -> None:
    times = [Fraction(0), Fraction(1, 20), Fraction(3, 20), Fraction(4, 20), Fraction(9, 20)]
    path = tmp_path / "film.mov"
    with SegmentWriter(path, PRESETS["prores-hq"], 64, 64, Fraction(20)) as writer:
        for index, time in enumerate(times):
            writer.write(colors(64, 64, index / 5), time)
    with open_film(path) as film:
        assert list(film.times) == times
        assert [frame.index for frame in film.frames(FrameRange(0, 5))] == list(range(5))


class TestPresets:
    @pytest.mark.parametrize(
        ("name", "key"),
        [("a.mkv", "ffv1-10"), ("a.MOV", "prores-hq"), ("a.mp4", "h264-8"), ("folder", "png16")],
    )
    def test_default_for_a_name(self, name: str, key: str) -> None:
        assert preset_for(Path(name)) is PRESETS[key]

    @pytest.mark.parametrize("key", PRESETS)
    def test_every_preset_goes_with_its_own_names(self, key: str) -> None:
        preset = PRESETS[key]
        names = ["folder"] if preset.is_sequence else [f"film{suffix}" for suffix in preset.suffixes]
        for name in names:
            assert preset_for(Path(name), key) is preset

    @pytest.mark.parametrize(
        ("name", "key", "reason"),
        [
            ("a.mkv", "prores-hq", "ends in .mov"),
            ("a.png", "png16", "folder"),
            ("folder", "h264-8", "ends in"),
            ("a.mkv", "divx", "no preset"),
            ("a.wmv", None, "not written"),
        ],
    )
    def test_refuses_what_does_not_fit(self, name: str, key: str | None, reason: str) -> None:
        with pytest.raises(SettingsError, match=reason) as caught:
            preset_for(Path(name), key)
        assert str(caught.value).endswith(".")

    @pytest.mark.parametrize("name", ["", ".", "..", "a/.."])
    def test_a_name_that_is_none(self, name: str) -> None:
        with pytest.raises(SettingsError, match="a name of its own"):
            preset_for(Path(name))

    @pytest.mark.parametrize("key", PRESETS)
    def test_estimate_is_of_the_right_size(self, key: str, tmp_path: Path) -> None:
        """Within a factor of three for grainy pictures, so that a warning before a long run means something."""
        preset = PRESETS[key]
        path = target(tmp_path, preset)
        rng = np.random.default_rng(3)
        with SegmentWriter(path, preset, 320, 240, RATE) as writer:
            for index in range(3):
                grain = rng.normal(0, 0.02, (240, 320, 1)).astype(np.float32)
                writer.write(np.clip(colors(320, 240, index / 3) * 0.6 + 0.2 + grain, 0, 1), index / RATE)
        size = sum(len(each) for each in content(path))
        if not preset.is_reordered:
            assert size / 3 < preset.estimate_bytes(320, 240, 3) < size * 3


def test_unwritable_media_is_not_blamed_on_the_disk(tmp_path: Path) -> None:
    """Faults of an encoder are the medium's, not the disk's."""
    from remaster_gui.media.faults import writing

    with pytest.raises(MediaError, match="another preset"), writing(tmp_path / "a.mov"):
        raise av.error.InvalidDataError(1, "bad", "a.mov")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_read_only_folder_is_one_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StorageError, match="may not be written"):
        SegmentWriter(tmp_path / "film.mkv", PRESETS["ffv1-10"], 64, 64, RATE)
