"""One render at a time writes an output."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from remaster_gui.base.errors import SettingsError, StorageError
from remaster_gui.base.files import printable
from remaster_gui.base.language import tr
from remaster_gui.base.locks import FileLock, Holder
from remaster_gui.media.faults import storage_sentence

log = logging.getLogger(__name__)


@contextmanager
def hold_output(output: Path, lock_path: Path) -> Iterator[None]:
    """Keep other renders of the same output away; the lock is a file at `lock_path`.

    Raises `SettingsError` where one is under way, `StorageError` where the folder may not be written.
    """
    lock = _lock(output, lock_path)
    if isinstance(lock, Holder):
        raise SettingsError(
            tr(
                "Another render is writing {output} ({lock}); wait until it has ended, stop it, "
                "or choose another output.",
                output=printable(output),
                lock=lock,
            )
        )
    try:
        yield
    finally:
        if lock is not None:
            lock.release()


def _lock(output: Path, path: Path) -> FileLock | Holder | None:
    try:
        return FileLock.acquire(path)
    except PermissionError as error:
        if not os.access(path.parent, os.W_OK | os.X_OK):
            raise StorageError(storage_sentence(path, error)) from error
        raise SettingsError(
            tr(
                "The file {path} belongs to somebody else's render; wait until it is gone, remove it, or "
                "choose another output.",
                path=printable(path),
            )
        ) from error
    except OSError:
        log.warning("there will be no lock for %s", output, exc_info=True)
        return None
