"""The open project: edits, strokes, undo and what comes to be on disk."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from remaster_gui.document.document import Document
from remaster_gui.painting.copies import Parts
from remaster_gui.painting.raster import Box, PixelDelta, Raster
from remaster_gui.project import edits
from remaster_gui.project.name_edits import with_named_region
from remaster_gui.project.schema import Project, ProjectSettings

from .conftest import loaded

LONG = 300_000
BOX = Box(20, 30, 100, 50)

Paint = Callable[..., PixelDelta]
Grey = Callable[..., Raster]
Reopen = Callable[..., Document]


def _stroke(document: Document, paint: Paint, id_: str, color: tuple[int, int], box: Box = BOX) -> PixelDelta:
    raster = document.raster(id_)
    assert raster is not None
    delta = paint(raster, box, color)
    document.paint(id_, delta, "Brush stroke")
    return delta


def test_edits_are_undone_and_told(document: Document) -> None:
    told: list[tuple[Project, Project]] = []
    document.project_changed.connect(lambda before, after: told.append((before, after)))
    start = document.project
    document.edit(edits.with_cuts(start, [100]), "Add cut")
    document.edit(edits.with_segment(document.project, 10, 20), "Set in point")
    cut, segment = told[0][1], told[1][1]
    document.edit(document.project, "Nothing")
    assert [document.stack.text(index) for index in range(document.stack.count())] == [
        "Add cut",
        "Set in point",
    ]
    document.stack.undo()
    assert document.project == cut
    document.stack.redo()
    assert document.project == segment
    document.stack.setIndex(0)
    assert document.project.in_point is None
    assert told[0] == (start, cut)
    assert told[-1] == (cut, document.project)


def test_dragging_a_value_is_one_step(document: Document) -> None:
    def set_edge(edge: int, value: str) -> None:
        settings = replace(document.project.settings, edge=edge)
        document.edit(edits.with_settings(document.project, settings), "Working size", value)

    start = document.project
    for edge in (330, 340, 350):
        set_edge(edge, "edge")
    document.edit(edits.with_cuts(document.project, [4]), "Add cut")
    for edge in (360, 370):
        set_edge(edge, "edge")
    assert document.stack.count() == 3
    for edge in (380, 350):
        set_edge(edge, "edge")
    # Back to where the drag began: nothing was changed, so there is nothing to undo.
    assert document.stack.count() == 2
    set_edge(400, "")
    set_edge(410, "")
    assert document.stack.count() == 4
    document.stack.setIndex(1)
    assert document.project.settings.edge == 350
    document.stack.undo()
    assert document.project == start


def test_what_was_found_is_not_undone(document: Document) -> None:
    document.edit(edits.with_segment(document.project, 10, 20), "Set in point")
    found = replace(document.project.film, digest="ab" * 16)
    document.amend(edits.relinked(document.project, found))
    document.amend(edits.with_cuts(document.project, [250]))
    document.amend(edits.with_recent_color(document.project, "#112233"))
    assert document.stack.count() == 1
    document.stack.undo()
    assert document.project.in_point is None
    assert document.project.film == found
    assert document.project.cuts == (0, 250)
    assert document.project.recent_colors == ("#112233",)
    document.stack.redo()
    assert document.project.film == found


def test_a_session_is_there_again(
    qtbot: QtBot, document: Document, reopen: Reopen, grey: Grey, paint: Paint
) -> None:
    first = document.add_reference("painted", 7, grey(1))
    second = document.add_reference("imported", None, grey(2), "Postcard")
    document.edit(edits.with_cuts(document.project, [50]), "Add cut")
    _stroke(document, paint, first, (150, 90))
    _stroke(document, paint, first, (40, 200), Box(200, 100, 120, 100))
    before = document.project
    pixels = document.raster(first)
    again = reopen(document)
    assert again.project == before
    assert [r.name for r in again.project.references] == ["Frame 7", "Postcard"]
    assert [r.colored for r in again.project.references] == [True, False]
    kept = loaded(qtbot, again, first)
    assert pixels is not None
    assert np.array_equal(kept.rgb(), pixels.rgb())
    assert np.array_equal(loaded(qtbot, again, second).luminance, grey(2).luminance)
    assert again.thumbnail(first) is not None
    assert again.stack.canUndo()


def test_strokes_are_undone_in_pixels_and_revision(document: Document, grey: Grey, paint: Paint) -> None:
    id_ = document.add_reference("painted", 7, grey())
    told: list[tuple[str, Box]] = []
    document.raster_changed.connect(lambda *change: told.append(change))
    raster = document.raster(id_)
    assert raster is not None
    states = [(raster.rgb(), document.project.references[0])]
    deltas = []
    for color in ((150, 90), (60, 180)):
        deltas.append(_stroke(document, paint, id_, color))
        states.append((raster.rgb(), document.project.references[0]))
    assert [record.revision for _, record in states] == [1, 2, 3]
    assert [record.colored for _, record in states] == [False, True, True]
    for index in (1, 0, 2, 1):
        document.stack.setIndex(index + 1)
        assert np.array_equal(raster.rgb(), states[index][0])
        assert document.project.references[0] == states[index][1]
    document.stack.undo()
    _stroke(document, paint, id_, (10, 10))
    # A revision that was undone is not given to other pixels.
    assert document.project.references[0].revision == 4
    assert {id_ for id_, _ in told} == {id_}
    assert told[0][1] == deltas[0].box


def test_a_removed_reference_comes_back_with_its_pixels(
    qtbot: QtBot, document: Document, reopen: Reopen, grey: Grey, paint: Paint
) -> None:
    id_ = document.add_reference("painted", 7, grey())
    _stroke(document, paint, id_, (150, 90))
    pixels = document.raster(id_)
    assert pixels is not None
    document = reopen(document)
    document.edit(edits.without_reference(document.project, id_), "Delete reference")
    document.flush()
    assert document.project.references == ()
    assert document.engine_references() == ()
    document.stack.undo()
    assert np.array_equal(loaded(qtbot, document, id_).rgb(), pixels.rgb())
    document.stack.redo()
    document = reopen(document)
    assert document.project.references == ()
    assert document.raster(id_) is None


def test_the_engine_gets_what_is_used(document: Document, grey: Grey, paint: Paint) -> None:
    ids = [
        document.add_reference("painted", frame, grey(frame), name) for frame, name in ((9, "b"), (3, "a"))
    ]
    unused = document.add_reference("painted", 12, grey(), "c")
    assert document.engine_references() == ()
    for id_ in (*ids, unused):
        _stroke(document, paint, id_, (150, 90))
    document.edit(edits.enabled(document.project, unused, False), "Do not use")
    references = document.engine_references()
    assert [(r.name, r.frame) for r in references] == [("a", 3), ("b", 9)]
    assert [r.digest for r in references] == [f"{ids[1]}:5", f"{ids[0]}:4"]
    assert [r.name for r in document.engine_references(without=ids[1])] == ["b"]
    raster = document.raster(ids[1])
    assert raster is not None
    assert np.array_equal(references[0].load(), raster.rgb())


def test_the_engine_gets_the_pixels_that_it_asked_for(
    document: Document, reopen: Reopen, qtbot: QtBot, grey: Grey, paint: Paint
) -> None:
    """Whatever is painted meanwhile, undone, or only begun."""
    id_ = document.add_reference("painted", 9, grey())
    _stroke(document, paint, id_, (150, 90))
    document = reopen(document)
    references, pictures = [], []
    references += document.engine_references()
    pictures.append(references[-1].load())
    raster = loaded(qtbot, document, id_)
    for color in ((60, 60), (70, 70)):
        _stroke(document, paint, id_, color)
        references += document.engine_references()
        pictures.append(raster.rgb())
    paint(raster, Box(0, 0, 64, 64), (1, 1))
    for _ in range(2):
        found = []
        thread = threading.Thread(target=lambda found=found: found.extend(r.load() for r in references))
        thread.start()
        thread.join()
        assert all(np.array_equal(a, b) for a, b in zip(found, pictures, strict=True))
        document.stack.undo()
        document.flush()


def test_rasters_that_are_not_used_are_dropped_and_come_back(
    qtbot: QtBot, document: Document, reopen: Reopen, grey: Grey, paint: Paint
) -> None:
    ids = [document.add_reference("painted", number, grey(number)) for number in range(5)]
    size = 7 * 320 * 200
    document = reopen(document, raster_budget=3 * size)
    pictures = {}
    for number, id_ in enumerate(ids):
        raster = loaded(qtbot, document, id_)
        _stroke(document, paint, id_, (100 + number, 90))
        pictures[id_] = raster.rgb()
        document.flush()
    qtbot.waitUntil(lambda: document.raster_bytes <= 3 * size, timeout=LONG)
    # Undo and redo of what was dropped reach it once it is loaded.
    assert document.stack.count() == 10, "the references and their strokes"
    document.stack.setIndex(5)
    for number, id_ in enumerate(ids):
        assert np.array_equal(loaded(qtbot, document, id_).rgb(), grey(number).rgb())
    document.stack.setIndex(10)
    for id_ in ids:
        assert np.array_equal(loaded(qtbot, document, id_).rgb(), pictures[id_])
    document.flush()
    qtbot.waitUntil(lambda: document.raster_bytes <= 3 * size, timeout=LONG)
    document = reopen(document)
    for id_ in ids:
        assert np.array_equal(loaded(qtbot, document, id_).rgb(), pictures[id_])


def test_unwanted_changes_come_to_nothing(qtbot: QtBot, document: Document, grey: Grey, paint: Paint) -> None:
    id_ = document.add_reference("painted", 7, grey())
    raster = document.raster(id_)
    assert raster is not None
    document.edit(edits.without_reference(document.project, id_), "Delete reference")
    delta = paint(raster, BOX, (150, 90))
    document.paint(id_, delta, "Brush stroke")
    assert np.array_equal(raster.rgb(), grey().rgb())
    assert document.stack.count() == 2
    assert document.raster("nothing") is None


def test_a_new_document_keeps_its_settings(path: Path, identity: object, opened: list[Document]) -> None:
    settings = ProjectSettings(edge=480)
    opened.append(Document.new(path, identity, settings))  # type: ignore[arg-type]
    assert opened[-1].project.settings == settings
    opened[-1].close()
    opened.append(Document.open(path))
    assert opened[-1].project.settings == settings


@pytest.mark.parametrize("kind", ["painted", "promoted"])
def test_references_are_named_after_their_frame(document: Document, grey: Grey, kind: str) -> None:
    document.add_reference(kind, 12, grey())  # type: ignore[arg-type]
    document.add_reference(kind, 12, grey())  # type: ignore[arg-type]
    names = [r.name for r in document.project.references]
    assert names == (
        ["Frame 12", "Frame 12 2"] if kind == "painted" else ["Remastered 12", "Remastered 12 2"]
    )


def test_imported_pictures_are_kept_for_laying_them_elsewhere(
    qtbot: QtBot, document: Document, reopen: Reopen, grey: Callable[..., Raster]
) -> None:
    before = document.add_reference(
        "imported", 7, grey(1), "Tunic", "Import 2 pictures", picture=b"one", batch="a"
    )
    document.add_reference("imported", 9, grey(2), "Boots", "Import 2 pictures", picture=b"two", batch="a")
    assert (document.stack.count(), document.stack.undoText()) == (1, "Import 2 pictures")
    assert document.picture(before) == b"one"
    document = reopen(document)
    document.edit(edits.enabled(document.project, before, False), "Do not use Tunic")
    for name in ("cloth", "belt"):
        document.edit(with_named_region(document.project, name, before, b"", (1.0, 2.0)), "Name it")
    parts = Parts(named={"cloth": (b"", (3.0, 4.0))})
    after = document.lay_anew(before, None, grey(3), document.picture(before), "Tunic", parts)
    (named,) = document.project.named
    assert (named.name, named.reference, named.color) == ("cloth", after, (3.0, 4.0)), (
        "a belt is not seen there"
    )
    was, now = document.project.references
    assert (was.name, was.frame, was.enabled, was.id) == ("Tunic", None, False, after)
    assert now.name == "Boots" and document.picture(after) == b"one"
    document.stack.undo()
    assert (document.project.references[0].id, document.project.references[0].frame) == (before, 7)
    document.stack.redo()
    document = reopen(document)
    assert document.picture(after) == b"one"
    assert document.picture(before) == b"", "what no undo brings back is given up"
