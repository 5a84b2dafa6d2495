"""What long work yields beside its results: how far it is, and sentences for the user.

Long work is a generator. Whoever iterates it passes on what it yields, down to the one place of a front end that shows
it: the bar of messages in the window, `cli.following` on the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any, Literal, TypeAlias, TypeVar

Value = TypeVar("Value")
Step = TypeVar("Step")

Severity = Literal["note", "warning", "fault"]
"""``note``: good to know; ``warning``: something is not as it was asked for; ``fault``: something could not be done."""

SEVERITIES: tuple[Severity, ...] = ("note", "warning", "fault")


@dataclass(frozen=True, slots=True)
class Reveal:
    """Show where a file or folder lies."""

    path: Path


Action: TypeAlias = Reveal
"""What a front end may offer to do about a notice."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One complete sentence for the user, said once.

    It says all that is needed, so that a front end without buttons can leave out the `actions`.
    """

    kind: Severity
    text: str
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """Where long work stands.

    `done` and `total` count frames, or what `unit` names; `rate` how many of them a second were done over the last half
    minute (0: unknown). `doing` names what is being done where that is not the frames themselves.
    """

    done: int
    total: int
    rate: float = 0.0
    doing: str = ""
    unit: str = "frames"

    @property
    def seconds_left(self) -> float | None:
        """Estimate from the current rate; None while unknown."""
        return (self.total - self.done) / self.rate if self.rate > 0 else None


Update: TypeAlias = "Progress | Notice"


def retold(
    work: Generator[Update, None, Value], tell: Callable[[Progress], Progress | None]
) -> Generator[Update, None, Value]:
    """Pass on what work yields, how far it is as `tell` says it (None: not at all): as a part of something larger."""
    return _passed_on(work, lambda update: update if isinstance(update, Notice) else tell(update))


def noted(work: Generator[Update, None, Value], notices: list[Notice]) -> Generator[Update, None, Value]:
    """Pass on what work yields, each sentence once, and remember the notices in `notices`."""

    def once(update: Update) -> Update | None:
        if isinstance(update, Notice):
            if any(update.text == known.text for known in notices):
                return None
            notices.append(update)
        return update

    return _passed_on(work, once)


def _passed_on(
    work: Generator[Update, None, Value], change: Callable[[Update], Update | None]
) -> Generator[Update, None, Value]:
    """Pass on what `change` makes of what work yields; None is left out."""
    with closing(work):
        while True:
            try:
                update = change(next(work))
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            if update is not None:
                yield update


def interruptible(work: Generator[Step, None, Value], stop: Event) -> Generator[Step, None, Value | None]:
    """Pass on what work yields; when `stop` is set it is given up between two steps, and None is returned."""
    with closing(work):
        while not stop.is_set():
            try:
                step = next(work)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            yield step
    return None


def followed(work: Generator[Step, None, Value], tell: Callable[[Step], object]) -> Value:
    """Do long work to its end; returns what it returns. `tell` gets all that it yields, as it comes."""
    with closing(work):
        while True:
            try:
                step = next(work)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            tell(step)


def complete(work: Generator[Any, None, Value]) -> tuple[Value, list[Notice]]:
    """Do long work to its end; returns what it returns, and the notices among what it yields."""
    notices: list[Notice] = []
    value = followed(work, lambda step: notices.append(step) if isinstance(step, Notice) else None)
    return value, notices
