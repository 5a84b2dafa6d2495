"""Files beside a project that SQLite would use whoever made them.

A rollback journal brings back the last good state after a crash. One that ends with the name of a "super-journal"
makes SQLite delete the file of that name, wherever it lies; ours never has one, as no save spans two files, so the name
is cut off. A write-ahead log is read into the project whatever the project says; ours never has one either. And a link,
or a file that has another name elsewhere, would be written through. SQLite only gets to see what one of our own crashes
can have left.

Another user who can write in the folder may still exchange a journal between this check and SQLite's own.
"""

from __future__ import annotations

import logging
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from remaster_gui.base.errors import ProjectError
from remaster_gui.base.language import tr
from remaster_gui.base.system import NO_LINKS, NO_WAITING, user_number

log = logging.getLogger(__name__)

_JOURNAL = "-journal"
_NEVER_OURS = ("-wal", "-shm")
_END_OF_SUPER_JOURNAL = bytes.fromhex("d9d505f920a163d7")
"""Last bytes of a journal with a super-journal's name before them (sqlite.org/fileformat2.html, section 3)."""
_MOST_CUTS = 16
_FLAGS = NO_LINKS | NO_WAITING


def journal_of(project: Path) -> Path:
    """Return where SQLite keeps the rollback journal of a project."""
    return project.with_name(project.name + _JOURNAL)


def clear_companions(project: Path) -> None:
    """Take away what SQLite must not see; for whoever holds the project's lock. Raises `OSError`.

    The name of a super-journal is cut off; anything else gets a name that SQLite does not know.
    """
    with suppress(FileNotFoundError):
        cut_super_journal(journal_of(project))
    for path in _strays(project):
        aside = path.with_name(f"{path.name}.{secrets.token_hex(4)}.stray")
        log.warning("%s was not made by this program; it is called %s now", path, aside.name)
        path.rename(aside)


def check_companions(project: Path) -> None:
    """Raise `ProjectError` where SQLite would see a file that it must not see, or another user's half-done save."""
    for path in _strays(project):
        raise ProjectError(
            tr(
                "{path} was not made by this program and could do harm; remove it to open {project}.",
                path=path,
                project=project.name,
            )
        )
    try:
        maker = journal_of(project).lstat().st_uid
    except FileNotFoundError:
        return
    if maker not in (user_number(), project.stat().st_uid):
        raise ProjectError(
            tr(
                "{project} was left half-saved by another user; let that user open it first, or remove "
                "{name}.",
                project=project.name,
                name=journal_of(project).name,
            )
        )


def cut_super_journal(journal: Path) -> None:
    """Take the name of a super-journal from a journal's end; the rest is as good as it was. Raises `OSError`."""
    if not is_plain_file(journal):
        return
    handle = os.open(journal, os.O_RDWR | _FLAGS)
    try:
        for _ in range(_MOST_CUTS):
            if not _names_another(handle):
                return
            log.warning("%s names a file that is to be deleted; the name is cut off", journal)
            os.ftruncate(handle, os.fstat(handle).st_size - len(_END_OF_SUPER_JOURNAL))
    finally:
        os.close(handle)


def is_plain_file(path: Path) -> bool:
    """Whether a path is a file of that name alone, and no link. Raises `OSError`."""
    found = path.lstat()
    return stat.S_ISREG(found.st_mode) and found.st_nlink == 1


def _is_own_journal(path: Path) -> bool:
    """Whether a file can be the rollback journal that a crash of ours has left. Raises `OSError`."""
    if not is_plain_file(path):
        return False
    handle = os.open(path, os.O_RDONLY | _FLAGS)
    try:
        return not _names_another(handle)
    finally:
        os.close(handle)


def _names_another(handle: int) -> bool:
    """Whether a journal ends as with the name of a super-journal."""
    size = os.fstat(handle).st_size
    os.lseek(handle, max(0, size - len(_END_OF_SUPER_JOURNAL)), os.SEEK_SET)
    return os.read(handle, len(_END_OF_SUPER_JOURNAL)) == _END_OF_SUPER_JOURNAL


def _strays(project: Path) -> list[Path]:
    strays = [path for ending in _NEVER_OURS if _is_there(path := project.with_name(project.name + ending))]
    journal = journal_of(project)
    try:
        return strays if _is_own_journal(journal) else [*strays, journal]
    except FileNotFoundError:
        return strays


def _is_there(path: Path) -> bool:
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    return True
