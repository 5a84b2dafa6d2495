"""A film on a worker's thread is opened once, unless nobody knows any more what state it is in."""

from __future__ import annotations

from pathlib import Path
from threading import Event

import pytest

from remaster_gui.base.errors import MediaError
from remaster_gui.media import Film, FilmFile
from remaster_gui.workers.held_film import HeldFilm


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Film]:
    """Films that were opened."""
    films: list[Film] = []
    open_ = FilmFile.open

    def noted(file: FilmFile, cancel: Event | None = None) -> Film:
        films.append(open_(file, cancel))
        return films[-1]

    monkeypatch.setattr(FilmFile, "open", noted)
    return films


def test_it_is_opened_when_it_is_wanted_and_kept(film: Path, opened: list[Film]) -> None:
    held = HeldFilm(FilmFile(film))
    assert not opened
    for frame in (3, 5):
        with held.reading(Event()) as lent:
            assert lent.read(frame).index == frame
    with pytest.raises(MediaError), held.reading(Event()):
        raise MediaError("Frame 7 is damaged; copy the film anew.")
    with held.reading(Event()) as lent:
        assert lent.read(3).index == 3
    held.close()
    assert len(opened) == 1


def test_after_what_nobody_foresaw_it_is_opened_anew(film: Path, opened: list[Film]) -> None:
    held = HeldFilm(FilmFile(film))
    with pytest.raises(ZeroDivisionError), held.reading(Event()):
        raise ZeroDivisionError
    with held.reading(Event()) as lent:
        assert lent.read(3).index == 3
    held.close()
    held.close()
    assert len(opened) == 2
