"""Cuts are looked for once for each film content, and kept only when they are right."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from remaster_gui.base.notices import Progress, complete
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine import stored_shots
from remaster_gui.media import Film, open_film

EXPECTED = [FrameRange(0, 12), FrameRange(12, 24)]


@pytest.fixture
def film(
    tmp_path: Path, two_shots: Callable[..., np.ndarray], write_film: Callable[..., Path]
) -> Iterator[Film]:
    with open_film(write_film(tmp_path / "film.mkv", two_shots(24, 96, 128))) as opened:
        yield opened


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[Film]:
    """Films that were searched."""
    searched: list[Film] = []
    find = stored_shots.find_shots

    def noted(film: Film, cancel: Event) -> Generator[Progress, None, list[FrameRange]]:
        searched.append(film)
        return find(film, cancel)

    monkeypatch.setattr(stored_shots, "find_shots", noted)
    return searched


def shots_of(film: Film, digest: str, *, cache: Path, cancel: Event | None = None) -> list[FrameRange]:
    return complete(stored_shots.shots_of(film, digest, cancel or Event(), cache=cache))[0]


def test_a_film_is_searched_once(film: Film, searches: list[Film], tmp_path: Path) -> None:
    for _ in range(2):
        assert shots_of(film, "a", cache=tmp_path / "cache") == EXPECTED
    assert len(searches) == 1
    assert shots_of(film, "b", cache=tmp_path / "cache") == EXPECTED
    assert len(searches) == 2


@pytest.mark.parametrize(
    "content", ["", "[[0, 12]]", "[[0, 12], [13, 24]]", "[[0, 24], [24, 30]]", '{"0": 24}', "[[12, 0]]", "7"]
)
def test_what_does_not_fit_the_film_is_made_anew(
    content: str, film: Film, searches: list[Film], tmp_path: Path
) -> None:
    shots_of(film, "a", cache=tmp_path)
    (stored,) = tmp_path.glob("a*.json")
    stored.write_text(content)
    assert shots_of(film, "a", cache=tmp_path) == EXPECTED
    assert len(searches) == 2
    assert json.loads(stored.read_text()) == [[0, 12], [12, 24]]


def test_an_unfinished_search_is_not_kept(film: Film, tmp_path: Path) -> None:
    cancel = Event()
    cancel.set()
    assert shots_of(film, "a", cache=tmp_path / "cache", cancel=cancel) == [FrameRange(0, 24)]
    assert not (tmp_path / "cache").exists()


def test_a_cache_that_cannot_be_written_is_done_without(film: Film, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert shots_of(film, "a", cache=tmp_path / "file") == EXPECTED
    cache = tmp_path / "cache"
    (cache / "a-1.json").mkdir(parents=True)
    assert shots_of(film, "a", cache=cache) == EXPECTED
    assert [path.name for path in cache.iterdir()] == ["a-1.json"]
