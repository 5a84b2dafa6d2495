"""Everything committed is on disk soon; where it cannot be, it is said once, kept and tried again."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from remaster_gui.base.errors import ProjectError, StorageError
from remaster_gui.document.document import Document
from remaster_gui.document.project_opening import open_store
from remaster_gui.document.still_gallery import StillGallery
from remaster_gui.painting.raster import Box, PixelDelta, Raster
from remaster_gui.project import edits
from remaster_gui.project.store import ProjectStore

LONG = 300_000

Paint = Callable[..., PixelDelta]
Grey = Callable[..., Raster]
Reopen = Callable[..., Document]

WORK = """
import sys, time
from fractions import Fraction
from pathlib import Path
import numpy as np
from PySide6.QtCore import QCoreApplication
from remaster_gui.document.document import Document
from remaster_gui.painting.raster import PixelDelta, Box, Raster
from remaster_gui.project.schema import FilmIdentity

application = QCoreApplication([])
document = Document.new(Path(sys.argv[1]), FilmIdentity(Path("/a.mp4"), 1, "", Fraction(24), 100, 640, 480))
id_ = document.add_reference("painted", 5, Raster.of_frame(np.full((480, 640), 90, np.uint8)))
raster = document.raster(id_)
for value in range(1, 40):
    before = raster.chrominance.copy(), raster.coverage.copy()
    raster.chrominance[...], raster.coverage[...] = value, 255
    tiles = Box(0, 0, 640, 480).tiles(640, 480)
    document.paint(id_, PixelDelta.between(before, (raster.chrominance, raster.coverage), tiles), "Fill")
while not document.is_saved:
    time.sleep(0.01)
