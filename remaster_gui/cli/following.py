"""The one place on the command line that shows what long work yields: a bar, and a line for each notice."""

from __future__ import annotations

from collections.abc import Callable, Generator
from threading import Event
from typing import TypeVar

from remaster_gui.base.notices import Notice, Progress, Update, followed
from remaster_gui.cli.terminal import stopped_by_ctrl_c

Value = TypeVar("Value")


def follow(work: Generator[Update, None, Value], doing: str) -> Value:
    """Do long work to its end and show how far it is on the stream of messages; returns what the work returns.

    `doing` names the work itself, such as "Remastering".
    """
    from rich import progress as rich_progress
    from rich.console import Console

    console = Console(stderr=True)
    columns = (
        rich_progress.TextColumn("{task.description}", markup=False),
        rich_progress.BarColumn(),
        rich_progress.MofNCompleteColumn(),
        rich_progress.TextColumn("{task.fields[rate]}"),
        rich_progress.TextColumn("{task.fields[left]}"),
    )
    # A bar cannot be drawn over itself in a file, so lines tell there how far the work is.
    is_drawn = console.is_terminal
    done, tenth = 0, 0

    def show(update: Update) -> None:
        nonlocal done, tenth
        if isinstance(update, Notice):
            console.print(update.text, highlight=False, markup=False, soft_wrap=True)
            return
        bar.update(
            task,
            description=update.doing or doing,
            completed=update.done,
            total=update.total,
            rate=_rate(update),
            left=_time_left(update.seconds_left),
        )
        if is_drawn or not update.rate:
            return
        if update.done < done:  # it begins anew, as another stage of a training
            tenth = 0
        done = update.done
        if done * 10 // update.total > tenth:
            tenth = done * 10 // update.total
            said = f"{done} of {update.total} {update.unit}, {_rate(update)}"
            console.print(f"{said}, {_time_left(update.seconds_left)}", highlight=False)

    with rich_progress.Progress(*columns, console=console, transient=True, disable=not is_drawn) as bar:
        task = bar.add_task("Opening", total=None, rate="", left="")
        return followed(work, show)


def _rate(progress: Progress) -> str:
    return f"{progress.rate:.2f} {progress.unit}/s" if progress.rate else ""


def _time_left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d} left" if hours else f"{minutes}:{rest:02d} left"


def follow_stoppably(
    work: Callable[[Event], Generator[Update, None, Value]], doing: str, stopping: str, stopped: str
) -> Value:
    """Do long work of the engine and show how far it is; Ctrl-C ends it, which the two sentences say."""
    from remaster_gui.engine.session import CancelledError

    with stopped_by_ctrl_c(stopping, stopped) as cancel:
        try:
            return follow(work(cancel), doing)
        except CancelledError as cancelled:
            raise KeyboardInterrupt from cancelled
