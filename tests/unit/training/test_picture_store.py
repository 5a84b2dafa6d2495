from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from remaster_gui.base.errors import SettingsError
from remaster_gui.base.notices import complete
from remaster_gui.media.photo_packs import PhotoPack
from remaster_gui.training import picture_store as pictures
from remaster_gui.training.library import Clip, ClipLibrary
from remaster_gui.training.picture_store import PictureStore

from .conftest import FILMS, FRAMES

Identify = Callable[[np.ndarray], tuple[int, int]]
WritePack = Callable[[Path, list[np.ndarray]], Path]


def read(clips: Sequence[Clip], packs: Sequence[PhotoPack] = (), budget: int | None = None) -> PictureStore:
    return complete(PictureStore.read(clips, packs, budget=budget))[0]


def identity(store: PictureStore, number: int, identify: Identify) -> tuple[int, int]:
    return identify(store[number].permute(1, 2, 0).numpy() / 255)


def test_frames_stay_in_their_order_and_photographs_follow(
    library: ClipLibrary, identify: Identify, tmp_path: Path, write_pack: WritePack
) -> None:
    photos = [np.full((20 + n, 30, 3), 50 * n, np.uint8) for n in range(3)]
    store = read(library.clips, [PhotoPack(write_pack(tmp_path / "pack", photos))])
    assert [len(film) for film in store.films] == [FRAMES] * FILMS
    for film, frames in enumerate(store.films):
        assert [identity(store, n, identify) for n in frames] == [(film, t) for t in range(FRAMES)]
    assert [store.shape(n) for n in store.photos] == [(20, 30), (21, 30), (22, 30)]
    assert [int(store[n].float().mean()) for n in store.photos] == [0, 50, 100]
    assert store.frames_around(1, store.films[1][3], store.films[1][3], 5) == range(FRAMES, FRAMES + 9)
    assert store.frames_around(1, store.films[1][3], store.films[1][3], None) == store.films[1]


def test_within_a_budget_every_so_many_frames_are_kept(library: ClipLibrary, identify: Identify) -> None:
    size = 60 * 80 * 3
    store = read(library.clips, budget=FILMS * FRAMES * size // 2)
    assert [len(film) for film in store.films] == [FRAMES // 2] * FILMS
    assert [identity(store, n, identify)[1] for n in store.films[0]] == list(range(0, FRAMES, 2))
    first = store.films[0][0]
    assert store.frames_around(0, first, first, 5) == range(first, first + 3)


def test_large_pictures_are_shrunk(library: ClipLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "SHORTER_EDGE", 30)
    assert read(library.clips).shape(0) == (30, 40)


def test_without_films_there_is_nothing_to_learn_from() -> None:
    with pytest.raises(SettingsError, match="no film to learn from"):
        read([])
