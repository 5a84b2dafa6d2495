"""Who may write a project: one process at a time, by a lock of the operating system that ends with the process."""

from __future__ import annotations

import os
from pathlib import Path

from remaster_gui.base.files import with_ending
from remaster_gui.base.language import tr
from remaster_gui.base.locks import FileLock


def lock_project(project: Path) -> FileLock | str:
    """Take the right to write a project; else return one sentence that says who has it.

    A hidden file beside the project carries the lock. SQLite's own locks are of another kind and are not touched.
    Raises `OSError` where nothing can be written beside the project.
    """
    lock = FileLock.acquire(lock_path(project))
    if isinstance(lock, FileLock):
        return lock
    who = (
        tr("since {since}", since=lock.since)
        if lock.process == os.getpid() and not lock.computer
        else str(lock)
    )
    return tr(
        "{project} is open in another window ({who}); here it can be looked at but not changed.",
        project=project.name,
        who=who,
    )


def lock_path(project: Path) -> Path:
    """Return the file that carries the lock of a project."""
    return with_ending(project, "lock", hidden=True)
