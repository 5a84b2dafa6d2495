from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from remaster_gui.base.errors import MediaError
from remaster_gui.base.notices import complete
from remaster_gui.base.timebase import FrameRange
from remaster_gui.media.frame_checksums import write_frame_checksums

RATE = Fraction(24)


def lines(path: Path) -> tuple[list[str], list[str]]:
    """Return the lines of the header, and those of frames."""
    text = path.read_text().splitlines()
    return [each for each in text if each[0] == "#"], [each for each in text if each[0] != "#"]


@pytest.fixture
def film(tmp_path: Path, textured: Callable[..., np.ndarray], write_film: Callable[..., Path]) -> Path:
    return write_film(tmp_path / "film.mp4", textured(6, 48, 64), "h264-8")


def test_each_frame_has_the_checksum_of_its_decoded_picture(film: Path, tmp_path: Path) -> None:
    complete(write_frame_checksums(film, tmp_path / "a", FrameRange(0, 6), RATE))
    header, frames = lines(tmp_path / "a")
    assert header == [
        "#format: frame checksums",
        "#version: 2",
        "#hash: MD5",
        "#tb 0: 1/24",
        "#media_type 0: video",
        "#codec_id 0: rawvideo",
        "#dimensions 0: 64x48",
        "#sar 0: 1/1",
        "#stream#, dts,        pts, duration,     size, hash",
    ]
    with av.open(str(film)) as container:
        decoded = [bytes(each.to_ndarray().tobytes()) for each in container.decode(video=0)]
    wanted = [
        f"0, {number:10}, {number:10}, {1:8}, {len(data):8}, {hashlib.md5(data).hexdigest()}"
        for number, data in enumerate(decoded)
    ]
    assert frames == wanted


def test_part_of_a_film_has_the_lines_that_the_whole_has(film: Path, tmp_path: Path) -> None:
    complete(write_frame_checksums(film, tmp_path / "a", FrameRange(0, 6), RATE))
    complete(write_frame_checksums(film, tmp_path / "b", FrameRange(2, 5), RATE))
    assert lines(tmp_path / "b")[1] == lines(tmp_path / "a")[1][2:5]


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="no ffmpeg here")
def test_ffmpeg_writes_the_same_lines(film: Path, tmp_path: Path) -> None:
    complete(write_frame_checksums(film, tmp_path / "a", FrameRange(0, 6), RATE))
    words = ["ffmpeg", "-v", "error", "-i", str(film), "-map", "0:v:0", "-f", "framemd5", str(tmp_path / "b")]
    subprocess.run(words, check=True)
    assert lines(tmp_path / "a")[1] == lines(tmp_path / "b")[1]


def test_pictures_of_a_sequence_have_checksums_of_their_own(tmp_path: Path) -> None:
    scans = tmp_path / "scans"
    scans.mkdir()
    pictures = [np.full((48, 64), 40 * number, np.uint8) for number in range(3)]
    for number, picture in enumerate(pictures):
        cv2.imwrite(str(scans / f"s_{number:04d}.png"), picture)
    complete(write_frame_checksums(scans, tmp_path / "a", FrameRange(1, 3), RATE))
    assert [line.rpartition(", ")[2] for line in lines(tmp_path / "a")[1]] == [
        hashlib.md5(each.tobytes()).hexdigest() for each in pictures[1:]
    ]


def test_what_cannot_be_decoded_so_far_leaves_nothing(film: Path, tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"Only 6 of 9 frames of film\.mp4"):
        complete(write_frame_checksums(film, tmp_path / "a", FrameRange(0, 9), RATE))
    assert [each.name for each in tmp_path.iterdir()] == ["film.mp4"]
