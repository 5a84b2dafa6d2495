from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remaster_gui.base.errors import MediaError, RemasterError, SettingsError, StorageError
from remaster_gui.evaluation.film_frames import films_of, read_frames, scaled


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.mp4", "a.mkv", "c.MOV", "notes.txt"):
        (tmp_path / name).write_bytes(b"no film")
    return tmp_path


def names(films: list[Path]) -> list[str]:
    return [film.name for film in films]


def test_without_a_listing_all_films_are_taken(folder: Path) -> None:
    assert names(films_of(folder)) == ["a.mkv", "b.mp4", "c.MOV"]
    assert names(films_of(folder, "all")) == ["a.mkv", "b.mp4", "c.MOV"]
    with pytest.raises(SettingsError, match=r"clips\.csv"):
        films_of(folder, "train")


def test_a_listing_restricts_to_its_validation_films(folder: Path) -> None:
    (folder / "clips.csv").write_text(
        "name,split,rate\nc.MOV,validation,1\na.mkv,validation,1\nb.mp4,train,1\n"
    )
    assert names(films_of(folder)) == ["a.mkv", "c.MOV"]
    assert names(films_of(folder, "train")) == ["b.mp4"]
    assert names(films_of(folder, "all")) == ["a.mkv", "b.mp4", "c.MOV"]


@pytest.mark.parametrize(
    ("listing", "kind"),
    [
        ("name,split\nlost.mp4,validation\n", StorageError),
        ("file;split\na.mkv;validation\n", SettingsError),
        ("name,split\na.mkv,train\n", SettingsError),
    ],
)
def test_a_wrong_listing_is_one_sentence(folder: Path, listing: str, kind: type[Exception]) -> None:
    (folder / "clips.csv").write_text(listing)
    with pytest.raises(kind, match=r"^[^.].*\.$"):
        films_of(folder)


@pytest.mark.parametrize(
    ("listing", "said"),
    [
        ("name,split\nfärbung.mp4,validation\n".encode("latin-1"), "not text in UTF-8"),
        ("name,split\na.mkv,validation\n".encode("utf-16"), "not text in UTF-8"),
        (
            b"name,split\n" + b"a" * 300 + b".mp4,validation\n",
            "a…' which is not|…', which is not in the folder",
        ),
        (b"name,split\na\0b.mp4,validation\n", "no table|not in the folder"),
        (b"name,split\n" + b"a" * 200_000 + b",validation\n", "no table .*field larger"),
        (b"name,split\n,validation\n", "''.* not in the folder"),
        (b"split,name\nvalidation\n", "''.* not in the folder"),
        (b"name,split\n../a.mkv,validation\n", "not in the folder"),
        (b"name,split\n/etc/hostname,validation\n", "not in the folder"),
        (b"\0" * 100, "no table|needs a header"),
        (b"x" * 20_000_000, "too long"),
    ],
)
def test_a_listing_of_any_bytes_is_one_sentence(folder: Path, listing: bytes, said: str) -> None:
    (folder / "clips.csv").write_bytes(listing)
    with pytest.raises(RemasterError, match=said) as fault:
        films_of(folder)
    sentence = str(fault.value)
    assert sentence.endswith(".") and "\n" not in sentence and len(sentence) < 400 + len(str(folder))


def test_a_listing_that_a_spreadsheet_saved_is_read(folder: Path) -> None:
    (folder / "clips.csv").write_bytes("name,split,\r\na.mkv,validation,\r\n".encode("utf-8-sig"))
    assert names(films_of(folder)) == ["a.mkv"]


@settings(max_examples=100)
@given(
    st.binary(max_size=80).map(lambda junk: b"name,split\na.mkv,validation\n" + junk) | st.binary(max_size=80)
)
def test_no_listing_is_a_defect(tmp_path_factory: pytest.TempPathFactory, listing: bytes) -> None:
    folder = tmp_path_factory.mktemp("films")
    (folder / "a.mkv").touch()
    (folder / "clips.csv").write_bytes(listing)
    with contextlib.suppress(RemasterError):
        assert set(names(films_of(folder))) == {"a.mkv"}


def test_missing_and_empty_folders(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        films_of(tmp_path)
    with pytest.raises(StorageError):
        films_of(tmp_path / "nowhere")


def test_reading_scales_and_stops(
    tmp_path: Path, panned: Callable[..., np.ndarray], write_film: Callable[[Path, np.ndarray], None]
) -> None:
    frames = panned(5, 96, 160, step=1)
    write_film(tmp_path / "film.mkv", frames)
    assert np.array_equal(read_frames(tmp_path / "film.mkv", 3, 96), frames[:3])
    half = read_frames(tmp_path / "film.mkv", 99, 48)
    assert half.shape == (5, 48, 80, 3)
    means = frames.reshape(5, 48, 2, 80, 2, 3).mean(axis=(2, 4))
    assert np.abs(half - means).max() <= 1


@pytest.mark.parametrize(
    ("size", "edge", "expected"),
    [((360, 640), 256, (256, 448)), ((180, 320), 256, (176, 320)), ((470, 360), 128, (160, 128))],
)
def test_sizes_are_multiples_of_16_and_never_grow(
    size: tuple[int, int], edge: int, expected: tuple[int, int]
) -> None:
    assert scaled(np.zeros((1, *size, 3), np.uint8), edge).shape == (1, *expected, 3)


def test_what_is_no_film_is_said(folder: Path) -> None:
    with pytest.raises(MediaError):
        read_frames(folder / "a.mkv", 9, 64)
