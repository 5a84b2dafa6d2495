"""Films that only judge are in no other split."""

from __future__ import annotations

from pathlib import Path

import pytest

from remaster_gui.base.errors import SettingsError
from remaster_gui.evaluation.film_frames import films_of
from remaster_gui.evaluation.held_out import HELD_OUT, may_be_learned

JUDGE, SIBLING, OTHER = "rave-truck.mp4", "cutie-example-2.mp4", "film.mp4"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (JUDGE, SIBLING, OTHER):
        (tmp_path / name).touch()
    return tmp_path


def names(films: list[Path]) -> list[str]:
    return [film.name for film in films]


def test_twelve_clips_judge() -> None:
    assert len(HELD_OUT) == 12
    assert not any(map(may_be_learned, HELD_OUT))
    assert may_be_learned(OTHER) and not may_be_learned(SIBLING)


@pytest.mark.parametrize("split", ["train", "validation"])
def test_a_listing_cannot_let_them_be_learned(split: str, folder: Path) -> None:
    rows = "".join(f"{name},{split}\n" for name in (JUDGE, SIBLING, OTHER))
    (folder / "clips.csv").write_text(f"name,split\n{rows}")
    assert names(films_of(folder, split)) == [OTHER]  # type: ignore[arg-type]
    assert names(films_of(folder, "held-out")) == [JUDGE]
    assert names(films_of(folder, "all")) == sorted([JUDGE, SIBLING, OTHER])


def test_they_are_found_without_listing(folder: Path) -> None:
    assert names(films_of(folder, "held-out")) == [JUDGE]
    (folder / JUDGE).unlink()
    with pytest.raises(SettingsError, match="holds no held-out films"):
        films_of(folder, "held-out")
