from __future__ import annotations

import pickle
import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from remaster_gui.base.errors import SettingsError, StorageError
from remaster_gui.base.notices import Progress, complete
from remaster_gui.media import PRESETS, SegmentWriter
from remaster_gui.training.library import ClipLibrary, Split, split_of


def opened(folder: Path, split: Split | None = None, cache: Path | None = None) -> ClipLibrary:
    return complete(ClipLibrary.open(folder, split, cache))[0]


def test_listing_decides(film_folder: Path, tmp_path: Path) -> None:
    train = opened(film_folder, "train", tmp_path)
    validation = opened(film_folder, "validation", tmp_path)
    assert [clip.name for clip in train.clips] == ["film0.mkv", "film1.mkv", "film2.mkv"]
    assert [clip.name for clip in validation.clips] == ["film3.mkv"]
    assert len(opened(film_folder, cache=tmp_path).clips) == 4


def test_progress_names_each_film(film_folder: Path, tmp_path: Path) -> None:
    steps = list(ClipLibrary.open(film_folder, "train", tmp_path))
    names = [f"film{number}.mkv" for number in range(3)]
    assert [step for step in steps if isinstance(step, Progress) and step.unit == "films"] == [
        Progress(number, 3, doing=f"Preparing {name}", unit="films") for number, name in enumerate(names)
    ]
    for name in names:
        assert Progress(5, 24, doing=f"Decoding {name}") in steps


def test_names_decide_without_listing(film_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "films"
    folder.mkdir()
    names = [f"a{number}.mkv" for number in range(30)]
    for name in names:
        shutil.copy(film_folder / "film0.mkv", folder / name)
    train = opened(folder, "train", tmp_path / "cache")
    held_out = opened(folder, "validation", tmp_path / "cache")
    first = {clip.name for clip in train.clips}
    assert first.isdisjoint(clip.name for clip in held_out.clips)
    assert len(train.clips) + len(held_out.clips) == 30
    shutil.copy(film_folder / "film1.mkv", folder / "another.mkv")
    assert first <= {clip.name for clip in opened(folder, "train", tmp_path / "cache").clips}


def test_share_held_out() -> None:
    held_out = sum(split_of(f"film {number}") == "validation" for number in range(4000))
    assert 0.13 < held_out / 4000 < 0.17


def test_clips_travel_without_their_pixels(library: ClipLibrary) -> None:
    assert library.clips[0].frames.nbytes > 100_000
    packed = pickle.dumps(library)
    assert len(packed) < 5000
    assert pickle.loads(packed).clips[0].frames[3, 0, 0, 0] == library.clips[0].frames[3, 0, 0, 0]


def test_clips_do_not_cross_cuts(tmp_path: Path) -> None:
    pictures = np.random.default_rng(0).uniform(0, 1, (2, 60, 80, 3)).astype(np.float32)
    pictures[1] *= 0.3
    with SegmentWriter(tmp_path / "film.mkv", PRESETS["ffv1-10"], 80, 60, Fraction(24)) as writer:
        for index in range(30):
            writer.write(pictures[int(index >= 14)], Fraction(index, 24))
    for _ in range(2):  # searched for, then remembered
        clips = opened(tmp_path, cache=tmp_path / "cache").clips
        assert [clip.name for clip in clips] == ["film.mkv#0", "film.mkv#14"]
        assert [len(clip.frames) for clip in clips] == [14, 16]
        assert clips[0].frames.mean() > 2 * clips[1].frames.mean()
        assert np.ptp([float(frame.mean()) for frame in clips[1].frames]) < 1
    assert {path.suffix for path in (tmp_path / "cache").iterdir()} == {".npy", ".json"}


def test_faults_are_said(tmp_path: Path, library: ClipLibrary) -> None:
    with pytest.raises(StorageError, match="does not exist"):
        opened(tmp_path / "missing")
    with pytest.raises(SettingsError):
        opened(tmp_path)
    with pytest.raises(SettingsError, match="25 frames"):
        library.at_least(25)
    assert library.at_least(24) == library


def test_films_that_only_judge_are_never_learned_from(film_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "films"
    folder.mkdir()
    others = {f"a{number}.mkv" for number in range(30)}
    for name in ("rave-truck.mp4", "cutie-example-2.mp4", *others):
        shutil.copy(film_folder / "film0.mkv", folder / name)
    learned = [opened(folder, split, tmp_path / "cache") for split in ("train", "validation")]
    assert {clip.name for library in learned for clip in library.clips} == others
