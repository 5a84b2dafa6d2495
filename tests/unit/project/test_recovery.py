"""Damaged files: what can be read is saved into a new project, what is lost is said, the old file stays as it is."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path

import numpy as np
import pytest

from remaster_gui.base.errors import ProjectError, StorageError
from remaster_gui.painting.raster import Box, Raster
from remaster_gui.project import edits
from remaster_gui.project.raster_tiles import pack, painted_tiles
from remaster_gui.project.recovery import recover
from remaster_gui.project.schema import FilmIdentity, Project
from remaster_gui.project.store import PackedTile, ProjectStore

PAGE = 8192
LAST_PAINTED = 69

Same = Callable[[Raster, Raster], bool]


def _paint(raster: Raster, value: int) -> None:
    raster.chrominance[:200, 100:500] = value
    raster.coverage[:200, 100:500] = 255


@pytest.fixture(scope="module")
def worked_on(
    tmp_path_factory: pytest.TempPathFactory, project: Project, make_raster: Callable[..., Raster]
) -> Path:
    """A project that was worked on, so that its file has pages that were given up."""
    path = tmp_path_factory.mktemp("project") / "film.remaster"
    rasters = {record.id: make_raster(seed) for seed, record in enumerate(project.references)}
    store = ProjectStore.create(path, project, rasters.items())
    store.load()
    id_ = project.references[0].id
    for value in range(60, LAST_PAINTED + 1):
        _paint(rasters[id_], value)
        tiles = painted_tiles(Box(100, 0, 400, 200))
        store.save(project, [PackedTile(id_, tile, pack(tile.of(rasters[id_]))) for tile in tiles])
    store.close()
    return path


@pytest.fixture
def path(worked_on: Path, tmp_path: Path, project: Project, rasters: dict[str, Raster]) -> Path:
    """That project as a file of the test's own, which holds what `rasters` are then."""
    _paint(rasters[project.references[0].id], LAST_PAINTED)
    return Path(shutil.copyfile(worked_on, tmp_path / worked_on.name))


@pytest.fixture
def into(tmp_path: Path) -> Iterator[Path]:
    into = tmp_path / "recovered.remaster"
    yield into
    assert {each.name for each in tmp_path.iterdir()} <= {"film.remaster", "film.remaster-journal", into.name}


def _read(into: Path) -> tuple[Project, dict[str, Raster]]:
    store = ProjectStore.open(into)
    project = store.load()
    pixels = {record.id: store.load_raster(record.id)[0] for record in project.references}
    store.close()
    return project, pixels


def _is_what_is_left(found: Raster, whole: Raster) -> bool:
    """Whether all pixels are either right or unpainted grey."""
    right = (found.chrominance == whole.chrominance).all(axis=2) & (found.coverage == whole.coverage)
    grey = (found.chrominance == 128).all(axis=2)
    return bool((right | grey).all())


def test_nothing_is_lost_of_a_whole_file(
    path: Path, into: Path, project: Project, rasters: dict[str, Raster], same_pixels: Same
) -> None:
    assert recover(path, into) == []
    found, pixels = _read(into)
    assert found == project
    assert all(same_pixels(pixels[id_], raster) for id_, raster in rasters.items())


@pytest.mark.parametrize("size", [100, PAGE], ids=["header", "first page"])
def test_the_beginning_is_destroyed(
    path: Path, into: Path, project: Project, rasters: dict[str, Raster], same_pixels: Same, size: int
) -> None:
    with path.open("r+b") as file:
        file.write(np.random.default_rng(1).bytes(size))
    damaged = path.read_bytes()
    assert recover(path, into) == []
    assert path.read_bytes() == damaged
    found, pixels = _read(into)
    assert found == project
    assert all(same_pixels(pixels[id_], raster) for id_, raster in rasters.items())


@pytest.mark.parametrize("part", [0.9, 0.6, 0.3])
def test_the_end_is_cut_off(
    path: Path, into: Path, project: Project, rasters: dict[str, Raster], part: float
) -> None:
    with path.open("r+b") as file:
        file.truncate(int(path.stat().st_size * part))
    losses = recover(path, into)
    assert losses and all(loss.endswith(".") for loss in losses)
    found, pixels = _read(into)
    assert found.film == project.film
    assert found.cuts == project.cuts
    for record in found.references:
        assert record.name in {each.name for each in project.references}
        assert _is_what_is_left(pixels[record.id], rasters[record.id])
    told = sum("is lost" in loss for loss in losses) + sum(
        "parts of the reference" in loss for loss in losses
    )
    assert told >= 1


