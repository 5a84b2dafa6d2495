"""The one place on the command line that shows what long work yields: a bar, and a line for each notice."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from threading import Event
from typing import TypeVar

from remaster_gui.base.notices import Notice, Update, followed
from remaster_gui.cli.terminal import stopped_by_ctrl_c

Value = TypeVar("Value")


def follow(work: Generator[Update, None, Value], doing: str) -> Value:
    """Do long work to its end and show how far it is on the stream of messages; returns what the work returns.

    `doing` names the work itself, such as "Remastering".
    """
    from remaster_gui.cli.display import Display  # rich takes a while to import

    with Display(doing) as display:
        return followed(work, display.show)


def show_notices(notices: Iterable[Notice]) -> None:
    """Show sentences that come with what work returns, as `follow` shows those on the way."""
    from remaster_gui.cli.display import show

    for notice in notices:
        show(notice)


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
