"""How far long work is, drawn on the stream of messages: a bar on a terminal, lines in a file."""

from __future__ import annotations

from typing import Self

from rich import progress as bars
from rich.console import Console

from remaster_gui.base.notices import Notice, Progress, Update


class Display:
    """A bar where it can be drawn, and lines."""

    def __init__(self, doing: str) -> None:
        self._console, self._doing = Console(stderr=True), doing
        columns = (
            bars.TextColumn("{task.description}", markup=False),
            bars.BarColumn(),
            bars.MofNCompleteColumn(),
            bars.TextColumn("{task.fields[rate]}"),
            bars.TextColumn("{task.fields[left]}"),
        )
        # A bar cannot be drawn over itself in a file, so lines tell there how far the work is.
        self._is_drawn = self._console.is_terminal
        self._bar = bars.Progress(*columns, console=self._console, transient=True, disable=not self._is_drawn)
        self._task = self._bar.add_task("Opening", total=None, rate="", left="")
        self._done = self._tenth = 0

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, update: Update) -> None:
        """Show one thing that work yields."""
        if isinstance(update, Notice):
            _print(self._console, update.text)
            return
        self._bar.update(
            self._task,
            description=update.doing or self._doing,
            completed=update.done,
            total=update.total,
            rate=_rate(update),
            left=_time_left(update.seconds_left),
        )
        if not self._is_drawn and update.rate:
            self._write_tenth(update)

    def _write_tenth(self, progress: Progress) -> None:
        """Write a line each time that another tenth is done."""
        if progress.done < self._done:  # it begins anew, as another stage of a training
            self._tenth = 0
        self._done = progress.done
        tenth = progress.done * 10 // progress.total
        if tenth > self._tenth:
            self._tenth = tenth
            said = f"{progress.done} of {progress.total} {progress.unit}, {_rate(progress)}"
            _print(self._console, f"{said}, {_time_left(progress.seconds_left)}")


def show(notice: Notice) -> None:
    """Write one sentence."""
    _print(Console(stderr=True), notice.text)


def _print(console: Console, text: str) -> None:
    console.print(text, highlight=False, markup=False, soft_wrap=True)


def _rate(progress: Progress) -> str:
    return f"{progress.rate:.2f} {progress.unit}/s" if progress.rate else ""


def _time_left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d} left" if hours else f"{minutes}:{rest:02d} left"