@pytest.mark.parametrize("seed", range(6))
def test_pages_in_the_middle_are_garbage(
    path: Path, into: Path, project: Project, rasters: dict[str, Raster], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    pages = path.stat().st_size // PAGE
    with path.open("r+b") as file:
        for page in rng.choice(np.arange(6, pages), pages // 20, replace=False):
            file.seek(int(page) * PAGE)
            file.write(rng.bytes(PAGE) if seed % 2 else bytes(PAGE))
    losses = recover(path, into)
    found, pixels = _read(into)
    assert found.film == project.film
    total = 0
    for record in found.references:
        whole, each = rasters.get(record.id), pixels[record.id]
        if whole is not None:
            assert _is_what_is_left(each, whole)
            total += int((each.luminance == whole.luminance).sum())
    assert total > 0.4 * 3 * 600 * 300
    assert losses


def test_a_file_that_says_no_film(path: Path, into: Path, film: FilmIdentity, project: Project) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM part WHERE name IN ('film', 'palettes')")
        connection.execute("UPDATE part SET content = '[[[' WHERE name = 'segment'")
    with pytest.raises(ProjectError, match="does not say which film"):
        recover(path, into)
    assert not into.exists()
    assert recover(path, into, film) == [
        "The in and out points are lost.",
        "The palettes are lost.",
        "Which film the project is about is lost; the film that is open is taken.",
    ]
    found, _ = _read(into)
    assert found.references == project.references


def test_deleted_references_do_not_come_back(
    path: Path, into: Path, project: Project, rasters: dict[str, Raster]
) -> None:
    store = ProjectStore.open(path)
    store.load()
    store.save(edits.without_reference(project, project.references[1].id))
    store.close()
    assert recover(path, into) == []
    assert [r.id for r in _read(into)[0].references] == [project.references[0].id, project.references[2].id]


def test_pixels_without_a_record_come_back_switched_off(
    path: Path, into: Path, project: Project, rasters: dict[str, Raster], same_pixels: Same
) -> None:
    with closing(sqlite3.connect(path)) as connection:
        root = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'reference'").fetchone()[0]
    with path.open("r+b") as file:
        file.seek((root - 1) * PAGE)
        file.write(np.random.default_rng(0).bytes(PAGE))
    losses = recover(path, into)
    found, pixels = _read(into)
    assert len(losses) == 1 and "names of references" in losses[0]
    assert {(r.name, r.enabled) for r in found.references} == {(f"Recovered {n}", False) for n in (1, 2, 3)}
    assert all(same_pixels(pixels[id_], raster) for id_, raster in rasters.items())


def test_what_holds_nothing(tmp_path: Path, into: Path) -> None:
    path = tmp_path / "film.remaster"
    for content in (b"", b"nonsense" * 9000):
        path.write_bytes(content)
        with pytest.raises(ProjectError):
            recover(path, into)
    with pytest.raises(ProjectError):
        recover(tmp_path / "missing.remaster", into)
    assert not into.exists()


def test_a_place_that_cannot_be_written(path: Path, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="does not exist"):
        recover(path, tmp_path / "missing" / "recovered.remaster")


def test_holes_of_a_file_are_neither_read_nor_copied(path: Path, into: Path) -> None:
    """A hostile journal makes SQLite enlarge a file to terabytes of nothing."""
    os.truncate(path, 2**36)
    assert recover(path, into) == []
    assert path.stat().st_blocks * 512 < 2**24
    with closing(ProjectStore.open(into)) as store:
        for record in store.load().references:
            store.load_raster(record.id)


def test_rows_that_run_in_circles_end(
    path: Path, into: Path, ending: Callable[[], AbstractContextManager[None]]
) -> None:
    """Every cell of every page claims a row as long as the file, in overflow pages that follow themselves."""
    content = bytearray(path.read_bytes()) * 6
    length = len(content)
    cell = _varint(length - 1) + b"\1"
    for start in range(PAGE, length, PAGE):
        page = bytearray(PAGE)
        page[0] = 0x0D
        count = 2000
        page[3:5] = count.to_bytes(2)
        page[5000 : 5000 + len(cell)] = cell
        page[8 : 8 + 2 * count] = (5000).to_bytes(2) * count
        content[start : start + PAGE] = page
    path.write_bytes(content)
    with ending(), pytest.raises(ProjectError):
        recover(path, into)


def _varint(value: int) -> bytes:
    groups = [value >> shift & 0x7F for shift in range(0, 28, 7)][::-1]
    return bytes([*(group | 0x80 for group in groups[:-1]), groups[-1]])


def test_pictures_that_references_were_imported_from_are_saved(
    path: Path, into: Path, project: Project
) -> None:
    pictures = {record.id: bytes([number]) * 20_000 for number, record in enumerate(project.references, 1)}
    with closing(ProjectStore.open(path)) as store:
        store.save(store.load(), pictures=pictures.items())
    with path.open("r+b") as file:
        file.write(bytes(100))
    recover(path, into, project.film)
    with closing(ProjectStore.open(into)) as store:
        assert {id_: store.load_picture(id_) for id_ in pictures} == pictures
