"""What was done the last time can be taken back, as far as there are pixels for it."""

from __future__ import annotations

import itertools
import json
import random
import sqlite3
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from remaster_gui.document import kept_undo
from remaster_gui.document.document import Document
from remaster_gui.document.kept_undo import MOST_STEPS, UndoStep, pack_undo, unpack_undo
from remaster_gui.document.project_opening import OpenedProject, open_store
from remaster_gui.document.undo import steps_of
from remaster_gui.painting.raster import Box, PixelDelta, Raster
from remaster_gui.project import edits
from remaster_gui.project.schema import Project

Reopen = Callable[..., Document]
Grey = Callable[..., Raster]
Paint = Callable[..., PixelDelta]


def texts(document: Document) -> list[str]:
    return [document.stack.text(index) for index in range(document.stack.count())]


def pixels(qtbot: Any, document: Document, id_: str) -> np.ndarray:
    qtbot.waitUntil(lambda: document.raster(id_) is not None)
    raster = document.raster(id_)
    assert raster is not None
    return raster.rgb()


def stroke(document: Document, id_: str, paint: Paint, box: Box, color: tuple[int, int]) -> None:
    raster = document.raster(id_)
    assert raster is not None
    document.paint(id_, paint(raster, box, color), "Brush stroke")


@pytest.fixture
def worked(document: Document, grey: Grey, paint: Paint) -> tuple[Document, str, list[Project]]:
    """A document on which something was done, and the states that it went through."""
    states = [document.project]
    id_ = document.add_reference("painted", 7, grey())
    states.append(document.project)
    for place, color in ((0, (90, 170)), (150, (160, 80))):
        stroke(document, id_, paint, Box(place, 10, 40, 30), color)
        states.append(document.project)
    document.edit(edits.with_cuts(document.project, [9, 30]), "Add cut")
    states.append(document.project)
    return document, id_, states


def test_steps_come_back_with_their_pixels(
    qtbot: Any, worked: tuple[Document, str, list[Project]], reopen: Reopen
) -> None:
    document, id_, states = worked
    before, painted = texts(document), pixels(qtbot, document, id_)
    again = reopen(document)
    assert texts(again) == before and len(before) == 4
    assert again.has_earlier_steps and again.project == states[-1] and again.stack.canUndo()
    for state in states[-2::-1]:
        again.stack.undo()
        assert again.project.references == state.references and again.project.cuts == state.cuts
    for _ in range(4):
        again.stack.redo()
    assert np.array_equal(pixels(qtbot, again, id_), painted)
    again.stack.setIndex(1)
    assert not np.ptp(pixels(qtbot, again, id_).astype(int), axis=2).any(), "no stroke is left"
    third = reopen(again)
    assert texts(third) == before[:1], "what was taken back is not kept"
    assert not np.ptp(pixels(qtbot, third, id_).astype(int), axis=2).any()


def test_steps_and_view_are_on_the_disk_before_the_project_is_closed(
    qtbot: Any, worked: tuple[Document, str, list[Project]], path: Path
) -> None:
    """A program that is killed closes nothing."""
    document, _, states = worked
    document.keep_view(b"a view")

    def found(copy: Path) -> OpenedProject:
        with sqlite3.connect(path) as there, sqlite3.connect(copy) as to:
            there.backup(to)
        there.close()
        to.close()
        project = open_store(copy)
        project.store.close()
        return project

    copies = (path.with_name(f"copy {number}.remaster") for number in itertools.count())
    qtbot.waitUntil(lambda: [s.text for s in found(next(copies)).steps] == texts(document))
    qtbot.waitUntil(lambda: found(next(copies)).view == b"a view")
    document.stack.undo()
    qtbot.waitUntil(lambda: [s.after for s in found(next(copies)).steps] == states[1:-1])


def test_what_came_before_a_reference_was_taken_out_is_gone_with_its_pixels(
    worked: tuple[Document, str, list[Project]], reopen: Reopen
) -> None:
    document, id_, _ = worked
    document.edit(edits.without_reference(document.project, id_), "Delete reference")
    document.edit(edits.with_cuts(document.project, [11]), "Move cut")
    again = reopen(document)
    assert texts(again) == ["Move cut"]
    again.stack.undo()
    assert again.project.cuts == (0, 9, 30) and not again.project.references
    again.stack.redo()
    assert texts(reopen(again)) == ["Move cut"]


