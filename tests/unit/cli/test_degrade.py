from __future__ import annotations

import argparse
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from remaster_gui.base.errors import MediaError, RemasterError, SettingsError, StorageError
from remaster_gui.base.timebase import FrameRange
from remaster_gui.cli import degrade
from remaster_gui.media import open_film

FRAMES = 10


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Colour film of 10 frames, 64x48, 12 per second, with a tone."""
    path = tmp_path_factory.mktemp("film") / "film.mkv"
    with av.open(str(path), "w") as container:
        video = container.add_stream("ffv1", rate=12, width=64, height=48, pix_fmt="yuv444p")
        audio = container.add_stream("aac", rate=48000, layout="mono")
        for index in range(FRAMES):
            picture = np.full((48, 64, 3), (200, 60 + 10 * index, 40), np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, 12)
            container.mux(video.encode(frame))
        tone = np.sin(np.arange(48000 * FRAMES // 12) * 0.05).astype(np.float32)[None] * 0.3
        for start in range(0, tone.shape[1], 1024):
            sound = av.AudioFrame.from_ndarray(tone[:, start : start + 1024], format="fltp", layout="mono")
            sound.sample_rate, sound.pts, sound.time_base = 48000, start, Fraction(1, 48000)
            container.mux(audio.encode(sound))
        container.mux(video.encode(None))
        container.mux(audio.encode(None))
    return path


def run(*words: object) -> int:
    parser = argparse.ArgumentParser()
    degrade.add_parser(parser.add_subparsers())
    args = parser.parse_args(["degrade", *map(str, words)])
    status: int = args.func(args)
    return status


def frames_of(path: Path) -> np.ndarray:
    with open_film(path) as film:
        return np.stack([frame.pixels for frame in film.frames(FrameRange(0, FRAMES), "rgb")])


def test_film_becomes_old_and_keeps_its_time_and_sound(film: Path, tmp_path: Path) -> None:
    output = tmp_path / "old.mov"
    assert run(film, output, "--seed", 3) == 0
    with open_film(output) as old:
        assert (old.info.frame_count, old.info.rate) == (FRAMES, 12)
        assert (old.info.width, old.info.height) == (64, 48)
        assert old.info.has_audio
    pixels = frames_of(output).astype(int)
    assert np.ptp(pixels, axis=-1).max() < np.ptp(pixels) / 50  # black and white
    assert (pixels.std(axis=(1, 2, 3)) > 0).all()  # plain frames no longer
    assert list(tmp_path.iterdir()) == [output]


def test_seed_decides(film: Path, tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        run(film, tmp_path / f"{name}.mov", "--seed", seed)
    a, b, c = (frames_of(tmp_path / f"{name}.mov") for name in "abc")
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)


def test_strength_zero_only_takes_the_colour(film: Path, tmp_path: Path) -> None:
    run(film, tmp_path / "grey.mov", "--strength", 0)
    pixels = frames_of(tmp_path / "grey.mov").astype(float)
    assert pixels.std(axis=(1, 2, 3)).max() < pixels.max() / 100
    assert (np.diff(pixels.mean(axis=(1, 2, 3))) > 0).all()


def test_contact_sheets(film: Path, tmp_path: Path) -> None:
    for name, source in (("photographs.jpg", []), ("film.png", [film])):
        assert run(*source, "--contact-sheet", tmp_path / name) == 0
        sheet = cv2.imread(str(tmp_path / name))
        assert sheet.shape == (4 * 244, 4 * 324, 3)
        saturation = np.ptp(sheet.astype(int), axis=-1)
        assert saturation[:240].mean() > 30
        assert saturation[250:].mean() < 3
    assert (tmp_path / "photographs.jpg").stat().st_size < 400_000


def fails(error: type[RemasterError], words: list[object], text: str) -> None:
    with pytest.raises(error, match=text):
        run(*words)


def test_faults_are_said_and_leave_nothing(film: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("not a film")
    before = film.read_bytes()
    fails(SettingsError, [film], "Name the film")
    fails(SettingsError, [film, tmp_path / "x.mkv", "--contact-sheet", tmp_path / "y.png"], "leave out OUT")
    fails(SettingsError, [film, film], "itself")
    fails(SettingsError, [film, tmp_path / "x.doc"], "doc")
    fails(MediaError, [text, tmp_path / "x.mkv"], "text.mp4")
    fails(MediaError, [tmp_path / "missing.mp4", tmp_path / "x.mkv"], "does not exist")
    fails(StorageError, [film, tmp_path / "nowhere" / "x.mkv"], "does not exist")
    fails(StorageError, [film, tmp_path / "x.mkv", "--damage", tmp_path / "nowhere"], "does not exist")
    fails(StorageError, ["--contact-sheet", tmp_path / "sheet.odd"], "name it .png or .jpg")
    fails(StorageError, ["--contact-sheet", tmp_path / "nowhere" / "sheet.png"], "another place")
    assert list(tmp_path.iterdir()) == [text]
    assert film.read_bytes() == before


@pytest.mark.parametrize(
    "words", [["--seed", "-1"], ["--seed", "x"], ["--strength", "5"], ["--strength", "x"]]
)
def test_impossible_numbers_are_usage_errors(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leaving:
        run("film.mkv", "out.mkv", *words)
    assert leaving.value.code == 2
    assert words[0] in capsys.readouterr().err


def test_what_differs_from_the_film_is_said_beside_the_result(
    film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Faults of the film itself and of what is taken over from it, on the stream of messages."""
    damaged = tmp_path / "damaged.mkv"
    damaged.write_bytes(film.read_bytes()[: film.stat().st_size * 2 // 3])
    assert run(damaged, tmp_path / "old") == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"{tmp_path / 'old'}: ")
    assert "damaged.mkv" in err and "The sound lies beside the pictures in old.mka." in err