print("saved", flush=True)
sys.stdin.read()
"""


def _saved(path: Path) -> ProjectStore:
    return ProjectStore.open(path, read_only=True)


def test_what_was_said_to_be_saved_outlives_a_kill(tmp_path: Path, identity: object) -> None:
    path = tmp_path / "film.remaster"
    process = subprocess.Popen(
        [sys.executable, "-c", WORK, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process:
        assert process.stdout.readline().strip() == "saved"
        process.send_signal(signal.SIGKILL)
    opened = open_store(path)
    try:
        assert opened.store.read_only_reason == ""
        record = opened.project.references[0]
        raster, revision = opened.store.load_raster(record.id)
        assert revision == record.revision == 40
        assert (raster.chrominance == 39).all()
    finally:
        opened.store.close()


def test_edits_reach_the_disk_by_themselves(qtbot: QtBot, document: Document) -> None:
    document.edit(edits.with_cuts(document.project, [100]), "Add cut")
    store = _saved(document.path)
    qtbot.waitUntil(lambda: store.load().cuts == (0, 100), timeout=LONG)
    with qtbot.waitSignal(document.saved, timeout=LONG):
        document.stack.undo()
    assert document.is_saved
    assert store.load().cuts is None
    store.close()


def test_a_full_disk_is_told_once_and_tried_again(
    qtbot: QtBot,
    document: Document,
    reopen: Reopen,
    grey: Grey,
    paint: Paint,
    project_files: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document.flush()
    project_files.limit(0)
    attempts, save = [], ProjectStore.save
    monkeypatch.setattr(ProjectStore, "save", lambda *given: attempts.append(1) or save(*given))
    told: list[str] = []
    document.failed.connect(told.append)
    id_ = document.add_reference("painted", 7, grey())
    raster = document.raster(id_)
    assert raster is not None
    qtbot.waitUntil(lambda: len(told) == 1, timeout=LONG)
    before = len(attempts)
    for color in range(5):
        document.paint(id_, paint(raster, Box(0, 0, 200, 200), (100 + color, 90)), "Brush stroke")
    document.stack.undo()
    # The second one begins when the first has failed, and been told of or not.
    qtbot.waitUntil(lambda: len(attempts) > before + 1, timeout=LONG)
    assert told == [f"film.remaster cannot be saved, because the disk that holds {document.path.parent} is full; "
                    "free some space."]  # fmt: skip
    assert not document.is_saved
    with pytest.raises(StorageError, match="is full"):
        document.flush()
    with pytest.raises(StorageError, match="is full"):
        document.close()
    assert _read_and_close(document.path) == ()
    # Room again: what was kept is written without being asked for.
    with qtbot.waitSignal(document.saved, timeout=LONG):
        project_files.limit(10_000)
    pixels, project = raster.rgb(), document.project
    document = reopen(document)
    assert document.project == project
    qtbot.waitUntil(lambda: document.raster(id_) is not None, timeout=LONG)
    loaded = document.raster(id_)
    assert loaded is not None
    assert np.array_equal(loaded.rgb(), pixels)


def _read_and_close(path: Path) -> tuple[object, ...]:
    store = _saved(path)
    try:
        return store.load().references
    finally:
        store.close()


def test_a_copy_on_another_disk_takes_what_could_not_be_saved(
    qtbot: QtBot,
    document: Document,
    tmp_path: Path,
    grey: Grey,
    paint: Paint,
    opened: list[Document],
    project_files: Any,
) -> None:
    kept = document.add_reference("painted", 7, grey(1))
    document.flush()
    project_files.limit(0)
    raster = document.raster(kept)
    assert raster is not None
    with qtbot.waitSignal(document.failed, timeout=LONG):
        document.paint(kept, paint(raster, Box(0, 0, 200, 200), (150, 90)), "Brush stroke")
        more = document.add_reference("painted", 9, grey(2))
    with qtbot.waitSignal(document.path_changed, timeout=LONG):
        document.save_copy(tmp_path / "copy.remaster")
    assert document.path == tmp_path / "copy.remaster"
    # Undo goes on across the move, and so does saving.
    document.stack.undo()
    document.stack.redo()
    document.paint(kept, paint(raster, Box(200, 0, 50, 50), (10, 90)), "Brush stroke")
    document.close()
    store = ProjectStore.open(tmp_path / "copy.remaster")
    assert store.load() == document.project
    assert np.array_equal(store.load_raster(kept)[0].rgb(), raster.rgb())
    assert np.array_equal(store.load_raster(more)[0].luminance, grey(2).luminance)
    store.close()
    before = open_store(tmp_path / "film.remaster")
    assert not before.store.read_only
    assert [r.id for r in before.project.references] == [kept]
    before.store.close()


def test_a_copy_that_cannot_be_made_leaves_the_project_where_it_is(
    qtbot: QtBot, document: Document, tmp_path: Path
) -> None:
    with qtbot.waitSignal(document.failed, timeout=LONG) as told:
        document.save_copy(tmp_path / "missing" / "copy.remaster")
    assert "does not exist" in told.args[0]
    document.edit(edits.with_cuts(document.project, [9]), "Add cut")
    document.flush()
    assert document.path == tmp_path / "film.remaster"
    store = _saved(document.path)
    assert store.load().cuts == (0, 9)
    store.close()


def test_stills_go_along_with_a_copy_and_do_not_hold_it_up(
    qtbot: QtBot, document: Document, tmp_path: Path
) -> None:
    still = StillGallery(document.path).add(5, np.zeros((8, 8, 3), np.uint8))
    with qtbot.waitSignal(document.path_changed, timeout=LONG), qtbot.assertNotEmitted(document.failed):
        document.save_copy(tmp_path / "copy.remaster")
    assert StillGallery(document.path).list() == (still,) and document.path.name == "copy.remaster"
    (tmp_path / "again.stills").write_text("a file in its place")
    with qtbot.waitSignals([document.failed, document.path_changed], timeout=LONG):
        document.save_copy(tmp_path / "again.remaster")
    assert document.path.name == "again.remaster"
    assert StillGallery(tmp_path / "copy.remaster").list() == (still,)


def test_the_second_window_only_looks(
    qtbot: QtBot, document: Document, tmp_path: Path, opened: list[Document], grey: Grey, paint: Paint
) -> None:
    id_ = document.add_reference("painted", 7, grey())
    document.flush()
    second = Document(open_store(document.path))
    opened.append(second)
    assert "is open in another window" in second.read_only_reason
    qtbot.waitUntil(lambda: second.raster(id_) is not None, timeout=LONG)
    raster = second.raster(id_)
    assert raster is not None
    before, pixels = second.project, raster.rgb()
    for change in (
        lambda: second.edit(edits.with_cuts(before, [9]), "Add cut"),
        lambda: second.paint(id_, paint(raster, Box(0, 0, 9, 9), (9, 9)), "Brush stroke"),
        lambda: second.add_reference("painted", 8, grey()),
    ):
        with qtbot.waitSignal(second.failed, timeout=LONG) as told:
            change()
        assert told.args == [second.read_only_reason]
    second.amend(edits.with_cuts(before, [9]))
    assert second.project == before
    assert second.stack.count() == 0
    assert np.array_equal(raster.rgb(), pixels)
    # A copy of its own can be changed.
    with qtbot.waitSignal(second.path_changed, timeout=LONG):
        second.save_copy(tmp_path / "mine.remaster")
    assert second.read_only_reason == ""
    second.edit(edits.with_cuts(before, [9]), "Add cut")
    second.flush()
    store = _saved(tmp_path / "mine.remaster")
    assert store.load().cuts == (0, 9)
    store.close()
    assert document.project.cuts is None


@pytest.fixture
def threads_of_others() -> set[threading.Thread]:
    return set(threading.enumerate())


def test_closing_twice_and_with_work_left(
    threads_of_others: set[threading.Thread], document: Document, grey: Grey
) -> None:
    document.add_reference("painted", 7, grey())
    document.close()
    document.close()
    document.flush()
    left = {each.name for each in set(threading.enumerate()) - threads_of_others}
    assert not [name for name in left if name.startswith(("saving", "reading pictures"))]
    assert [each.name for each in document.path.parent.iterdir()] == ["film.remaster"]
    store = _saved(document.path)
    assert len(store.load().references) == 1
    store.close()


def test_a_damaged_raster_is_told_once(
    qtbot: QtBot, document: Document, opened: list[Document], grey: Grey, project_files: Any
) -> None:
    id_ = document.add_reference("painted", 7, grey())
    document.flush()
    project_files.execute("UPDATE tile SET pixels = zeroblob(9)")
    document.close()
    again = Document(open_store(document.path))
    opened.append(again)
    with qtbot.waitSignal(again.failed, timeout=LONG) as told:
        assert again.raster(id_) is None
    assert "is damaged; what can be read of it can be recovered" in told.args[0]
    with qtbot.assertNotEmitted(again.failed, wait=50):
        assert again.raster(id_) is None


def test_thumbnails_follow_what_is_saved(qtbot: QtBot, document: Document, grey: Grey, paint: Paint) -> None:
    with qtbot.waitSignal(document.thumbnail_changed, timeout=LONG):
        id_ = document.add_reference("painted", 7, grey())
    first = document.thumbnail(id_)
    raster = document.raster(id_)
    assert raster is not None and first is not None
    with qtbot.waitSignal(document.thumbnail_changed, timeout=LONG):
        document.paint(id_, paint(raster, Box(0, 0, 320, 200), (180, 90)), "Fill")
    second = document.thumbnail(id_)
    assert second is not None
    assert np.ptp(first, axis=2).max() == 0
    assert np.ptp(second, axis=2).mean() > 20


def test_what_is_no_project_is_refused(tmp_path: Path) -> None:
    (tmp_path / "film.remaster").write_text("nonsense")
    with pytest.raises(ProjectError, match="is not a project"):
        open_store(tmp_path / "film.remaster")
    assert [each.name for each in tmp_path.iterdir()] == ["film.remaster"]


def test_what_became_known_while_opening_is_saved(document: Document, opened: list[Document]) -> None:
    document.close()
    found = open_store(document.path)
    film = replace(found.project.film, path=Path("/elsewhere/film.mp4"))
    opened.append(Document(replace(found, project=edits.relinked(found.project, film))))
    opened[-1].close()
    store = _saved(document.path)
    assert store.load().film == film
    store.close()
