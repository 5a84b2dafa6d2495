"""Documents on real files, closed at the end of each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from remaster_gui.document.document import Document
from remaster_gui.document.project_opening import open_store
from remaster_gui.painting.raster import Box, PixelDelta, Raster
from remaster_gui.project.schema import FilmIdentity

WIDTH, HEIGHT = 320, 200


@pytest.fixture(scope="session")
def identity() -> FilmIdentity:
    return FilmIdentity(Path("/films/film.mp4"), 1000, "", Fraction(24), 500, WIDTH, HEIGHT)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "film.remaster"


@pytest.fixture
def opened(qapp: object, project_files: object) -> Iterator[list[Document]]:
    """Documents to be closed when the test is over."""
    documents: list[Document] = []
    yield documents
    for document in documents:
        document.close(discard=True)


@pytest.fixture
def document(path: Path, identity: FilmIdentity, opened: list[Document]) -> Document:
    opened.append(Document.new(path, identity))
    return opened[-1]


@pytest.fixture
def reopen(opened: list[Document]) -> Callable[..., Document]:
    """Close a document and open its file again, or another one."""

    def again(document: Document, path: Path | None = None, **budgets: int) -> Document:
        document.close()
        opened.append(Document(open_store(path or document.path), **budgets))
        return opened[-1]

    return again


def _grey(seed: int = 0) -> Raster:
    return Raster.of_frame(np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH), np.uint8))


def loaded(qtbot: QtBot, document: Document, id_: str) -> Raster:
    """Return the pixels of a reference as soon as they are there."""
    qtbot.waitUntil(lambda: document.raster(id_) is not None)
    raster = document.raster(id_)
    assert raster is not None
    return raster


@pytest.fixture(scope="session")
def grey() -> Callable[..., Raster]:
    """An unpainted frame."""
    return _grey


def _paint(raster: Raster, box: Box, color: tuple[int, int]) -> PixelDelta:
    """Do what a gesture does: paint in place and say what changed."""
    before = (raster.chrominance.copy(), raster.coverage.copy())
    raster.chrominance[box.slices] = color
    raster.coverage[box.slices] = 255
    delta = PixelDelta.between(
        before, (raster.chrominance, raster.coverage), box.tiles(raster.width, raster.height)
    )
    assert delta is not None
    return delta


@pytest.fixture(scope="session")
def paint() -> Callable[..., PixelDelta]:
    return _paint
