"""Undo: thin commands that hold both sides of a change, and a bound on what they may take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QUndoCommand, QUndoStack

from remaster_gui.document.kept_undo import UndoStep
from remaster_gui.document.raster_cache import RevisionStep
from remaster_gui.project.schema import Project

DEFAULT_BUDGET = 512 * 2**20
MERGE_SECONDS = 1.0
"""Edits with the same name of a value, such as those while a slider is dragged, join into one within this time."""

_MERGED, _PAINTED = 1, 2
_SNAPSHOT_BYTES = 2048
_KEPT = 0.9
"""Part of the budget that is kept when old steps are dropped, so that this is done rarely."""

Apply = Callable[[Project, bool], None]
"""Takes the project to show, and whether it is new (else undo or redo brings it back)."""
Repaint = Callable[[Project, str, RevisionStep, bool], None]
"""Takes project, reference, change of its pixels, and whether it is new: made by a gesture already."""


class Command(QUndoCommand):
    """One step of undo, named as the menu says it."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.total = 0
        """Bytes of this and all earlier commands of its stack."""
        self._is_new = True
        self._is_done = False

    @property
    def nbytes(self) -> int:
        """Memory that dropping it would give back, roughly."""
        return _SNAPSHOT_BYTES

    @property
    def as_step(self) -> UndoStep:
        """What it does, to be kept."""
        raise NotImplementedError

    def again(self) -> Command:
        """Return the same command for another place on the stack; done already, so that pushing it does nothing."""
        command = self._copy()
        command._is_new, command._is_done = False, True
        return command

    def redo(self) -> None:
        """Make the change."""
        if self._is_done:
            self._is_done = False
            return
        self._change(self._is_new)
        self._is_new = False

    def _change(self, is_new: bool) -> None:
        raise NotImplementedError

    def _copy(self) -> Command:
        raise NotImplementedError


class EditCommand(Command):
    """Exchanges the project for another one."""

    def __init__(
        self,
        apply: Apply,
        before: Project,
        after: Project,
        text: str,
        value: str = "",
        patience: float = MERGE_SECONDS,
    ) -> None:
        """`value` names what is being changed; edits of one value within `patience` seconds merge. '' never merges."""
        super().__init__(text)
        self._patience = patience
        self._apply, self._before, self._after, self._value = apply, before, after, value
        self._at = time.monotonic()

    @property
    def nbytes(self) -> int:
        """The tuple of references is the only long part that commands seldom share."""
        return _SNAPSHOT_BYTES + 8 * len(self._after.references)

    @property
    def as_step(self) -> UndoStep:
        """What it does, to be kept."""
        return UndoStep(self.text(), self._before, self._after)

    def _copy(self) -> EditCommand:
        # Without a value: what has moved on the stack has settled.
        return EditCommand(self._apply, self._before, self._after, self.text())

    def _change(self, is_new: bool) -> None:
        self._apply(self._after, is_new)

    def undo(self) -> None:
        """Show the project before the edit."""
        self._apply(self._before, False)

    def id(self) -> int:
        """Say whether it may merge at all."""
        return _MERGED if self._value else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take in the next edit of the same value; none is left where that leads back to the beginning."""
        if not isinstance(other, EditCommand) or other._value != self._value:
            return False
        if other._at - self._at > self._patience:
            return False
        self._after, self._at = other._after, other._at
        self.setText(other.text())
        self.setObsolete(self._after == self._before)
        return True


class PaintCommand(Command):
    """Changes pixels of one reference, and with them its revision."""

    def __init__(
        self,
        repaint: Repaint,
        before: Project,
        after: Project,
        id_: str,
        step: RevisionStep,
        text: str,
        *,
        joins: bool = False,
    ) -> None:
        """Join the step before with `joins`, if that is what painted the same reference last."""
        super().__init__(text)
        self._repaint, self._before, self._after, self._id, self._step = repaint, before, after, id_, step
        self._joins = joins

    @property
    def nbytes(self) -> int:
        """Pixels before and after."""
        return self._step.nbytes + _SNAPSHOT_BYTES + 8 * len(self._after.references)

    @property
    def as_step(self) -> UndoStep:
        """What it does, to be kept."""
        return UndoStep(self.text(), self._before, self._after, self._id, self._step)

    def _copy(self) -> PaintCommand:
        return PaintCommand(self._repaint, self._before, self._after, self._id, self._step, self.text())

    def _change(self, is_new: bool) -> None:
        self._repaint(self._after, self._id, self._step, is_new)

    def undo(self) -> None:
        """Put the old pixels back."""
        self._repaint(self._before, self._id, self._step.back, False)

    def id(self) -> int:
        """Say that it may merge."""
        return _PAINTED

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take in what grew out of what was painted here."""
        if not isinstance(other, PaintCommand) or not other._joins or other._id != self._id:
            return False
        if other._step.old != self._step.new:
            return False
        self._after, self._step = other._after, self._step.then(other._step)
        return True


def push(stack: QUndoStack, command: Command, budget: int = DEFAULT_BUDGET) -> None:
    """Do a command and keep it for undo; forget the oldest ones where all take more than `budget` bytes."""
    stack.push(command)
    total = _sum_up(stack, stack.count() - 1)
    if total <= budget:
        return
    found = (_command(stack, index) for index in range(stack.count()))
    commands = [each for each in found if each is not None]
    # The newest step can be taken back whatever it takes.
    first = next((i for i, c in enumerate(commands) if total - c.total <= budget * _KEPT), len(commands))
    first = min(first + 1, len(commands) - 1)
    if first == 0:
        return
    # Qt's own limit counts steps and is fixed, so what stays is put on the stack anew.
    kept = [command.again() for command in commands[first:]]
    with QSignalBlocker(stack):
        stack.clear()
        for again in kept[:-1]:
            stack.push(again)
            _sum_up(stack, stack.count() - 1)
    stack.push(kept[-1])
    _sum_up(stack, stack.count() - 1)


def steps_of(stack: QUndoStack, most: int) -> list[UndoStep]:
    """Return the last steps that undo would take back, the newest last."""
    found = (_command(stack, index) for index in range(max(0, stack.index() - most), stack.index()))
    return [each.as_step for each in found if each is not None]


def bring_back(
    stack: QUndoStack, steps: Iterable[UndoStep], apply: Apply, repaint: Repaint, budget: int = DEFAULT_BUDGET
) -> None:
    """Put steps on an empty stack that were done another time."""
    for each in steps:
        command: Command
        if each.step is None:
            command = EditCommand(apply, each.before, each.after, each.text)
        else:
            command = PaintCommand(repaint, each.before, each.after, each.id, each.step, each.text)
        push(stack, command.again(), budget)


def _sum_up(stack: QUndoStack, index: int) -> int:
    """Note on a command how much it and all before it take."""
    command, before = _command(stack, index), _command(stack, index - 1)
    if command is None:
        return 0
    command.total = command.nbytes + (0 if before is None else before.total)
    return command.total


def _command(stack: QUndoStack, index: int) -> Command | None:
    found = stack.command(index) if 0 <= index < stack.count() else None
    return found if isinstance(found, Command) else None
