"""Pixels of any revision, whatever is painted, undone, dropped and written meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from remaster_gui.base.errors import ProjectError
from remaster_gui.document import raster_cache
from remaster_gui.document.document import Document
from remaster_gui.engine.messages import Reference
from remaster_gui.painting.raster import Box, PixelDelta, Raster

from .conftest import loaded

LONG = 300_000

Paint = Callable[..., PixelDelta]
Grey = Callable[..., Raster]
Reopen = Callable[..., Document]


@pytest.mark.parametrize("seed", range(2))
def test_a_random_session_is_right_in_memory_on_disk_and_for_the_engine(
    qtbot: QtBot, document: Document, reopen: Reopen, grey: Grey, paint: Paint, seed: int
) -> None:
    """Strokes, undo and redo over more references than fit into memory, with another thread that reads all along."""
    rng = np.random.default_rng(seed)
    ids = [document.add_reference("painted", number, grey(number)) for number in range(5)]
    document = reopen(document, raster_budget=2 * 7 * 320 * 200)
    pictures = {f"{id_}:{number + 1}": grey(number).rgb() for number, id_ in enumerate(ids)}
    asked: list[Reference] = []
    wrong: list[str] = []
    stopping = threading.Event()

    def read() -> None:
        while not stopping.is_set():
            for reference in asked[-3:]:
                if not np.array_equal(reference.load(), pictures[reference.digest]):
                    wrong.append(reference.digest)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for _ in range(40):
            match rng.integers(0, 5):
                case 0:
                    document.stack.setIndex(int(rng.integers(0, document.stack.count() + 1)))
                case 1:
                    # What is on disk can be dropped, so that undo has to wait for it.
                    document.flush()
                case _:
                    id_ = ids[rng.integers(0, 5)]
                    raster = loaded(qtbot, document, id_)
                    x, y = (int(n) for n in rng.integers(0, (280, 160)))
                    delta = paint(raster, Box(x, y, 40, 40), tuple(rng.integers(0, 256, 2)))
                    # Known before it is asked for: the reader may be quick.
                    pictures[f"{id_}:{document.project.last_revision + 1}"] = raster.rgb()
                    document.paint(id_, delta, "Brush stroke")
            asked += document.engine_references()
    finally:
        stopping.set()
        reader.join()
    assert wrong == []
    assert asked
    for number in range(2):
        for record in document.project.references:
            picture = pictures[f"{record.id}:{record.revision}"]
            assert np.array_equal(loaded(qtbot, document, record.id).rgb(), picture)
        if number == 0:
            document = reopen(document)


def test_pixels_of_long_ago_are_refused(
    document: Document, grey: Grey, paint: Paint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raster_cache, "TRAIL_BUDGET", 1)
    id_ = document.add_reference("painted", 7, grey())
    raster = document.raster(id_)
    assert raster is not None
    references = []
    for color in range(3):
        document.paint(id_, paint(raster, Box(0, 0, 100, 100), (color, 90)), "Brush stroke")
        references += document.engine_references()
    assert np.array_equal(references[2].load(), raster.rgb())
    references[1].load()
    with pytest.raises(ProjectError, match="begin it again"):
        references[0].load()


def test_the_raster_in_hand_is_never_dropped(
    qtbot: QtBot, document: Document, reopen: Reopen, grey: Grey, paint: Paint
) -> None:
    ids = [document.add_reference("painted", number, grey(number)) for number in range(4)]
    document = reopen(document, raster_budget=0)
    in_hand = loaded(qtbot, document, ids[0])
    for id_ in ids[1:]:
        loaded(qtbot, document, id_)
        assert document.raster(ids[0]) is in_hand
    assert document.raster_bytes == 2 * 7 * 320 * 200


@pytest.fixture
def painted(
    qtbot: QtBot, document: Document, reopen: Reopen, grey: Grey, paint: Paint
) -> tuple[Document, list[str]]:
    """A document of four references with a stroke each, of which memory keeps no more than it has to, and their ids."""
    ids = [document.add_reference("painted", number, grey(number)) for number in range(4)]
    document = reopen(document, raster_budget=0)
    for id_ in ids:
        document.paint(id_, paint(loaded(qtbot, document, id_), Box(0, 0, 99, 99), (60, 90)), "Brush stroke")
        document.flush()
    return document, ids


def test_undo_of_what_has_to_be_loaded_first_is_on_disk_when_the_document_is_closed(
    painted: tuple[Document, list[str]], reopen: Reopen, qtbot: QtBot, grey: Grey
) -> None:
    """Although nobody turns back to the event loop, and never with pixels of another revision."""
    document, ids = painted
    assert document.raster_bytes == 2 * 7 * 320 * 200, "those used last"
    document.stack.setIndex(len(ids))  # before the strokes
    project = document.project
    document = reopen(document)
    assert document.project == project
    for number, id_ in enumerate(ids):
        assert np.array_equal(loaded(qtbot, document, id_).rgb(), grey(number).rgb())


def test_pixels_that_cannot_be_loaded_do_not_keep_the_rest_from_being_saved(
    painted: tuple[Document, list[str]], reopen: Reopen, qtbot: QtBot, grey: Grey, project_files: Any
) -> None:
    document, ids = painted
    project_files.execute("DELETE FROM tile WHERE reference = ? AND plane = 'coverage'", ids[0])
    with qtbot.waitSignal(document.failed, timeout=LONG) as told:
        document.stack.setIndex(len(ids))  # before the strokes
    assert "is damaged" in told.args[0]
    document = reopen(document)
    assert [r.revision for r in document.project.references] == [5, 2, 3, 4]
    assert np.array_equal(loaded(qtbot, document, ids[1]).rgb(), grey(1).rgb())
