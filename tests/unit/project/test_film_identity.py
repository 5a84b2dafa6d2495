"""Films are told by their content, wherever they lie and whatever they are called."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from threading import Event

import cv2
import numpy as np
import pytest

from remaster_gui.base.errors import MediaError
from remaster_gui.media import content_hash, open_film
from remaster_gui.project.film_identity import byte_count, identify, is_same_film, may_be_same
from remaster_gui.project.schema import FilmIdentity


@pytest.fixture
def path(tmp_path: Path, textured: Callable[..., np.ndarray], write_film: Callable[..., Path]) -> Path:
    (tmp_path / "old").mkdir()
    return write_film(tmp_path / "old" / "film.mkv", textured(5, 48, 64))


@pytest.fixture
def known(path: Path) -> FilmIdentity:
    with open_film(path) as film:
        return identify(film.info, content_hash(path))


def test_identity_says_what_the_film_is(path: Path, known: FilmIdentity) -> None:
    assert (known.frame_count, known.width, known.height) == (5, 64, 48)
    assert known.byte_count == path.stat().st_size
    assert is_same_film(known, path)


def test_same_size_is_not_same_content(path: Path, known: FilmIdentity) -> None:
    changed = bytearray(path.read_bytes())
    changed[len(changed) // 2] ^= 0xFF
    path.write_bytes(bytes(changed))
    assert not is_same_film(known, path)
    assert is_same_film(replace(known, digest=""), path)
    path.write_bytes(bytes(changed) + b"x")
    assert not is_same_film(replace(known, digest=""), path)


def test_a_moved_and_renamed_film_is_the_same(tmp_path: Path, path: Path, known: FilmIdentity) -> None:
    assert is_same_film(known, path)
    moved = Path(shutil.move(path, tmp_path / "other name.mkv"))
    assert not is_same_film(known, path)
    assert is_same_film(known, moved)
    cancel = Event()
    cancel.set()
    assert not is_same_film(known, moved, cancel)


def test_a_moved_sequence_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "scan").mkdir()
    for number in range(3):
        cv2.imwrite(str(tmp_path / "scan" / f"f{number:04d}.png"), np.full((48, 64), 40 * number, np.uint8))
    for path in (tmp_path / "scan", tmp_path / "scan" / "f%04d.png"):
        with open_film(path) as film:
            known = identify(film.info, content_hash(path))
        assert known.byte_count == sum(each.stat().st_size for each in (tmp_path / "scan").iterdir())
        moved = shutil.move(tmp_path / "scan", tmp_path / "scan 2")
        assert is_same_film(known, moved if path.suffix == "" else moved / path.name)
        shutil.move(moved, tmp_path / "scan")


def test_facts_tell_films_apart_without_reading(known: FilmIdentity) -> None:
    assert may_be_same(known, replace(known, path=Path("/x.mkv"), digest=""))
    assert not may_be_same(known, replace(known, digest="f" * 32))
    assert not may_be_same(known, replace(known, frame_count=6))


def test_only_pictures_may_be_counted_at_another_rate(known: FilmIdentity, tmp_path: Path) -> None:
    assert not may_be_same(replace(known, rate=Fraction(18)), known)
    pictures = replace(known, path=tmp_path)
    assert may_be_same(replace(pictures, rate=Fraction(18)), pictures)


def test_hashing_can_be_cancelled(path: Path) -> None:
    cancel = Event()
    assert content_hash(path, cancel) == content_hash(path)
    cancel.set()
    assert content_hash(path, cancel) == ""


def test_a_missing_film_has_no_size(tmp_path: Path, known: FilmIdentity) -> None:
    with pytest.raises(MediaError, match="does not exist"):
        byte_count(tmp_path / "missing.mkv")
    assert not is_same_film(known, tmp_path / "missing.mkv")