def test_the_last_steps_are_kept_within_a_budget(document: Document, grey: Grey, paint: Paint) -> None:
    id_ = document.add_reference("painted", 7, grey())
    for number in range(4):
        stroke(document, id_, paint, Box(40 * number, 0, 30, 30), (90, 100 + number))
    strokes = steps_of(document.stack, MOST_STEPS)
    few = strokes[-1].nbytes + strokes[-2].nbytes
    kept = unpack_undo(pack_undo(strokes, document.project, few), document.project)
    assert kept == tuple(strokes[-2:])
    states = [edits.with_cuts(document.project, [number + 1]) for number in range(70)]
    many = [UndoStep(f"Step {n}", *states[n : n + 2]) for n in range(69)]
    kept = unpack_undo(pack_undo(many, states[-1]), states[-1])
    assert kept == tuple(many[-MOST_STEPS:])


def test_steps_to_another_state_are_passed_over(worked: tuple[Document, str, list[Project]]) -> None:
    """A killed program leaves the steps of the time before."""
    document, _, states = worked
    packed = pack_undo(steps_of(document.stack, MOST_STEPS), document.project)
    assert len(unpack_undo(packed, document.project)) == 4
    assert unpack_undo(packed, states[-2]) == ()
    assert pack_undo([], document.project) == b"" and unpack_undo(b"", document.project) == ()


def test_pixels_are_no_more_than_their_reference_has(worked: tuple[Document, str, list[Project]]) -> None:
    """Else a few bytes could ask for any amount of memory."""
    document, id_, _ = worked
    project = document.project
    record = project.reference(id_)
    assert record is not None
    packed = pack_undo(steps_of(document.stack, MOST_STEPS), project)
    (length,) = struct.unpack_from("<I", packed)
    said = json.loads(zlib.decompress(packed[4 : 4 + length]))
    tile = [0, 0, record.width, record.height]
    for count, is_taken in ((1, True), (2, False)):
        pixels = zlib.compress(bytes(3 * record.width * record.height * count))
        painted = [step for step in said["steps"] if "id" in step]
        for step in painted:
            step["deltas"] = [[*[tile] * count, len(pixels), len(pixels)]]
        head = zlib.compress(json.dumps(said).encode())
        content = struct.pack("<I", len(head)) + head + pixels * 2 * len(painted)
        assert bool(unpack_undo(content, project)) == is_taken


def test_pixels_are_no_more_than_a_project_keeps(
    worked: tuple[Document, str, list[Project]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All together, when they are written as when they are read: few bytes could ask for endless work."""
    document, _, _ = worked
    steps = steps_of(document.stack, MOST_STEPS)
    packed, total = pack_undo(steps, document.project), sum(step.unpacked for step in steps)
    assert total > 0
    monkeypatch.setattr(kept_undo, "MOST_UNPACKED", total)
    assert unpack_undo(packed, document.project) == unpack_undo(
        pack_undo(steps, document.project), document.project
    )
    monkeypatch.setattr(kept_undo, "MOST_UNPACKED", total - 1)
    assert unpack_undo(packed, document.project) == ()
    kept = unpack_undo(pack_undo(steps, document.project), document.project)
    assert 0 < len(kept) < len(steps) and sum(step.unpacked for step in kept) < total


def test_whatever_was_written_opens(worked: tuple[Document, str, list[Project]], path: Path) -> None:
    document, _, _ = worked
    packed = pack_undo(steps_of(document.stack, MOST_STEPS), document.project)
    chance = random.Random(3)
    for _ in range(200):
        wrong = bytearray(packed)
        for _ in range(chance.randrange(1, 4)):
            wrong[chance.randrange(len(wrong))] = chance.randrange(256)
        found = unpack_undo(
            bytes(wrong[: chance.choice((len(wrong), chance.randrange(len(wrong))))]), document.project
        )
        assert not found or found[-1].after == document.project
    document.close()
    opened = open_store(path)
    opened.store.keep(kept_undo.NAME, kept_undo.FORM, b"nothing of the kind")
    opened.store.close()
    again = open_store(path)
    assert again.steps == ()
    again.store.close()
