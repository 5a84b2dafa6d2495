"""Every line of docs/formats.md is true."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import films, pictures
from .document import PATH, document


@pytest.mark.parametrize("case", films.CASES, ids=lambda case: case.seed)
def test_films(case: films.FilmCase, tmp_path: Path) -> None:
    assert films.observed(case, tmp_path) == case


@pytest.mark.parametrize("case", pictures.CASES, ids=lambda case: case.kind)
def test_pictures(case: pictures.PictureCase, tmp_path: Path) -> None:
    bits, difference = pictures.observed(case, tmp_path)
    assert bits == case.bits
    assert difference < case.tolerance


@pytest.mark.parametrize("case", pictures.REFUSALS, ids=lambda case: case.what)
def test_refusals(case: pictures.Refusal, tmp_path: Path) -> None:
    assert pictures.refusal(case, tmp_path) == case.sentence


def test_the_document_is_up_to_date() -> None:
    assert PATH.read_text(encoding="utf-8") == document(), "run make docs"
