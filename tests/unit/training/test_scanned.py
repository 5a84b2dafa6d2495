from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from remaster_gui.base.errors import MediaError, StorageError
from remaster_gui.training.damage import DamageSplit
from remaster_gui.training.scanned import ScannedDamage, read_scan, split_of

EDGE = 120


def write_marks(folder: Path, count: int) -> None:
    for number in range(count):
        mark = np.zeros((60, 60, 4), np.uint8)
        cv2.circle(mark, (30, 30), 5 + number, (255, 255, 255, 255), -1)
        cv2.imwrite(str(folder / f"mark{number}.png"), mark)


def write_anywhere(folder: Path, suffix: str, wanted: DamageSplit, write: Callable[[Path], object]) -> Path:
    """Write under the first name whose hash falls into the wanted split."""
    for number in range(100):
        path = folder / f"scan{number}{suffix}"
        if split_of(path.relative_to(folder)) is wanted:
            write(path)
            return path
    raise AssertionError("no such name")


def test_files_belong_to_one_split(tmp_path: Path) -> None:
    write_marks(tmp_path, 20)
    both = [ScannedDamage.open(tmp_path, split) for split in DamageSplit]
    assert set(both[0].marks).isdisjoint(both[1].marks)
    assert {*both[0].marks, *both[1].marks} == set(tmp_path.iterdir())
    share = sum(split_of(Path(f"{n}.png")) is DamageSplit.EVALUATION for n in range(4000)) / 4000
    assert 0.27 < share < 0.32


def test_marks_are_scattered(tmp_path: Path) -> None:
    write_marks(tmp_path, 20)
    scans = ScannedDamage.open(tmp_path, DamageSplit.TRAINING)
    masks = [scans.example(index, EDGE).levels[0] for index in range(4)]
    for mask in masks:
        assert mask.shape == (EDGE, 160)
        assert 0 < (mask > 20).mean() < 0.4
    assert not np.array_equal(masks[0], masks[1])
    assert len(scans) == 64


