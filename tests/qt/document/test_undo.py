"""Commands on a bare stack, and what they may take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QUndoStack

from remaster_gui.document import undo
from remaster_gui.document.document import Document
from remaster_gui.document.undo import EditCommand, push
from remaster_gui.painting.raster import Box, PixelDelta, Raster
from remaster_gui.project import edits
from remaster_gui.project.schema import FilmIdentity, Project


@pytest.fixture
def stack(qapp: object) -> QUndoStack:
    return QUndoStack()


@pytest.fixture
def states() -> list[Project]:
    film = FilmIdentity(Path("/a.mp4"), 1, "", Fraction(24), 1000, 64, 48)
    return [edits.with_cuts(Project(film), [number]) for number in range(40)]


class _Shown:
    """Stands for the document: notes what is shown."""

    def __init__(self) -> None:
        self.told: list[tuple[Project, bool]] = []

    def __call__(self, project: Project, is_new: bool) -> None:
        self.told.append((project, is_new))


def test_a_command_says_whether_it_is_new(stack: QUndoStack, states: list[Project]) -> None:
    shown = _Shown()
    stack.push(EditCommand(shown, states[0], states[1], "Add cut"))
    stack.undo()
    stack.redo()
    assert shown.told == [(states[1], True), (states[0], False), (states[1], False)]
    assert stack.text(0) == "Add cut"


def test_values_merge_only_for_a_while(
    stack: QUndoStack, states: list[Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = _Shown()
    now = [100.0]
    monkeypatch.setattr(undo.time, "monotonic", lambda: now[0])
    for number in range(6):
        now[0] += 0.5 if number != 3 else 1.5
        push(stack, EditCommand(shown, states[number], states[number + 1], "Drag", "value"))
    assert stack.count() == 2
    stack.undo()
    assert shown.told[-1] == (states[3], False)
    stack.undo()
    assert shown.told[-1] == (states[0], False)


def test_the_oldest_steps_are_dropped_beyond_the_budget(stack: QUndoStack, states: list[Project]) -> None:
    shown = _Shown()
    indices: list[int] = []
    stack.indexChanged.connect(indices.append)
    each = EditCommand(shown, states[0], states[1], "").nbytes
    for number in range(30):
        push(stack, EditCommand(shown, states[number], states[number + 1], f"Step {number}"), 10 * each)
        assert stack.count() <= 10
        assert stack.index() == stack.count() == indices[-1]
        assert stack.text(stack.count() - 1) == f"Step {number}"
        assert shown.told[-1] == (states[number + 1], True)
    assert stack.count() >= 9
    assert len(shown.told) == 30
    left = stack.count()
    while stack.canUndo():
        stack.undo()
    assert shown.told[-1] == (states[30 - left], False)
    stack.setIndex(left)
    assert shown.told[-1] == (states[30], False)


def test_one_step_is_always_kept(stack: QUndoStack, states: list[Project]) -> None:
    shown = _Shown()
    for number in range(3):
        push(stack, EditCommand(shown, states[number], states[number + 1], f"Step {number}"), 1)
        assert stack.count() == 1
    stack.undo()
    assert shown.told[-1] == (states[2], False)


def test_steps_undone_and_replaced_count_no_longer(stack: QUndoStack, states: list[Project]) -> None:
    shown = _Shown()
    each = EditCommand(shown, states[0], states[1], "").nbytes
    for number in range(10):
        push(stack, EditCommand(shown, states[number], states[number + 1], "Step"), 10 * each)
    stack.setIndex(2)
    push(stack, EditCommand(shown, states[2], states[20], "Step"), 10 * each)
    assert stack.count() == 3


def test_strokes_stay_within_the_budget_and_can_be_taken_back(
    document: Document,
    reopen: Callable[..., Document],
    grey: Callable[..., Raster],
    paint: Callable[..., PixelDelta],
) -> None:
    document = reopen(document, undo_budget=120_000)
    id_ = document.add_reference("painted", 7, grey())
    raster = document.raster(id_)
    assert raster is not None
    rng = np.random.default_rng(0)
    pictures = [raster.rgb()]
    for _ in range(12):
        before = (raster.chrominance.copy(), raster.coverage.copy())
        raster.chrominance[:64, :64] = rng.integers(0, 256, (64, 64, 2))
        raster.coverage[:64, :64] = 255
        delta = PixelDelta.between(
            before, (raster.chrominance, raster.coverage), Box(0, 0, 64, 64).tiles(320, 200)
        )
        assert delta is not None
        document.paint(id_, delta, "Brush stroke")
        pictures.append(raster.rgb())
    left = document.stack.count()
    # Each stroke keeps 8 KiB of noise from before and after.
    assert 4 <= left < 12
    while document.stack.canUndo():
        document.stack.undo()
    assert np.array_equal(raster.rgb(), pictures[12 - left])
    document.stack.setIndex(left)
    assert np.array_equal(raster.rgb(), pictures[12])
    assert document.project.references[0].revision == 13


def test_large_projects_make_small_commands(states: list[Project]) -> None:
    project = edits.with_cuts(replace(states[0], cuts=None), range(1000))
    assert EditCommand(_Shown(), project, edits.with_segment(project, 1, 2), "Set in point").nbytes < 4096


def test_what_grows_out_of_a_stroke_is_taken_back_with_it(
    document: Document, grey: Callable[..., Raster], paint: Callable[..., PixelDelta]
) -> None:
    first, other = (document.add_reference("painted", frame, grey()) for frame in (7, 9))
    raster = document.raster(first)
    assert raster is not None
    states = [raster.rgb()]
    changed: list[Box] = []
    document.raster_changed.connect(lambda _id, box: changed.append(box))
    here, all_over = Box(10, 10, 20, 8), Box(0, 0, 320, 200)
    for number in (1, 2):
        document.paint(first, paint(raster, here, (150 + number, 90)), "Paint")
        document.paint(first, paint(raster, all_over, (140 + number, 100)), "Spread strokes", joins=True)
        states.append(raster.rgb())
    assert [document.stack.text(n) for n in range(2, document.stack.count())] == ["Paint", "Paint"]
    for way in (-1, -1, 1, 1):
        (document.stack.undo if way < 0 else document.stack.redo)()
        place = document.stack.index() - 2
        np.testing.assert_array_equal(raster.rgb(), states[place])
        assert changed[-1] == all_over
    revision = document.project.references[0].revision
    np.testing.assert_array_equal(document.engine_references()[0].load(), states[2])
    # What follows a stroke on another reference, or on what was changed meanwhile, is a step of its own.
    lonely = document.raster(other)
    assert lonely is not None
    document.paint(other, paint(lonely, here, (150, 90)), "Spread strokes", joins=True)
    assert document.stack.undoText() == "Spread strokes"
    document.stack.undo()
    assert document.project.references[0].revision == revision
