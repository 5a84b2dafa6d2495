"""The project file: what goes in comes out, saves write only what changed, nothing is half-written."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from remaster_gui.base.errors import DamagedProjectError, ProjectError, StorageError
from remaster_gui.painting.raster import Box, Raster
from remaster_gui.project import edits
from remaster_gui.project.raster_tiles import pack, painted_tiles, thumbnail
from remaster_gui.project.schema import Project
from remaster_gui.project.store import PackedTile, ProjectStore, packed

Same = Callable[[Raster, Raster], bool]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "film.remaster"


def _stroke(id_: str, raster: Raster, box: Box) -> list[PackedTile]:
    return [PackedTile(id_, tile, pack(tile.of(raster))) for tile in painted_tiles(box)]


def _repainted(project: Project, id_: str) -> Project:
    return edits.repainted(project, id_, project.last_revision + 1, True)


def test_everything_comes_back(
    path: Path, project: Project, rasters: dict[str, Raster], same_pixels: Same
) -> None:
    ProjectStore.create(path, project, rasters.items()).close()
    assert sorted(each.name for each in path.parent.iterdir()) == [path.name]
    store = ProjectStore.open(path)
    assert store.load() == project
    for record in project.references:
        raster, revision = store.load_raster(record.id)
        assert same_pixels(raster, rasters[record.id])
        assert revision == record.revision
    pictures = store.thumbnails(project.references)
    assert {id_: p.tolist() for id_, p in pictures.items()} == {
        id_: thumbnail(r).tolist() for id_, r in rasters.items()
    }
    store.close()


def test_a_project_without_anything_comes_back(path: Path, project: Project) -> None:
    ProjectStore.create(path, Project(project.film)).close()
    store = ProjectStore.open(path)
    assert store.load() == Project(project.film)
    store.close()


def test_edits_and_strokes_are_there_after_reopening(
    path: Path, project: Project, rasters: dict[str, Raster], same_pixels: Same
) -> None:
    store = ProjectStore.create(path, project, rasters.items())
    store.load()
    first, second, third = (record.id for record in project.references)
    rasters[first].chrominance[10:200, 250:300] = 40
    after = edits.without_reference(edits.renamed(_repainted(project, first), second, "Sky"), third)
    after = edits.with_segment(edits.with_cuts(after, [5]), None, 77)
    store.save(after, _stroke(first, rasters[first], Box(250, 10, 50, 190)))
    assert same_pixels(store.load_raster(first)[0], rasters[first])
    store.close()
    store = ProjectStore.open(path)
    assert store.load() == after
    assert same_pixels(store.load_raster(first)[0], rasters[first])
    assert store.load_raster(first)[1] == 4
    store.close()


@pytest.fixture
def writers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], sqlite3.Connection]]:
    """Find the connection that writes, among those that were opened since."""
    connect, opened = sqlite3.connect, list[sqlite3.Connection]()

    def remembered(*arguments: Any, **options: Any) -> sqlite3.Connection:
        opened.append(connect(*arguments, **options))
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", remembered)
    yield lambda: next(each for each in opened if _writes(each))
    opened.clear()


def _writes(connection: sqlite3.Connection) -> bool:
    try:
        return not connection.execute("PRAGMA query_only").fetchone()[0]
    except sqlite3.ProgrammingError:  # closed
        return False


def test_a_save_writes_only_what_differs(
    path: Path,
    project: Project,
    rasters: dict[str, Raster],
    writers: Callable[[], sqlite3.Connection],
) -> None:
    ProjectStore.create(path, project, rasters.items()).close()
    store = ProjectStore.open(path)
    store.load()
    statements: list[str] = []
    writers().set_trace_callback(statements.append)
    store.save(edits.renamed(project, project.references[1].id, "Sky"))
    store.save(store.load())
    store.close()
    written = [line for line in statements if line.startswith(("INSERT", "DELETE", "UPDATE"))]
    assert [line.split(" VALUES")[0] for line in written] == [
        "INSERT OR REPLACE INTO reference",
        "INSERT INTO raster",
    ]


def test_pixels_of_a_deleted_reference_wait_for_undo_and_are_swept(
    path: Path, project: Project, rasters: dict[str, Raster], same_pixels: Same
) -> None:
    store = ProjectStore.create(path, project, rasters.items())
    store.load()
    gone = project.references[0].id
    without = edits.without_reference(project, gone)
    store.save(without)
    assert same_pixels(store.load_raster(gone)[0], rasters[gone])
    store.save(project)
    store.sweep()
    assert same_pixels(store.load_raster(gone)[0], rasters[gone])
    store.save(without)
    size = path.stat().st_size
    store.sweep()
    with pytest.raises(DamagedProjectError):
        store.load_raster(gone)
    store.close()
    assert path.stat().st_size < 0.75 * size


def test_failed_save_changes_nothing_and_can_be_tried_again(
    path: Path,
    project: Project,
    rasters: dict[str, Raster],
    make_raster: Callable[..., Raster],
    same_pixels: Same,
    writers: Callable[[], sqlite3.Connection],
) -> None:
    store = ProjectStore.create(path, project, rasters.items())
    store.load()
    # The same error by which SQLite reports a disk that is full.
    writer = writers()
    limit = writer.execute("PRAGMA page_count").fetchone()[0]
    writer.execute(f"PRAGMA max_page_count = {limit}")
    record = edits.new_reference(project, "painted", 9, "More", 600, 300, colored=True)
    after, more = edits.with_reference(project, record), make_raster(77)
    for _ in range(2):
        with pytest.raises(
            StorageError, match=r"^film.remaster cannot be saved, because the disk .* is full"
        ):
            store.save(after, packed(record.id, more))
        assert store.load() == project
        assert same_pixels(store.load_raster(project.references[0].id)[0], rasters[project.references[0].id])
    writer.execute("PRAGMA max_page_count = 1000000")
    store.save(after, packed(record.id, more))
    store.close()
    store = ProjectStore.open(path)
    assert store.load() == after
    assert same_pixels(store.load_raster(record.id)[0], more)
    store.close()


def test_copies_are_projects_of_their_own(
    path: Path, project: Project, rasters: dict[str, Raster], same_pixels: Same
) -> None:
    store = ProjectStore.create(path, project, rasters.items())
    store.load()
    copy = path.with_name("copy.remaster")
    copy.write_text("an old file that is replaced")
    store.copy_to(copy)
    store.save(edits.with_cuts(project, None))
    store.close()
    other = ProjectStore.open(copy)
    assert other.load() == project
    id_ = project.references[2].id
    assert same_pixels(other.load_raster(id_)[0], rasters[id_])
    with pytest.raises(ProjectError, match="is the project that is open"):
        other.copy_to(copy)
    third = ProjectStore.create(path, project)
    with pytest.raises(ProjectError, match="open in another window"):
        other.copy_to(path)
    third.close()
    other.close()
    assert sorted(each.name for each in path.parent.iterdir()) == ["copy.remaster", "film.remaster"]


def test_copies_need_a_place(path: Path, project: Project) -> None:
    store = ProjectStore.create(path, project)
    with pytest.raises(StorageError, match=r"missing does not exist; create it or choose another"):
        store.copy_to(path.parent / "missing" / "copy.remaster")
    store.close()


@pytest.mark.parametrize("fate", ["deleted", "moved", "replaced"])
def test_saving_into_a_file_that_is_gone_is_refused(path: Path, project: Project, fate: str) -> None:
    store = ProjectStore.create(path, project)
    store.load()
    path.rename(path.with_name("elsewhere"))
    if fate == "replaced":
        path.write_bytes(b"something else")
    with pytest.raises(StorageError, match=r"film.remaster was moved, deleted or replaced"):
        store.save(edits.with_cuts(project, None))
    copy = path.with_name("copy.remaster")
    store.copy_to(copy)
    store.close()
    other = ProjectStore.open(copy)
    assert other.load() == project
    other.close()


def test_rasters_are_read_while_others_are_written(
    path: Path, project: Project, rasters: dict[str, Raster], same_pixels: Same
) -> None:
    store = ProjectStore.create(path, project, rasters.items())
    store.load()
    first, second = (record.id for record in project.references[:2])
    wrong = []

    def read() -> None:
        for _ in range(20):
            raster, revision = store.load_raster(first)
            # One transaction wrote both, so one revision has one colour.
            if revision > 3 and raster.chrominance[0, 0, 0] != revision:
                wrong.append(revision)

    thread = threading.Thread(target=read)
    thread.start()
    after = project
    for _ in range(20):
        after = _repainted(after, first)
        rasters[first].chrominance[:64, :64] = after.last_revision
        store.save(after, _stroke(first, rasters[first], Box(0, 0, 64, 64)))
    thread.join()
    assert wrong == []
    assert same_pixels(store.load_raster(second)[0], rasters[second])
    store.close()


def test_a_damaged_tile_is_reported(path: Path, project: Project, rasters: dict[str, Raster]) -> None:
    ProjectStore.create(path, project, rasters.items()).close()
    first, second = (record.id for record in project.references[:2])
    connection = sqlite3.connect(path)
    connection.execute(
        "UPDATE tile SET pixels = zeroblob(500) WHERE reference = ? AND plane = 'coverage'", (first,)
    )
    connection.commit()
    connection.close()
    store = ProjectStore.open(path)
    assert store.load() == project
    with pytest.raises(DamagedProjectError, match="is damaged; what can be read of it can be recovered"):
        store.load_raster(first)
    store.load_raster(second)
    store.close()


def test_relinking_reaches_the_file(path: Path, project: Project) -> None:
    store = ProjectStore.create(path, project)
    store.load()
    store.save(edits.relinked(project, replace(project.film, path=Path("/new/film.mp4"), digest="ab" * 16)))
    store.close()
    store = ProjectStore.open(path)
    assert store.load().film.path == Path("/new/film.mp4")
    store.close()


def test_a_closed_project_says_so(path: Path, project: Project, rasters: dict[str, Raster]) -> None:
    store = ProjectStore.create(path, project, rasters.items())
    store.close()
    store.close()
    for read in (store.load, lambda: store.load_raster(project.references[0].id)):
        with pytest.raises(ProjectError, match="has been closed"):
            read()