def test_labels_become_damage_of_varying_density(tmp_path: Path) -> None:
    labels = np.zeros((240, 320), np.uint8)
    for number, column in enumerate(range(20, 300, 40)):
        labels[100:130, column : column + 20] = 1 + number % 5
    write_anywhere(tmp_path, ".png", DamageSplit.TRAINING, lambda path: cv2.imwrite(str(path), labels))
    mask = ScannedDamage.open(tmp_path, DamageSplit.TRAINING).example(0, EDGE).levels[0]
    assert mask.shape == (EDGE, 160)
    assert mask[:45].max() == 0
    densities = {int(mask[57, column // 2 + 5]) for column in range(20, 300, 40)}
    assert len(densities) >= 5
    assert min(densities) > 50


def test_photograph_shows_what_leaves_the_ground(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    ground = np.linspace(90, 130, 320)[None] + rng.normal(0, 2, (240, 320))
    ground[100:106, 50:56] = 250
    ground[30:36, 200:206] = 5
    photograph = np.clip(ground, 0, 255).astype(np.uint8)
    write_anywhere(tmp_path, ".png", DamageSplit.TRAINING, lambda path: cv2.imwrite(str(path), photograph))
    mask = ScannedDamage.open(tmp_path, DamageSplit.TRAINING).example(0, 240).levels[0]
    assert mask[102, 52] > 180
    assert mask[32, 202] > 120
    mask[98:108, 48:58] = 0
    mask[28:38, 198:208] = 0
    assert mask.max() < 40


def test_animation_shows_what_flashes_up(tmp_path: Path) -> None:
    def write(path: Path) -> None:
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 24, (160, 120))
        for index in range(6):
            frame = np.full((120, 160, 3), 90, np.uint8)
            frame[:, 20 + 2 * index : 40 + 2 * index] = 120  # something moves through the picture
            if index == 3:
                frame[60:64, 100:106] = 250
            writer.write(frame)
        writer.release()

    write_anywhere(tmp_path, ".avi", DamageSplit.EVALUATION, write)
    scans = ScannedDamage.open(tmp_path, DamageSplit.EVALUATION)
    assert [number for _, number in scans.fields] == [3]
    mask = scans.example(0, EDGE).levels[0]
    assert mask[62, 103] > 200
    assert mask[:, :90].max() < 30


def test_faults_are_said(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="does not exist"):
        ScannedDamage.open(tmp_path / "missing", DamageSplit.TRAINING)
    (tmp_path / "empty").mkdir()
    with pytest.raises(MediaError, match="holds no scanned damage"):
        ScannedDamage.open(tmp_path / "empty", DamageSplit.TRAINING)
    write_anywhere(tmp_path, ".jpg", DamageSplit.TRAINING, lambda path: path.write_text("no picture"))
    with pytest.raises(MediaError, match="not a picture that can be read"):
        ScannedDamage.open(tmp_path, DamageSplit.TRAINING)


def _png(width: int, height: int, depth: int) -> bytes:
    """A PNG that promises more than it holds."""
    head = struct.pack(">IIBBBBB", width, height, depth, 6, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(c)) + n + c + struct.pack(">I", zlib.crc32(n + c)) for n, c in parts
    )
    return b"\x89PNG\r\n\x1a\n" + body


HARM: dict[str, Callable[[Path], object]] = {
    "empty.png": Path.touch,
    "lost.png": lambda path: path.symlink_to("nowhere"),
    "circle.tif": lambda path: path.symlink_to(path.name),
    "pipe.png": os.mkfifo,
    "folder.jpg": Path.mkdir,
    "huge.png": lambda path: path.write_bytes(_png(40_000, 40_000, 16)),
    "sparse.png": lambda path: (path.write_bytes(_png(64, 64, 8)), os.truncate(path, 2**40)),
    "cut.tif": lambda path: path.write_bytes(b"II*\0\x08\0\0\0\x01"),
    "text.avi": lambda path: path.write_text("no film"),
    "list.mp4": lambda path: path.write_text("#EXTM3U\n#EXTINF:1,\n/films/secret.ts\n"),
}


@pytest.mark.parametrize("name", HARM)
def test_what_is_no_scan_is_said(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    HARM[name](path)
    with pytest.raises(MediaError) as caught:
        ScannedDamage.open(tmp_path, split_of(Path(name)))
    assert str(path) in str(caught.value) and str(caught.value).endswith(".")


def test_scans_of_16_bits_are_read(tmp_path: Path) -> None:
    mark = np.zeros((60, 60, 4), np.uint16)
    cv2.circle(mark, (30, 30), 9, (65535, 65535, 65535, 32896), -1)
    cv2.imwrite(str(tmp_path / "mark.png"), mark)
    scans = ScannedDamage.open(tmp_path, split_of(Path("mark.png")))
    assert len(scans.marks) == 1 and scans.example(0, EDGE).levels[0].max() > 20


def test_a_part_that_is_not_there_takes_no_memory(tmp_path: Path) -> None:
    """OpenCV would take four gigabytes for picture data that claims them, so it must not be asked."""
    path = tmp_path / "mark.png"
    cv2.imwrite(str(path), np.full((32, 48, 4), 128, np.uint8))
    data = bytearray(path.read_bytes())
    at = data.index(b"IDAT")
    data[at - 4 : at] = b"\xff" * 4
    path.write_bytes(data)
    with pytest.raises(MediaError, match="is damaged or cut short; remove it"):
        read_scan(path)


@pytest.mark.parametrize("shape", [(1, 12_000), (12_000, 2)])
def test_strips_become_examples_of_a_bounded_size(shape: tuple[int, int], tmp_path: Path) -> None:
    labels = np.zeros(shape, np.uint8)
    labels[:1, :1] = 1
    cv2.imwrite(str(tmp_path / "strip.png"), labels)
    example = ScannedDamage.open(tmp_path, split_of(Path("strip.png"))).example(0, 64)
    assert example.levels[0].shape == (64, 512) and example.levels[0].max() > 20


def test_real_scans(shared: Path) -> None:
    folder = shared / "data" / "damage"
    for split in DamageSplit:
        scans = ScannedDamage.open(folder, split)
        assert len(scans) > 64
        for index in (len(scans.fields) - 1, len(scans) - 1):
            mask = scans.example(index, 240).levels[0]
            assert 1e-4 < (mask > 25).mean() < 0.3
